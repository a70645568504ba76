import * as Plot from "@observablehq/plot";
import { linearAxis } from "./axes.ts";
import { arrange, defaultWidth, draw, label } from "./chart.ts";
import { typesetNumber } from "./format.ts";
import { colour } from "./palette.ts";
import { density, pixels } from "./pixels.ts";

/** What a bifurcation diagram shows. */
export interface BifurcationRecord {
  /** What was iterated. */
  readonly name: string;
  /** At even distances, from low to high: at least two. */
  readonly rates: ArrayLike<number>;
  /** `keep` points a rate, one rate behind the other; NaN where an orbit escaped. */
  readonly values: ArrayLike<number>;
  readonly keep: number;
  /** The Lyapunov exponent at each rate; NaN where an orbit escaped. */
  readonly exponents: ArrayLike<number>;
  /** Rates to be marked, and what is written beside them. */
  readonly marked: readonly (readonly [rate: number, text: string])[];
}

const HEIGHT = 330;
/** Rows of pixels: about as many as there are in the frame. */
const ROWS = 400;
/** The lowest exponent that is shown: superstable cycles reach −∞. */
const LOWEST = -2;

/** The stretch of an axis around numbers, with a little air; NaN and ±∞ do not count. */
function around(values: ArrayLike<number>, lowest = -Infinity): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) continue;
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  if (low > high) return [-1, 1];
  low = Math.max(low, lowest);
  const air = high > low ? 0.04 * (high - low) : Math.max(1e-9, 0.1 * Math.abs(high));
  return [low - air, high + air];
}

/** The points that orbits visit in the long run against the learning rate, and the Lyapunov exponent below: an SVG document. */
export function bifurcationChart(record: BifurcationRecord): string {
  const { name, rates, values, keep, exponents, marked } = record;
  const range: [number, number] = [rates[0], rates[rates.length - 1]];
  const points = around(values);
  const sizes = around(exponents, LOWEST);
  const exponent: [number, number] = [sizes[0], Math.max(sizes[1], 0.1)];
  const axes = [points, exponent].map(([low, high]) => linearAxis("y", low, high, { name: "", ticks: 6 }));
  const room = Math.max(...axes.map((axis) => axis.room));
  const shown = marked.filter(([rate]) => rate > range[0] && rate < range[1]);
  const rules = Plot.ruleX(
    shown.map(([rate]) => rate),
    { stroke: colour.edge, strokeDasharray: "2,3" },
  );
  // Neighbours stand in two rows, so that they do not meet.
  const names = shown
    .filter(([, text]) => text !== "")
    .map(([rate, text], i) =>
      Plot.text([text], {
        x: [rate],
        frameAnchor: "top",
        lineAnchor: "top",
        textAnchor: "start",
        dx: 5,
        dy: 6 + 15 * (i % 2),
        ...label(colour.edge),
      }),
    );
  const parts = [
    {
      title: "Where orbits end",
      what: "x",
      marks: [
        pixels(rates.length, ROWS, density(values, keep, ROWS, points), colour.ink, true),
        rules,
        names,
      ],
    },
    {
      title: "How fast neighbours part",
      what: "Lyapunov exponent a step",
      marks: [
        Plot.ruleY([0], { stroke: colour.ink }),
        rules,
        Plot.line(
          Array.from(rates, (rate, i) => [rate, exponents[i]] as [number, number]),
          {
            stroke: colour.accent,
            strokeWidth: 1,
            clip: true,
          },
        ),
      ],
    },
  ];
  const description = `${name}, at learning rates from ${typesetNumber(range[0])} to ${typesetNumber(range[1])}: above, the points that orbits visit in the long run; below, the Lyapunov exponent, positive in chaos.`;
  const charts = parts.map(({ title, what, marks }, i) => {
    const x = linearAxis("x", range[0], range[1], { name: i === 1 ? "learning rate" : "", ticks: 7 });
    const above = { frameAnchor: "top-left", lineAnchor: "bottom" } as const;
    return draw({
      title: `${title}: ${name}`,
      description,
      width: defaultWidth,
      height: HEIGHT,
      margins: { top: 56, right: x.overhang + 4, bottom: 44, left: room + 6 },
      x: x.scale,
      y: axes[i].scale,
      marks: [
        axes[i].grid,
        axes[i].labels,
        x.labels,
        Plot.text([i === 0 ? `${title}: ${name}` : title], { ...above, fontWeight: 650, dy: -30 }),
        Plot.text([what], { ...above, fill: colour.muted, dx: -room, dy: -10 }),
        ...marks,
      ],
    });
  });
  return arrange(charts, 1, { title: name, description, width: defaultWidth, height: HEIGHT });
}
