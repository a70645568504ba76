import { Random } from "../../src/core/random.ts";
import { createOptimizer, type Optimizer, type OptimizerOptions } from "../../src/descent/optimizer.ts";
import type { Rule } from "../../src/rules/rule.ts";
import {
  constant,
  cosine,
  exponential,
  join,
  linear,
  polynomial,
  repeat,
  type Schedule,
  stepDecay,
  warmup,
} from "../../src/schedules/index.ts";

/** A schedule of every kind, each still changing after some steps. */
export const everySchedule: Readonly<Record<string, Schedule>> = {
  constant: constant(0.3),
  exponential: exponential({ from: 0.5, factor: 0.9 }),
  stepDecay: stepDecay({ from: 0.5, factor: 0.5, every: 3 }),
  linear: linear({ from: 0.5, to: 0.1, steps: 20 }),
  polynomial: polynomial({ from: 0.5, to: 0, steps: 20, power: 2 }),
  cosine: cosine({ from: 0.5, to: 0.1, steps: 20 }),
  warmup: warmup(5, cosine({ from: 0.5, to: 0.1, steps: 20 })),
  repeat: repeat(4, linear({ from: 0.5, to: 0.1, steps: 4 })),
  join: join([{ steps: 4, schedule: constant(0.1) }, exponential({ from: 0.5, factor: 0.9 })]),
};

/** The forms in which parameters are given, with the groups that go with them. */
export const forms = {
  bare: { initial: [1, -2, 3, 0.5, -0.25], options: {} },
  named: { initial: { w: { shape: [3, 2], values: [1, -2, 3, -4, 5, -6] }, b: [0.5] }, options: {} },
  grouped: {
    initial: { w: { shape: [3, 2], values: [1, -2, 3, -4, 5, -6] }, f: [7, 8, 9], b: [0.5], c: [1, 2, 3] },
    options: {
      groups: [
        { blocks: "f", frozen: true },
        { blocks: "b", scale: 0.5 },
        { blocks: ["c", "w"], options: { learningRate: cosine({ from: 0.1, steps: 30 }) } },
      ],
    },
  },
} as const satisfies Record<string, { initial: unknown; options: OptimizerOptions }>;

export type Form = keyof typeof forms;

const arrays = (views: object): Float64Array[] =>
  ArrayBuffer.isView(views) ? [views as Float64Array] : Object.values(views);

/** An optimizer of parameters in the given form. */
export function make(rule: Rule, form: Form, precision: "f64" | "f32"): Optimizer<never> {
  const { initial, options } = forms[form];
  return createOptimizer(rule, initial as never, { ...options, precision });
}

/** Takes one step with a gradient that follows from the parameters, the seed and the step asked for. */
export function advance(optimizer: Optimizer<never>, seed: number, index: number): void {
  const random = new Random(seed, index);
  const gradients = arrays(optimizer.gradient as object);
  arrays(optimizer.parameters as object).forEach((x, k) => {
    for (let i = 0; i < x.length; i++) gradients[k][i] = 0.3 * x[i] + random.normal();
  });
  optimizer.step({
    value: 1 + random.uniform(),
    hessianVectorProduct(v, product) {
      const products = arrays(product as object);
      arrays(v as object).forEach((entries, k) => {
        products[k].set(entries.map((entry) => 0.3 * entry));
      });
    },
  });
}

/** Whether two arrays of bytes are alike. */
export const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;
