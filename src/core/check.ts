import { describe, didYouMean } from "./describe.ts";
import type { Numbers, Precision } from "./precision.ts";

const plainTags = ["[object Object]", "[object Module]"];

/** Throws unless `options` is an object of named values: not an array, a Promise, a Map or the like. */
export function checkOptions(owner: string, options: unknown): asserts options is object {
  const isObject = typeof options === "object" && options !== null;
  if (isObject && plainTags.includes(Object.prototype.toString.call(options))) return;
  throw new TypeError(`${owner}: options must be an object, got ${describe(options)}`);
}

/** Throws unless every key of an options object is known. */
export function checkKeys(owner: string, options: unknown, known: readonly string[]): void {
  checkOptions(owner, options);
  for (const key of Object.keys(options)) {
    if (!known.includes(key))
      throw new TypeError(`${owner}: unknown option "${key}"${didYouMean(key, known)}`);
  }
}

/** Throws unless `values` is an array or typed array of finite numbers, of `length` where given. */
export function checkVector(
  owner: string,
  name: string,
  values: unknown,
  length?: number,
): asserts values is Numbers {
  const isView = ArrayBuffer.isView(values) && !(values instanceof DataView);
  if (!Array.isArray(values) && !isView) {
    throw new TypeError(`${owner}: ${name} must be an array of numbers, got ${describe(values)}`);
  }
  const entries = values as Numbers;
  if (length !== undefined && entries.length !== length) {
    throw new RangeError(`${owner}: ${name} must have ${length} entries, got ${entries.length}`);
  }
  if (entries.length === 0) throw new RangeError(`${owner}: ${name} must not be empty`);
  for (let i = 0; i < entries.length; i++) {
    const entry: unknown = entries[i];
    if (typeof entry !== "number") {
      throw new TypeError(`${owner}: ${name}[${i}] must be a number, got ${describe(entry)}`);
    }
    if (!Number.isFinite(entry)) throw new RangeError(`${owner}: ${name}[${i}] must be finite, got ${entry}`);
  }
}

/** Throws unless `value` is a number for which `contains` holds. */
export function checkNumber(
  owner: string,
  name: string,
  value: unknown,
  domain: string,
  contains: (value: number) => boolean,
): asserts value is number {
  if (typeof value !== "number") {
    throw new TypeError(`${owner}: ${name} must be a number in ${domain}, got ${describe(value)}`);
  }
  if (!contains(value)) throw new RangeError(`${owner}: ${name} must lie in ${domain}, got ${value}`);
}

/** Throws unless `value` is undefined or a number for which `contains` holds. */
export function checkNumberOption(
  owner: string,
  name: string,
  value: unknown,
  domain: string,
  contains: (value: number) => boolean,
): asserts value is number | undefined {
  if (value !== undefined) checkNumber(owner, name, value, domain, contains);
}

/** Throws unless `value` is undefined, true or false. */
export function checkFlag(owner: string, name: string, value: unknown): asserts value is boolean | undefined {
  if (value === undefined || typeof value === "boolean") return;
  throw new TypeError(`${owner}: ${name} must be true or false, got ${describe(value)}`);
}

/** Throws unless `value` is undefined or a finite number ≥ 0. */
export function checkTolerance(owner: string, name: string, value: unknown): void {
  checkNumberOption(owner, name, value, "[0, ∞)", (v) => v >= 0 && v < Infinity);
}

/** Throws unless `value` is undefined or an integer ≥ `least`, or ∞ where that is allowed. */
export function checkCount(owner: string, name: string, value: unknown, least = 0, orInfinite = false): void {
  const domain = orInfinite ? `the integers from ${least}, or Infinity` : `the integers from ${least}`;
  checkNumberOption(
    owner,
    name,
    value,
    domain,
    (v) => (Number.isSafeInteger(v) && v >= least) || (orInfinite && v === Infinity),
  );
}

/** Throws unless `seed` is an integer in [0, 2⁵³). */
export function checkSeed(owner: string, seed: unknown): asserts seed is number {
  if (Number.isSafeInteger(seed) && (seed as number) >= 0) return;
  throw new RangeError(`${owner}: seed must be an integer in [0, 2^53), got ${describe(seed)}`);
}

/** Throws unless `value` is undefined, "f64" or "f32". */
export function checkPrecision(owner: string, value: unknown): asserts value is Precision | undefined {
  if (value !== undefined && value !== "f64" && value !== "f32") {
    throw new TypeError(`${owner}: precision must be "f64" or "f32", got ${describe(value)}`);
  }
}

/** Throws if a user's function returned a promise: what it computes would come too late. */
export function refusePromise(name: string, returned: unknown): void {
  if (typeof returned !== "object" || returned === null || !("then" in returned)) return;
  if (typeof returned.then !== "function") return;
  // Should it fail on top, that must not end the process: the mistake is told below.
  Promise.resolve(returned).catch(() => {});
  throw new TypeError(
    `${name} must be synchronous, but it returned a Promise: wait for what it needs before`,
  );
}

/** Throws unless a user's function returned a number. */
export function checkNumberReturned(name: string, returned: unknown): asserts returned is number {
  if (typeof returned === "number") return;
  refusePromise(name, returned);
  throw new TypeError(`${name} must return a number, got ${describe(returned)}`);
}

/**
 * Throws where a function that is to write into its second argument takes one only, as `([x]) => 2 * x` does: what it returns
 * would be lost, and what it was to write would stay zero.
 */
export function checkTakesTarget(name: string, given: unknown): void {
  if (typeof given !== "function" || given.length !== 1) return;
  throw new TypeError(`${name} must take two arguments and write into the second, but it takes one only`);
}

/**
 * Throws where a function that should have written into `target` returned something of its own: what it was to write
 * would stay zero.
 *
 * @param place - which of its arguments the target is, in words
 */
export function checkWritten(name: string, returned: unknown, target: object, place = "last"): void {
  if (typeof returned !== "object" || returned === null || returned === target) return;
  refusePromise(name, returned);
  throw new TypeError(`${name} must write into its ${place} argument, but it returned ${describe(returned)}`);
}
