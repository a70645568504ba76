import { type ArrayInput, readArray } from "../core/array-input.ts";
import { checkKeys, checkNumber } from "../core/check.ts";
import { describe, didYouMean } from "../core/describe.ts";
import { cos, exp, sin } from "../core/scalar.ts";

/** Out of focus, or scattered: weights in proportion to exp(−d²/2σ²), d from the middle, cut off beyond 4σ along either axis. */
export interface GaussianBlur {
  /** Which blur it is. */
  readonly kind: "gaussian";
  /** σ in pixels, > 0. */
  readonly sigma: number;
}

/**
 * Moved while it was taken, at a constant speed along a straight line: weights in proportion to max(0, 1 − d), d from the line of
 * length − 1 through the middle. Along the axes and at odd lengths that is as many equal weights.
 */
export interface MotionBlur {
  /** Which blur it is. */
  readonly kind: "motion";
  /** The length of the way in pixels, ≥ 1. */
  readonly length: number;
  /** Its angle against the rows in degrees, counterclockwise; default 0. */
  readonly angle?: number;
}

/** Out of focus of a lens: a disk, weights in proportion to how much of a pixel lies in it, min(1, max(0, radius + ½ − d)). */
export interface DefocusBlur {
  /** Which blur it is. */
  readonly kind: "defocus";
  /** Of the disk in pixels, > 0. */
  readonly radius: number;
}

/** Weights of your own. */
export interface KernelBlur {
  /** Which blur it is. */
  readonly kind: "kernel";
  /** Rows of equal length, both numbers odd, used as they are: the weight in the middle is that of the pixel itself. */
  readonly weights: ArrayInput;
}

/** What blurs an image. The weights of all but `kernel` add up to 1. */
export type BlurInput = GaussianBlur | MotionBlur | DefocusBlur | KernelBlur;

/** Weights about a middle, row by row: both numbers are odd. */
export interface BlurKernel {
  readonly rows: number;
  readonly columns: number;
  readonly weights: Float64Array;
}

/** Standard deviations beyond which a Gaussian is cut off: 6e-5 of it lie there. */
const GAUSSIAN_REACH = 4;
/** Weights below this part of the largest are rounding. */
const NOTHING = 1e-12;

/** The image that a kernel must not be larger than. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

function checkFits(owner: string, rows: number, columns: number, { width, height }: ImageSize): void {
  if (rows <= height && columns <= width) return;
  throw new RangeError(
    `${owner}: the kernel has ${rows} rows and ${columns} columns, more than the image of ${height} × ${width}`,
  );
}

/** Makes a kernel of weights in proportion to f(x, y), x to the right and y up from the middle, that add up to 1. */
type Sample = (reachX: number, reachY: number, f: (x: number, y: number) => number) => BlurKernel;

const samplerFor =
  (owner: string, size: ImageSize): Sample =>
  (reachX, reachY, f) => {
    const rows = 2 * reachY + 1;
    const columns = 2 * reachX + 1;
    checkFits(owner, rows, columns, size);
    const weights = new Float64Array(rows * columns);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) weights[i * columns + j] = f(j - reachX, reachY - i);
    }
    const largest = weights.reduce((most, weight) => Math.max(most, weight), 0);
    const kept = weights.map((weight) => (weight < NOTHING * largest ? 0 : weight));
    const sum = kept.reduce((total, weight) => total + weight, 0);
    return { rows, columns, weights: kept.map((weight) => weight / sum) };
  };

function gaussian(sample: Sample, sigma: number): BlurKernel {
  const reach = Math.ceil(GAUSSIAN_REACH * sigma);
  const scale = -1 / (2 * sigma * sigma);
  const along = (d: number) => exp(scale * d * d);
  return sample(reach, reach, (x, y) => along(x) * along(y));
}

/** The direction of an angle in degrees; along the axes without rounding. */
function direction(angle: number): [x: number, y: number] {
  const turned = ((angle % 180) + 180) % 180;
  if (turned === 0) return [1, 0];
  if (turned === 90) return [0, 1];
  const radians = (turned * Math.PI) / 180;
  return [cos(radians), sin(radians)];
}

