"""Paths of Keras' optimizers, in f64: writes test/references/keras-rules.json.

Made with Python 3.11, keras 3.15.1 on jax 0.10.2, on a CPU.
"""

import os

os.environ["KERAS_BACKEND"] = "jax"

import jax

jax.config.update("jax_enable_x64", True)

import keras
import numpy as np

from inputs import INPUTS, RECORDED, STEPS, blocks_of, flat, write

keras.config.set_floatx("float64")

# Keras works these out in f32 where one of the operands is a number of Python's, or none says what it is.
array = keras.ops.convert_to_tensor
keras.src.ops.mean = lambda x, **axes: jax.numpy.mean(array(x), **axes)
keras.src.ops.power = lambda x, exponent: jax.numpy.power(array(x), exponent)
keras.src.ops.norm = lambda x, **axes: jax.numpy.sqrt((array(x) ** 2).sum(**axes))

DECAY = {"schedule": "ExponentialDecay", "initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5}

CASES = [
    ("SGD", dict()),
    ("SGD", dict(learning_rate=0.02, momentum=0.7, nesterov=True, weight_decay=0.3)),
    ("SGD", dict(learning_rate=DECAY, momentum=0.9)),
    ("SGD", dict(learning_rate=DECAY, momentum=0.9, nesterov=True)),
    ("RMSprop", dict()),
    ("RMSprop", dict(learning_rate=DECAY, rho=0.8, momentum=0.5, epsilon=1e-3)),
    ("RMSprop", dict(learning_rate=0.01, momentum=0.5, epsilon=1e-3, centered=True, weight_decay=0.3)),
    ("Adam", dict()),
    ("Adam", dict(learning_rate=0.02, beta_1=0.8, beta_2=0.9, epsilon=1e-3, weight_decay=0.3)),
    ("Adam", dict(learning_rate=0.02, beta_2=0.5, epsilon=1e-2, amsgrad=True)),
    ("AdamW", dict()),
    ("AdamW", dict(learning_rate=0.02, beta_2=0.5, epsilon=1e-2, weight_decay=0.3, amsgrad=True)),
    ("Adadelta", dict()),
    ("Adadelta", dict(learning_rate=0.5, rho=0.8, epsilon=1e-3, weight_decay=0.3)),
    ("Adagrad", dict()),
    ("Adagrad", dict(learning_rate=0.1, initial_accumulator_value=0.5, epsilon=1e-2, weight_decay=0.3)),
    ("Adamax", dict()),
    ("Adamax", dict(learning_rate=0.02, beta_1=0.8, beta_2=0.9, epsilon=0.1, weight_decay=0.3)),
    ("Nadam", dict()),
    ("Nadam", dict(learning_rate=0.02, beta_1=0.8, beta_2=0.9, epsilon=1e-3, weight_decay=0.3)),
    ("Ftrl", dict(learning_rate=0.1)),
    ("Ftrl", dict(learning_rate=0.1, learning_rate_power=-0.7, initial_accumulator_value=0.5, beta=0.6)),
    ("Ftrl", dict(learning_rate=0.1, l1_regularization_strength=3.0, l2_regularization_strength=0.4,
                  l2_shrinkage_regularization_strength=0.2, beta=0.6)),
    ("Lion", dict()),
    ("Lion", dict(learning_rate=0.01, beta_1=0.8, beta_2=0.95, weight_decay=0.3)),
    ("Lamb", dict(), "matrix"),
    ("Lamb", dict(learning_rate=0.02, beta_1=0.8, beta_2=0.9, epsilon=1e-3, weight_decay=0.3), "matrix"),
    ("Adafactor", dict(), "matrix"),
    ("Adafactor", dict(learning_rate=0.5, beta_2_decay=-0.6, epsilon_1=1e-3, epsilon_2=0.1, clip_threshold=0.5,
                       weight_decay=0.3), "matrix"),
    ("Adafactor", dict(learning_rate=0.5, relative_step=False), "matrix"),
    ("Muon", dict(learning_rate=0.02), "matrix"),
    ("Muon", dict(learning_rate=0.02, momentum=0.8, nesterov=False, ns_steps=7, weight_decay=0.3, adam_lr_ratio=0.5), "matrix"),
    ("ScheduleFreeAdamW", dict()),
    ("ScheduleFreeAdamW", dict(learning_rate=0.02, beta_1=0.8, beta_2=0.99, epsilon=1e-3, warmup_steps=10)),
]


def made(value):
    """An option that is a schedule."""
    if isinstance(value, dict):
        named = dict(value)
        return getattr(keras.optimizers.schedules, named.pop("schedule"))(**named)
    return value


def path(name, options, kind):
    names = blocks_of(kind)
    shaped = lambda block, values: np.array(values).reshape(INPUTS["shapes"][block])
    # The start that leaves an Ftrl's z at 0, as it begins.
    first = (lambda block: np.zeros(INPUTS["shapes"][block])) if name == "Ftrl" else (
        lambda block: shaped(block, INPUTS["start"][block])
    )
    variables = [keras.Variable(first(block), dtype="float64", name=block) for block in names]
    optimizer = getattr(keras.optimizers, name)(**{key: made(value) for key, value in options.items()})
    after = {}
    for t in range(STEPS):
        gradients = [shaped(block, INPUTS["gradients"][block][t]) for block in names]
        optimizer.apply([keras.ops.convert_to_tensor(g, dtype="float64") for g in gradients], variables)
        if t + 1 in RECORDED[kind]:
            after[str(t + 1)] = flat([np.asarray(variable.value).ravel() for variable in variables])
    return {"rule": name, "options": options, "blocks": names, "after": after}


if __name__ == "__main__":
    head = {
        "source": f"keras {keras.__version__}, f64",
        "note": "of framework-inputs.json, Ftrl from 0; after[k]: the blocks' parameters after k steps; made by scripts/references/keras_rules.py",
    }
    write("keras-rules.json", head, [path(name, options, *(kind or ["vector"])) for name, options, *kind in CASES])
