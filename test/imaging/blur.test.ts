import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { machineEpsilon } from "../../src/core/precision.ts";
import { Random } from "../../src/core/random.ts";
import { curvature } from "../../src/curvature/curvature.ts";
import { type BlurInput, type BlurOperator, blur } from "../../src/imaging/index.ts";
import { quadratic } from "../../src/objectives/index.ts";
import { dot, plainBlur } from "./plain.ts";

const kinds: readonly BlurInput[] = [
  { kind: "gaussian", sigma: 0.7 },
  { kind: "motion", length: 7 },
  { kind: "motion", length: 4.5, angle: 90 },
  { kind: "motion", length: 6.3, angle: 37 },
  { kind: "motion", length: 5, angle: -45 },
  { kind: "defocus", radius: 2.3 },
  { kind: "defocus", radius: 0.25 },
  {
    kind: "kernel",
    weights: [
      [1, 2, 3],
      [0.5, -4, 5],
      [6, 7, 8.5],
    ],
  },
  { kind: "kernel", weights: [[2, -1, 0, 0.5, 3]] },
  { kind: "kernel", weights: [[1], [-2], [0.25]] },
  // A column times a row: two passes.
  {
    kind: "kernel",
    weights: [
      [1, -2, 3],
      [2, -4, 6],
      [-4, 8, -12],
    ],
  },
];
/** Odd sizes, those around the lane width, those around the eight registers of a turn (32 and 16 pixels). */
const sizes = [
  [9, 9],
  [10, 16],
  [17, 11],
  [33, 9],
  [32, 10],
  [31, 12],
  [65, 13],
  [13, 70],
] as const;
const boundaries = ["periodic", "reflecting"] as const;

const normals = (random: Random, length: number) => Float64Array.from({ length }, () => random.normal());
const weightSum = ({ kernel }: BlurOperator) =>
  kernel.reduce((sum, row) => row.reduce((part, weight) => part + Math.abs(weight), sum), 0);

describe.each(["f64", "f32"] as const)("%s", (precision) => {
  test.each(kinds.map((kind) => [JSON.stringify(kind), kind] as const))(
    "%s blurs as its definition says, at every size and boundary",
    (_, kind) => {
      const random = new Random(1);
      for (const [width, height] of sizes) {
        for (const boundary of boundaries) {
          const operator = blur(kind, { width, height, boundary });
          const x = normals(random, width * height);
          const found = operator.apply(x, { precision });
          expect(found.constructor).toBe(precision === "f64" ? Float64Array : Float32Array);
          const bound = 16 * machineEpsilon[precision] * weightSum(operator);
          plainBlur(operator, x).forEach((value, i) => {
            expect(Math.abs(found[i] - value)).toBeLessThan(bound);
          });
        }
      }
    },
  );

  test("[deblurring] the transpose is exact: ⟨Ax, y⟩ = ⟨x, Aᵀy⟩ to rounding, for every kernel, boundary and size", () => {
    const side = (most: number) => fc.integer({ min: 0, max: most });
    const kernel = fc
      .tuple(side(3), side(4))
      .chain(([down, across]) =>
        fc.array(
          fc.array(fc.double({ min: -1, max: 1, noNaN: true }), {
            minLength: 2 * across + 1,
            maxLength: 2 * across + 1,
          }),
          { minLength: 2 * down + 1, maxLength: 2 * down + 1 },
        ),
      )
      .filter((rows) => rows.some((row) => row.some((weight) => weight !== 0)))
      .map((weights): BlurInput => ({ kind: "kernel", weights }));
    fc.assert(
      fc.property(
        fc.oneof(kernel, fc.constantFrom(...kinds)),
        fc.integer({ min: 9, max: 40 }),
        fc.integer({ min: 9, max: 24 }),
        fc.constantFrom(...boundaries),
        fc.nat(),
        (input, width, height, boundary, seed) => {
          const random = new Random(seed);
          const operator = blur(input, { width, height, boundary });
          const [x, y] = [normals(random, width * height), normals(random, width * height)];
          if (precision === "f32") for (const image of [x, y]) image.set(Float32Array.from(image));
          const forward = dot(operator.apply(x, { precision }), y);
          const backward = dot(x, operator.adjoint(y, { precision }));
          // Each pixel's rounding is that of its sum: some units in the last place of Σ|k|, in random directions.
          const scale = weightSum(operator) * Math.sqrt(dot(x, x) * dot(y, y));
          expect(Math.abs(forward - backward)).toBeLessThan(8 * machineEpsilon[precision] * scale);
        },
      ),
      { numRuns: 150, seed: 4 },
    );
  });

  test("images smaller than a register are blurred and transposed as others", () => {
    const random = new Random(2);
    for (const [width, height] of [
      [1, 1],
      [1, 3],
      [3, 1],
      [3, 3],
      [2, 5],
      [5, 4],
    ]) {
      const weights = Array.from({ length: height % 2 === 0 ? height - 1 : height }, () =>
        Array.from({ length: width % 2 === 0 ? width - 1 : width }, () => random.normal()),
      );
      for (const boundary of boundaries) {
        const operator = blur({ kind: "kernel", weights }, { width, height, boundary });
        const [x, y] = [normals(random, width * height), normals(random, width * height)];
        const found = operator.apply(x, { precision });
        const scale = 16 * machineEpsilon[precision] * weightSum(operator);
        plainBlur(operator, x).forEach((value, i) => {
          expect(Math.abs(found[i] - value)).toBeLessThan(2 * scale);
        });
        const apart = dot(found, y) - dot(x, operator.adjoint(y, { precision }));
        expect(Math.abs(apart)).toBeLessThan(scale * Math.sqrt(dot(x, x) * dot(y, y)));
      }
    }
  });

  test("a flat image stays flat, and what is no number is refused by its place", () => {
    const operator = blur({ kind: "gaussian", sigma: 1 }, { width: 40, height: 20, boundary: "periodic" });
    const x = new Float64Array(800).fill(0.5);
    for (const wrong of [Number.NaN, Infinity]) {
      expect(() => operator.apply([...x.subarray(1), wrong])).toThrow(
        /blur: apply: image\[799\] must be finite/,
      );
    }
    const found = operator.apply(x, { precision });
    expect(Math.max(...found) - Math.min(...found)).toBe(0);
  });
});

