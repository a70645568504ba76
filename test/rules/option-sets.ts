import type { RuleName } from "../../src/rules/index.ts";
import type { OptionSet } from "./every-rule.ts";

const decayed = { weightDecay: 0.05 };
const everyMoment = {
  learningRate: 0.01,
  beta1: 0.7,
  beta2: 0.95,
  epsilon: 1e-4,
  weightDecay: 0.1,
  maximize: true,
};

const everySwitch = { epsilonRoot: 1e-3, epsilonHat: true, biasCorrection: true, correctionFirst: true };
const everyAdam: readonly OptionSet[] = [
  {},
  { beta1: 0, beta2: 0 },
  { epsilon: 0 },
  { epsilonRoot: 1e-3 },
  { epsilonHat: true },
  { biasCorrection: false },
  decayed,
  everyMoment,
];

/**
 * Options under which some rules are tested: the defaults, every option alone, and some together. Rules that are not
 * here are tested with every option moved away from its default: see every-rule.ts.
 */
export const optionSets: Readonly<Partial<Record<RuleName, readonly OptionSet[]>>> = {
  gradientDescent: [{}, { learningRate: 1e-3 }],
  sgd: [
    {},
    decayed,
    { maximize: true },
    { dampening: 0.3 },
    { momentum: 0.85 },
    { momentum: 0.85, maximize: true },
    { momentum: 0.85, ...decayed },
    { momentum: 0.85, dampening: 0.3 },
    { momentum: 0.85, dampening: 0.3, dampenFirst: true },
    { momentum: 0.85, nesterov: true },
    { rateInside: true },
    { momentum: 0.85, rateInside: true },
    { momentum: 0.85, nesterov: true, rateInside: true, ...decayed, maximize: true },
    { learningRate: 1e-4, momentum: 0.9, dampening: 0.3, ...decayed, maximize: true },
    { learningRate: 1e-4, momentum: 0.9, nesterov: true, ...decayed, maximize: true },
  ],
  momentum: [{}, { learningRate: 1e-3, beta: 0.5 }, { beta: 0 }],
  normalizedGradient: [{}, { learningRate: 0.5 }],
  signDescent: [{}, { learningRate: 1e-3 }],
  adagrad: [
    {},
    { learningRateDecay: 0.01 },
    { initialAccumulator: 0.1 },
    { epsilon: 0 },
    { epsilonRoot: 1e-7, epsilon: 0 },
    decayed,
    { maximize: true },
    { learningRate: 0.1, learningRateDecay: 0.1, initialAccumulator: 0.1, epsilon: 1e-4, ...decayed },
  ],
  rmsprop: [
    {},
    { decay: 0.85 },
    { epsilon: 0 },
    { epsilonRoot: 1e-3 },
    { initialAccumulator: 0.1 },
    { biasCorrection: true },
    { rateInside: true },
    { momentum: 0.85 },
    { momentum: 0.85, rateInside: true },
    { centered: true },
    { centered: true, epsilonRoot: 0.01, epsilon: 0 },
    { learningRate: 1e-4, ...decayed },
    { maximize: true },
    {
      learningRate: 1e-3,
      decay: 0.9,
      epsilon: 0.01,
      momentum: 0.5,
      centered: true,
      weightDecay: 1e-3,
      maximize: true,
    },
    {
      learningRate: 1e-3,
      decay: 0.9,
      epsilonRoot: 0.01,
      initialAccumulator: 0.5,
      momentum: 0.5,
      rateInside: true,
      centered: true,
      weightDecay: 1e-3,
      maximize: true,
    },
    { epsilonRoot: 1e-3, initialAccumulator: 0.5, biasCorrection: true, momentum: 0.5, rateInside: true },
  ],
  lion: [{}, { beta1: 0.5 }, { beta2: 0.9 }, decayed, { maximize: true }, { learningRate: 0.01, ...decayed }],
  adam: [
    ...everyAdam,
    { amsgrad: true },
    { amsgrad: true, correctionFirst: true },
    { amsgrad: true, ...everySwitch, ...everyMoment },
  ],
  amsgrad: [...everyAdam, { correctionFirst: true }, { ...everySwitch, ...everyMoment }],
  adamax: [
    {},
    { beta1: 0, beta2: 0 },
    { epsilon: 0 },
    { epsilonOutside: true },
    decayed,
    everyMoment,
    { epsilonOutside: true, ...everyMoment },
  ],
  ademamix: [
    {},
    { alpha: 0 },
    { alphaWarmup: 60, beta3Warmup: 90 },
    { beta1: 0, beta2: 0, beta3: 0, beta3Warmup: 10 },
    { epsilon: 0 },
    { epsilonRoot: 1e-3 },
    { ...everyMoment, beta3: 0.99, alpha: 2, alphaWarmup: 250, beta3Warmup: 250, epsilonRoot: 1e-3 },
  ],
  adamw: [
    ...everyAdam,
    { independentDecay: true },
    { amsgrad: true },
    { amsgrad: true, ...everySwitch, independentDecay: true, ...everyMoment },
  ],
};