/** The largest whole number below a distance > 0. */
const below = (distance: number) => Math.ceil(distance) - 1;

function motion(sample: Sample, length: number, angle: number): BlurKernel {
  const half = (length - 1) / 2;
  const [alongX, alongY] = direction(angle);
  return sample(below(half * Math.abs(alongX) + 1), below(half * Math.abs(alongY) + 1), (x, y) => {
    const beyond = Math.max(0, Math.abs(x * alongX + y * alongY) - half);
    const across = x * alongY - y * alongX;
    return Math.max(0, 1 - Math.sqrt(beyond * beyond + across * across));
  });
}

function defocus(sample: Sample, radius: number): BlurKernel {
  const reach = below(radius + 0.5);
  return sample(reach, reach, (x, y) => Math.min(1, Math.max(0, radius + 0.5 - Math.sqrt(x * x + y * y))));
}

function ownKernel(owner: string, input: unknown, size: ImageSize): BlurKernel {
  const { values, shape } = readArray(owner, "weights", input);
  if (shape.length !== 2) {
    throw new RangeError(`${owner}: weights must be rows of weights, got the shape ${shape.join(" × ")}`);
  }
  const [rows, columns] = shape;
  if (rows % 2 === 0 || columns % 2 === 0) {
    throw new RangeError(
      `${owner}: weights must have an odd number of rows and of columns, so that there is a middle, got ${rows} × ${columns}`,
    );
  }
  checkFits(owner, rows, columns, size);
  const weights = Float64Array.from(values);
  if (weights.every((weight) => weight === 0)) {
    throw new RangeError(`${owner}: weights must not all be 0`);
  }
  return { rows, columns, weights };
}

/** The options of each kind, besides `kind`. */
const kinds = {
  gaussian: ["sigma"],
  motion: ["length", "angle"],
  defocus: ["radius"],
  kernel: ["weights"],
} as const;

/** Names of the kinds of blur. */
export const blurKinds = Object.keys(kinds) as readonly BlurInput["kind"][];

/**
 * Checks what blurs, and works out its weights.
 *
 * @throws TypeError or RangeError naming what is wrong; RangeError where the kernel is larger than the image
 */
export function readBlurKernel(owner: string, input: unknown, size: ImageSize): BlurKernel {
  if (typeof input !== "object" || input === null) {
    throw new TypeError(
      `${owner}: blur must be an object such as { kind: "gaussian", sigma: 2 }, got ${describe(input)}`,
    );
  }
  const { kind } = input as { readonly kind?: unknown };
  if (typeof kind !== "string" || !Object.hasOwn(kinds, kind)) {
    const hint = typeof kind === "string" ? didYouMean(kind, blurKinds) : `; known: ${blurKinds.join(", ")}`;
    throw new TypeError(`${owner}: kind must be that of a blur, got ${describe(kind)}${hint}`);
  }
  checkKeys(`${owner}: ${kind}`, input, ["kind", ...kinds[kind as BlurInput["kind"]]]);
  const positive = (name: string, value: unknown) =>
    checkNumber(owner, name, value, "(0, ∞)", (v) => v > 0 && v < Infinity);
  const given = input as BlurInput;
  const sample = samplerFor(owner, size);
  switch (given.kind) {
    case "gaussian":
      positive("sigma", given.sigma);
      return gaussian(sample, given.sigma);
    case "motion": {
      const { length, angle = 0 } = given;
      checkNumber(owner, "length", length, "[1, ∞)", (v) => v >= 1 && v < Infinity);
      checkNumber(owner, "angle", angle, "the finite numbers", Number.isFinite);
      return motion(sample, length, angle);
    }
    case "defocus":
      positive("radius", given.radius);
      return defocus(sample, given.radius);
    default:
      return ownKernel(owner, given.weights, size);
  }
}
