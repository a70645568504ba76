import { expect, test } from "vitest";
import type { Precision } from "../../src/core/precision.ts";
import { Random } from "../../src/core/random.ts";
import { pow } from "../../src/core/scalar.ts";
import { type RuleName, ruleNames, rules } from "../../src/rules/index.ts";
import type { NumberOption, OptionDeclarations } from "../../src/rules/options.ts";
import type { AnyRuleDeclaration, AnyRuleFactory, Rule } from "../../src/rules/rule.ts";
import { Driver, type Inputs, Textbook } from "./drive.ts";
import { makeRule, mixing, type OptionSet, optionSetsOf } from "./every-rule.ts";

const STEPS = 200;
const LONGEST = 1000;
/** Blocks of one axis, around the widths of registers and of unrolled loops. */
const VECTORS = Array.from({ length: 70 }, (_, i) => [i + 1]);
/** Fewer of them, for rules whose reference is another at every length, since they measure. */
const MEASURED = [...Array.from({ length: 9 }, (_, i) => [i + 1]), [15], [16], [17], [33], [70], [257]];
/** Blocks for rules that take them as matrices: one row, one column, wide, tall, square, of three axes. */
const MATRICES = [
  ...[[1], [2], [5], [16], [1, 9], [9, 1], [2, 3], [3, 2], [4, 4], [5, 7], [7, 5], [8, 16], [17, 6]],
  ...[
    [3, 2, 4],
    [12, 17],
  ],
];
const tolerance = { f64: 1e-13, f32: 1e-6 } as const;
/** Rules that keep rounding for longer than the bounds allow, or make it larger than it was, and how much of it x may have. */
const amplified: Readonly<Partial<Record<RuleName, Readonly<Partial<Record<Precision, number>>>>>> = {
  // A momentum that goes to 1, or is 0.99, sums what the velocity was rounded by over a hundred steps: 1.1e-6, 1.4e-6.
  nesterov: { f32: 2e-6 },
  aggmo: { f32: 2e-6 },
  // x(1 − λη) is rounded by itself, as in PyTorch: by up to 6e-8 a step, and always to one side where x hardly moves: 1.5e-5.
  asgd: { f32: 2e-5 },
  // What is won or lost by the rounding of x goes into the next bet: 1.8e-6.
  cocob: { f32: 3e-6 },
  // A rate that is a quotient of sums over x − x′ inherits what x and x′ were rounded by, and every later step with it: 1.0e-6.
  barzilaiBorwein: { f32: 2e-6 },
  // Where m passes 0, γh divides what rounding has left of it, and γ is small: 3.1e-6.
  sophia: { f32: 5e-6 },
  // One large gradient is multiplied by β₂ again and again and rounded each time, for hundreds of steps, as in PyTorch: 1.9e-6.
  adamax: { f32: 3e-6 },
  // Five Newton–Schulz iterations multiply small singular values by 3.4445⁵ = 485, and their rounding with them.
  muon: { f32: 4.4e-6 },
  // Inverse roots of directions that had little gradient, over those of directions that had much: (λmax/ε)^(1/4), and for a row ^(1/2).
  shampoo: { f32: 1.4e-5 },
  // Eigenvectors turn by the rounding of the statistics over the gaps of their eigenvalues.
  soap: { f64: 2.4e-13, f32: 4.2e-6 },
  // A momentum that goes to 1 sums what the step was rounded by: 2.7e-6. A step that a bound ends is the distance to it, from a point
  // that was rounded two hundred times, and the momentum multiplies that at each bound that is met: 9.3e-5.
  fista: { f32: 2e-4 },
};
/** Rules that have a row of their own. */
const rows: readonly RuleName[] = ["adagrad", "rmsprop", "adam", "amsgrad", "momentum"];

interface Course {
  readonly start: Float64Array;
  readonly gradients: readonly Float64Array[];
  /** For rules that take more than the gradient: values above 0, and diagonals of both signs. */
  readonly values: readonly number[];
  readonly diagonals: readonly Float64Array[];
}

/** Starts, and gradients whose coordinates differ in scale, between powers of 10, as the precision holds them. */
function course(precision: Precision, [lowest, highest]: readonly [number, number]): Course {
  const random = new Random(20_250);
  const held = (values: Float64Array) =>
    precision === "f64" ? values : Float64Array.from(Float32Array.from(values));
  const normals = () => Float64Array.from({ length: LONGEST }, () => random.normal());
  const scales = Float64Array.from({ length: LONGEST }, () =>
    pow(10, lowest + (highest - lowest) * random.uniform()),
  );
  const start = held(normals());
  const scaled = () => Array.from({ length: STEPS }, () => held(normals().map((z, i) => z * scales[i])));
  const gradients = scaled();
  return {
    start,
    gradients,
    values: Array.from({ length: STEPS }, () => 1 + random.uniform()),
    diagonals: scaled(),
  };
}

