import { bifurcation, doubleWell, factorization, gradientDescent, optimizerMap } from "../src/index.ts";
import { colour, type Figure, label, Plot, painted } from "./kit/chart.ts";

const SIDE = 360;
const KEPT = 32;
const RATES: [number, number] = [0.05, 2.15];
const STARTS: [number, number] = [-2.5, 2.5];
const PLANE: [number, number] = [-3.2, 3.2];
const RATE = 0.5;

/** The middles of `SIDE` equal parts. */
const parts = ([low, high]: readonly [number, number]) =>
  Array.from({ length: SIDE }, (_, i) => low + ((high - low) * (i + 0.5)) / SIDE);

/** Pixels of a grid whose columns run from left to right and whose rows from the bottom up. */
const grid = (paint: (i: number) => readonly [string, number] | undefined) =>
  painted(SIDE, SIDE, (column, row) => paint((SIDE - 1 - row) * SIDE + column));

/** A pale grey that is the darker the longer an orbit took to escape. */
const escaped = (step: number): readonly [string, number] => [colour.muted, Math.min(0.6, 0.03 * step)];

/** Which well of the double well an orbit ends in, by the start and the learning rate. */
function wells() {
  const across = parts(RATES);
  const up = parts(STARTS);
  const { values, escapes } = bifurcation(optimizerMap(gradientDescent(), doubleWell), {
    rates: up.flatMap(() => across),
    starts: up.flatMap((start) => across.map(() => start)),
    burnIn: 2000,
    keep: KEPT,
  });
  return grid((i) => {
    if (escapes[i] >= 0) return escaped(escapes[i]);
    const orbit = values.subarray(i * KEPT, (i + 1) * KEPT);
    if (orbit.every((x) => x > 0)) return [colour.accent, 1];
    return orbit.every((x) => x < 0) ? [colour.edge, 1] : [colour.still, 0.45];
  });
}

/** What becomes of ½(uv − 1)² from a start (u, v): the sharpness u² + v² of the minimum that it ends in. */
function sharpness() {
  const side = parts(PLANE);
  const { values, escapes } = bifurcation(optimizerMap(gradientDescent(), factorization()), {
    rates: RATE,
    starts: side.flatMap((v) => side.map((u) => [u, v])),
    burnIn: 4000,
    keep: 2,
  });
  return grid((i) => {
    if (escapes[i] >= 0) return escaped(escapes[i]);
    const [u, v, laterU, laterV] = values.subarray(4 * i, 4 * i + 4);
    // On a start with u = −v nothing leads out of the saddle at 0.
    if (Math.abs(u - laterU) + Math.abs(v - laterV) > 1e-6 || u * v < 0.5) return [colour.still, 1];
    return [u > 0 ? colour.accent : colour.edge, 0.15 + (0.85 * (u * u + v * v - 2)) / (2 / RATE - 2)];
  });
}

/** Where orbits end, by where they begin. */
export default (): Figure => {
  const start = { domain: STARTS };
  const plane = { domain: PLANE };
  return {
    title: "Where descent ends, by where it begins",
    description:
      "Left, the double well: for each learning rate and start the well that the orbit ends in. Either well has the starts on its own side, and a band of " +
      "those on the other side that are thrown across; towards the edge of escape the bands grow thin without end. From about 1.6 on orbits visit both wells, from 2 on nearly all " +
      "escape. Right, ½(uv − 1)² at η = 0.5: starts on the plane, by the minimum on the hyperbola uv = 1 that they end in, the darker the sharper, " +
      "up to the limit u² + v² = 2/η = 4. Grey: starts that escape, the darker the later.",
    columns: 2,
    height: 380,
    panels: [
      {
        title: "The double well",
        x: { name: "learning rate η", domain: RATES, ticks: 5 },
        y: { name: "start", ...start },
        legend: [
          ["ends at right", colour.accent],
          ["at left", colour.edge],
          ["in both", colour.still],
        ],
        marks: [wells()],
      },
      {
        title: "½(uv − 1)² at η = 0.5",
        x: { name: "start u", ...plane },
        y: { name: "start v", ...plane },
        legend: [
          ["u > 0, darker: sharper", colour.accent],
          ["u < 0", colour.edge],
        ],
        marks: [
          sharpness(),
          Plot.text(["uv = 1"], { x: 2.6, y: 0.75, ...label() }),
          ...[1, -1].map((sign) =>
            Plot.line(
              Array.from({ length: 100 }, (_, i) => {
                const u = 0.32 * 10 ** (i / 99);
                return [sign * u, sign / u] as [number, number];
              }),
              { stroke: colour.ink, strokeWidth: 0.75, clip: true },
            ),
          ),
        ],
      },
    ],
  };
};
