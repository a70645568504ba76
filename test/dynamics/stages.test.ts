import { describe, expect, test } from "vitest";
import { paddedLength } from "../../src/core/precision.ts";
import { Random } from "../../src/core/random.ts";
import { Workspace } from "../../src/core/workspace.ts";

describe.each(["f64", "f32"] as const)("the sums of a method of several stages, in %s", (precision) => {
  const round = precision === "f64" ? (x: number) => x : Math.fround;
  const tolerance = precision === "f64" ? 1e-14 : 1e-5;

  function laidOut(length: number) {
    const count = paddedLength(length, precision);
    const workspace = new Workspace(
      [
        { name: "blocks", length: 7 * count },
        { name: "weights", length: 7, kind: "f64" },
        ...["x", "y", "out"].map((name) => ({ name, length })),
      ],
      precision,
    );
    const random = new Random(length);
    for (const name of ["x", "y", "out"]) {
      workspace.real(name).forEach((_, i, all) => {
        all[i] = round(random.normal());
      });
    }
    const blocks = workspace.real("blocks");
    for (let k = 0; k < 7; k++)
      for (let i = 0; i < length; i++) blocks[k * count + i] = round(random.normal());
    workspace.f64("weights").forEach((_, k, all) => {
      all[k] = k === 1 ? 0 : random.normal();
    });
    return { workspace, count, blocks };
  }

  test.each([1, 2, 3, 4, 5, 7, 8, 9, 31, 1025])(
    "[euler] are those of plain loops at length %s, padding left at zero",
    (length) => {
      const { workspace, count, blocks } = laidOut(length);
      const { kernels } = workspace;
      const [at, weightsAt, x, out] = ["blocks", "weights", "x", "out"].map((name) =>
        workspace.pointer(name),
      );
      const weights = workspace.f64("weights");
      for (let terms = 1; terms <= 7; terms++) {
        for (const start of [x, 0]) {
          kernels.weightedSum(count, terms, weightsAt, at, start, out);
          const all = workspace.realAt(out, count);
          for (let i = 0; i < count; i++) {
            let sum = start && i < length ? workspace.real("x")[i] : 0;
            let size = Math.abs(sum);
            for (let k = 0; k < terms; k++) {
              sum += weights[k] * blocks[k * count + i];
              size += Math.abs(weights[k] * blocks[k * count + i]);
            }
            if (i < length) expect(Math.abs(all[i] - sum)).toBeLessThanOrEqual(tolerance * size);
            else expect(Object.is(all[i], 0)).toBe(true);
          }
        }
      }
      // In place: x ← x + Σ.
      const expected = workspace.real("x").slice();
      kernels.weightedSum(count, 3, weightsAt, at, x, out);
      kernels.weightedSum(count, 3, weightsAt, at, x, x);
      expect(workspace.real("x")).toEqual(workspace.real("out"));
      expect(workspace.real("x")).not.toEqual(expected);
      workspace.dispose();
    },
  );

  test.each([1, 2, 3, 5, 8, 1025])(
    "the size of an error is that of a plain loop at length %s, without tolerance too",
    (length) => {
      const { workspace, count } = laidOut(length);
      const { kernels } = workspace;
      const [e, x, y] = ["out", "x", "y"].map((name) => workspace.pointer(name));
      const [error, one, other] = ["out", "x", "y"].map((name) => workspace.real(name));
      for (const [absolute, relative] of [
        [1e-3, 1e-2],
        [0, 1],
        [1, 0],
      ]) {
        let sum = 0;
        for (let i = 0; i < length; i++) {
          sum += (error[i] / (absolute + relative * Math.max(Math.abs(one[i]), Math.abs(other[i])))) ** 2;
        }
        const found = kernels.scaledSquares(count, e, x, y, absolute, relative);
        expect(Math.abs(found / sum - 1)).toBeLessThan(10 * tolerance);
      }
      // 0/0 of an entry that rests at 0 without an absolute tolerance is 0; an error there is infinite.
      one[0] = other[0] = error[0] = 0;
      expect(kernels.scaledSquares(count, e, x, y, 0, 1)).toBeLessThan(Infinity);
      error[0] = 1;
      expect(kernels.scaledSquares(count, e, x, y, 0, 1)).toBe(Infinity);
      error[0] = Number.NaN;
      expect(kernels.scaledSquares(count, e, x, y, 1, 1)).toBeNaN();
      workspace.dispose();
    },
  );
});
