"""Paths of Optax's rules, in f64: writes test/references/optax-rules.json.

Made with Python 3.11, optax 0.2.8, jax 0.10.2 on a CPU.
"""

import jax

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp
import numpy as np
import optax
from optax import contrib

from inputs import INPUTS, RECORDED, STEPS, blocks_of, flat, write

DECAY = {"schedule": "exponential_decay", "init_value": 0.1, "transition_steps": 10, "decay_rate": 0.5}
RISE = {"schedule": "linear_schedule", "init_value": 0.0, "end_value": 4.0, "transition_steps": 40}

# Name, options, and "matrix" where the rule sees more than single parameters.
CASES = [
    ("sgd", dict(learning_rate=0.01)),
    ("sgd", dict(learning_rate=0.01, momentum=0.9)),
    ("sgd", dict(learning_rate=0.02, momentum=0.7, nesterov=True)),
    ("sgd", dict(learning_rate=DECAY, momentum=0.9)),
    ("adabelief", dict(learning_rate=0.001)),
    ("adabelief", dict(learning_rate=0.02, b1=0.8, b2=0.99, eps=1e-3, eps_root=1e-4)),
    ("adadelta", dict(learning_rate=1.0)),
    ("adadelta", dict(learning_rate=0.5, rho=0.95, eps=1e-3, weight_decay=0.1)),
    ("adafactor", dict(learning_rate=0.01), "matrix"),
    ("adafactor", dict(learning_rate=0.02, min_dim_size_to_factor=2, decay_rate=0.7, clipping_threshold=0.5), "matrix"),
    ("adafactor", dict(learning_rate=0.02, min_dim_size_to_factor=2, multiply_by_parameter_scale=False,
                       momentum=0.9, weight_decay_rate=0.001, eps=1e-3), "matrix"),
    ("adagrad", dict(learning_rate=0.1)),
    ("adagrad", dict(learning_rate=0.1, initial_accumulator_value=0.5, eps=0.01)),
    ("adam", dict(learning_rate=0.001)),
    ("adam", dict(learning_rate=0.02, b1=0.8, b2=0.9, eps=1e-3, eps_root=1e-2)),
    ("adam", dict(learning_rate=0.02, nesterov=True, eps_root=1e-4)),
    ("adamax", dict(learning_rate=0.002)),
    ("adamax", dict(learning_rate=0.02, b1=0.8, b2=0.9, eps=0.1)),
    ("adamaxw", dict(learning_rate=0.02)),
    ("adamaxw", dict(learning_rate=0.02, b1=0.5, weight_decay=0.2)),
    ("adamw", dict(learning_rate=0.001)),
    ("adamw", dict(learning_rate=0.02, b1=0.8, b2=0.9, eps=1e-3, eps_root=1e-2, weight_decay=0.3)),
    ("adamw", dict(learning_rate=0.02, weight_decay=0.3, nesterov=True)),
    ("amsgrad", dict(learning_rate=0.001)),
    ("amsgrad", dict(learning_rate=0.02, b1=0.8, b2=0.5, eps=1e-3, eps_root=1e-2)),
    ("amsgrad", dict(learning_rate=0.02, b2=0.5, bias_correction_mu=False, bias_correction_nu=False)),
    ("adan", dict(learning_rate=0.001)),
    ("adan", dict(learning_rate=0.02, b1=0.9, b2=0.8, b3=0.95, eps=1e-3, eps_root=1e-2, weight_decay=0.3)),
    ("fromage", dict(learning_rate=0.01), "matrix"),
    ("fromage", dict(learning_rate=0.5, min_norm=0.0), "matrix"),
    ("lamb", dict(learning_rate=0.001), "matrix"),
    ("lamb", dict(learning_rate=0.02, b1=0.8, b2=0.9, eps=1e-3, weight_decay=0.3), "matrix"),
    ("lamb", dict(learning_rate=0.02, eps_root=1e-2), "matrix"),
    ("lars", dict(learning_rate=0.1), "matrix"),
    ("lars", dict(learning_rate=0.5, trust_coefficient=0.01, eps=0.5, momentum=0.8, nesterov=True), "matrix"),
    ("lars", dict(learning_rate=0.5, trust_coefficient=0.01, weight_decay=0.3), "matrix"),
    ("lion", dict(learning_rate=0.001)),
    ("lion", dict(learning_rate=0.01, b1=0.8, b2=0.95, weight_decay=0.3)),
    ("nadam", dict(learning_rate=0.002)),
    ("nadam", dict(learning_rate=0.02, b1=0.8, b2=0.9, eps=1e-3, eps_root=1e-2)),
    ("nadamw", dict(learning_rate=0.001)),
    ("nadamw", dict(learning_rate=0.02, b1=0.8, b2=0.9, eps=1e-3, weight_decay=0.3)),
    ("novograd", dict(learning_rate=0.01), "matrix"),
    ("novograd", dict(learning_rate=0.02, b1=0.8, b2=0.9, eps=1e-3, eps_root=0.5, weight_decay=0.3), "matrix"),
    ("radam", dict(learning_rate=0.001)),
    ("radam", dict(learning_rate=0.02, b1=0.8, b2=0.99, eps=1e-3, eps_root=1e-2, threshold=4.5)),
    ("rmsprop", dict(learning_rate=0.01)),
    ("rmsprop", dict(learning_rate=0.01, decay=0.8, eps=1e-3, eps_in_sqrt=False, momentum=0.9)),
    ("rmsprop", dict(learning_rate=0.01, eps=1e-3, centered=True, initial_scale=1.0)),
    ("rmsprop", dict(learning_rate=DECAY, momentum=0.5, bias_correction=True)),
    ("rmsprop", dict(learning_rate=DECAY, momentum=0.5, nesterov=True)),
    ("rprop", dict(learning_rate=0.01)),
    ("sign_sgd", dict(learning_rate=0.01)),
    ("signum", dict(learning_rate=0.01)),
    ("signum", dict(learning_rate=0.01, beta=0.6)),
    ("sm3", dict(learning_rate=0.1), "matrix"),
    ("sm3", dict(learning_rate=0.1, momentum=0.5)),
    ("scale_by_sm3", dict(learning_rate=0.1, b1=0.5, b2=0.9, eps=1e-3), "matrix"),
    ("yogi", dict(learning_rate=0.01)),
    ("yogi", dict(learning_rate=0.02, b1=0.8, b2=0.9, eps=1e-2)),
    ("scale_by_yogi", dict(learning_rate=0.02, eps_root=1e-2, initial_accumulator_value=0.5)),
    ("polyak_sgd", dict()),
    ("polyak_sgd", dict(max_learning_rate=0.002, scaling=0.7, f_min=2.0, eps=1.0, variant="sps+")),
    ("contrib.ademamix", dict(learning_rate=0.001)),
    ("contrib.ademamix", dict(learning_rate=0.01, b1=0.8, b2=0.9, b3=0.99, alpha=RISE, eps=1e-3, eps_root=1e-2,
                              weight_decay=0.3)),
    ("contrib.adopt", dict(learning_rate=0.001)),
    ("contrib.adopt", dict(learning_rate=0.01, b1=0.8, b2=0.9, eps=1e-2, use_clipping=False)),
    ("contrib.adopt", dict(learning_rate=0.01, b2=0.9, nesterov=True)),
    ("contrib.cocob", dict()),
    ("contrib.cocob", dict(learning_rate=0.1, alpha=10.0, weight_decay=0.3)),
    ("contrib.dadapt_adamw", dict()),
    ("contrib.dadapt_adamw", dict(learning_rate=0.5, betas=(0.8, 0.99), eps=1e-3, estim_lr0=1e-2, weight_decay=0.3)),
    ("contrib.dog", dict()),
    ("contrib.dog", dict(learning_rate=0.5, init_step=("heuristic", 1e-2), eps=1.0), "matrix"),
    ("contrib.dog", dict(init_step=("distance", 0.1), weight_decay=0.3)),
    ("contrib.dowg", dict()),
    ("contrib.dowg", dict(learning_rate=0.5, init_estim_sq_dist=0.04, eps=1e-2), "matrix"),
    ("contrib.madgrad", dict(learning_rate=0.01)),
    ("contrib.madgrad", dict(learning_rate=0.1, momentum=0.5, eps=1e-3, weight_decay=0.1)),
    ("contrib.mechanize", dict(base="sgd", learning_rate=0.01)),
    ("contrib.momo", dict()),
    ("contrib.momo", dict(learning_rate=0.01, beta=0.7, lower_bound=1.0, adapt_lower_bound=True)),
    ("contrib.momo", dict(learning_rate=0.01, weight_decay=0.3)),
    ("contrib.momo_adam", dict()),
    ("contrib.momo_adam", dict(learning_rate=1.0, b1=0.8, b2=0.9, eps=1e-3, lower_bound=1.0, adapt_lower_bound=True)),
    ("contrib.momo_adam", dict(weight_decay=0.3)),
    ("contrib.muon", dict(learning_rate=0.02), "matrix"),
    ("contrib.muon", dict(learning_rate=0.02, beta=0.8, nesterov=False, eps=1e-3, ns_steps=7, weight_decay=0.3,
                          consistent_rms=0.2), "matrix"),
    ("contrib.prodigy", dict()),
    ("contrib.prodigy", dict(eps=1e-30, estim_lr0=1e-3, safeguard_warmup=True)),
    ("contrib.prodigy", dict(learning_rate=0.5, betas=(0.8, 0.99), beta3=0.9, eps=1e-30, estim_lr0=1e-2,
                             estim_lr_coef=0.7, weight_decay=0.3)),
    ("contrib.schedule_free_sgd", dict(learning_rate=0.01)),
    ("contrib.schedule_free_sgd", dict(learning_rate=0.01, b1=0.8, weight_decay=0.3, weight_lr_power=1.0)),
    ("contrib.schedule_free_sgd", dict(learning_rate=0.01, warmup_steps=10)),
    ("contrib.schedule_free_adamw", dict()),
    ("contrib.schedule_free_adamw", dict(learning_rate=0.02, b1=0.8, b2=0.99, eps=1e-3, weight_decay=0.3)),
    ("contrib.sophia", dict(learning_rate=0.001)),
    ("contrib.sophia", dict(learning_rate=0.02, b1=0.8, b2=0.9, eps=1e-3, gamma=0.5, weight_decay=0.3,
                            update_interval=4)),
]


