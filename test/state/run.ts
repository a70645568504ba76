import { Random } from "../../src/core/random.ts";
import { createOptimizer, type Optimizer, type OptimizerOptions } from "../../src/descent/optimizer.ts";
import type { Rule } from "../../src/rules/rule.ts";
import {
  chebyshev,
  constant,
  cosine,
  cosineAnnealing,
  cosineDecay,
  cosineRestarts,
  cyclic,
  exponential,
  exponentialDecay,
  inverseSquareRoot,
  inverseTime,
  join,
  linear,
  multiStep,
  noam,
  oneCycle,
  piecewiseConstant,
  piecewiseInterpolate,
  polynomial,
  polynomialCycle,
  product,
  reduceOnPlateau,
  repeat,
  rex,
  type Schedule,
  sigmoidDecay,
  silver,
  silverStronglyConvex,
  stepDecay,
  tanhDecay,
  warmup,
  warmupFrom,
  wsd,
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
  reduceOnPlateau: reduceOnPlateau({ rate: 0.5, factor: 0.5, patience: 1 }),
  product: product([0.5, exponential({ from: 0.5, factor: 0.9 })]),
  exponentialDecay: exponentialDecay({ from: 0.5, factor: 0.5, every: 4, delay: 2, to: 0.1 }),
  multiStep: multiStep({ from: 0.5, factor: 0.5, milestones: [3, 6, 9] }),
  piecewiseConstant: piecewiseConstant({ boundaries: [3, 6], values: [0.5, 0.3, 0.1] }),
  piecewiseInterpolate: piecewiseInterpolate({ boundaries: [3, 16], values: [0.1, 0.5, 0.1] }),
  polynomialCycle: polynomialCycle({ from: 0.5, to: 0.1, steps: 5 }),
  cosineDecay: cosineDecay({ from: 0.5, to: 0.1, steps: 20, power: 2 }),
  cosineAnnealing: cosineAnnealing({ from: 0.5, to: 0.1, steps: 5 }),
  cosineRestarts: cosineRestarts({ from: 0.5, to: 0.1, steps: 3, lengthFactor: 2 }),
  inverseTime: inverseTime({ from: 0.5, rate: 0.5 }),
  inverseSquareRoot: inverseSquareRoot({ from: 0.5, timescale: 4 }),
  noam: noam({ width: 4, warmup: 5 }),
  rex: rex({ from: 0.5, steps: 20 }),
  tanhDecay: tanhDecay({ from: 0.5, steps: 20 }),
  sigmoidDecay: sigmoidDecay({ from: 0.5, middle: 8, width: 2 }),
  oneCycle: oneCycle({ peak: 0.5, steps: 20 }),
  cyclic: cyclic({ from: 0.1, peak: 0.5, up: 3, mode: "triangular2" }),
  wsd: wsd({ peak: 0.5, warmup: 3, stable: 5, decay: 9 }),
  warmupFrom: warmupFrom({ from: 0.1, steps: 5, shape: "cosine" }, rex({ from: 0.5, steps: 20 })),
  chebyshev: chebyshev({ lambdaMax: 20, lambdaMin: 2, steps: 7 }),
  silver: silver({ lambdaMax: 20 }),
  silverStronglyConvex: silverStronglyConvex({ lambdaMax: 20, lambdaMin: 2, steps: 8 }),
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

/** Takes one step with a gradient that follows from the parameters, the seed and the step asked for, and tells of it. */
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
  optimizer.observe(random.normal());
}

/** Whether two arrays of bytes are alike. */
export const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;
