import * as Plot from "@observablehq/plot";
import { logAxis } from "./axes.ts";
import { defaultWidth, draw, label, wide } from "./chart.ts";
import type { ChartOptions } from "./chart-options.ts";
import { checkRecord } from "./check.ts";
import { formatCount, formatNumber, formatPlural, typeset, typesetNumber } from "./format.ts";
import { colour } from "./palette.ts";

/** What a sweep over learning rates found: what `rateSweep` returns. */
export interface RateSweepRecord {
  /** The rule's name. */
  rule: string;
  /** η, > 0 and rising. */
  learningRates: ArrayLike<number>;
  /** Steps until the tolerance was met; ∞ where it was not. */
  stepsToTolerance: ArrayLike<number>;
  /** The share of steps that swung, in [0, 1]. */
  oscillation: ArrayLike<number>;
  /** What came of each rate. */
  outcomes: readonly ("converged" | "unfinished" | "diverged")[];
  /** The rate that needed the fewest steps; NaN where none converged. */
  best: number;
  /** The rule's speed limit, where it is known. */
  speedLimit?: number;
  /** Steps that a run had. */
  steps: number;
  /** The part of the first gradient that counted as converged. */
  tolerance: number;
}

/** A run that swings in more of its steps than this is drawn as one that oscillates. */
const SWINGING = 0.5;

interface Dot {
  rate: number;
  steps: number;
  swings: boolean;
}

const dotsOf = ({ learningRates, stepsToTolerance, oscillation, outcomes }: RateSweepRecord): Dot[] =>
  outcomes.flatMap((outcome, i) =>
    outcome === "converged"
      ? [
          {
            rate: learningRates[i],
            steps: Math.max(1, stepsToTolerance[i]),
            swings: oscillation[i] > SWINGING,
          },
        ]
      : [],
  );

const ratesOf = ({ learningRates, outcomes }: RateSweepRecord, wanted: string): number[] =>
  outcomes.flatMap((outcome, i) => (outcome === wanted ? [learningRates[i]] : []));

/** In words: what the {@link rateSweepChart} shows. */
export function rateSweepCaption(record: RateSweepRecord): string {
  const { learningRates, tolerance, steps, rule } = record;
  const dots = dotsOf(record);
  const range = `from ${formatNumber(learningRates[0])} to ${formatNumber(learningRates[learningRates.length - 1])}`;
  const head = `Steps of ${rule} until the gradient's norm is ${formatNumber(tolerance)} of the first, by learning rate, ${range}.`;
  const fewest = dots.find(({ rate }) => rate === record.best);
  const told = fewest
    ? `The fewest, ${formatCount(fewest.steps)}, at ${formatNumber(fewest.rate)}; at ${formatCount(dots.filter(({ swings }) => swings).length)} of ${formatPlural(dots.length, "rate")} more than half of the steps swing.`
    : "No rate came so far.";
  const failed = (["unfinished", "diverged"] as const)
    .map((outcome) => [ratesOf(record, outcome).length, outcome] as const)
    .filter(([count]) => count > 0)
    .map(
      ([count, outcome]) =>
        `${formatPlural(count, "rate")} ${outcome === "diverged" ? "diverged" : `took more than ${formatCount(steps)} steps`}`,
    );
  return `${head} ${told}${failed.length > 0 ? ` ${failed.join("; ")}.` : ""}`;
}

/**
 * Too small, just right, too large: steps to the tolerance by learning rate, both on logarithmic axes. Rates that took too
 * many steps are hollow dots at the top, those that diverged crosses, and those whose runs swung in more than half of
 * their steps have a colour of their own.
 *
 * @param record - what `rateSweep` returned
 * @param options.width - width of the drawing in its own units (text is 12 high), default 760
 * @returns an SVG document
 * @throws TypeError where it is no such record, RangeError where there are no rates, or the arrays differ in length
 *
 * @example
 * ```ts
 * import { gradientDescent, quadratic, rateSweep } from "thalweg";
 * import { rateSweepChart } from "thalweg/report";
 * rateSweepChart(rateSweep(quadratic({ diagonal: [10, 1] }), { rule: gradientDescent(), start: [1, 1] })); // "<svg…"
 * ```
 */
