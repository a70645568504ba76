import * as Plot from "@observablehq/plot";
import { linearAxis } from "./axes.ts";
import { defaultWidth, draw, label, wide } from "./chart.ts";
import type { ChartOptions } from "./chart-options.ts";
import { formatCount, formatNumber, formatPlural, typesetNumber } from "./format.ts";
import { colour } from "./palette.ts";

/** A learning rate, and the eigenvalues of the modes that it drives. */
export interface RegimesRecord {
  /** η ≥ 0. */
  learningRate: number;
  /** λ of each mode, in any order; what is not finite is left out. */
  eigenvalues: ArrayLike<number>;
}

type Regime = "escaping" | "unmoved" | "monotone" | "one step" | "oscillating" | "two-cycle" | "divergent";

/** A product this near to 1 or to 2 counts as equal to it. */
const tolerance = 1e-9;

function regimeOf(product: number): Regime {
  if (Math.abs(product - 1) <= tolerance) return "one step";
  if (Math.abs(product - 2) <= tolerance) return "two-cycle";
  if (product < 0) return "escaping";
  if (product === 0) return "unmoved";
  return product < 1 ? "monotone" : product < 2 ? "oscillating" : "divergent";
}

const hue: Readonly<Record<Regime, string>> = {
  escaping: colour.alarm,
  unmoved: colour.muted,
  monotone: colour.accent,
  "one step": colour.still,
  oscillating: colour.calm,
  "two-cycle": colour.edge,
  divergent: colour.alarm,
};

function countRegimes(products: readonly number[]): Map<Regime, number> {
  const counts = new Map<Regime, number>();
  for (const product of products) {
    const regime = regimeOf(product);
    counts.set(regime, (counts.get(regime) ?? 0) + 1);
  }
  return counts;
}

const productsOf = ({ learningRate, eigenvalues }: RegimesRecord): number[] =>
  Array.from(eigenvalues, (eigenvalue) => learningRate * eigenvalue).filter(Number.isFinite);

/** In words: what the {@link regimesChart} shows. */
export function regimesCaption(record: RegimesRecord): string {
  const counts = countRegimes(productsOf(record));
  const order = Object.keys(hue) as Regime[];
  const told = order
    .filter((regime) => counts.has(regime))
    .map((regime) => `${formatCount(counts.get(regime)!)} ${regime}`);
  return (
    `Each step multiplies the distance along a mode of eigenvalue λ by 1 − ηλ. At η = ${formatNumber(record.learningRate)} ` +
    `the modes are: ${told.join(", ") || "none"}.`
  );
}

/**
 * What a learning rate η does to each mode of a quadratic: |1 − ηλ|, the factor per step, against ηλ, with
 * the five regimes: monotone (0 < ηλ < 1), one step (1), oscillating (1 to 2), two-cycle (2), divergent
 * (beyond 2; and, for negative eigenvalues, below 0). Modes beyond the chart are counted at its edge.
 *
 * @param record - the rate and the eigenvalues
 * @param options.width - width of the drawing in its own units (text is 12 high), default 760
 * @returns an SVG document
 *
 * @example
 * ```ts
 * import { regimesChart } from "thalweg/report";
 * regimesChart({ learningRate: 0.15, eigenvalues: [1, 5, 13.3] }); // "<svg…"
 * ```
 */