describe("the kernel", () => {
  const of = (input: BlurInput) => blur(input, { width: 65, height: 65 }).kernel;
  const flat = (input: BlurInput) => of(input).flatMap((row) => Array.from(row));
  const total = (input: BlurInput) => flat(input).reduce((sum, weight) => sum + weight, 0);

  test("of every kind that is not one's own adds up to 1 and is its own image turned by half", () => {
    for (const input of kinds.filter(({ kind }) => kind !== "kernel")) {
      expect(total(input)).toBeCloseTo(1, 14);
      const weights = flat(input);
      expect(weights.slice().reverse()).toEqual(weights);
    }
  });

  test("of a Gaussian falls as exp(−d²/2σ²) and reaches 4σ", () => {
    const rows = of({ kind: "gaussian", sigma: 1.5 });
    expect([rows.length, rows[0].length]).toEqual([13, 13]);
    expect(rows[6][6] / rows[6][3]).toBeCloseTo(Math.exp(9 / 4.5), 12);
    expect(rows[6][6] / rows[2][9]).toBeCloseTo(Math.exp(25 / 4.5), 11);
    // Variance σ², but for what is cut off and for the pixels' width.
    const variance = rows.reduce((sum, row, i) => sum + row.reduce((a, b) => a + b, 0) * (i - 6) ** 2, 0);
    expect(variance).toBeCloseTo(2.25, 2);
  });

  test("of a motion along the rows, the columns, the diagonal", () => {
    expect(of({ kind: "motion", length: 5 })).toEqual([Float64Array.from({ length: 5 }, () => 0.2)]);
    expect(of({ kind: "motion", length: 5, angle: 90 })).toEqual(
      Array.from({ length: 5 }, () => Float64Array.of(0.2)),
    );
    expect(of({ kind: "motion", length: 5, angle: 180 })).toEqual(of({ kind: "motion", length: 5 }));
    expect(of({ kind: "motion", length: 1, angle: 20 })).toEqual([Float64Array.of(1)]);
    // Of an even length, each end has half a pixel.
    expect(Array.from(of({ kind: "motion", length: 4 })[0], (weight) => 4 * weight)).toEqual([
      0.5, 1, 1, 1, 0.5,
    ]);
    // Counterclockwise: the line goes up to the right; a pixel beside it is √½ away.
    const up = of({ kind: "motion", length: 1 + 2 * Math.SQRT2, angle: 45 });
    expect(up.length).toBe(3);
    expect(up[0][2] / up[1][1]).toBeCloseTo(1, 12);
    expect(up[0][1] / up[1][1]).toBeCloseTo(1 - Math.SQRT1_2, 12);
    expect(up[0][0]).toBe(0);
  });

  test("of a defocus is flat inside the disk and has as much of a pixel as lies in it at the rim", () => {
    const rows = of({ kind: "defocus", radius: 2 });
    expect(rows.length).toBe(5);
    expect(rows[2][3]).toBe(rows[2][2]);
    expect(rows[2][4] / rows[2][2]).toBeCloseTo(0.5, 12);
    expect(rows[1][4] / rows[2][2]).toBeCloseTo(2.5 - Math.sqrt(5), 12);
    expect(rows[0][0]).toBe(0);
    // The area of the disk, in pixels.
    const large = of({ kind: "defocus", radius: 10 });
    expect(1 / large[10][10]).toBeCloseTo(Math.PI * 100, -1);
  });

  test("is applied in two passes where it is a column times a row", () => {
    const separable = kinds.map((input) => blur(input, { width: 65, height: 65 }).separable);
    expect(separable).toEqual(kinds.map((_, k) => k === 0 || k === 10));
  });

  test("of one's own is used as it is, the first row above", () => {
    const weights = [
      [0, 0, 0],
      [0, 0, 1],
      [0, 0, 0],
    ];
    const shift = blur({ kind: "kernel", weights }, { width: 4, height: 3 });
    // A convolution: what has its weight to the right moves to the right.
    const image = [
      [1, 2, 3, 4],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ];
    expect(Array.from(shift.apply(image)).slice(0, 4)).toEqual([1, 1, 2, 3]);
    expect(Array.from(shift.adjoint(image)).slice(0, 4)).toEqual([3, 3, 4, 0]);
  });
});

