"""Rates of Optax's schedules, in f64: writes test/references/optax-schedules.json.

Made with Python 3.11, optax 0.2.8, jax 0.10.2 on a CPU.
"""

import jax

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp
import optax

from inputs import INPUTS, write

STEPS = 60

CASES = [
    ("constant_schedule", dict(value=0.3)),
    ("linear_schedule", dict(init_value=0.1, end_value=0.7, transition_steps=17)),
    ("linear_schedule", dict(init_value=1.0, end_value=0.2, transition_steps=20, transition_begin=9)),
    ("polynomial_schedule", dict(init_value=1.0, end_value=0.1, power=2.5, transition_steps=31)),
    ("polynomial_schedule", dict(init_value=0.2, end_value=1.1, power=0.5, transition_steps=23, transition_begin=8)),
    ("piecewise_constant_schedule", dict(init_value=0.7, boundaries_and_scales={10: 0.5, 25: 3.0, 40: 0.0})),
    ("piecewise_interpolate_schedule", dict(interpolate_type="linear", init_value=0.2,
                                            boundaries_and_scales={7: 4.0, 30: 0.1, 45: 2.0})),
    ("piecewise_interpolate_schedule", dict(interpolate_type="cosine", init_value=0.2,
                                            boundaries_and_scales={7: 4.0, 30: 0.1, 45: 2.0})),
    ("exponential_decay", dict(init_value=0.9, transition_steps=7, decay_rate=0.6)),
    ("exponential_decay", dict(init_value=0.9, transition_steps=7, decay_rate=0.6, transition_begin=5, staircase=True,
                               end_value=0.1)),
    ("exponential_decay", dict(init_value=0.1, transition_steps=10, decay_rate=1.7, transition_begin=3, end_value=0.8)),
    ("cosine_decay_schedule", dict(init_value=0.5, decay_steps=41)),
    ("cosine_decay_schedule", dict(init_value=0.5, decay_steps=41, alpha=0.1, exponent=1.5)),
    ("linear_onecycle_schedule", dict(transition_steps=50, peak_value=0.8)),
    ("linear_onecycle_schedule", dict(transition_steps=47, peak_value=0.8, pct_start=0.21, pct_final=0.66,
                                      div_factor=10.0, final_div_factor=100.0)),
    ("cosine_onecycle_schedule", dict(transition_steps=50, peak_value=0.8)),
    ("cosine_onecycle_schedule", dict(transition_steps=47, peak_value=0.8, pct_start=0.21, div_factor=10.0,
                                      final_div_factor=100.0)),
    ("warmup_constant_schedule", dict(init_value=0.1, peak_value=0.9, warmup_steps=12)),
    ("warmup_cosine_decay_schedule", dict(init_value=0.1, peak_value=0.9, warmup_steps=12, decay_steps=50)),
    ("warmup_cosine_decay_schedule", dict(init_value=0.0, peak_value=0.9, warmup_steps=5, decay_steps=40,
                                          end_value=0.2, exponent=2.0)),
    ("warmup_exponential_decay_schedule", dict(init_value=0.0, peak_value=0.9, warmup_steps=12, transition_steps=6,
                                               decay_rate=0.7)),
    ("warmup_exponential_decay_schedule", dict(init_value=0.2, peak_value=0.9, warmup_steps=12, transition_steps=6,
                                               decay_rate=0.7, transition_begin=4, staircase=True, end_value=0.3)),
    ("sgdr_schedule", dict(cosine_kwargs=[
        dict(init_value=0.1, peak_value=1.0, warmup_steps=4, decay_steps=15, end_value=0.0),
        dict(init_value=0.1, peak_value=0.7, warmup_steps=6, decay_steps=30, end_value=0.2),
    ])),
    ("contrib.reduce_on_plateau", dict(patience=2)),
    ("contrib.reduce_on_plateau", dict(factor=0.5, patience=3, rtol=1e-2, cooldown=2, min_scale=0.3)),
    ("contrib.reduce_on_plateau", dict(factor=0.7, patience=2, rtol=0.0, atol=0.5, cooldown=3)),
    ("contrib.reduce_on_plateau", dict(factor=0.7, patience=1, rtol=0.3, accumulation_size=4)),
]

rounded = lambda value: float(f"{float(value):.15g}")


def rates(name, options):
    if name == "contrib.reduce_on_plateau":
        return scales(**options)
    schedule = getattr(optax, name)(**options)
    return [rounded(schedule(jnp.float64(t))) for t in range(STEPS)]


def scales(**options):
    """What updates are multiplied by once each of the values is told."""
    plateau = optax.contrib.reduce_on_plateau(**options)
    state = plateau.init(jnp.zeros(1))
    result = []
    for value in INPUTS["values"]:
        updates, state = plateau.update(jnp.ones(1), state, value=value)
        result.append(rounded(updates[0]))
    return result


if __name__ == "__main__":
    head = {
        "source": f"optax {optax.__version__}, jax {jax.__version__}, f64",
        "note": "rates[t]: at step t; of a plateau the scale once values[t] of framework-inputs.json is told; made by scripts/references/optax_schedules.py",
    }
    write("optax-schedules.json", head, [
        {"schedule": name, "options": options, "rates": rates(name, options)} for name, options in CASES
    ])
