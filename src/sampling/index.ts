// What the package exports of sampling.
export { gradientNoiseScale, type NoiseScale, type NoiseScaleOptions } from "./noise-scale.ts";
export type { Sampler, SamplerState } from "./sampler.ts";
export { type ShuffleOptions, shuffle } from "./shuffle.ts";
export { type StratifiedOptions, stratified } from "./stratified.ts";
export { type WithReplacementOptions, withReplacement } from "./with-replacement.ts";
