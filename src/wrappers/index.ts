import { ema } from "./average.ts";
import { clipByGlobalNorm } from "./clip.ts";

/** Every wrapper by its name: what tests and tables loop over. */
export const wrappers = { clipByGlobalNorm, ema };

export { chain } from "./chain.ts";
export type { ChainedRule, Wrapper, WrapperReport } from "./wrapper.ts";
export { clipByGlobalNorm, ema };
