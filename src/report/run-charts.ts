import * as Plot from "@observablehq/plot";
import { describe } from "../core/describe.ts";
import { type Axis, linearAxis, logAxis } from "./axes.ts";
import { defaultWidth, draw, label } from "./chart.ts";
import type { ChartOptions } from "./chart-options.ts";
import { checkRecord } from "./check.ts";
import { formatCount, formatFactor, formatNumber, formatPlural, typeset } from "./format.ts";
import { colour } from "./palette.ts";
import { finiteLength, thin } from "./thin.ts";

/** A run as a report shows it: one entry per recorded step, all arrays of one length, at least 1. */
export interface RunRecord {
  /** What stepped, as people call it: "gradient descent", "adam". */
  rule: string;
  /** The constant learning rate, or null where there is none (a schedule, a line search). */
  learningRate: number | null;
  /** Index of each recorded step, ascending. */
  steps: ArrayLike<number>;
  /** Value of the objective at each recorded step; may end in ∞ or NaN. */
  values: ArrayLike<number>;
  /** Norm of the gradient at each recorded step. */
  gradientNorms?: ArrayLike<number>;
  /** The objective's minimum, where it is known. */
  minimum?: number;
  /** Factor by which value − minimum is predicted to shrink each step (the square of the distance's). */
  predictedRate?: number;
}

interface Point {
  step: number;
  y: number;
}

/** A curve ready to draw, and what there is to say about it. */
interface Curve {
  points: Point[];
  name: string;
  logarithmic: boolean;
  /** Differences at or below this are rounding, and drawn on it; undefined where there are none. */
  floor?: number;
  /** Step of the first value that is not finite. */
  brokenAt?: number;
}

/** Throws unless `run` is what can be drawn; what is likely to be taken for one is told how to become one. */
export function checkRun(owner: string, run: RunRecord): void {
  const hint = "of a result of minimize give { rule, learningRate, ...result.history }";
  checkRecord(owner, "run", run, { lists: ["steps", "values"], texts: ["rule"] }, hint);
  if (run.learningRate !== null && typeof run.learningRate !== "number") {
    throw new TypeError(
      `${owner}: run.learningRate must be a number, or null where there is none, got ${describe(run.learningRate)}`,
    );
  }
  const count = run.steps.length;
  if (!(count > 0)) throw new RangeError(`${owner}: steps must hold at least one step, got ${count}`);
  for (const name of ["values", "gradientNorms"] as const) {
    const given = run[name];
    if (given && given.length !== count) {
      throw new RangeError(
        `${owner}: ${name} must hold ${count} entries, one per step, got ${describe(given)}`,
      );
    }
  }
}

function pointsOf(steps: ArrayLike<number>, y: ArrayLike<number>, length: number): Point[] {
  const finite = Array.from({ length }, (_, i) => y[i]);
  return thin(finite).map((i) => ({ step: steps[i], y: finite[i] }));
}

/** Value − minimum, with differences within the minimum's own rounding set to that; undefined where none is > 0. */
function differenceCurve({ steps, values, minimum }: RunRecord): Curve | undefined {
  if (minimum === undefined || !Number.isFinite(minimum)) return undefined;
  const above = Array.from(values, (value) => value - minimum);
  const length = finiteLength(above);
  const finite = above.slice(0, length);
  const positive = finite.filter((difference) => difference > 0);
  if (positive.length === 0) return undefined;
  const smallest = positive.reduce((a, b) => Math.min(a, b));
  const rounding = Number.EPSILON * Math.abs(minimum);
  const floor = rounding > 0 ? rounding : Math.min(smallest, Number.EPSILON * positive[0]);
  const clamped = finite.map((difference) => Math.max(difference, floor));
  return {
    points: pointsOf(steps, clamped, length),
    name: "value\u00a0−\u00a0minimum",
    logarithmic: true,
    floor: clamped.includes(floor) ? floor : undefined,
    brokenAt: length < above.length ? steps[length] : undefined,
  };
}

/** A curve of values as they are: logarithmic when all are positive and span a decade. */
function plainCurve(steps: ArrayLike<number>, values: ArrayLike<number>, name: string): Curve {
  const length = finiteLength(values);
  const points = pointsOf(steps, values, length);
  const [low, high] = extent(points);
  return {
    points,
    name,
    logarithmic: low > 0 && high / low >= 10,
    brokenAt: length < values.length ? steps[length] : undefined,
  };
}

