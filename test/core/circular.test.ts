import { describe, expect, test } from "vitest";
import { machineEpsilon, type Precision } from "../../src/core/precision.ts";
import { Workspace } from "../../src/core/workspace.ts";

function mapped(precision: Precision, kernel: "sinPiInto" | "cosPiInto", t: readonly number[]): Float64Array {
  const length = Math.ceil(t.length / 4) * 4;
  const workspace = new Workspace(
    ["t", "out"].map((name) => ({ name, length })),
    precision,
  );
  try {
    workspace.real("t").set(t);
    workspace.kernels[kernel](length, workspace.pointer("t"), workspace.pointer("out"));
    return Float64Array.from(workspace.real("out").subarray(0, t.length));
  } finally {
    workspace.dispose();
  }
}

describe.each(["f64", "f32"] as const)("circular functions of turns in %s", (precision) => {
  const epsilon = machineEpsilon[precision];
  /** Points about many turns that both precisions hold. */
  const points = [0, 1, -1, 2, 7, -100, 1001].flatMap((n) =>
    Array.from({ length: 501 }, (_, i) => n + (i - 250) / 512),
  );
  const parity = (t: number) => (Math.round(t) % 2 === 0 ? 1 : -1);

  test("sin πt is within two units in the last place, and cos πt within two of 1", () => {
    const sines = mapped(precision, "sinPiInto", points);
    const cosines = mapped(precision, "cosPiInto", points);
    points.forEach((t, i) => {
      // t less its nearest integer is exact; π times that is what the reference rounds.
      const rest = Math.PI * (t - Math.round(t));
      const sine = parity(t) * Math.sin(rest);
      expect(Math.abs(sines[i] - sine)).toBeLessThanOrEqual(2 * epsilon * Math.abs(sine));
      expect(Math.abs(cosines[i] - parity(t) * Math.cos(rest))).toBeLessThanOrEqual(2 * epsilon);
    });
  });

  test("sin πt is 0 at whole numbers, bounded far out, and NaN where t is not finite", () => {
    const whole = [0, 1, -3, 2 ** 21, 2 ** 23, 2 ** 60];
    expect(mapped(precision, "sinPiInto", whole).map(Math.abs)).toEqual(new Float64Array(6));
    for (const t of [Infinity, -Infinity, Number.NaN]) {
      expect(mapped(precision, "sinPiInto", [t])[0]).toBeNaN();
      expect(mapped(precision, "cosPiInto", [t])[0]).toBeNaN();
    }
  });
});
