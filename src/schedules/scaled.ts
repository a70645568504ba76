import { pow } from "../core/scalar.ts";

/** from·factorᵏ, where 0 stays 0 even if the power overflows. */
export const scaled = (from: number, factor: number, k: number): number =>
  from === 0 ? 0 : from * pow(factor, k);
