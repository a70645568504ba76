import { alsoCalled, flag, nonNegative } from "./options.ts";

// Options by which several rules say in which framework's form they are taken.

/** An ε inside the root, beside the one outside: Optax's eps_root; Keras' ε of RMSProp and Adagrad. */
export const epsilonRoot = (value = 0) => alsoCalled(nonNegative(value), "eps_root", "epsRoot");

/** Whether ε stands beside the root before its bias correction: √v + ε, not √v̂ + ε. */
export const epsilonHat = (value: boolean) => alsoCalled(flag(value), "epsilon_hat");

/** Whether moments are divided by 1 − βᵗ. */
export const biasCorrection = (value: boolean) =>
  alsoCalled(flag(value), "bias_correction", "bias_correction_mu", "bias_correction_nu", "debias");

/** Whether the learning rate is taken into the momentum's buffer, so that a change of it acts with a delay. */
export const rateInside = () => flag(false);

/** Whether weight decay acts on the parameters, not on the gradient. */
export const decoupledDecay = (value: boolean) =>
  alsoCalled(flag(value), "decoupled_weight_decay", "weight_decouple", "decouple", "decoupled");