export function regimesChart(record: RegimesRecord, options: ChartOptions = {}): string {
  const { width = defaultWidth } = options;
  const products = productsOf(record);
  const counts = countRegimes(products);
  const least = products.reduce((a, b) => Math.min(a, b), 0);
  const most = products.reduce((a, b) => Math.max(a, b), 0);
  const from = least < 0 ? Math.max(width < wide ? -0.8 : -1, Math.min(-0.6, least * 1.1)) : -0.04;
  const to = Math.min(width < wide ? 2.9 : 4, Math.max(2.8, most * 1.08));
  const top = Math.max(1.5, 1 - from, to - 1) * 1.24;

  const x = linearAxis("x", from, to, { name: "ηλ", ticks: width / 90 });
  const y = linearAxis("y", 0, top, { name: "|1 − ηλ|, the factor per step", ticks: 5 });
  const bands: { regime: Regime; x1: number; x2: number; anchor: number }[] = [
    ...(least < 0 ? [{ regime: "escaping" as const, x1: from, x2: 0, anchor: from / 2 }] : []),
    { regime: "monotone", x1: 0, x2: 1, anchor: 0.5 },
    { regime: "oscillating", x1: 1, x2: 2, anchor: 1.5 },
    { regime: "divergent", x1: 2, x2: to, anchor: 1 + to / 2 },
  ];
  const edges: { regime: Regime; at: number }[] = [
    { regime: "one step", at: 1 },
    { regime: "two-cycle", at: 2 },
  ];
  const modes = (regime: Regime) => formatPlural(counts.get(regime) ?? 0, "mode");

  const shown = products.filter((product) => product >= from && product <= to);
  const seen = new Set<number>();
  const dots = shown.filter((product) => {
    const pixel = Math.round(((product - from) / (to - from)) * width * 2);
    return !seen.has(pixel) && seen.add(pixel);
  });
  const beyond = products.filter((product) => product > to);
  const before = products.filter((product) => product < from);
  const outside: { text: string; frameAnchor: "bottom-left" | "bottom-right"; dx: number }[] = [];
  if (before.length > 0) {
    const text = `← ${formatCount(before.length)} beyond, to ${typesetNumber(least)}`;
    outside.push({ text, frameAnchor: "bottom-left", dx: 6 });
  }
  if (beyond.length > 0) {
    const text = `${formatCount(beyond.length)} beyond, to ${typesetNumber(most)} →`;
    outside.push({ text, frameAnchor: "bottom-right", dx: -6 });
  }
  const strongest = dots.length > 0 && beyond.length === 0 ? [most] : [];

  return draw({
    title: "Regimes of the learning rate",
    description: regimesCaption(record),
    width,
    height: 320,
    margins: { top: 48, right: x.overhang, bottom: 44, left: y.room + 4 },
    x: x.scale,
    y: y.scale,
    marks: [
      Plot.rect(bands, {
        x1: "x1",
        x2: "x2",
        y1: 0,
        y2: top,
        fill: (d) => hue[d.regime as Regime],
        fillOpacity: 0.1,
      }),
      y.grid,
      y.labels,
      x.labels,
      Plot.ruleX(edges, { x: "at", stroke: (d) => hue[d.regime as Regime], strokeWidth: 1.5 }),
      Plot.text(edges, {
        x: "at",
        text: ({ regime }) =>
          counts.has(regime) ? `${regime} (${formatCount(counts.get(regime)!)})` : regime,
        fill: (d) => hue[d.regime as Regime],
        fontWeight: 600,
        frameAnchor: "top",
        lineAnchor: "bottom",
        dy: -6,
      }),
      Plot.text(bands, {
        x: "anchor",
        text: (d) => `${d.regime}\n${modes(d.regime)}`,
        fill: (d) => hue[d.regime as Regime],
        fontWeight: 600,
        frameAnchor: "top",
        lineHeight: 1.3,
        dy: 8,
      }),
      Plot.ruleY([1], { stroke: colour.muted, strokeDasharray: "3 3" }),
      Plot.line(
        [
          [from, 1 - from],
          [1, 0],
          [to, to - 1],
        ],
        { stroke: colour.muted, strokeWidth: 1.5 },
      ),
      Plot.dot(dots, {
        x: (product: number) => product,
        y: (product: number) => Math.abs(1 - product),
        r: 4,
        fill: (product: number) => hue[regimeOf(product)],
        stroke: colour.paper,
        strokeWidth: 1,
      }),
      Plot.text(strongest, {
        ...label(colour.ink),
        x: (product: number) => product,
        y: (product: number) => Math.abs(1 - product),
        text: (product: number) => `ηλmax = ${typesetNumber(product)}`,
        textAnchor: most > 1 ? "end" : "start",
        dx: most > 1 ? -10 : 10,
        dy: -12,
      }),
      ...outside.map(({ text, ...place }) =>
        Plot.text([text], { ...label(colour.alarm), ...place, fontWeight: 600, dy: -8 }),
      ),
    ],
  });
}
