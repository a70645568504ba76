import { accumulate } from "./accumulate.ts";
import { adaptiveClip } from "./adaptive-clip.ts";
import { ema, polyakAverage, swa } from "./average.ts";
import { cautious } from "./cautious.ts";
import { centralizeGradient } from "./centralize.ts";
import { clipByGlobalNorm, clipByNorm, clipByValue } from "./clip.ts";
import { lookahead } from "./lookahead.ts";
import { mechanic } from "./mechanic.ts";
import { gradientNoise } from "./noise.ts";
import { projectBall, projectBox, projectSimplex } from "./project.ts";
import { skipNonFinite } from "./skip-non-finite.ts";
import { weightDecay } from "./weight-decay.ts";

/**
 * Every wrapper by its name: what tests and tables loop over.
 *
 * @example
 * ```ts
 * import { wrappers } from "thalweg";
 * wrappers.ema.declaration.options.decay.default; // 0.999
 * ```
 */
export const wrappers = {
  skipNonFinite,
  accumulate,
  weightDecay,
  clipByValue,
  clipByNorm,
  clipByGlobalNorm,
  adaptiveClip,
  centralizeGradient,
  gradientNoise,
  cautious,
  lookahead,
  mechanic,
  projectBox,
  projectBall,
  projectSimplex,
  ema,
  swa,
  polyakAverage,
};

export { chain } from "./chain.ts";
export type { BlockMask } from "./mask.ts";
export type {
  AnyWrapperDeclaration,
  ChainedRule,
  Wrapper,
  WrapperDeclaration,
  WrapperFactory,
  WrapperInput,
  WrapperReport,
} from "./wrapper.ts";
export {
  accumulate,
  adaptiveClip,
  cautious,
  centralizeGradient,
  clipByGlobalNorm,
  clipByNorm,
  clipByValue,
  ema,
  gradientNoise,
  lookahead,
  mechanic,
  polyakAverage,
  projectBall,
  projectBox,
  projectSimplex,
  skipNonFinite,
  swa,
  weightDecay,
};
