import { type ArrayInput, readArray } from "../../core/array-input.ts";
import { checkCount, checkKeys, checkNumber, checkPrecision } from "../../core/check.ts";
import { isRange, type NumberRange, readRange } from "../../core/number-range.ts";
import type { Numbers, Precision, RealArray } from "../../core/precision.ts";
import type { DynamicalMap, MapParameter } from "./map.ts";

/** Which lanes a sweep has, and how they are run. Where one of three is an array, the others have as many entries or one. */
export interface SweepOptions {
  /** The rate of each lane: a learning rate, or the parameter of another map; default that of the map's rule. */
  readonly rates?: number | ArrayInput | NumberRange;
  /** The momentum of each lane, of rules that have one; default that of the map's rule. */
  readonly momenta?: number | ArrayInput | NumberRange;
  /** Where each lane begins, default the map's start: a number, or as many numbers as the map has coordinates; an array or rows of these. */
  readonly starts?: number | ArrayInput;
  /** Steps before anything is looked at: an integer ≥ 0, default 1000. */
  readonly burnIn?: number;
  /** A lane has escaped once a coordinate is beyond this in magnitude, or not finite: > 0, default 1e6. */
  readonly bound?: number;
  /** The element type, default "f64"; "f32" is twice as fast. */
  readonly precision?: Precision;
}

/** Names of the options of {@link SweepOptions}. */
const sweepOptionNames = ["rates", "momenta", "starts", "burnIn", "bound", "precision"] as const;

/** The lanes of a sweep, one entry each; starts are rows of coordinates. */
export interface Lanes {
  readonly count: number;
  readonly rates: Float64Array;
  readonly momenta: Float64Array;
  readonly starts: Float64Array;
  readonly burnIn: number;
  readonly bound: number;
  readonly precision: Precision;
}

/** What is looked at after the burn-in. */
export interface SweepRequest {
  /** Steps whose points are kept. */
  readonly keep?: number;
  /** Steps whose Jacobians are multiplied. */
  readonly multiply?: number;
}

/** What a sweep found, lane by lane. */
export interface SweepOutcome {
  /** The kept points: a row of `keep` points a lane; NaN from where it escaped. */
  readonly values: RealArray;
  /** The step at which the lane escaped: 0 for the start, −1 if it did not. */
  readonly escapes: Int32Array;
  /** The largest Lyapunov exponent; NaN where the lane escaped. */
  readonly exponents: Float64Array;
}

/** Steps that one sweep may take: they are counted in 32 bits. */
const MOST_STEPS = 2 ** 31 - 1;

/** Throws unless `value` is undefined or a number of steps from `least` on. */
export function checkSteps(owner: string, name: string, value: unknown, least: number): void {
  checkCount(owner, name, value, least);
  checkNumber(owner, name, value ?? least, `[${least}, 2^31)`, (v) => v <= MOST_STEPS);
}

function readParameter(owner: string, name: string, input: unknown, parameter: MapParameter): Numbers {
  if (typeof input === "number") {
    checkNumber(owner, name, input, parameter.domain, parameter.contains);
    return [input];
  }
  const values = isRange(input) ? readRange(owner, name, input) : readArray(owner, name, input).values;
  for (let i = 0; i < values.length; i++) {
    // The name of an entry is put together only where it is told: there are thousands.
    if (parameter.contains(values[i])) continue;
    checkNumber(owner, `${name}[${i}]`, values[i], parameter.domain, parameter.contains);
  }
  return values;
}

function readRates(owner: string, map: DynamicalMap, input: unknown): Numbers {
  const { rate } = map;
  if (input !== undefined) return readParameter(owner, "rates", input, rate);
  if (rate.default !== undefined) return [rate.default];
  throw new TypeError(`${owner}: rates is needed: ${map.name} has no rate of its own`);
}

function readMomenta(owner: string, map: DynamicalMap, input: unknown): Numbers {
  const { momentum } = map;
  if (input === undefined) return [momentum?.default ?? Number.NaN];
  if (!momentum) throw lacksMomentum(owner, "momenta", map);
  return readParameter(owner, "momenta", input, momentum);
}

