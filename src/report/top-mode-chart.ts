import * as Plot from "@observablehq/plot";
import { defaultWidth, draw, printable, shorten, textWidth } from "./chart.ts";
import type { ChartOptions } from "./chart-options.ts";
import { formatPercent, formatPlural } from "./format.ts";
import { colour } from "./palette.ts";

/** How much of the top eigenvector lies on a column: its squared component, between 0 and 1. */
export interface ColumnShare {
  /** Its name. */
  column: string;
  /** In [0, 1]; what is not finite is left out. */
  share: number;
}

const shown = 10;

function sorted(shares: readonly ColumnShare[]): ColumnShare[] {
  return shares.filter(({ share }) => share >= 0 && Number.isFinite(share)).sort((a, b) => b.share - a.share);
}

/** In words: what the {@link topModeChart} shows. */
export function topModeCaption(shares: readonly ColumnShare[]): string {
  const [first] = sorted(shares);
  const leader = first ? ` ${first.column} carries ${formatPercent(first.share)} of it.` : "";
  return `Share of each column in the steepest direction, the eigenvector of λmax.${leader}`;
}

/**
 * Which columns carry the steepest direction: a bar for each of the ten with the largest share, the others
 * together in one.
 *
 * @param shares - a share for each column, in any order
 * @param options.width - width of the drawing in its own units (text is 12 high), default 760
 * @returns an SVG document
 *
 * @example
 * ```ts
 * import { topModeChart } from "thalweg/report";
 * topModeChart([{ column: "worst_area", share: 0.71 }, { column: "mean_area", share: 0.28 }]); // "<svg…"
 * ```
 */
export function topModeChart(shares: readonly ColumnShare[], options: ChartOptions = {}): string {
  const { width = defaultWidth } = options;
  const order = sorted(shares);
  const rest = order.slice(shown);
  const left = Math.min(
    width * 0.42,
    order.slice(0, shown).reduce((most, { column }) => Math.max(most, textWidth(column)), 80) + 12,
  );
  const bars = order.slice(0, shown).map(({ column, share }) => ({
    name: shorten(printable(column), left - 12),
    share,
    hue: colour.accent,
  }));
  if (rest.length > 0) {
    bars.push({
      name: formatPlural(rest.length, "other"),
      share: rest.reduce((sum, { share }) => sum + share, 0),
      hue: colour.rule,
    });
  }
  const most = bars.reduce((a, { share }) => Math.max(a, share), 0);
  const place = { y: (_: unknown, i: number) => i };
  return draw({
    title: "Columns that carry the steepest direction",
    description: topModeCaption(shares),
    width,
    height: Math.max(1, bars.length) * 24 + 12,
    margins: { top: 6, right: 64, bottom: 6, left },
    x: { type: "linear", domain: [0, most > 0 ? most : 1], axis: null },
    y: { type: "linear", domain: [-0.5, Math.max(1, bars.length) - 0.5], reverse: true, axis: null },
    marks: [
      Plot.rect(bars, {
        x1: 0,
        x2: "share",
        y1: (_, i) => i - 0.32,
        y2: (_, i) => i + 0.32,
        fill: "hue",
      }),
      Plot.ruleX([0], { stroke: colour.muted }),
      Plot.text(bars, { ...place, frameAnchor: "left", textAnchor: "end", dx: -8, text: "name" }),
      Plot.text(bars, {
        ...place,
        x: "share",
        textAnchor: "start",
        dx: 6,
        fill: colour.muted,
        text: (bar) => formatPercent(bar.share),
      }),
      ...(bars.length === 0 ? [Plot.text(["no shares"], { frameAnchor: "middle", fill: colour.muted })] : []),
    ],
  });
}
