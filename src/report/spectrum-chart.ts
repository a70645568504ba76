import * as Plot from "@observablehq/plot";
import { describe } from "../core/describe.ts";
import { logAxis } from "./axes.ts";
import { defaultWidth, draw, label, printable, shorten, textWidth } from "./chart.ts";
import type { ChartOptions } from "./chart-options.ts";
import { checkRecord } from "./check.ts";
import { formatCount, formatNumber, formatPlural, typesetNumber } from "./format.ts";
import { colour } from "./palette.ts";

/** Curvature at one place, as a report shows it. */
export interface CurvatureRecord {
  /** Where the Hessian was taken, in a few words: "raw data, at zero". */
  where: string;
  /** The largest eigenvalue. */
  lambdaMax: number;
  /** The smallest eigenvalue. */
  lambdaMin: number;
  /** λmax/λmin; may be ∞. */
  conditionNumber: number;
  /** 2/λmax; 0 where no step is stable. */
  speedLimit: number;
  /** The best constant step. */
  optimalStep: number;
  /** The slowest mode's factor a step at `optimalStep`. */
  contractionRate: number;
  /** Eigenvalues in any order; zeros, negative ones and ones at rounding level are welcome. */
  spectrum: ArrayLike<number>;
  /** Whether `spectrum` holds all of them. */
  complete: boolean;
}

/** Throws unless these are spectra that say where they were taken. */
export function checkCurvatures(owner: string, curvatures: readonly CurvatureRecord[]): void {
  if (!Array.isArray(curvatures)) {
    throw new TypeError(
      `${owner}: curvatures must be an array such as [{ where: "at the start", ...found }], got ${describe(curvatures)}`,
    );
  }
  const hint = 'of a curvature give { where: "at the start", ...found }';
  curvatures.forEach((record, i) => {
    checkRecord(owner, `curvatures[${i}]`, record, { lists: ["spectrum"], texts: ["where"] }, hint);
  });
}

interface Row {
  where: string;
  /** What the eigenvalues are in number and kind. */
  facts: string[];
  /** Those that are not zero to rounding. */
  drawn: number[];
  lambdaMax: number;
  lambdaMin: number;
}

function rowOf({ where, spectrum, lambdaMax, lambdaMin, conditionNumber, complete }: CurvatureRecord): Row {
  const given = Array.from(spectrum).filter(Number.isFinite);
  const extremes = [lambdaMax, lambdaMin].filter((value) => Number.isFinite(value) && !given.includes(value));
  const values = complete ? given : [...given, ...extremes];
  const size = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const rounding = values.length * Number.EPSILON * size;
  const drawn = values.filter((value) => Math.abs(value) > rounding);
  const zeros = values.length - drawn.length;
  const negative = drawn.filter((value) => value < 0).length;
  return {
    where,
    facts: [
      complete
        ? formatPlural(values.length, "eigenvalue")
        : `${formatCount(values.length)} of the eigenvalues`,
      ...(negative > 0 ? [`${formatCount(negative)} negative`] : []),
      ...(zeros > 0 ? [`${formatCount(zeros)} zero to rounding`] : []),
      ...(conditionNumber > 0 ? [`κ = ${typesetNumber(conditionNumber)}`] : []),
    ],
    drawn,
    lambdaMax: drawn.reduce((a, b) => Math.max(a, b), -Infinity),
    lambdaMin: drawn.reduce((a, b) => Math.min(a, b), Infinity),
  };
}

/** In words: what the {@link spectrumChart} shows. */
export function spectrumCaption(curvatures: readonly CurvatureRecord[]): string {
  const rows = curvatures.map(rowOf);
  const told = rows.map(({ where, drawn, lambdaMin, lambdaMax }) =>
    drawn.length === 0
      ? `${where}: all zero`
      : `${where}: ${formatNumber(lambdaMin)} to ${formatNumber(lambdaMax)}`,
  );
  return [
    `Eigenvalues of the Hessian, one stroke each, on a logarithmic axis (${told.join("; ")}).`,
    ...(rows.some((row) => row.lambdaMin < 0) ? ["Negative ones hang below the line, by their size."] : []),
  ].join(" ");
}

/** Lines of at most about `width` that hold the facts in order. */
function wrap(facts: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const fact of facts) {
    const longer = lines.length > 0 ? `${lines[lines.length - 1]}, ${fact}` : fact;
    if (lines.length > 0 && textWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(fact);
  }
  return lines;
}

const margins = { top: 4, right: 14, bottom: 42, left: 2 };
const lineHeight = 16;
const strokeHeight = 18;

