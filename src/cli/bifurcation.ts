import Papa from "papaparse";
import { describe, didYouMean } from "../core/describe.ts";
import { numbersOf } from "../core/number-range.ts";
import { bifurcation } from "../dynamics/maps/bifurcation.ts";
import { type Feigenbaum, feigenbaum } from "../dynamics/maps/feigenbaum.ts";
import { lyapunov } from "../dynamics/maps/lyapunov.ts";
import type { DynamicalMap } from "../dynamics/maps/map.ts";
import { optimizerMap } from "../dynamics/maps/optimizer-map.ts";
import { periods } from "../dynamics/maps/periods.ts";
import { cosineLandscape, cubicValley, polynomialLandscape } from "../objectives/declared-landscapes.ts";
import { doubleWell, type Landscape } from "../objectives/landscapes.ts";
import { bifurcationText } from "./bifurcation-text.ts";
import type { Diagram } from "./diagram.ts";
import { checkWritable, writeAtomically } from "./files.ts";
import { type Arguments, type CliOptionName, readNumber } from "./options.ts";
import { toJson } from "./output.ts";
import type { Progress } from "./progress.ts";
import { findRule, make, readRuleOptions } from "./rule-options.ts";
import { UsageError } from "./usage-error.ts";

export const bifurcationOptions: readonly CliOptionName[] = [
  "slope",
  "rule",
  "option",
  "from",
  "to",
  "count",
  "start",
  "burn-in",
  "keep",
  "csv",
  "svg",
  "json",
  "help",
];

/** Landscapes by name, and how they are written. */
export const landscapes: Readonly<Record<string, readonly [landscape: Landscape, formula: string]>> = {
  "cubic-valley": [cubicValley, "x²/2 − x³/3"],
  "double-well": [doubleWell, "x⁴/4 − x²/2"],
  waves: [cosineLandscape(), "1 − cos x"],
};

/** Doublings that are looked for. */
const DOUBLINGS = 8;
const LONGEST_PERIOD = 64;
/** Steps whose Jacobians are multiplied. */
const MULTIPLIED = 4000;
/** Numbers that a call may keep, so that its memory is. */
const MOST_KEPT = 2e7;

const powers = ["", "x", "x²", "x³", "x⁴", "x⁵", "x⁶", "x⁷"];

/** A slope as people write it: "x − x²". */
function slopeText(coefficients: readonly number[]): string {
  const terms = coefficients.flatMap((c, k) => {
    if (c === 0) return [];
    const size = Math.abs(c) === 1 && k > 0 ? "" : String(Math.abs(c));
    return [`${c < 0 ? "−" : "+"} ${size}${powers[k]}`];
  });
  return terms.join(" ").replace(/^\+ /, "").replace(/^− /, "−");
}

function readLandscape(args: Arguments): { readonly landscape: Landscape; readonly called: string } {
  const [name, ...more] = args.positionals;
  if (more.length > 0) {
    throw new UsageError(`bifurcation: one landscape expected, got also ${describe(more[0])}`);
  }
  const slope = args.text("slope");
  if (slope !== undefined) {
    if (name !== undefined) {
      throw new UsageError(`bifurcation: --slope and the landscape ${describe(name)} exclude one another`);
    }
    const coefficients = slope
      .split(",")
      .map((text) => readNumber("--slope", text, "(−∞, ∞), separated by commas", Number.isFinite));
    try {
      return { landscape: polynomialLandscape(coefficients), called: `f′ = ${slopeText(coefficients)}` };
    } catch (error) {
      throw new UsageError(`--slope: ${(error as Error).message.replace(/^polynomialLandscape: /, "")}`);
    }
  }
  const known = Object.keys(landscapes);
  const chosen = name ?? known[0];
  if (!Object.hasOwn(landscapes, chosen)) {
    throw new UsageError(`bifurcation: unknown landscape ${describe(chosen)}${didYouMean(chosen, known)}`);
  }
  const [landscape, formula] = landscapes[chosen];
  return { landscape, called: formula };
}

function readMap(args: Arguments): {
  readonly map: DynamicalMap;
  readonly rule: string;
  readonly called: string;
} {
  const { landscape, called } = readLandscape(args);
  const factory = findRule(args.text("rule") ?? "gradientDescent");
  const rule = make(factory, readRuleOptions(args, "learning rates are given by --from and --to"));
  try {
    return { map: optimizerMap(rule, landscape), rule: rule.name, called };
  } catch (error) {
    throw new UsageError(`--rule: ${(error as Error).message.replace(/^optimizerMap: /, "")}`);
  }
}

