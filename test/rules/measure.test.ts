import fc from "fast-check";
import { expect, test } from "vitest";
import { lanes, paddedLength } from "../../src/core/precision.ts";
import { Workspace } from "../../src/core/workspace.ts";
import { measurer } from "../../src/descent/measure.ts";
import { type Measure, measurePlainly } from "../../src/rules/measure.ts";

const measures: readonly Measure[] = [
  { norm: "g" },
  { norm: ["x", "s"] },
  { dot: ["x", "g"] },
  { dot: [["x", "s"], "g"] },
  { dot: ["g", ["x", "s"]] },
  {
    dot: [
      ["x", "s"],
      ["g", "x"],
    ],
  },
  { absoluteSum: "s" },
];
const tolerance = { f64: 1e-14, f32: 1e-6 } as const;

/** The measures of parts of three vectors, by the core and plainly; and the sum of the sizes of all terms. */
function both(precision: "f64" | "f32", measure: Measure, parts: readonly Record<string, number[]>[]) {
  const names = ["x", "g", "s"];
  const length = parts.reduce((sum, { x }) => sum + paddedLength(x.length, precision), 0);
  const workspace = new Workspace(
    names.map((name) => ({ name, length })),
    precision,
  );
  let offset = 0;
  const extents = parts.map((part) => {
    const count = paddedLength(part.x.length, precision);
    const at = offset;
    for (const name of names) workspace.real(name).set(part[name], at);
    offset += count;
    const pointer = (name: string) => workspace.pointer(name) + at * (16 / lanes[precision]);
    return { count, x: pointer("x"), gradient: pointer("g"), slotsAt: { s: pointer("s") } };
  });
  const found = measurer(workspace.kernels, measure, { peers: extents })();
  workspace.dispose();
  return [found, measurePlainly(measure, parts)];
}

const part = fc
  .integer({ min: 1, max: 40 })
  .chain((length) =>
    fc.record(
      Object.fromEntries(
        ["x", "g", "s"].map((name) => [
          name,
          fc.array(fc.integer({ min: -64, max: 64 }), { minLength: length, maxLength: length }),
        ]),
      ) as Record<string, fc.Arbitrary<number[]>>,
    ),
  );

test.each(["f64", "f32"] as const)(
  "the core measures what plain arithmetic does, over any parts, in %s",
  (precision) => {
    fc.assert(
      fc.property(
        fc.constantFrom(...measures),
        fc.array(part, { minLength: 1, maxLength: 3 }),
        (measure, parts) => {
          const [found, expected] = both(precision, measure, parts);
          // Whole numbers this small are summed exactly; only roots are rounded.
          expect(Math.abs(found - expected)).toBeLessThanOrEqual(tolerance[precision] * Math.abs(expected));
        },
      ),
    );
  },
);

test.each(["f64", "f32"] as const)("norms and distances neither over- nor underflow in %s", (precision) => {
  for (const size of precision === "f64" ? [1e200, 1e-200, 5e-324] : [1e30, 1e-30]) {
    const held = precision === "f64" ? size : Math.fround(size);
    const vectors = { x: [3 * held, 0, 0], g: [0, 0, 0], s: [0, 4 * held, 0] };
    for (const measure of [{ norm: ["x", "s"] }, { norm: "x" }] as const) {
      const [found, expected] = both(precision, measure, [vectors, vectors]);
      expect(found / held).toBeCloseTo((typeof measure.norm === "string" ? 3 : 5) * Math.SQRT2, 0);
      expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-6 * expected);
    }
  }
});

test("inner products of f32 are found where the products themselves leave its range", () => {
  for (const size of [1e-40, 1e-25, 1e25, 3e38]) {
    const held = Math.fround(size);
    const vectors = {
      x: [held, -held, held, held, held],
      g: [1, 2, 3, 4, 5].map((k) => k * Math.fround(held / 8)),
      s: [0, 0, 0, 0, held],
    };
    for (const dot of [
      ["x", "g"],
      [["x", "s"], "g"],
      [
        ["x", "s"],
        ["g", "s"],
      ],
    ] as const) {
      const [found, expected] = both("f32", { dot }, [vectors]);
      expect(Number.isFinite(expected)).toBe(true);
      expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-6 * Math.abs(expected));
    }
  }
});

test("a NaN anywhere is told", () => {
  for (const measure of measures) {
    const vectors = { x: [1, Number.NaN], g: [Number.NaN, 1], s: [1, Number.NaN] };
    expect(both("f64", measure, [vectors])).toEqual([Number.NaN, Number.NaN]);
  }
});