/** What the k-th step of a block of some length takes. */
const inputsOf = ({ values, diagonals }: Course, k: number, length: number): Inputs => ({
  value: values[k],
  diagonal: diagonals[k].subarray(0, length),
});

/**
 * In f32, options on a grid of 2⁻¹² (2⁻²⁰ where that would leave their domain): then coefficients such as 1 − β₂ and 1 − η·weightDecay are held
 * exactly, and what is compared is the arithmetic. (0.999 is off by 1e-8 in f32, and as a factor of each
 * step that alone exceeds 1e-6 in 200; PyTorch pays the same.)
 */
function heldExactly(name: RuleName, options: OptionSet, precision: Precision): OptionSet {
  if (precision === "f64") return options;
  const nearest = (value: number, unit: number) => Math.round(value / unit) * unit;
  const grid = (option: string, declared: NumberOption, value: number) => {
    const coarse = nearest(value, 2 ** -12);
    if (!declared.contains(coarse)) return nearest(value, 2 ** -20);
    // As a factor of η it has to be on the grid; other small numbers stand by themselves.
    const least = option === "weightDecay" ? 2 ** -12 : Math.fround(value);
    return coarse === 0 && value !== 0 ? least : coarse;
  };
  const declared = (rules[name] as AnyRuleFactory).declaration.options as OptionDeclarations;
  return Object.fromEntries(
    Object.entries(declared).map(([option, one]) => {
      const value = options[option] ?? one.default;
      return [option, one.kind === "number" ? grid(option, one, value as number) : value];
    }),
  );
}

const lengthOf = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1);

/** The textbook's parameters after each step, the start first. */
function reference(
  rule: Rule,
  precision: Precision,
  given: Course,
  shape: readonly number[],
): Float64Array[] {
  const length = lengthOf(shape);
  const textbook = new Textbook(rule, precision, given.start.subarray(0, length), shape);
  return [
    textbook.x.slice(),
    ...given.gradients.map((gradient, k) => {
      textbook.step(gradient.subarray(0, length), inputsOf(given, k, length));
      return textbook.x.slice();
    }),
  ];
}

/** The largest error of any parameter: max |difference| over the steps, over max |reference|. */
function worstError(driver: Driver, expected: readonly Float64Array[], given: Course): number {
  const { length } = driver.x;
  const difference = new Float64Array(length);
  const size = expected[0].subarray(0, length).map(Math.abs);
  given.gradients.forEach((gradient, k) => {
    driver.step(gradient.subarray(0, length), inputsOf(given, k, length));
    for (let i = 0; i < length; i++) {
      const error = Math.abs(driver.x[i] - expected[k + 1][i]);
      difference[i] = error >= 0 ? Math.max(difference[i], error) : Infinity;
      size[i] = Math.max(size[i], Math.abs(expected[k + 1][i]));
    }
  });
  return difference.reduce((worst, error, i) => Math.max(worst, error / size[i]), 0);
}

/** The shapes on which a rule is tested, and whether its parameters go their ways apart from one another. */
function shapesOf({ measures, needs, textbook, slotShapes }: AnyRuleDeclaration, isLong: boolean) {
  if (textbook === undefined || slotShapes !== undefined) return { shapes: MATRICES, apart: false };
  const apart = measures === undefined && needs?.diagonalRun === undefined;
  if (!apart) return { shapes: MEASURED, apart };
  return { shapes: isLong ? [...VECTORS, [LONGEST]] : VECTORS, apart };
}

/** Tests that every rule follows its textbook in a precision; the longest block with the first and the last of its option sets. */
export function testParity(precision: Precision): void {
  const courses = { spread: course(precision, [-6, 3]), even: course(precision, [0, 0]) };
  for (const name of ruleNames) {
    const row = rows.includes(name) ? `[${name}] ` : "";
    const sets = optionSetsOf(name);
    sets.forEach((options, k) => {
      test(`${row}${name} ${JSON.stringify(options)} follows its definition at every length`, () => {
        const rule = makeRule(name, heldExactly(name, options, precision));
        const given = mixing.has(name) ? courses.even : courses.spread;
        const { shapes, apart } = shapesOf(rule.declaration, k === 0 || k === sets.length - 1);
        const whole = apart ? reference(rule, precision, given, shapes[shapes.length - 1]) : [];
        let worst = 0;
        for (const shape of shapes) {
          const start = given.start.subarray(0, lengthOf(shape));
          const driver = new Driver(rule, precision, start, shape);
          const expected = apart ? whole : reference(rule, precision, given, shape);
          worst = Math.max(worst, worstError(driver, expected, given));
          for (const padding of driver.padding) expect(padding.every((value) => value === 0)).toBe(true);
          driver.dispose();
        }
        expect(worst).toBeLessThan(amplified[name]?.[precision] ?? tolerance[precision]);
      });
    });
  }
}