describe("[deblurring] the spectrum of AᵀA", () => {
  /** AᵀA as a dense matrix, from its products with unit vectors. */
  function gram(operator: BlurOperator): number[][] {
    const count = operator.width * operator.height;
    return Array.from({ length: count }, (_, i) => {
      const unit = new Float64Array(count);
      unit[i] = 1;
      return Array.from(operator.adjoint(operator.apply(unit)));
    });
  }

  test.each(boundaries)("is that of the dense matrix, at %s edges", (boundary) => {
    for (const input of kinds) {
      const operator = blur(input, { width: 11, height: 10, boundary });
      const spectrum = operator.spectrum();
      const { kernel } = operator;
      const isEven = kernel.every((row, i) =>
        row.every((weight, j) => {
          const across = row[row.length - 1 - j];
          const down = kernel[kernel.length - 1 - i][j];
          return Math.abs(weight - across) < 1e-12 && Math.abs(weight - down) < 1e-12;
        }),
      );
      // The cosine transform diagonalises kernels that are their own mirror images, and no others.
      expect(spectrum !== undefined).toBe(boundary === "periodic" || isEven);
      if (!spectrum) continue;
      const dense = curvature(quadratic(gram(operator))).spectrum;
      expect(spectrum.length).toBe(dense.length);
      spectrum.forEach((eigenvalue, k) => {
        expect(Math.abs(eigenvalue - dense[k])).toBeLessThan(1e-12 * dense[0]);
      });
    }
  });

  test("of a line of three is ((1 + 2cos 2πu/n)/3)² at periodic, ((1 + 2cos πu/n)/3)² at reflecting edges", () => {
    for (const [boundary, turn] of [
      ["periodic", 2],
      ["reflecting", 1],
    ] as const) {
      const found = blur({ kind: "motion", length: 3 }, { width: 9, height: 1, boundary }).spectrum()!;
      const expected = Float64Array.from(
        { length: 9 },
        (_, u) => ((1 + 2 * Math.cos((turn * Math.PI * u) / 9)) / 3) ** 2,
      );
      expected.sort().reverse();
      found.forEach((eigenvalue, k) => {
        expect(eigenvalue).toBeCloseTo(expected[k], 14);
      });
    }
  });
});

