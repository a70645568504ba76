import { formatNumber, formatPercent, formatPlural } from "../report/format.ts";
import type { Diagram } from "./diagram.ts";
import { columnsOf, wrap } from "./output.ts";

/** Periods up to this have a row of their own. */
const SHORT = 8;

/** A limit is told in full once a doubling moves it by less than this. */
const SETTLED = 1e-3;

/** A kind of end: what it is called, and whether a period belongs to it. */
type Kind = readonly [name: string, holds: (period: number) => boolean];

const kinds: readonly Kind[] = [
  ...Array.from({ length: SHORT }, (_, i): Kind => [String(i + 1), (period) => period === i + 1]),
  [`${SHORT + 1} to 64`, (period) => period > SHORT],
  ["none: chaos, or not settled", (period) => period === 0],
  ["escaped", (period) => period < 0],
];

/** From the smallest to the largest of some numbers. */
function range(values: readonly number[]): string {
  if (values.length === 0) return "";
  const [low, high] = [Math.min(...values), Math.max(...values)].map((value) => formatNumber(value, 3));
  return low === high ? low : `${low} to ${high}`;
}

function table({ rates, periods, exponents }: Diagram): string {
  const rows = kinds.flatMap(([name, holds]) => {
    const lanes = [...rates.keys()].filter((i) => holds(periods[i]));
    if (lanes.length === 0) return [];
    const share = formatPercent(lanes.length / rates.length);
    const [first, last] = [lanes[0], lanes[lanes.length - 1]].map((i) => formatNumber(rates[i], 5));
    const finite = lanes.map((i) => exponents[i]).filter((exponent) => !Number.isNaN(exponent));
    return [[name, share, first, last, range(finite)]];
  });
  return columnsOf([["period", "of the rates", "first at", "last at", "exponent"], ...rows], {
    right: [1, 2, 3],
  });
}

function cascade({ doublings, onset, delta, moved }: Diagram): string {
  const rows = doublings.map(({ rate, period }) => [`${period} → ${2 * period}`, rate.toFixed(12)]);
  if (Number.isFinite(onset)) {
    const known = moved.delta < SETTLED;
    const gaps = known ? formatNumber(delta, 6) : `${formatNumber(delta, 2)} (not settled yet)`;
    rows.push(["chaos", `${onset.toFixed(known ? 12 : 6)}  each gap ${gaps} times the next`]);
  }
  return columnsOf(rows);
}

/** What was found, in a sentence or two. */
function conclusion({ rates, doublings, exponents, periods, end, rule, start }: Diagram): string {
  const parts: string[] = [];
  const [first] = doublings;
  if (first) {
    parts.push(
      `Up to ${formatNumber(first.rate, 5)} ${rule} settles; there its cycle of one point, the minimum, loses its stability.`,
    );
  }
  let wildest = -1;
  exponents.forEach((exponent, i) => {
    if (exponent > (exponents[wildest] ?? 0)) wildest = i;
  });
  const chaotic = exponents.filter((exponent) => exponent > 0).length;
  if (wildest >= 0) {
    parts.push(
      `It is chaotic at ${formatPercent(chaotic / rates.length)} of these rates: neighbouring orbits part by up to a factor of ` +
        `e^${formatNumber(exponents[wildest], 3)} a step, at ${formatNumber(rates[wildest], 5)}.`,
    );
  }
  const out = periods.filter((period) => period < 0).length;
  if (out > 0) {
    parts.push(
      `From ${formatNumber(start, 5)} it escapes at ${formatPlural(out, "rate")} of ${rates.length}.`,
    );
  }
  if (end) parts.push(`${end[0].toUpperCase()}${end.slice(1)}.`);
  return parts.join(" ");
}

/** The answer of thalweg bifurcation, as text. */
export function bifurcationText(
  diagram: Diagram,
  { csv, svg, width }: { readonly csv?: string; readonly svg?: string; readonly width: number },
): string {
  const { name, rates, start, burnIn, doublings } = diagram;
  const range = `${formatNumber(rates[0], 5)} to ${formatNumber(rates[rates.length - 1], 5)}`;
  const blocks = [
    wrap(`${name}, from x = ${formatNumber(start, 5)}: ${rates.length} learning rates from ${range}`, width),
  ];
  if (doublings.length > 0) blocks.push(`Where the period doubles\n${cascade(diagram)}`);
  blocks.push(
    `Where orbits are after ${formatPlural(burnIn, "step")}, and their Lyapunov exponents\n${table(diagram)}`,
  );
  blocks.push(wrap(conclusion(diagram), width));
  if (csv !== undefined) blocks.push(`The points were written to ${csv}.`);
  if (svg !== undefined) blocks.push(`The diagram was drawn to ${svg}.`);
  return blocks.join("\n\n");
}
