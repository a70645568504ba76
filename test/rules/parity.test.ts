import { describe, expect, test } from "vitest";
import type { Precision } from "../../src/core/precision.ts";
import { Random } from "../../src/core/random.ts";
import { pow } from "../../src/core/scalar.ts";
import { type RuleName, ruleNames, rules } from "../../src/rules/index.ts";
import type { AnyRuleFactory, Rule } from "../../src/rules/rule.ts";
import { Driver, Textbook } from "./drive.ts";
import { type OptionSet, optionSets } from "./option-sets.ts";

const STEPS = 200;
const LENGTHS = [...Array.from({ length: 70 }, (_, i) => i + 1), 1000];
const LONGEST = 1000;
const tolerance = { f64: 1e-13, f32: 1e-6 } as const;
/** Rules that have a row of their own. */
const rows: readonly RuleName[] = ["adagrad", "rmsprop", "adam", "amsgrad", "momentum"];

interface Inputs {
  readonly start: Float64Array;
  readonly gradients: readonly Float64Array[];
}

/** Starts, and gradients whose coordinates differ in scale from 1e-6 to 1e3, as the precision holds them. */
function inputs(precision: Precision): Inputs {
  const random = new Random(20_250);
  const held = (values: Float64Array) =>
    precision === "f64" ? values : Float64Array.from(Float32Array.from(values));
  const normals = () => Float64Array.from({ length: LONGEST }, () => random.normal());
  const scales = Float64Array.from({ length: LONGEST }, () => pow(10, -6 + 9 * random.uniform()));
  const start = held(normals());
  return {
    start,
    gradients: Array.from({ length: STEPS }, () => held(normals().map((z, i) => z * scales[i]))),
  };
}

/**
 * In f32, options on a grid of 2⁻¹²: then coefficients such as 1 − β₂ and 1 − η·weightDecay are held
 * exactly, and what is compared is the arithmetic. (0.999 is off by 1e-8 in f32, and as a factor of each
 * step that alone exceeds 1e-6 in 200; PyTorch pays the same.)
 */
function heldExactly(name: RuleName, options: OptionSet, precision: Precision): OptionSet {
  if (precision === "f64") return options;
  const grid = (value: number) => Math.round(value * 4096) / 4096 || Math.fround(value);
  const declared = (rules[name] as AnyRuleFactory).declaration.options as Record<
    string,
    { default: number | boolean }
  >;
  return Object.fromEntries(
    Object.keys(declared).map((option) => {
      const value = options[option] ?? declared[option].default;
      return [option, typeof value === "number" ? grid(value) : value];
    }),
  );
}

/** The textbook's parameters after each step, the start first. */
function reference(rule: Rule, precision: Precision, given: Inputs, length: number): Float64Array[] {
  const textbook = new Textbook(rule, precision, given.start.subarray(0, length));
  return [
    textbook.x.slice(),
    ...given.gradients.map((gradient) => {
      textbook.step(gradient.subarray(0, length));
      return textbook.x.slice();
    }),
  ];
}

/** The largest error of any parameter: max |difference| over the steps, over max |reference|. */
function worstError(
  driver: Driver,
  expected: readonly Float64Array[],
  gradients: readonly Float64Array[],
): number {
  const { length } = driver.x;
  const difference = new Float64Array(length);
  const size = expected[0].subarray(0, length).map(Math.abs);
  gradients.forEach((gradient, k) => {
    driver.step(gradient.subarray(0, length));
    for (let i = 0; i < length; i++) {
      const error = Math.abs(driver.x[i] - expected[k + 1][i]);
      difference[i] = error >= 0 ? Math.max(difference[i], error) : Infinity;
      size[i] = Math.max(size[i], Math.abs(expected[k + 1][i]));
    }
  });
  return difference.reduce((worst, error, i) => Math.max(worst, error / size[i]), 0);
}

for (const precision of ["f64", "f32"] as const) {
  describe(precision, () => {
    const given = inputs(precision);
    for (const name of ruleNames) {
      const row = rows.includes(name) ? `[${name}] ` : "";
      for (const options of optionSets[name]) {
        test(`${row}${name} ${JSON.stringify(options)} follows its definition at every length`, () => {
          const rule = (rules[name] as AnyRuleFactory)(heldExactly(name, options, precision));
          const apart = rule.declaration.measures === undefined;
          const whole = apart ? reference(rule, precision, given, LONGEST) : [];
          let worst = 0;
          for (const length of LENGTHS) {
            const driver = new Driver(rule, precision, given.start.subarray(0, length));
            const expected = apart ? whole : reference(rule, precision, given, length);
            worst = Math.max(worst, worstError(driver, expected, given.gradients));
            for (const padding of driver.padding) expect(padding.every((value) => value === 0)).toBe(true);
            driver.dispose();
          }
          expect(worst).toBeLessThan(tolerance[precision]);
        });
      }
    }
  });
}