def made(value):
    """An option that is a schedule."""
    if isinstance(value, dict):
        named = dict(value)
        return getattr(optax, named.pop("schedule"))(**named)
    return value


def rule(name, options):
    options = {key: made(value) for key, value in options.items()}
    if name == "adafactor":
        return adafactor(**options)
    if name.startswith("scale_by_"):
        rate = options.pop("learning_rate")
        return optax.chain(getattr(optax, name)(**options), optax.scale_by_learning_rate(rate))
    if name == "contrib.mechanize":
        base = getattr(optax, options.pop("base"))(options.pop("learning_rate"))
        return contrib.mechanize(base, **options)
    if name == "contrib.adopt" and not options.get("use_clipping", True):
        options["clip_value_fn"] = lambda count: jnp.inf
    return getattr(contrib if name.startswith("contrib.") else optax, name.removeprefix("contrib."))(**options)


def adafactor(**options):
    """optax.adafactor with its powers of t in f64: it takes them in f32, whatever the parameters' precision."""
    from optax._src import factorized

    kept = factorized.scale_by_factored_rms.__defaults__
    power = lambda i, exponent: 1.0 - (i + 1.0) ** -exponent
    factorized.scale_by_factored_rms.__defaults__ = (*kept[:-1], power)
    try:
        return optax.adafactor(dtype_momentum=jnp.float64, **options)
    finally:
        factorized.scale_by_factored_rms.__defaults__ = kept


