import type { RuleKernelName } from "../core/kernels.ts";
import { joinNorms } from "./measure.ts";
import { alsoCalled, constant, flag, nonNegative, positive } from "./options.ts";
import { defineRule, type StepContext } from "./rule.ts";
import { writeRate } from "./write-rate.ts";

const options = {
  learningRate: nonNegative(1),
  initialDistance: constant(alsoCalled(positive(1e-6), "reps_rel", "repsRel", "r_epsilon")),
  layerwise: alsoCalled(flag(false), "layerWise", "layer_wise"),
};

const measures = {
  norm: { norm: "x", when: (t: number) => t === 1 },
  distance: { norm: ["x", "start"] },
  gradientNorm: { norm: "g" },
} as const;

type DogContext = StepContext<keyof typeof measures>;

/** Renews the largest distance from the start so far, with which the carried numbers begin. */
function renewDistance(
  initialDistance: number,
  { t, measured: { norm, distance }, carried }: DogContext,
): void {
  const first = initialDistance * (1 + norm);
  carried[0] = t === 1 ? first : Math.max(carried[0], distance);
}

/** What the two rules share; they carry the distance, the root of the sum of squares, and the rate. */
const shared = {
  slots: (): "start"[] => ["start"],
  initial: () => ({ start: "parameters" }) as const,
  linear: false,
  measures,
  carries: [0, 0, 0],
  effectiveRate: (_: unknown, { carried }: { readonly carried: Float64Array }) => carried[2],
  kernel: (): RuleKernelName => "gradientDescentScaled",
} as const;

/**
 * DoG, distance over gradients: the rate is the largest distance from the start so far over the root of the sum of the
 * gradients' squares.
 *
 * r ← max(r, ‖x − x₀‖), G ← G + ‖g‖², x ← x − η(r/√G)·g; before the first step r = initialDistance·(1 + ‖x₀‖) and G = ε.
 *
 * It takes batches, and rates that fall with the noise by themselves. Average the iterates, as its authors urge: chain
 * `ema` or `polyakAverage` behind it. For an L2 penalty chain `weightDecay` ahead of it.
 *
 * @param options.learningRate - η ≥ 0, a factor of the rate, default 1
 * @param options.initialDistance - r before the first step against 1 + ‖x₀‖: > 0, default 0.000001; a number, no schedule
 * @param options.layerwise - L-DoG: each block has its own r and G, default false
 * @param options.epsilon - ε ≥ 0, default 1e-8
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { dog, minimize, quadratic } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: dog(), start: [3], steps: 1000 }).x; // ≈ [0]
 * ```
 *
 * Source: Ivgi, Hinder, Carmon, "DoG is SGD's best friend: a parameter-free dynamic step size schedule", ICML 2023,
 * equation 1, with the relative r_ε and the ε of the authors' code (`reps_rel`, `eps`); L-DoG: appendix. Optax's `dog` is the
 * same; it can also take r before the first step as it is (its init_step of "distance"), which is initialDistance·(1 + ‖x₀‖) here.
 */
export const dog = defineRule({
  ...shared,
  name: "dog",
  summary: "the distance so far over the root of the gradients' squares as the rate",
  formula: "r ← max(r, ‖x − x₀‖), G ← G + ‖g‖², x ← x − η(r/√G)·g",
  use: "you train on batches, can tune nothing, and average the iterates",
  source: "Ivgi, Hinder & Carmon 2023, equation 1",
  options: { ...options, epsilon: nonNegative(1e-8) },
  scope: (o) => (o.layerwise ? "block" : "everything"),
  advance(o, context) {
    const { t, measured, carried } = context;
    renewDistance(o.initialDistance, context);
    carried[1] = joinNorms(t === 1 ? Math.sqrt(o.epsilon) : carried[1], measured.gradientNorm);
    carried[2] = carried[1] === 0 ? 0 : o.learningRate * (carried[0] / carried[1]);
  },
  scalars(out, _, { carried }) {
    writeRate(out, carried[2]);
    out[2] = 0;
  },
  textbook: (s) => ({ x: s.x - s.carried[2] * s.g, start: s.start }),
});

/**
 * DoWG, distance over weighted gradients: as {@link dog}, with the squares of the gradients weighted by those of the distances.
 *
 * r ← max(r, ‖x − x₀‖), v ← v + r²‖g‖², x ← x − η(r²/√v)·g; before the first step r = initialDistance·(1 + ‖x₀‖) and v = 0.
 *
 * What was seen near the start, when r was small, hardly counts later: its rates are longer than those of DoG, up to the edge
 * of stability, to which they adapt. For an L2 penalty chain `weightDecay` ahead of it.
 *
 * @param options.learningRate - η ≥ 0, a factor of the rate, default 1
 * @param options.initialDistance - r before the first step against 1 + ‖x₀‖: > 0, default 0.000001; a number, no schedule
 * @param options.layerwise - each block has its own r and v, default false
 * @param options.epsilon - ε ≥ 0, added to √v, default 0 (the authors' code: 1e-4)
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { dowg, minimize, quadratic } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: dowg(), start: [3], steps: 1000 }).x; // ≈ [0]
 * ```
 *
 * Source: Khaled, Mishchenko, Jin, "DoWG unleashed: an efficient universal parameter-free gradient descent method",
 * NeurIPS 2023, algorithm 1. Departures: the first distance is relative, as DoG's; in the authors' code and Optax it is 0.01
 * (√eps), which is initialDistance·(1 + ‖x₀‖) here.
 */
export const dowg = defineRule({
  ...shared,
  name: "dowg",
  summary: "DoG with gradients weighted by the distance at which they were seen",
  formula: "r ← max(r, ‖x − x₀‖), v ← v + r²‖g‖², x ← x − η(r²/√v)·g",
  use: "you descend full gradients or large batches and can tune nothing",
  source: "Khaled, Mishchenko & Jin 2023, algorithm 1",
  options: { ...options, epsilon: nonNegative(0) },
  scope: (o) => (o.layerwise ? "block" : "everything"),
  advance(o, context) {
    const { measured, carried } = context;
    renewDistance(o.initialDistance, context);
    const distance = carried[0];
    carried[1] = joinNorms(carried[1], distance * measured.gradientNorm);
    const root = carried[1] + o.epsilon;
    carried[2] = root === 0 ? 0 : o.learningRate * distance * (distance / root);
  },
  scalars(out, _, { carried }) {
    writeRate(out, carried[2]);
    out[2] = 0;
  },
  textbook: (s) => ({ x: s.x - s.carried[2] * s.g, start: s.start }),
});
