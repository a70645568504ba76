import { Random } from "../core/random.ts";
import { powerIteration } from "../curvature/power-iteration.ts";
import { minimize } from "../descent/minimize.ts";
import { type BlurOperator, type Boundary, deblurring, psnr } from "../imaging/index.ts";
import { fista, gradientDescent } from "../rules/index.ts";
import type { Rule } from "../rules/rule.ts";
import { chain, projectBox } from "../wrappers/index.ts";
import { makeBlur, readBlur } from "./blur-option.ts";
import { boundKinds, type ChannelRun, type Deblurring, deblurMethods } from "./deblur-outcome.ts";
import { channelNames, deblurText, deblurVerdict } from "./deblur-text.ts";
import { checkWritable } from "./files.ts";
import type { Arguments, CliOptionName } from "./options.ts";
import { toJson } from "./output.ts";
import { checkEnding, type Picture, readPicture, writePicture } from "./picture.ts";
import { onePositional } from "./problem.ts";
import type { Progress } from "./progress.ts";
import { UsageError } from "./usage-error.ts";

export const deblurOptions: readonly CliOptionName[] = [
  "blur",
  "boundary",
  "noise",
  "tikhonov",
  "bounds",
  "method",
  "steps",
  "save",
  "add-blur",
  "add-noise",
  "seed",
  "json",
  "help",
];

/** Steps of a run that neither the noise nor a penalty ends: more would bring up the noise of most pictures. */
const UNGUIDED_STEPS = 50;
/** Steps at most of one that is to end by itself. */
const MOST_STEPS = 1000;
/** A step that changes the value by no more than this part of it changes nothing that can be seen. */
const SETTLED = 1e-6;
/** Products at most that measure L where no transform tells it, and how closely. */
const PRODUCTS = 100;
const CLOSELY = 1e-3;
/** Pixels have 16 bits at most; f32 has 24. */
const PRECISION = "f32";

/** L = ‖A‖² from the kernel's transform, or by power iteration and as much more as that may be off. */
function measureNorm(operator: BlurOperator): Pick<Deblurring, "lambdaMax" | "lambdaMaxFrom"> {
  const spectrum = operator.spectrum();
  if (spectrum) return { lambdaMax: spectrum[0], lambdaMaxFrom: "transform" };
  const { width, height } = operator;
  const problem = deblurring(operator, new Float64Array(width * height));
  const options = { steps: PRODUCTS, tolerance: CLOSELY, precision: PRECISION } as const;
  const { lambda, residual } = powerIteration(problem, options);
  return { lambdaMax: lambda + residual, lambdaMaxFrom: "power iteration" };
}

function makeRule(method: Deblurring["method"], within: Deblurring["bounds"], learningRate: number): Rule {
  const lower = within === "none" ? -Infinity : 0;
  const upper = within === "range" ? 1 : Infinity;
  if (method === "fista") return fista({ learningRate, lower, upper, restart: true });
  const rule = gradientDescent({ learningRate });
  return within === "none" ? rule : chain(rule, projectBox({ lower, upper }));
}

/** The picture as a blur and noise would have left it. */
function spoil(picture: Picture, operator: BlurOperator, deviation: number, seed: number): Picture {
  const planes = picture.planes.map((plane, channel) => {
    const blurred = Float64Array.from(operator.apply(plane));
    const random = new Random(seed, channel);
    return deviation > 0 ? blurred.map((value) => value + deviation * random.normal()) : blurred;
  });
  return { ...picture, planes };
}

/** All channels one behind the other, as they are written: within 0 and 1. */
function shown({ planes }: Picture): Float64Array {
  const [{ length }] = planes;
  const all = new Float64Array(planes.length * length);
  planes.forEach((plane, channel) => {
    all.set(
      plane.map((value) => Math.min(1, Math.max(0, value))),
      channel * length,
    );
  });
  return all;
}

interface Plan {
  readonly operator: BlurOperator;
  readonly rule: Rule;
  readonly tikhonov: number;
  readonly noise: number | undefined;
  readonly steps: number;
}