describe("what is wrong with a blur is named", () => {
  const size = { width: 8, height: 6 };
  test.each<readonly [string, () => unknown, string]>([
    [
      "no blur",
      () => blur(3 as never, size),
      'blur: blur must be an object such as { kind: "gaussian", sigma: 2 }, got 3',
    ],
    [
      "another kind",
      () => blur({ kind: "gausian" } as never, size),
      'blur: kind must be that of a blur, got "gausian"; did you mean gaussian?',
    ],
    [
      "no kind",
      () => blur({} as never, size),
      "blur: kind must be that of a blur, got undefined; known: gaussian, motion, defocus, kernel",
    ],
    [
      "a prototype's name",
      () => blur({ kind: "toString" } as never, size),
      'blur: kind must be that of a blur, got "toString"; known: gaussian, motion, defocus, kernel',
    ],
    [
      "a misspelt option",
      () => blur({ kind: "gaussian", sigm: 2 } as never, size),
      'blur: gaussian: unknown option "sigm"; did you mean sigma?',
    ],
    [
      "another kind's option",
      () => blur({ kind: "defocus", sigma: 2 } as never, size),
      'blur: defocus: unknown option "sigma"',
    ],
    [
      "no sigma",
      () => blur({ kind: "gaussian" } as never, size),
      "blur: sigma must be a number in (0, ∞), got undefined",
    ],
    ["sigma 0", () => blur({ kind: "gaussian", sigma: 0 }, size), "blur: sigma must lie in (0, ∞), got 0"],
    [
      "a huge sigma",
      () => blur({ kind: "gaussian", sigma: 1e9 }, size),
      "blur: the kernel has 8000000001 rows and 8000000001 columns, more than the image of 6 × 8",
    ],
    [
      "a short motion",
      () => blur({ kind: "motion", length: 0.5 }, size),
      "blur: length must lie in [1, ∞), got 0.5",
    ],
    [
      "an angle NaN",
      () => blur({ kind: "motion", length: 3, angle: Number.NaN }, size),
      "blur: angle must lie in the finite numbers, got NaN",
    ],
    [
      "a long motion",
      () => blur({ kind: "motion", length: 9 }, size),
      "blur: the kernel has 1 rows and 9 columns, more than the image of 6 × 8",
    ],
    [
      "a radius < 0",
      () => blur({ kind: "defocus", radius: -1 }, size),
      "blur: radius must lie in (0, ∞), got -1",
    ],
    [
      "an even kernel",
      () => blur({ kind: "kernel", weights: [[1, 2]] }, size),
      "blur: weights must have an odd number of rows and of columns, so that there is a middle, got 1 × 2",
    ],
    [
      "a flat kernel",
      () => blur({ kind: "kernel", weights: [1, 2, 3] }, size),
      "blur: weights must be rows of weights, got the shape 3",
    ],
    [
      "ragged rows",
      () => blur({ kind: "kernel", weights: [[1], [1, 2, 3], [1]] }, size),
      "blur: weights[1] must have 1 entries as the first row has, got 3",
    ],
    [
      "a weight NaN",
      () => blur({ kind: "kernel", weights: [[Number.NaN]] }, size),
      "blur: weights[0][0] must be finite, got NaN",
    ],
    [
      "no weight",
      () => blur({ kind: "kernel", weights: [[0, 0, 0]] }, size),
      "blur: weights must not all be 0",
    ],
    [
      "no width",
      () => blur({ kind: "gaussian", sigma: 0.5 }, { height: 3 } as never),
      "blur: width must be a number in the integers from 1, got undefined",
    ],
    [
      "half a row",
      () => blur({ kind: "gaussian", sigma: 0.5 }, { width: 8, height: 2.5 }),
      "blur: height must lie in the integers from 1, got 2.5",
    ],
    [
      "another boundary",
      () => blur({ kind: "gaussian", sigma: 0.5 }, { ...size, boundary: "zero" as never }),
      'blur: boundary must be "periodic" or "reflecting", got "zero"',
    ],
    [
      "a misspelt size",
      () => blur({ kind: "gaussian", sigma: 0.5 }, { ...size, boundry: "periodic" } as never),
      'blur: unknown option "boundry"; did you mean boundary?',
    ],
    [
      "an image of another size",
      () => blur({ kind: "gaussian", sigma: 0.5 }, size).apply(new Float64Array(40)),
      "blur: apply: image must be an image of 6 rows of 8 pixels, got 40 numbers",
    ],
    [
      "an image on its side",
      () =>
        blur({ kind: "gaussian", sigma: 0.5 }, { width: 1, height: 3, boundary: "periodic" }).adjoint([
          [1, 2, 3],
        ]),
      "blur: the kernel has 5 rows and 5 columns, more than the image of 3 × 1",
    ],
    [
      "rows and columns exchanged",
      () => blur({ kind: "defocus", radius: 0.5 }, { width: 1, height: 3 }).adjoint([[1, 2, 3]]),
      "blur: adjoint: image must be an image of 3 rows of 1 pixels, got 1 × 3 numbers",
    ],
    [
      "another precision",
      () =>
        blur({ kind: "gaussian", sigma: 0.5 }, size).apply(new Float64Array(48), {
          precision: "f16" as never,
        }),
      'blur: apply: precision must be "f64" or "f32", got "f16"',
    ],
  ])("%s", (_, call, message) => {
    expect(call).toThrow(message);
  });
});
