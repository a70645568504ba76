"""What the programs beside this one share: the gradients that every framework is given, and how a file is written.

The gradients do not depend on the parameters, so that a difference of rounding stays one. `python inputs.py` writes them to
test/references/framework-inputs.json.
"""

import json
import math
import pathlib
import random

STEPS = 60
REFERENCES = pathlib.Path(__file__).resolve().parents[2] / "test" / "references"
# Blocks by name: of "vector" cases the first, of "matrix" cases the other two.
SHAPES = {"v": [7], "w": [6, 4], "b": [5]}


def _inputs():
    draw = random.Random(13)
    size = {name: math.prod(shape) for name, shape in SHAPES.items()}
    number = lambda scale: round(draw.gauss(0, scale), 4)
    start = {name: [number(1) for _ in range(n)] for name, n in size.items()}
    # Of the vector each parameter has gradients of its own size; the last one sleeps at first, and another rests now and then.
    scales = {"v": [1e-2, 0.1, 1, 1, 10, 100, 1], "w": [1] * size["w"], "b": [5] * size["b"]}
    drift = {name: [draw.choice([-0.5, 0.5, 1]) for _ in range(n)] for name, n in size.items()}
    gradients = {
        name: [
            [round(s * (d + draw.gauss(0, 1)), 4) for s, d in zip(scales[name], drift[name])] for _ in range(STEPS)
        ]
        for name in SHAPES
    }
    for t, gradient in enumerate(gradients["v"]):
        if t < 7:
            gradient[6] = 0.0
        if t % 5 == 2:
            gradient[3] = 0.0
    values = [round(1 + 40 * math.exp(-t / 20) + draw.random(), 4) for t in range(STEPS)]
    curvature = {"v": [0.02, -0.5, 1.5, 3.0, 20.0, 150.0, 4.0]}
    return {"shapes": SHAPES, "start": start, "gradients": gradients, "values": values, "curvature": curvature}


INPUTS = _inputs()

RECORDED = {"vector": [1, 10, 20, 30, 40, 50, 60], "matrix": [1, 10, 30, 60]}


def blocks_of(kind):
    return ["v"] if kind == "vector" else ["w", "b"]


def flat(arrays):
    return [float(f"{x:.15g}") for array in arrays for x in array]


def write(name, head, cases):
    """One case a line, so that a change shows."""
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    body = json.dumps(head, separators=(",", ":"))[:-1]
    (REFERENCES / name).write_text(f'{body},"cases":[\n{lines}\n]}}\n')


if __name__ == "__main__":
    note = "gradients of 60 steps for three blocks, values and the diagonal of a Hessian; made by scripts/references/inputs.py"
    (REFERENCES / "framework-inputs.json").write_text(
        json.dumps({"note": note, **INPUTS}, separators=(",", ":")) + "\n"
    )
