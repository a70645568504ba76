// What a sweep iterates: chunks of 32 registers, so many that what one waits for is hidden by the others, so few
// that they stay in the cache. A chunk is a structure of arrays; src/dynamics/maps/compiled-sweep.ts fills it.

/** Bytes of one array of a chunk. */
// @ts-ignore: decorator
@inline export const ARRAY: usize = 512;
/** Bytes of a chunk: twelve arrays. */
// @ts-ignore: decorator
@inline export const CHUNK: usize = 6144;

// The arrays, by their offsets. Behind a `load` or `store` they are immediates.
/** x, or u. */
// @ts-ignore: decorator
@inline export const X: usize = 0;
/** The velocity, or v. */
// @ts-ignore: decorator
@inline export const Y: usize = 512;
/** The product of the Jacobians: of one variable its only entry, of two the columns (A, B) and (C, D). */
// @ts-ignore: decorator
@inline export const A: usize = 1024;
// @ts-ignore: decorator
@inline export const B: usize = 1536;
// @ts-ignore: decorator
@inline export const C: usize = 2048;
// @ts-ignore: decorator
@inline export const D: usize = 2560;
/** Powers of two that were taken out of the product, as integers. */
// @ts-ignore: decorator
@inline export const EXPONENT: usize = 3072;
/** η, or what multiplies the slope. */
// @ts-ignore: decorator
@inline export const RATE: usize = 3584;
/** v ← KEEP·v + TAKE·g, x ← x − η(ALONG·v + DIRECT·g). */
// @ts-ignore: decorator
@inline export const KEEP: usize = 4096;
// @ts-ignore: decorator
@inline export const TAKE: usize = 4608;
// @ts-ignore: decorator
@inline export const ALONG: usize = 5120;
// @ts-ignore: decorator
@inline export const DIRECT: usize = 5632;

/** Bytes of the state (x, y), and of the state with the product and its exponents. */
// @ts-ignore: decorator
@inline export const STATE: usize = 1024;
// @ts-ignore: decorator
@inline export const STATE_AND_PRODUCT: usize = 3584;