const lacksMomentum = (owner: string, name: string, map: DynamicalMap) =>
  new TypeError(`${owner}: ${name} is of maps with momentum, and ${map.name} has none`);

/** The one momentum of a call: as given, or that of the map's rule; NaN where there is none. */
export function readMomentum(owner: string, map: DynamicalMap, input: unknown): number {
  const { momentum } = map;
  if (input === undefined) return momentum?.default ?? Number.NaN;
  if (!momentum) throw lacksMomentum(owner, "momentum", map);
  checkNumber(owner, "momentum", input, momentum.domain, momentum.contains);
  return input;
}

function readStarts(owner: string, map: DynamicalMap, input: unknown): Numbers {
  if (input === undefined) return map.start;
  const { dimension } = map;
  if (typeof input === "number") {
    checkNumber(owner, "starts", input, "(−∞, ∞)", Number.isFinite);
    if (dimension === 1) return [input];
    throw new TypeError(`${owner}: starts must be points of ${dimension} coordinates, got ${input}`);
  }
  const { values, shape } = readArray(owner, "starts", input);
  const width = shape[shape.length - 1];
  if ((shape.length > 1 && dimension > 1 && width !== dimension) || values.length % dimension !== 0) {
    throw new RangeError(
      `${owner}: starts must be points of ${dimension} coordinates, got the shape ${shape.join(" × ")}`,
    );
  }
  return values;
}

/** Throws where a number overflows in f32. */
function checkSingle(owner: string, name: string, values: Numbers): void {
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(Math.fround(values[i]))) continue;
    throw new RangeError(
      `${owner}: ${name}[${i}] is ${values[i]}, beyond what f32 holds; use precision "f64"`,
    );
  }
}

/** `count` rows of `width` entries, from so many or from one. */
function spread(values: Numbers, count: number, width: number): Float64Array {
  const spread = new Float64Array(count * width);
  if (values.length === spread.length) spread.set(values);
  else if (width === 1) spread.fill(values[0]);
  else for (let i = 0; i < spread.length; i++) spread[i] = values[i % width];
  return spread;
}

/**
 * Reads the lanes of a sweep from its options; `more` are the names of the options that the caller reads itself.
 *
 * @throws TypeError or RangeError naming the option that is unknown, outside its domain, or of another length
 */
export function readLanes(
  owner: string,
  map: DynamicalMap,
  options: SweepOptions,
  more: readonly string[],
  usualBurnIn = 1000,
): Lanes {
  checkKeys(owner, options, [...sweepOptionNames, ...more]);
  const { burnIn = usualBurnIn, bound = 1e6, precision = "f64" } = options;
  checkSteps(owner, "burnIn", burnIn, 0);
  checkNumber(owner, "bound", bound, "(0, ∞)", (v) => v > 0 && v < Infinity);
  checkPrecision(owner, precision);
  const rates = readRates(owner, map, options.rates);
  const momenta = readMomenta(owner, map, options.momenta);
  const starts = readStarts(owner, map, options.starts);
  const lengths = { rates: rates.length, momenta: momenta.length, starts: starts.length / map.dimension };
  const count = Math.max(...Object.values(lengths));
  const [longest] = Object.entries(lengths).find(([, length]) => length === count)!;
  for (const [name, length] of Object.entries(lengths)) {
    if (length !== 1 && length !== count) {
      throw new RangeError(
        `${owner}: ${name} must have one entry or ${count}, as ${longest} has, got ${length}`,
      );
    }
  }
  if (precision === "f32") {
    checkSingle(owner, "rates", rates);
    checkSingle(owner, "starts", starts);
  }
  return {
    count,
    rates: spread(rates, count, 1),
    momenta: spread(momenta, count, 1),
    starts: spread(starts, count, map.dimension),
    burnIn,
    bound,
    precision,
  };
}
