import * as Plot from "@observablehq/plot";
import { textWidth } from "./chart.ts";
import { formatCount, typesetNumber, typesetPower } from "./format.ts";
import { colour } from "./palette.ts";

/** Multiples in [low, high] of a round step (1, 2 or 5 times a power of ten), about `count` of them or fewer. */
export function linearTicks(low: number, high: number, count: number, smallestStep = 0): number[] {
  const rough = Math.max((high - low) / count, smallestStep);
  if (!(rough > 0) || !Number.isFinite(rough)) return [low];
  const power = Number(`1e${rough.toExponential().split("e")[1]}`);
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.999)!;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first) + 1 }, (_, i) => (first + i) * step);
}

/** The stretch of a logarithmic axis that shows [low, high] (> 0): at least a decade, with a little air. */
export function logDomain(low: number, high: number): [number, number] {
  const from = Math.log10(low);
  const to = Math.log10(high);
  const air = 0.03 * Math.max(1, to - from) + Math.max(0, 1 - (to - from)) / 2;
  const bounded = (exponent: number) => 10 ** Math.min(308.25, Math.max(-307, exponent));
  return [bounded(from - air), bounded(to + air)];
}

interface Tick {
  value: number;
  text: string;
}

/** Powers of ten within the domain, at most `count` or so; 1, 2, 5 between them when they are too few. */
export function logTicks([low, high]: readonly [number, number], count: number): Tick[] {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  const stride = [1, 2, 3, 5, 10, 20, 30, 50, 100, 200].find((s) => (last - first) / s <= count) ?? 500;
  const ticks: Tick[] = [];
  if (last - first < 2) {
    for (let exponent = first - 1; exponent <= last; exponent++) {
      for (const mantissa of [1, 2, 5]) {
        const value = Number(`${mantissa}e${exponent}`);
        if (value >= low && value <= high) ticks.push({ value, text: typesetNumber(value) });
      }
    }
    return ticks;
  }
  for (let exponent = Math.ceil(first / stride) * stride; exponent <= last; exponent += stride) {
    ticks.push({ value: Number(`1e${exponent}`), text: exponent === 0 ? "1" : typesetPower(exponent) });
  }
  return ticks;
}

/** An axis ready to draw. */
export interface Axis {
  scale: Plot.ScaleOptions;
  grid: Plot.Markish;
  labels: Plot.Markish;
  /** The width that its labels need beside the axis. */
  room: number;
  /** How far its last label may reach beyond its end. */
  overhang: number;
}

function axis(side: "x" | "y", scale: Plot.ScaleOptions, ticks: Tick[], name: string): Axis {
  const values = ticks.map((tick) => tick.value);
  const texts = new Map(ticks.map((tick) => [tick.value, tick.text]));
  const grid = { stroke: colour.rule, strokeOpacity: 1 };
  const labels = {
    tickSize: 0,
    tickPadding: 7,
    tickFormat: (value: number) => texts.get(value) ?? "",
    label: name,
    labelArrow: "none" as const,
    fill: colour.muted,
  };
  const widths = ticks.map((tick) => Math.ceil(textWidth(tick.text)));
  const [drawGrid, drawLabels] =
    side === "x"
      ? [Plot.gridX(values, grid), Plot.axisX(values, { ...labels, labelAnchor: "right", labelOffset: 38 })]
      : [Plot.gridY(values, grid), Plot.axisY(values, { ...labels, labelAnchor: "top" })];
  return {
    scale,
    grid: drawGrid,
    labels: drawLabels,
    room: Math.max(12, ...widths) + 10,
    overhang: Math.max(18, (widths.at(-1) ?? 0) / 2 + 4),
  };
}

/** A logarithmic axis for values from `low` to `high`, both > 0. */
export function logAxis(
  side: "x" | "y",
  low: number,
  high: number,
  options: { name: string; ticks: number },
): Axis {
  const domain = logDomain(low, high);
  return axis(side, { type: "log", domain }, logTicks(domain, options.ticks), options.name);
}

/** A linear axis over exactly [low, high]; `whole` keeps its labels to whole numbers. */
export function linearAxis(
  side: "x" | "y",
  low: number,
  high: number,
  options: { name: string; ticks: number; whole?: boolean },
): Axis {
  const write = options.whole ? formatCount : (value: number) => typesetNumber(value);
  const ticks = linearTicks(low, high, options.ticks, options.whole ? 1 : 0);
  return axis(
    side,
    { type: "linear", domain: [low, high] },
    ticks.map((value) => ({ value, text: write(Number(value.toPrecision(12))) })),
    options.name,
  );
}
