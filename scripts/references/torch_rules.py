"""Paths of PyTorch 2's optimizers that PyTorch 1.13 lacks, or has no option of: writes test/references/torch-2-rules.json.

Made with Python 3.11, torch 2.13.0 on a CPU.
"""

import random

import torch

from inputs import write

STEPS = 60
RECORDED = [1, 2, 7, 20, 40, 60]

CASES = [
    ("adafactor", dict(), [4, 3]),
    ("adafactor", dict(), None),
    ("adafactor", dict(lr=0.1, beta2_decay=-0.5, eps=[1e-3, 1e-2], d=2.0, weight_decay=0.1, maximize=True), [3, 4]),
    ("adafactor", dict(lr=0.05, eps=[None, 2.0], weight_decay=0.1), [2, 6]),
    ("adafactor", dict(lr=0.05, eps=[30.0, 1e-3]), None),
    ("adafactor", dict(lr=0.05, eps=[30.0, 1e-3]), [6, 2]),
    ("muon", dict(), [4, 3]),
    ("muon", dict(adjust_lr_fn="match_rms_adamw"), [3, 4]),
    ("muon", dict(momentum=0.8, nesterov=False, weight_decay=0.0, ns_steps=3, adjust_lr_fn="original"), [6, 2]),
    ("nadam", dict(), None),
    ("nadam", dict(lr=0.01, betas=[0.8, 0.9], eps=1e-3, weight_decay=0.1, momentum_decay=0.1,
                   decoupled_weight_decay=True), None),
    ("nadam", dict(weight_decay=0.1, maximize=True), None),
    ("radam", dict(lr=1e-4, weight_decay=0.1, decoupled_weight_decay=True), None),
    ("radam", dict(lr=1e-4, betas=[0.8, 0.99], eps=1e-3, weight_decay=0.1, maximize=True), None),
    ("adam", dict(weight_decay=0.1, decoupled_weight_decay=True), None),
    ("adam", dict(betas=[0.8, 0.9], weight_decay=0.1, amsgrad=True, maximize=True), None),
    ("adamw", dict(betas=[0.8, 0.9], eps=1e-3, amsgrad=True, maximize=True), None),
    ("adamax", dict(betas=[0.8, 0.9], eps=1e-3, weight_decay=0.1, maximize=True), None),
    ("adadelta", dict(rho=0.8, eps=1e-3, weight_decay=0.1, maximize=True), None),
    ("adagrad", dict(lr_decay=0.1, weight_decay=0.1, initial_accumulator_value=0.5, eps=1e-3, maximize=True), None),
    ("rmsprop", dict(alpha=0.9, eps=1e-3, weight_decay=0.1, momentum=0.5, centered=True, maximize=True), None),
    ("sgd", dict(momentum=0.8, weight_decay=0.1, nesterov=True, maximize=True), None),
    ("sgd", dict(momentum=0.8, dampening=0.5, weight_decay=0.1, maximize=True), None),
]

# By the name in lower letters, as in the other files.
OPTIMIZERS = {name.lower(): getattr(torch.optim, name) for name in dir(torch.optim) if name[0].isupper()}


def rounded(tensor, digits):
    return [float(f"{x:.{digits}g}") for x in tensor.detach().reshape(-1).tolist()]


def path(name, options, shape, x0, gradients, recorded):
    after = {}
    for dtype, key, digits in [(torch.float64, "f64", 16), (torch.float32, "f32", 9)]:
        # Five iterations make a rounding as much as 485 times as large: two paths in f32 tell nothing.
        if name == "muon" and key == "f32":
            continue
        x = torch.tensor(x0, dtype=dtype).reshape(shape or [len(x0)]).requires_grad_()
        given = {key: tuple(value) if isinstance(value, list) else value for key, value in options.items()}
        optimizer = OPTIMIZERS[name]([x], foreach=False, **given) if name != "muon" else OPTIMIZERS[name]([x], **given)
        after[key] = {}
        for t, gradient in enumerate(gradients[: max(recorded)]):
            x.grad = torch.tensor(gradient, dtype=dtype).reshape(x.shape)
            optimizer.step()
            if t + 1 in recorded:
                after[key][str(t + 1)] = rounded(x, digits)
    return {"optimizer": name, "options": options, **({"shape": shape} if shape else {}), "params_after_step": after}


if __name__ == "__main__":
    # Muon iterates in bfloat16, which no other precision can follow; here in the parameters' own.
    torch.Tensor.bfloat16 = lambda self: self.clone()
    draw = random.Random(5)
    x0 = [round(draw.gauss(0, 1), 4) for _ in range(12)]
    scales = [1e-2, 0.1, 1, 1, 1, 10, 1, 0.5, 2, 1, 3, 1]
    gradients = [[round(s * (0.3 + draw.gauss(0, 1)), 4) for s in scales] for _ in range(STEPS)]
    for t, gradient in enumerate(gradients):
        gradient[3] = 0.0
        if t < 9:
            gradient[8] = 0.0
    head = {
        "source": f"torch.optim {torch.__version__.split('+')[0]}",
        "note": "params_after_step[dtype][k] is the parameter vector after k steps fed gradients[0..k-1], a matrix where there is a shape. Muon's matrices are in the precision of the parameters, not in bfloat16. Made by scripts/references/torch_rules.py.",
        "x0": x0,
        "gradients": gradients,
    }
    write("torch-2-rules.json", head, [path(*case, x0, gradients, RECORDED) for case in CASES])
