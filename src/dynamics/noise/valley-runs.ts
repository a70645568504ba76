// Thousands of noisy descents on a landscape of two valleys: what is asked for is read here, and handed to the core.
import { type ArrayInput, readArray } from "../../core/array-input.ts";
import {
  checkCount,
  checkKeys,
  checkNumber,
  checkPrecision,
  checkSeed,
  checkVector,
} from "../../core/check.ts";
import type { Numbers, Precision } from "../../core/precision.ts";
import { Workspace } from "../../core/workspace.ts";
import { checkTwoValleys, type TwoValleys } from "../../objectives/two-valleys.ts";
import { checkSteps } from "../maps/lanes.ts";
import { arrivalFrom, type Temperatures } from "./langevin.ts";

/** Options of noisy descents, x ← x − η·(f′(x) + σξ/√B) with independent standard normal ξ. */
export interface NoisyRunsOptions {
  /** η: numbers > 0, or one. */
  readonly learningRates: number | ArrayInput;
  /** B: integers ≥ 1, or one; default 1. */
  readonly batchSizes?: number | ArrayInput;
  /** σ, the deviation of one sample's gradient: a number ≥ 0, or one > 0 for each side of the pass; default 1. */
  readonly noise?: number | readonly [left: number, right: number];
  /** Runs under each condition: an integer in [1, 2²⁶], default 10,000. */
  readonly runs?: number;
  /** Of the random streams, one a run: an integer in [0, 2⁵³), default 0. */
  readonly seed?: number;
  /** The element type, default "f64"; "f32" is twice as fast. */
  readonly precision?: Precision;
}

/** Names of the options of {@link NoisyRunsOptions}. */
export const noisyRunsOptionNames = [
  ...["learningRates", "batchSizes", "noise", "runs", "seed", "precision"],
] as const;

/** A rate and a batch size that runs are made with. */
export interface Condition {
  /** Its place: by rate, then by batch size. */
  readonly index: number;
  readonly learningRate: number;
  readonly batchSize: number;
  /** T = ησ²/(2B) left and right of the pass. */
  readonly temperatures: Temperatures;
}

/** What is run. */
export interface NoisyRuns {
  readonly landscape: TwoValleys;
  readonly conditions: readonly Condition[];
  readonly noise: readonly [left: number, right: number];
  readonly runs: number;
  readonly steps: number;
  readonly start: number;
  readonly seed: number;
  readonly precision: Precision;
}

const MOST_RUNS = 2 ** 26;
/** Streams have a part for each condition. */
const MOST_CONDITIONS = 2 ** 32;

const isPositive = (v: number) => v > 0 && v < Infinity;
const isWhole = (v: number) => Number.isSafeInteger(v) && v >= 1;

function readNumbers(
  owner: string,
  name: string,
  input: unknown,
  domain: string,
  contains: (v: number) => boolean,
): Numbers {
  const values = typeof input === "number" ? [input] : readArray(owner, name, input).values;
  for (let i = 0; i < values.length; i++) {
    checkNumber(owner, typeof input === "number" ? name : `${name}[${i}]`, values[i], domain, contains);
  }
  return values;
}

function readNoise(owner: string, noise: unknown): readonly [number, number] {
  if (typeof noise === "number") {
    checkNumber(owner, "noise", noise, "[0, ∞)", (v) => v >= 0 && v < Infinity);
    return [noise, noise];
  }
  checkVector(owner, "noise", noise, 2);
  for (const side of [0, 1]) checkNumber(owner, `noise[${side}]`, noise[side], "(0, ∞)", isPositive);
  return [noise[0], noise[1]];
}

/** Throws where the core could not hold a number in f32. */
function checkSingle(owner: string, numbers: Readonly<Record<string, Numbers>>): void {
  for (const [name, values] of Object.entries(numbers)) {
    for (let i = 0; i < values.length; i++) {
      const rounded = Math.fround(values[i]);
      if (Number.isFinite(rounded) && (rounded !== 0 || values[i] === 0)) continue;
      throw new RangeError(
        `${owner}: ${name} has ${values[i]}, which f32 does not hold; use precision "f64"`,
      );
    }
  }
}

/**
 * Reads what is to be run; `more` are the names of the options that the caller reads itself.
 *
 * @throws TypeError or RangeError naming the argument that is missing, unknown, or outside its domain
 */
