import * as Plot from "@observablehq/plot";
import { linearAxis, logAxis } from "./axes.ts";
import { defaultWidth, draw, label, wide } from "./chart.ts";
import type { ChartOptions } from "./chart-options.ts";
import { formatCount, formatNumber, formatPlural, typeset, typesetNumber } from "./format.ts";
import { colour } from "./palette.ts";
import { finiteLength, thin } from "./thin.ts";

/** One side of a trial: the rate as a factor of the speed limit, and the distance to the minimum by step. */
export interface TrialSide {
  /** The learning rate over the speed limit. */
  factor: number;
  /** ‖x − x*‖ at each step from the start on, positive at the start; may end in ∞ or NaN. */
  distances: ArrayLike<number>;
}

/** The speed limit put to the test: runs from the top eigenvector a little below and above it. */
export interface TrialRecord {
  /** The learning rate that is put to the test. */
  speedLimit: number;
  /** The run that has to fall by 10⁻⁶. */
  below: TrialSide;
  /** The run that has to grow by 10³. */
  above: TrialSide;
}

interface Arm {
  factor: number;
  claim: number;
  hue: string;
  /** Distance relative to the start, up to where it is finite and positive. */
  course: number[];
  /** First step at which the claim held, or undefined. */
  reached: number | undefined;
  brokenAt: number | undefined;
}

const fall = 1e-6;
const growth = 1e3;

function armOf({ factor, distances }: TrialSide, claim: number): Arm {
  const relative = Array.from(distances, (distance) => distance / distances[0]);
  const length = finiteLength(relative);
  const course = relative.slice(0, length);
  const zero = course.findIndex((d) => !(d > 0));
  const falls = claim < 1;
  const reached = course.findIndex((d) => (falls ? d <= claim : d >= claim));
  return {
    factor,
    claim,
    hue: falls ? colour.accent : colour.alarm,
    course: zero < 0 ? course : course.slice(0, zero),
    reached: reached < 0 ? undefined : reached,
    brokenAt: length < relative.length ? length : undefined,
  };
}

const armsOf = ({ below, above }: TrialRecord): Arm[] => [armOf(below, fall), armOf(above, growth)];

/** What came of one side, in words. */
function outcome({ claim, reached, course }: Arm): string {
  const size = formatNumber(claim);
  if (reached !== undefined) {
    return `${claim < 1 ? "fell" : "grew"} by ${size} in ${formatPlural(reached, "step")}`;
  }
  const taken = formatPlural(Math.max(0, course.length - 1), "step");
  return `did not ${claim < 1 ? "fall" : "grow"} by ${size} in ${taken}`;
}

/** In words: what the {@link trialChart} shows. */
export function trialCaption(trial: TrialRecord): string {
  const told = armsOf(trial).map((arm) => {
    const end = arm.brokenAt === undefined ? "" : `, not finite from step ${formatCount(arm.brokenAt)} on`;
    return `at ${formatNumber(arm.factor)} × the limit it ${outcome(arm)}${end}`;
  });
  return (
    `Distance to the minimum, started along the top eigenvector, relative to the start. ` +
    `The speed limit is ${formatNumber(trial.speedLimit)}: ${told.join("; ")}.`
  );
}

/**
 * The speed limit put to the test: the distance to the minimum by step, on a logarithmic axis and relative
 * to its start, a little below the limit (where it has to fall by 10⁻⁶) and above it (where it has to grow
 * by 10³).
 *
 * @param trial - the two runs
 * @param options.width - width of the drawing in its own units (text is 12 high), default 760
 * @returns an SVG document
 *
 * @example
 * ```ts
 * import { trialChart } from "thalweg/report";
 * const course = (rate: number) => Array.from({ length: 800 }, (_, t) => Math.abs((1 - rate) ** t)); // λ = 1
 * trialChart({
 *   speedLimit: 2,
 *   below: { factor: 0.99, distances: course(1.98) },
 *   above: { factor: 1.01, distances: course(2.02) },
 * }); // "<svg…"
 * ```
 */
export function trialChart(trial: TrialRecord, options: ChartOptions = {}): string {
  const { width = defaultWidth } = options;
  const arms = armsOf(trial);
  const all = arms.flatMap((arm) => arm.course);
  const low = all.reduce((a, b) => Math.min(a, b), fall);
  const high = all.reduce((a, b) => Math.max(a, b), growth);
  const longest = arms.reduce((most, arm) => Math.max(most, arm.course.length - 1), 1);
  const y = logAxis("y", low, high, { name: "distance, relative to the start", ticks: 8 });
  const x = linearAxis("x", 0, longest, { name: "step", ticks: width / 110, whole: true });

  const marks: Plot.Markish[] = [y.grid, x.grid, y.labels, x.labels];
  for (const arm of arms) {
    const points = thin(arm.course).map((step) => ({ step, y: arm.course[step] }));
    const isEarly = arm.reached !== undefined && arm.reached < longest / 2;
    marks.push(
      Plot.ruleY([arm.claim], { stroke: arm.hue, strokeDasharray: "2 3" }),
      Plot.line(points, { x: "step", y: "y", stroke: arm.hue, strokeWidth: 1.75 }),
      // Where the line has not crossed yet, above the rule is free of it; where it has, the side it came from.
      Plot.text(
        [`${typesetNumber(arm.factor)} × the limit:${width < wide ? "\n" : " "}${typeset(outcome(arm))}`],
        {
          ...label(arm.hue),
          y: [arm.claim],
          ...(isEarly
            ? { frameAnchor: "right", textAnchor: "end", dx: -4 }
            : { frameAnchor: "left", textAnchor: "start", dx: 6 }),
          ...(isEarly && arm.claim > 1 ? { lineAnchor: "top", dy: 4 } : { lineAnchor: "bottom", dy: -4 }),
          lineHeight: 1.2,
        },
      ),
    );
    if (arm.reached !== undefined && arm.reached < arm.course.length) {
      marks.push(
        Plot.dot([arm.reached], { x: [arm.reached], y: [arm.course[arm.reached]], r: 4, fill: arm.hue }),
      );
    }
  }
  return draw({
    title: "The speed limit put to the test",
    description: trialCaption(trial),
    width,
    height: 320,
    margins: { top: 28, right: x.overhang, bottom: 44, left: y.room },
    x: x.scale,
    y: { ...y.scale, insetTop: 8, insetBottom: 8 },
    marks,
  });
}