export function rateSweepChart(record: RateSweepRecord, options: ChartOptions = {}): string {
  const { width = defaultWidth } = options;
  const lists = ["learningRates", "stepsToTolerance", "oscillation", "outcomes"];
  checkRecord("rateSweepChart", "record", record, { lists, texts: ["rule"] }, "give what rateSweep returns");
  const { learningRates, outcomes, steps, best, speedLimit } = record;
  const count = learningRates.length;
  if (count === 0) throw new RangeError("rateSweepChart: learningRates must hold at least one rate, got 0");
  for (const [name, { length }] of Object.entries({
    stepsToTolerance: record.stepsToTolerance,
    oscillation: record.oscillation,
    outcomes,
  })) {
    if (length !== count) {
      throw new RangeError(
        `rateSweepChart: ${name} must hold ${count} entries, one per rate, got an array of ${length}`,
      );
    }
  }
  const dots = dotsOf(record);
  const [first, last] = [learningRates[0], learningRates[count - 1]];
  const least = dots.reduce((low, dot) => Math.min(low, dot.steps), steps);
  const x = logAxis("x", first, last, { name: "learning rate η", ticks: width / 90 });
  const y = logAxis("y", Math.min(least, steps / 2), steps, { name: "steps to the tolerance", ticks: 6 });
  const [, top] = y.scale.domain as [number, number];
  const edges = stretches(learningRates, outcomes);
  const names = {
    slow: { name: "too small", hue: colour.muted },
    right: { name: "just right", hue: colour.still },
    wild: { name: "too large", hue: colour.alarm },
  } as const;
  const fewest = dots.filter(({ rate }) => rate === best).slice(0, 1);
  const share = (rate: number) => Math.log(rate / first) / Math.log(last / first);
  const atRight = speedLimit !== undefined && share(speedLimit) > 0.75;
  const beyondMiddle = share(best) > 0.5;
  return draw({
    title: "Too small, just right, too large",
    description: rateSweepCaption(record),
    width,
    height: 320,
    margins: { top: 48, right: x.overhang, bottom: 44, left: y.room + 4 },
    x: x.scale,
    y: { ...y.scale, insetTop: 10, insetBottom: 8 },
    marks: [
      Plot.rectX(edges, {
        x1: "from",
        x2: "to",
        fill: ({ kind }) => names[kind as keyof typeof names].hue,
        fillOpacity: 0.07,
      }),
      y.grid,
      y.labels,
      x.labels,
      Plot.text(
        edges.filter(({ from, to }) => (share(to) - share(from)) * width > 70),
        {
          x: ({ from, to }) => Math.sqrt(from * to),
          text: ({ kind }) => names[kind as keyof typeof names].name,
          fill: ({ kind }) => names[kind as keyof typeof names].hue,
          fontWeight: 600,
          frameAnchor: "top",
          lineAnchor: "bottom",
          dy: -6,
        },
      ),
      ...(speedLimit !== undefined && speedLimit >= first && speedLimit <= last
        ? [
            Plot.ruleX([speedLimit], { stroke: colour.muted, strokeDasharray: "3 3" }),
            Plot.text([`speed limit ${typesetNumber(speedLimit)}`], {
              ...label(colour.muted),
              x: [speedLimit],
              frameAnchor: "top",
              lineAnchor: "top",
              // Below the runs that came to nothing, on the side where there is room.
              textAnchor: atRight ? "end" : "start",
              dx: atRight ? -6 : 6,
              dy: 26,
            }),
          ]
        : []),
      Plot.line(dots, { x: "rate", y: "steps", stroke: colour.accent, strokeWidth: 1.5, strokeOpacity: 0.6 }),
      Plot.dot(dots, {
        x: "rate",
        y: "steps",
        r: 4,
        fill: ({ swings }) => (swings ? colour.edge : colour.accent),
        stroke: colour.paper,
      }),
      Plot.dot(ratesOf(record, "unfinished"), {
        x: (rate: number) => rate,
        y: top,
        r: 3.5,
        fill: colour.paper,
        stroke: colour.muted,
        strokeWidth: 1.5,
      }),
      Plot.dot(ratesOf(record, "diverged"), {
        x: (rate: number) => rate,
        y: top,
        r: 4,
        symbol: "times",
        stroke: colour.alarm,
        strokeWidth: 1.75,
      }),
      Plot.text(fewest, {
        ...label(colour.ink),
        x: "rate",
        y: "steps",
        text: ({ rate, steps: taken }) => `${formatPlural(taken, "step")} at ${typesetNumber(rate)}`,
        textAnchor: beyondMiddle ? "end" : "start",
        dx: beyondMiddle ? -10 : 10,
        dy: 4,
      }),
      ...key(dots, width),
    ],
  });
}

/** What the two colours of the dots mean, where both are there. */
function key(dots: readonly Dot[], width: number): Plot.Markish[] {
  if (!dots.some(({ swings }) => swings) || dots.every(({ swings }) => swings)) return [];
  const text = width < wide ? "● swings" : typeset("● swings in more than half of its steps");
  return [
    Plot.text([text], {
      ...label(colour.edge),
      frameAnchor: "bottom-left",
      textAnchor: "start",
      lineAnchor: "bottom",
      dx: 6,
      dy: -6,
    }),
  ];
}

interface Stretch {
  kind: "slow" | "right" | "wild";
  from: number;
  to: number;
}

/** Stretches of rates of a kind, with the borders half-way between neighbours. */
function stretches(learningRates: ArrayLike<number>, outcomes: RateSweepRecord["outcomes"]): Stretch[] {
  const first = outcomes.indexOf("converged");
  const kinds = outcomes.map((outcome, i): Stretch["kind"] => {
    if (outcome === "converged") return "right";
    return outcome === "diverged" || (first >= 0 && i > first) ? "wild" : "slow";
  });
  const found: Stretch[] = [];
  kinds.forEach((kind, i) => {
    const from = i === 0 ? learningRates[0] : Math.sqrt(learningRates[i - 1] * learningRates[i]);
    const to = i === kinds.length - 1 ? learningRates[i] : Math.sqrt(learningRates[i] * learningRates[i + 1]);
    const open = found.at(-1);
    if (open?.kind === kind) open.to = to;
    else found.push({ kind, from, to });
  });
  return found;
}