const lossCurve = (run: RunRecord): Curve =>
  differenceCurve(run) ?? plainCurve(run.steps, run.values, "value");

function extent(points: readonly Point[]): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const { y } of points) {
    low = Math.min(low, y);
    high = Math.max(high, y);
  }
  return [low, high];
}

function valueAxis(curve: Curve, ticks: number): Axis {
  const [low, high] = curve.points.length > 0 ? extent(curve.points) : [0, 1];
  if (curve.logarithmic) return logAxis("y", low, high, { name: curve.name, ticks });
  const air = high > low ? 0 : Math.max(Math.abs(high), 1) * 0.1;
  return linearAxis("y", low - air, high + air, { name: curve.name, ticks });
}

const isFalling = (points: readonly Point[]): boolean => points[points.length - 1].y < points[0].y;

/** The straight line that a rate draws from the curve's start, as far as the chart reaches. */
function predictedLine({ points }: Curve, rate: number, [bottom, top]: readonly [number, number]) {
  const start = points[0];
  const slope = Math.log(rate);
  const reach = slope === 0 ? Infinity : Math.log((slope < 0 ? bottom : top) / start.y) / slope;
  const length = Math.min(points[points.length - 1].step - start.step, reach);
  return (part: number): Point => ({
    step: start.step + part * length,
    y: start.y * Math.exp(slope * part * length),
  });
}

const timesFactor = (rate: number): string => {
  const factor = formatFactor(rate);
  return factor.includes(" ") ? `× (${factor})` : `× ${factor}`;
};

/** A difference as the chart tells it. */
const tell = (y: number, { floor }: Curve): string => (y === floor ? "rounding" : formatNumber(y));

interface CurveOptions extends ChartOptions {
  title: string;
  description: string;
  height: number;
  rate?: number;
}

function drawCurve(curve: Curve, run: RunRecord, options: CurveOptions): string {
  const { title, description, width = defaultWidth, height, rate } = options;
  const { points, floor, brokenAt } = curve;
  const first = run.steps[0];
  const last = Math.max(run.steps[run.steps.length - 1], first + 1);
  const at = { x: "step", y: "y" };
  const x = linearAxis("x", first, last, { name: "step", ticks: width / 110, whole: true });
  const y = valueAxis(curve, height / 45);
  const marks: Plot.Markish[] = [y.grid, x.grid, y.labels, x.labels];
  if (floor !== undefined) {
    marks.push(
      Plot.ruleY([floor], { stroke: colour.muted, strokeDasharray: "1 3" }),
      Plot.text(["rounding"], {
        ...label(colour.muted),
        y: [floor],
        frameAnchor: "left",
        textAnchor: "start",
        dx: 4,
        dy: 10,
      }),
    );
  }
  if (rate !== undefined && rate > 0 && curve.logarithmic && points.length > 1) {
    const along = predictedLine(curve, rate, y.scale.domain as [number, number]);
    marks.push(
      Plot.line([along(0), along(1)], { ...at, stroke: colour.muted, strokeDasharray: "5 4" }),
      Plot.text([along(0.25)], {
        ...label(colour.muted),
        ...at,
        text: [`predicted: ${typeset(timesFactor(rate))} per step`],
        textAnchor: "start",
        dx: 6,
        dy: -9,
      }),
    );
  }
  if (points.length > 0) {
    const end = points[points.length - 1];
    const late = end.step - first > (last - first) * 0.4;
    const message =
      brokenAt === undefined ? typeset(tell(end.y, curve)) : `not finite from step ${formatCount(brokenAt)}`;
    const place = late ? ({ textAnchor: "end", dx: -4 } as const) : ({ textAnchor: "start", dx: 8 } as const);
    marks.push(
      Plot.line(points, { ...at, stroke: colour.accent, strokeWidth: 1.75, strokeLinejoin: "round" }),
      Plot.dot([end], { ...at, r: 3.5, fill: colour.accent }),
      Plot.text([end], {
        ...label(brokenAt === undefined ? colour.accent : colour.alarm),
        ...at,
        ...place,
        text: [message],
        fontWeight: 600,
        dy: isFalling(points) ? 13 : -12,
      }),
    );
  } else {
    marks.push(Plot.text(["no finite value"], { ...label(colour.muted), frameAnchor: "middle" }));
  }
  return draw({
    title,
    description,
    width,
    height,
    margins: { top: 28, right: x.overhang, bottom: 44, left: y.room },
    x: x.scale,
    y: { ...y.scale, insetTop: 8, insetBottom: 22 },
    marks,
  });
}