/** Descends for one channel; where the noise is known, until the residual is as large as it. */
function deblurPlane(
  plane: Float64Array,
  plan: Plan,
  progress: Progress,
): { x: Float64Array; run: Omit<ChannelRun, "channel"> } {
  const { operator, rule, tikhonov, noise = 0, steps } = plan;
  const root = Math.sqrt(plane.length);
  const misfit = (value: number, x: ArrayLike<number>) => {
    let squares = 0;
    if (tikhonov > 0) for (let k = 0; k < x.length; k++) squares += x[k] * x[k];
    return Math.sqrt(Math.max(0, 2 * value - tikhonov * squares)) / root;
  };
  progress.start();
  const result = minimize(deblurring(operator, plane, { tikhonov }), {
    rule,
    start: plane,
    precision: PRECISION,
    steps,
    gradientTolerance: 0,
    relativeValueTolerance: SETTLED,
    callback({ index, value, gradientNorm, x }) {
      progress.step(index, value, gradientNorm, () => index / steps);
      return noise > 0 && misfit(value, x) <= noise;
    },
  });
  progress.done();
  const { x, value, reason } = result;
  return {
    x: Float64Array.from(x),
    run: {
      steps: result.steps,
      reason: reason === "callback" ? "noise" : reason,
      residual: misfit(value, x),
    },
  };
}

/** thalweg deblur: the image behind a blurred one. */
export function deblur(args: Arguments, progress: Progress, width: number): string {
  const file = onePositional("deblur", args, "an image");
  const text = args.required("blur");
  const boundary = args.choice<Boundary>("boundary", ["reflecting", "periodic"], "reflecting");
  const method = args.choice("method", deblurMethods, "fista");
  const within = args.choice("bounds", boundKinds, "range");
  const nonNegative = (v: number) => v >= 0;
  const tikhonov = args.number("tikhonov", "[0, ∞)", nonNegative) ?? 0;
  const added = args.number("add-noise", "[0, ∞)", nonNegative) ?? 0;
  const noise = args.number("noise", "(0, ∞)", (v) => v > 0) ?? (added > 0 ? added : undefined);
  const isCount = (v: number) => Number.isSafeInteger(v) && v >= 0;
  const stepsGiven = args.number("steps", "the integers from 0", isCount);
  const seed = args.number("seed", "the integers from 0", isCount) ?? 0;
  const isTrial = args.has("add-blur");
  for (const name of ["add-noise", "seed"] as const) {
    if (args.has(name) && !isTrial)
      throw new UsageError(`--${name} needs --add-blur: it is for sharp images`);
  }
  const save = args.text("save");
  if (save === undefined && !isTrial) {
    throw new UsageError(
      "--save is needed: the file that the sharper image goes to; or try it on a sharp one with --add-blur",
    );
  }
  checkWritable([["--save", save]], [["the image", file]]);
  const picture = readPicture(file);
  if (save !== undefined) checkEnding("--save", save, picture);
  const size = { width: picture.width, height: picture.height };
  const input = readBlur(text);
  const operator = makeBlur(input, { ...size, boundary });
  progress.say("measuring L");
  const norm = measureNorm(operator);
  progress.done();
  const learningRate = 1 / (norm.lambdaMax + tikhonov);
  const observed = isTrial ? spoil(picture, operator, added, seed) : picture;
  const steps = stepsGiven ?? (noise === undefined && tikhonov === 0 ? UNGUIDED_STEPS : MOST_STEPS);
  const plan = { operator, rule: makeRule(method, within, learningRate), tikhonov, noise, steps };
  const done = observed.planes.map((plane) => deblurPlane(plane, plan, progress));
  const sharper = { ...picture, planes: done.map(({ x }) => x) };
  const ratio = (image: Picture) => psnr(shown(image), shown(picture));
  const outcome: Deblurring = {
    file,
    picture,
    text,
    input,
    operator,
    boundary,
    tikhonov,
    method,
    bounds: within,
    ...norm,
    learningRate,
    ...(noise === undefined ? {} : { noise }),
    runs: done.map(({ run }, channel) => ({ channel: channelNames(picture)[channel], ...run })),
    ...(isTrial ? { psnr: { before: ratio(observed), after: ratio(sharper) } } : {}),
    ...(save === undefined ? {} : { save }),
  };
  if (save !== undefined) writePicture(save, sharper);
  return args.has("json") ? json(outcome) : deblurText(outcome, width);
}

function json(outcome: Deblurring): string {
  const { picture, text, input, operator, ...facts } = outcome;
  const { width, height, depth, alpha } = picture;
  const { weights, ...of } = { weights: undefined, ...input };
  const { kernel, separable } = operator;
  return toJson({
    ...facts,
    width,
    height,
    depth,
    channels: channelNames(picture),
    alpha: alpha !== undefined,
    blur: { ...of, rows: kernel.length, columns: kernel[0].length, separable },
    message: deblurVerdict(outcome),
  });
}