const whole = (args: Arguments, name: CliOptionName, least: number, usual: number): number =>
  args.number(
    name,
    `the integers from ${least} to 10⁶`,
    (v) => Number.isSafeInteger(v) && v >= least && v <= 1e6,
  ) ?? usual;

/** The learning rates of a call: as told, or around the cascade. */
function readRates(args: Arguments, cascade: Feigenbaum, end: string | undefined): Float64Array {
  const positive = (name: CliOptionName) => args.number(name, "(0, ∞)", (v) => v > 0);
  const { rates: doublings, onset } = cascade;
  const [first] = doublings;
  const from = positive("from") ?? 0.9 * first;
  const to = positive("to") ?? (onset > first ? onset + 0.75 * (onset - first) : 1.5 * first);
  if (Number.isNaN(from + to)) throw new UsageError(`--from and --to are needed: ${end}`);
  if (!(from < to)) throw new UsageError(`--from must be below --to, got ${from} and ${to}`);
  const count = whole(args, "count", 2, 600);
  return numbersOf({ from, to, count });
}

/** thalweg bifurcation: where an optimiser ends up, by its learning rate. */
export async function bifurcationCommand(
  args: Arguments,
  progress: Progress,
  width: number,
): Promise<string> {
  const csv = args.text("csv");
  const svg = args.text("svg");
  checkWritable([
    ["--csv", csv],
    ["--svg", svg],
  ]);
  const { map, rule, called } = readMap(args);
  const start = args.number("start", "(−∞, ∞)", Number.isFinite) ?? map.start[0];
  const burnIn = whole(args, "burn-in", 0, 5000);
  const keep = whole(args, "keep", 1, 300);
  progress.say("locating the period doublings");
  const cascade = feigenbaum(map, { count: DOUBLINGS, start });
  const complete = cascade.rates.length === DOUBLINGS;
  const end = complete ? undefined : cascade.message.replace(`${map.name}: `, "");
  const rates = readRates(args, cascade, end);
  if (rates.length * keep > MOST_KEPT) {
    throw new UsageError(`--count times --keep must be at most ${MOST_KEPT}, got ${rates.length * keep}`);
  }
  progress.say("sweeping the learning rates");
  const lanes = { rates, starts: start, burnIn };
  const { values, escapes } = bifurcation(map, { ...lanes, keep });
  const { exponents } = lyapunov(map, { ...lanes, steps: MULTIPLIED });
  const { periods: found } = periods(map, { ...lanes, maxPeriod: LONGEST_PERIOD });
  const diagram: Diagram = {
    name: `${rule} on ${called}`,
    rule,
    landscape: called,
    start,
    burnIn,
    keep,
    rates,
    periods: found,
    exponents,
    escapes,
    values,
    doublings: cascade.rates.map((rate, k) => ({ rate, period: 2 ** k })),
    onset: cascade.onset,
    delta: cascade.delta,
    moved: { delta: cascade.moved.delta, onset: cascade.moved.onset },
    ...(end === undefined ? {} : { end }),
  };
  if (csv !== undefined) writeAtomically(csv, `${csvOf(diagram)}\n`);
  if (svg !== undefined) {
    progress.say("drawing the diagram");
    const { bifurcationChart } = await import("../report/bifurcation-chart.ts");
    const marked = [
      // From the third doubling on there is no room between them.
      ...diagram.doublings
        .slice(0, 3)
        .map(({ rate, period }) => [rate, period < 4 ? `${period} → ${2 * period}` : ""] as const),
      ...(Number.isFinite(diagram.onset) ? [[diagram.onset, "chaos"] as const] : []),
    ];
    writeAtomically(svg, `${bifurcationChart({ ...diagram, marked })}\n`);
  }
  progress.done();
  return args.has("json") ? json(diagram) : bifurcationText(diagram, { csv, svg, width });
}

/** One row a point: of a cycle its points, else all that were kept; a row without a point where an orbit escaped. */
function csvOf({ rates, periods: found, exponents, values, keep }: Diagram): string {
  const rows: (number | string)[][] = [];
  rates.forEach((rate, i) => {
    const period = found[i];
    const exponent = Number.isFinite(exponents[i]) ? exponents[i] : period < 0 ? "" : "-Infinity";
    if (period < 0) rows.push([rate, period, exponent, ""]);
    const points = period > 0 ? Math.min(period, keep) : keep;
    if (period >= 0)
      for (let k = 0; k < points; k++) rows.push([rate, period, exponent, values[i * keep + k]]);
  });
  return Papa.unparse([["rate", "period", "exponent", "x"], ...rows], { newline: "\n" });
}

/** Everything but the points, which are a matter of --csv. */
const json = ({ name, values: _, ...rest }: Diagram): string => toJson({ map: name, ...rest });
