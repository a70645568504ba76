import { checkKeys, checkNumber, checkNumberOption } from "../core/check.ts";
import { log } from "../core/scalar.ts";

/** When a descent is perturbed, how much, and when that was in vain. */
export interface Perturbation {
  /** ‖gradient‖₂ below which a point is perturbed: ≥ 0, default 1e-4. */
  readonly gradientThreshold?: number;
  /** The radius of the ball that a perturbation is drawn from: > 0, default 1e-3. */
  readonly radius?: number;
  /** Steps from one perturbation to the next, and until it is judged: an integer ≥ 1, default 500. */
  readonly waitingSteps?: number;
  /** A perturbation after which the value has fallen by less than this has found no way down: ≥ 0, default 1e-8. */
  readonly valueThreshold?: number;
}

/** What {@link perturbation} takes. */
export interface PerturbationOptions {
  /** ℓ > 0: a Lipschitz constant of the gradient, such as the largest λmax. */
  readonly smoothness: number;
  /** ρ > 0: a Lipschitz constant of the Hessian. */
  readonly hessianLipschitz: number;
  /** ε in (0, ℓ²/ρ]: ‖gradient‖ ≤ ε and λmin ≥ −√(ρε) are wanted. */
  readonly accuracy: number;
  /** The number of parameters: an integer ≥ 1. */
  readonly dimension: number;
  /** Δf > 0: how far above its minimum the start is at most. */
  readonly gap: number;
  /** δ in (0, 1): with which probability it may fail, default 0.1. */
  readonly failure?: number;
  /** c in (0, 1], default 1: the theorem holds for all c below a constant that it does not name. */
  readonly constant?: number;
}

/**
 * The learning rate and the thresholds for which perturbed gradient descent is proved to find an ε-second-order
 * stationary point in O(ℓΔf/ε² · log⁴(dℓΔf/(ε²δ))) steps with probability 1 − δ.
 *
 * With χ = 3 max{log(dℓΔf/(cε²δ)), 4}: η = c/ℓ, r = √c/χ² · ε/ℓ, gradient threshold √c/χ² · ε, value threshold
 * c/χ³ · √(ε³/ρ), waiting time χ/c² · ℓ/√(ρε).
 *
 * @param options - the constants of the function and of the guarantee: see {@link PerturbationOptions}
 * @returns the learning rate, and the options that `perturbedDescent` takes
 * @throws TypeError or RangeError naming the argument that is unknown or outside its domain
 *
 * @example
 * ```ts
 * import { perturbation } from "thalweg";
 * const { learningRate, waitingSteps } = perturbation({
 *   smoothness: 10, hessianLipschitz: 1, accuracy: 0.01, dimension: 100, gap: 1,
 * });
 * learningRate; // 0.1
 * waitingSteps; // 5527
 * ```
 *
 * Source: Jin, Ge, Netrapalli, Kakade, Jordan, "How to escape saddle points efficiently", ICML 2017, algorithm 2 and
 * theorem 3.
 */
export function perturbation(
  options: PerturbationOptions,
): { readonly learningRate: number } & Required<Perturbation> {
  const owner = "perturbation";
  checkKeys(owner, options, [
    "smoothness",
    "hessianLipschitz",
    "accuracy",
    "dimension",
    "gap",
    "failure",
    "constant",
  ]);
  const { smoothness, hessianLipschitz, accuracy, dimension, gap, failure = 0.1, constant = 1 } = options;
  const positive = (v: number) => v > 0 && v < Infinity;
  checkNumber(owner, "smoothness", smoothness, "(0, ∞)", positive);
  checkNumber(owner, "hessianLipschitz", hessianLipschitz, "(0, ∞)", positive);
  const most = (smoothness * smoothness) / hessianLipschitz;
  checkNumber(owner, "accuracy", accuracy, "(0, smoothness²/hessianLipschitz]", (e) => e > 0 && e <= most);
  checkNumber(owner, "dimension", dimension, "the integers from 1", (d) => Number.isSafeInteger(d) && d >= 1);
  checkNumber(owner, "gap", gap, "(0, ∞)", positive);
  checkNumberOption(owner, "failure", failure, "(0, 1)", (p) => p > 0 && p < 1);
  checkNumberOption(owner, "constant", constant, "(0, 1]", (c) => c > 0 && c <= 1);
  const chi =
    3 * Math.max(log((dimension * smoothness * gap) / (constant * accuracy * accuracy * failure)), 4);
  const small = (Math.sqrt(constant) / (chi * chi)) * accuracy;
  return {
    learningRate: constant / smoothness,
    gradientThreshold: small,
    radius: small / smoothness,
    waitingSteps: Math.ceil(
      (chi / (constant * constant)) * (smoothness / Math.sqrt(hessianLipschitz * accuracy)),
    ),
    valueThreshold: (constant / (chi * chi * chi)) * accuracy * Math.sqrt(accuracy / hessianLipschitz),
  };
}
