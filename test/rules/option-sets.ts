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
    { momentum: 0.85, nesterov: true },
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
    decayed,
    { maximize: true },
    { learningRate: 0.1, learningRateDecay: 0.1, initialAccumulator: 0.1, epsilon: 1e-4, ...decayed },
  ],
  rmsprop: [
    {},
    { decay: 0.85 },
    { epsilon: 0 },
    { momentum: 0.85 },
    { centered: true },
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
  ],
  lion: [{}, { beta1: 0.5 }, { beta2: 0.9 }, decayed, { maximize: true }, { learningRate: 0.01, ...decayed }],
  adam: [{}, { beta1: 0, beta2: 0 }, { epsilon: 0 }, { amsgrad: true }, decayed, everyMoment],
  amsgrad: [{}, { beta1: 0, beta2: 0 }, { epsilon: 0 }, decayed, everyMoment],
  adamw: [{}, { beta1: 0, beta2: 0 }, { epsilon: 0 }, { amsgrad: true }, decayed, everyMoment],
};