def path(name, options, kind):
    names = blocks_of(kind)
    # A layer's matrix is [in, out] here, and [out, in] in the file.
    turn = (lambda array: array.T) if name == "contrib.muon" else (lambda array: array)
    shaped = lambda block, values: jnp.asarray(turn(np.array(values).reshape(INPUTS["shapes"][block])))
    params = {block: shaped(block, INPUTS["start"][block]) for block in names}
    optimizer = rule(name, options)
    extra = {}
    if name == "contrib.sophia":
        diagonal = {block: jnp.asarray(INPUTS["curvature"][block]) for block in names}
        extra["obj_fn"] = lambda p: sum((diagonal[k] * p[k] ** 2).sum() / 2 for k in names)
    takes_value = name in ("polyak_sgd", "contrib.momo", "contrib.momo_adam")

    @jax.jit
    def step(params, state, gradient, value):
        more = {**extra, **({"value": value} if takes_value else {})}
        updates, state = optax.with_extra_args_support(optimizer).update(gradient, state, params, **more)
        return optax.apply_updates(params, updates), state

    # Of steps that are counted in int32 schedules and roots come out in f32.
    in_f64 = lambda leaf: leaf.astype(jnp.float64) if leaf.dtype == jnp.int32 else leaf
    state = jax.tree.map(in_f64, optimizer.init(params))
    flattened = lambda tree: flat([turn(np.asarray(tree[block])).ravel() for block in names])
    after = {}
    for t in range(STEPS):
        gradient = {block: shaped(block, INPUTS["gradients"][block][t]) for block in names}
        params, state = step(params, state, gradient, INPUTS["values"][t])
        if t + 1 in RECORDED[kind]:
            after[str(t + 1)] = flattened(params)
    case = {"rule": name, "options": options, "blocks": names, "after": after}
    if name.startswith("contrib.schedule_free"):
        case["average"] = flattened(contrib.schedule_free_eval_params(state, params))
    return case


if __name__ == "__main__":
    head = {
        "source": f"optax {optax.__version__}, jax {jax.__version__}, f64",
        "note": "of framework-inputs.json; after[k]: the blocks' parameters after k steps; made by scripts/references/optax_rules.py",
    }
    write("optax-rules.json", head, [path(name, options, *(kind or ["vector"])) for name, options, *kind in CASES])