export function readNoisyRuns(
  owner: string,
  landscape: unknown,
  options: NoisyRunsOptions & { readonly steps?: number; readonly start?: number },
  more: readonly string[],
  usual: { readonly steps: number; start(landscape: TwoValleys): number },
): NoisyRuns {
  checkTwoValleys(owner, landscape);
  checkKeys(owner, options, [...noisyRunsOptionNames, "steps", "start", ...more]);
  const { batchSizes = 1, runs = 10_000, seed = 0, precision = "f64", steps = usual.steps } = options;
  const { start = usual.start(landscape) } = options;
  const learningRates = readNumbers(owner, "learningRates", options.learningRates, "(0, ∞)", isPositive);
  const sizes = readNumbers(owner, "batchSizes", batchSizes, "the integers from 1", isWhole);
  const noise = readNoise(owner, options.noise ?? 1);
  checkCount(owner, "runs", runs, 1);
  checkNumber(owner, "runs", runs, "[1, 2^26]", (v) => v <= MOST_RUNS);
  checkSteps(owner, "steps", steps, 1);
  checkNumber(owner, "start", start, "(−∞, ∞)", Number.isFinite);
  checkSeed(owner, seed);
  checkPrecision(owner, precision);
  if (precision === "f32") {
    const { valleys, passCurvature } = landscape;
    const places = valleys.flatMap(({ at, joint, curvature }) => [at, joint, curvature]);
    checkSingle(owner, { learningRates, noise, start: [start], landscape: [...places, passCurvature] });
  }
  if (learningRates.length * sizes.length > MOST_CONDITIONS) {
    throw new RangeError(`${owner}: learningRates and batchSizes must make at most 2^32 pairs`);
  }
  const conditions = Array.from(learningRates, (learningRate) =>
    Array.from(sizes, (batchSize) => {
      const [left, right] = noise.map((sigma) => (learningRate * sigma * sigma) / (2 * batchSize));
      return { learningRate, batchSize, temperatures: [left, right] as const };
    }),
  )
    .flat()
    .map((condition, index) => ({ index, ...condition }));
  return { landscape, conditions, noise, runs, steps, start, seed, precision };
}

/** assembly/dynamics/valley-runs.ts is the other side. */
const STREAMS = 16;
const DRAWN = 32;
const TABLE_LENGTH = 15;

/** The runs of every condition in the memory of one workspace, a condition at a time. */
export class ValleyRuns {
  readonly #workspace: Workspace;
  readonly #work: NoisyRuns;

  constructor(work: NoisyRuns) {
    const { runs, precision } = work;
    this.#work = work;
    this.#workspace = new Workspace(
      [
        { name: "data", length: 14, kind: "u32" },
        { name: "table", length: TABLE_LENGTH },
        { name: "x", length: STREAMS },
        ...["streams", "blocks", "taken", "counts"].map(
          (name) => ({ name, length: STREAMS, kind: "u32" }) as const,
        ),
        { name: "noise", length: STREAMS * DRAWN },
        { name: "result", length: runs, kind: "u32" },
        { name: "ends", length: runs },
      ],
      precision,
    );
  }

  dispose(): void {
    this.#workspace.dispose();
  }

  /** The step at which each run first comes to the valley that it does not start in; −1 where it does not. */
  firstPassages(condition: Condition): Int32Array {
    this.#prepare(condition);
    this.#workspace.kernels.firstPassages(this.#workspace.pointer("data"));
    return Int32Array.from(this.#workspace.u32("result"), (step) => step || -1);
  }

  /** Of each run how many of its steps ended right of the pass, and where the last one did. */
  stepsOnTheRight(condition: Condition): { readonly counts: Uint32Array; readonly ends: Float64Array } {
    this.#prepare(condition);
    this.#workspace.kernels.stepsOnTheRight(this.#workspace.pointer("data"));
    return {
      counts: this.#workspace.u32("result").slice(),
      ends: Float64Array.from(this.#workspace.real("ends")),
    };
  }

  #prepare({ index, learningRate, batchSize }: Condition): void {
    const { landscape, noise, runs, steps, start, seed } = this.#work;
    const [left, right] = landscape.valleys;
    const direction = start < 0 ? 1 : -1;
    const target = arrivalFrom(start, landscape);
    const workspace = this.#workspace;
    const root = Math.sqrt(batchSize);
    workspace
      .real("table")
      .set([
        ...[left.joint, right.joint],
        ...[left.curvature, -landscape.passCurvature, right.curvature],
        ...[left.at, 0, right.at],
        ...[noise[0] / root, noise[1] / root],
        learningRate,
        ...[direction, direction * target],
        start,
        Infinity,
      ]);
    const names = ["table", "x", "streams", "blocks", "taken", "counts", "noise", "result", "ends"];
    workspace
      .u32("data")
      .set([
        ...[runs, steps, index, seed % 2 ** 32, Math.floor(seed / 2 ** 32)],
        ...names.map((name) => workspace.pointer(name)),
      ]);
  }
}