function byWhom({ rule, learningRate }: RunRecord): string {
  const name = rule.charAt(0).toUpperCase() + rule.slice(1);
  return learningRate === null ? name : `${name}, learning rate ${formatNumber(learningRate)}`;
}

const broken = ({ brokenAt }: Curve): string =>
  brokenAt === undefined
    ? ""
    : ` From step ${formatCount(brokenAt)} on it is not finite; it is drawn up to there.`;

function course(curve: Curve): string {
  const { points } = curve;
  if (points.length === 0) return "";
  const start = points[0];
  const end = points[points.length - 1];
  if (points.length === 1) return `: ${tell(start.y, curve)}`;
  return `: from ${tell(start.y, curve)} to ${tell(end.y, curve)} in ${formatPlural(end.step - start.step, "step")}`;
}

const caption = (run: RunRecord, curve: Curve): string =>
  `${byWhom(run)}; ${curve.name}${curve.logarithmic ? ", on a logarithmic axis" : ""}${course(curve)}.${broken(curve)}`;

/** In words: what a run's {@link lossChart} shows. */
export function lossCaption(run: RunRecord): string {
  const curve = lossCurve(run);
  const isPredicted = run.minimum !== undefined && run.predictedRate !== undefined && curve.logarithmic;
  return [
    caption(run, curve),
    ...(isPredicted ? ["The dashed line falls at the predicted rate, from the same start."] : []),
    ...(curve.floor === undefined
      ? []
      : ["Differences that are no more than rounding are drawn on the dotted line."]),
  ].join(" ");
}

/**
 * A run's value by step. Where the minimum is known: value − minimum on a logarithmic axis, with the
 * predicted rate (if given) as a dashed line from the same start; differences within the minimum's own
 * rounding lie on a dotted line. Long runs are thinned to at most 600 points that keep all extremes.
 * What is not finite ends the line, and the chart says at which step.
 *
 * @param run - its steps and values, and what was predicted
 * @param options.width - width of the drawing in its own units (text is 12 high), default 760
 * @returns an SVG document
 * @throws TypeError naming what is no array or no text, RangeError when there are no steps or the arrays differ in length
 *
 * @example
 * ```ts
 * import { lossChart, type RunRecord } from "thalweg/report";
 * const run: RunRecord = { rule: "adam", learningRate: 0.1, steps: [0, 1, 2], values: [1, 0.5, 0.25], minimum: 0 };
 * lossChart(run); // "<svg…"
 * lossChart({ ...run, steps: [0] }); // throws RangeError: lossChart: values must hold 1 entries, one per step, …
 *
 * import { adam, minimize, rosenbrock } from "thalweg";
 * const { history } = minimize(rosenbrock, { rule: adam(), start: [-1.2, 1], steps: 50, history: true });
 * lossChart({ rule: "adam", learningRate: 0.001, ...history! }); // "<svg…"
 * ```
 */
export function lossChart(run: RunRecord, options: ChartOptions = {}): string {
  checkRun("lossChart", run);
  return drawCurve(lossCurve(run), run, {
    ...options,
    title: "Value by step",
    description: lossCaption(run),
    height: 320,
    rate: run.minimum === undefined ? undefined : run.predictedRate,
  });
}

const normCurve = (run: RunRecord): Curve => plainCurve(run.steps, run.gradientNorms ?? [], "gradient norm");

/** In words: what a run's {@link gradientNormChart} shows. */
export const gradientNormCaption = (run: RunRecord): string => caption(run, normCurve(run));

/**
 * The norm of a run's gradient by step, drawn as {@link lossChart} draws values.
 *
 * @param run - its steps, values and gradient norms
 * @param options.width - width of the drawing in its own units (text is 12 high), default 760
 * @returns an SVG document
 * @throws TypeError naming what is no array or no text, RangeError when there are no steps or the arrays differ in length
 *
 * @example
 * ```ts
 * import { gradientNormChart } from "thalweg/report";
 * const run = { rule: "adam", learningRate: 0.1, steps: [0, 1], values: [1, 0.5], gradientNorms: [2, 1.4] };
 * gradientNormChart(run); // "<svg…"
 * ```
 */
export function gradientNormChart(run: RunRecord, options: ChartOptions = {}): string {
  checkRun("gradientNormChart", run);
  return drawCurve(normCurve(run), run, {
    ...options,
    title: "Norm of the gradient by step",
    description: gradientNormCaption(run),
    height: 220,
  });
}
