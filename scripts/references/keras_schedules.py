"""Rates of Keras' schedules, in f64: writes test/references/keras-schedules.json.

Made with Python 3.11, keras 3.15.1 on jax 0.10.2, on a CPU.
"""

import os

os.environ["KERAS_BACKEND"] = "jax"

import jax

jax.config.update("jax_enable_x64", True)

import keras
from types import SimpleNamespace

from inputs import INPUTS, write

keras.config.set_floatx("float64")

STEPS = 60

CASES = [
    ("ExponentialDecay", dict(initial_learning_rate=0.9, decay_steps=7, decay_rate=0.6)),
    ("ExponentialDecay", dict(initial_learning_rate=0.9, decay_steps=7, decay_rate=0.6, staircase=True)),
    ("PiecewiseConstantDecay", dict(boundaries=[10, 25, 40], values=[0.7, 0.35, 0.1, 0.4])),
    ("PolynomialDecay", dict(initial_learning_rate=0.9, decay_steps=41)),
    ("PolynomialDecay", dict(initial_learning_rate=0.9, decay_steps=13, end_learning_rate=0.1, power=2.5, cycle=True)),
    ("InverseTimeDecay", dict(initial_learning_rate=0.9, decay_steps=7, decay_rate=0.6)),
    ("InverseTimeDecay", dict(initial_learning_rate=0.9, decay_steps=7, decay_rate=0.6, staircase=True)),
    ("CosineDecay", dict(initial_learning_rate=0.5, decay_steps=41)),
    ("CosineDecay", dict(initial_learning_rate=0.1, decay_steps=33, alpha=0.2, warmup_target=0.9, warmup_steps=12)),
    ("CosineDecayRestarts", dict(initial_learning_rate=0.5, first_decay_steps=8)),
    ("CosineDecayRestarts", dict(initial_learning_rate=0.5, first_decay_steps=11, t_mul=1.0, m_mul=0.7, alpha=0.2)),
    ("CosineDecayRestarts", dict(initial_learning_rate=0.5, first_decay_steps=7, t_mul=1.5, m_mul=0.8, alpha=0.1)),
    ("ReduceLROnPlateau", dict(patience=2)),
    ("ReduceLROnPlateau", dict(factor=0.5, patience=3, min_delta=0.3, cooldown=2, min_lr=0.02)),
    ("ReduceLROnPlateau", dict(factor=0.7, patience=1, mode="max", cooldown=1)),
    ("ReduceLROnPlateau", dict(factor=0.8, patience=0, min_delta=0.5, cooldown=4)),
]

rounded = lambda value: float(f"{float(value):.15g}")

array = keras.ops.convert_to_tensor


def in_f64():
    """Keras holds numbers of Python's in f32 where nothing says what they are, and takes cosines in it."""
    keras.src.ops.convert_to_tensor = lambda x: array(x, dtype="float64") if isinstance(x, float) else array(x)
    keras.src.ops.cos = lambda x: jax.numpy.cos(array(x))


def rates(name, options):
    if name == "ReduceLROnPlateau":
        return plateau(**options)
    schedule = getattr(keras.optimizers.schedules, name)(**options)
    return [rounded(schedule(t)) for t in range(STEPS)]


def plateau(**options):
    """The rate of an optimizer that begins with 0.1, once each of the values is told."""
    optimizer = keras.optimizers.SGD(0.1)
    callback = keras.callbacks.ReduceLROnPlateau(monitor="loss", **{"mode": "min", **options})
    callback.set_model(SimpleNamespace(optimizer=optimizer))
    callback.on_train_begin()
    result = []
    for epoch, value in enumerate(INPUTS["values"]):
        callback.on_epoch_end(epoch, {"loss": value})
        result.append(rounded(optimizer.learning_rate))
    return result


if __name__ == "__main__":
    in_f64()
    head = {
        "source": f"keras {keras.__version__}, f64",
        "note": "rates[t]: at step t; of a plateau once values[t] of framework-inputs.json is told, from 0.1 on; made by scripts/references/keras_schedules.py",
    }
    write("keras-schedules.json", head, [
        {"schedule": name, "options": options, "rates": rates(name, options)} for name, options in CASES
    ])