/**
 * The eigenvalues of one Hessian or several, a row each, on one logarithmic axis, with λmax, the limit
 * 2/λmax that it sets, and λmin. Negative eigenvalues hang below the line by their size; those that are
 * zero to rounding (at most n ε λmax) are counted in words.
 *
 * @param curvatures - what `curvature` found at one place or several, each with `where` that was
 * @param options.width - width of the drawing in its own units (text is 12 high), default 760
 * @returns an SVG document
 * @throws TypeError naming what lacks a spectrum or does not say where it was taken
 *
 * @example
 * ```ts
 * import { curvature, quadratic } from "thalweg";
 * import { spectrumChart } from "thalweg/report";
 * const bowl = curvature(quadratic({ diagonal: [10, 1] }));
 * spectrumChart([{ where: "everywhere", ...bowl }]); // "<svg…"
 * ```
 */
export function spectrumChart(curvatures: readonly CurvatureRecord[], options: ChartOptions = {}): string {
  const { width = defaultWidth } = options;
  checkCurvatures("spectrumChart", curvatures);
  const rows = curvatures.map(rowOf);
  const sizes = rows.flatMap((row) => row.drawn.map(Math.abs));
  const low = sizes.reduce((a, b) => Math.min(a, b), Infinity);
  const high = sizes.reduce((a, b) => Math.max(a, b), 0);
  const x = logAxis("x", high > 0 ? low : 0.1, high > 0 ? high : 10, {
    name: "eigenvalue",
    ticks: width / 70,
  });
  const [from, to] = x.scale.domain as [number, number];
  const room = width - margins.left - margins.right;
  const pixel = (value: number) => (Math.log(Math.abs(value) / from) / Math.log(to / from)) * room;

  const marks: Plot.Markish[] = [x.grid, x.labels];
  const write = (text: string, y: number, style: Plot.TextOptions) =>
    marks.push(
      Plot.text([text], {
        ...label(style.fill as string),
        y: [y],
        ...(style.x === undefined ? { frameAnchor: "left" } : {}),
        textAnchor: "start",
        ...style,
      }),
    );
  /** A label beside its eigenvalue, to the right if there is room, else to the left, else at the chart's end. */
  const annotate = (text: string, value: number, y: number) => {
    const left = pixel(value);
    const fitsRight = left + textWidth(text) <= room + margins.right;
    const fitsLeft = textWidth(text) <= left;
    write(text, y, {
      fill: value < 0 ? colour.alarm : colour.accent,
      x: [Math.abs(value)],
      textAnchor: fitsRight ? "start" : "end",
      dx: fitsRight || fitsLeft ? 0 : room - left,
    });
  };

  let y = 0;
  for (const row of rows) {
    write(shorten(printable(row.where), room), (y += lineHeight / 2), { fill: colour.ink, fontWeight: 600 });
    for (const line of wrap(row.facts, room)) write(line, (y += lineHeight), { fill: colour.muted });
    y += lineHeight / 2;
    if (row.drawn.length > 0) {
      const base = y + lineHeight + strokeHeight + 6;
      if (row.lambdaMax > 0) {
        const limit = `2/λmax = ${typesetNumber(2 / row.lambdaMax)}`;
        annotate(`λmax = ${typesetNumber(row.lambdaMax)},  ${limit}`, row.lambdaMax, y + lineHeight / 2 + 2);
      }
      const taken = new Set<number>();
      const strokes = row.drawn.filter((value) => {
        const place = Math.sign(value) * (1 + Math.round(pixel(value) * 2));
        return !taken.has(place) && taken.add(place);
      });
      marks.push(
        Plot.ruleY([base], {
          x1: [strokes.reduce((a, b) => Math.min(a, Math.abs(b)), Infinity)],
          x2: [strokes.reduce((a, b) => Math.max(a, Math.abs(b)), 0)],
          y: [base],
          stroke: colour.muted,
        }),
        Plot.ruleX(strokes, {
          x: (value: number) => Math.abs(value),
          y1: base,
          y2: (value: number) => base - Math.sign(value) * strokeHeight,
          stroke: (value: number) => (value < 0 ? colour.alarm : colour.accent),
          strokeWidth: 1.6,
        }),
      );
      y = base + (row.lambdaMin < 0 ? strokeHeight : 0);
      if (row.drawn.length > 1 || row.lambdaMin < 0) {
        annotate(`λmin = ${typesetNumber(row.lambdaMin)}`, row.lambdaMin, y + lineHeight / 2 + 4);
        y += lineHeight;
      }
    }
    y += lineHeight;
  }
  return draw({
    title: "Eigenvalues of the Hessian",
    description: spectrumCaption(curvatures),
    width,
    height: y + margins.top + margins.bottom,
    margins,
    x: x.scale,
    y: { type: "linear", domain: [Math.max(1, y), 0], axis: null },
    marks,
  });
}
