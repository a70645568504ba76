import { escapeStatistics, twoValleys, valleyOccupancy } from "../src/index.ts";
import { colour, type Figure, hues, label, line, type Panel, Plot } from "./kit/chart.ts";

const landscape = twoValleys({ curvatures: [10, 1], passCurvature: 4 });
const [sharp, flat] = landscape.valleys;
const BATCHES = [4, 16, 64, 256];
const NOISE = 20;
const RATES: [number, number] = [0.01, 0.16];
/** Where Kramers' law is drawn: valleys of at least so many T. */
const DEEP = 2;

const geometric = ([low, high]: readonly [number, number], count: number): number[] =>
  Array.from({ length: count }, (_, i) => low * (high / low) ** (i / (count - 1)));

const legend = BATCHES.map((size, i) => [`B = ${size}`, hues[i]] as const);

/** Rates of escape from the sharp valley, measured on 2000 runs each, and what Kramers' law and the diffusion say. */
function escapes(): Panel {
  const runs = { batchSizes: BATCHES, noise: NOISE, precision: "f32" } as const;
  const measured = escapeStatistics(landscape, {
    ...runs,
    learningRates: geometric(RATES, 13),
    runs: 2000,
    steps: 100_000,
  });
  const shown = measured.filter(({ escaped }) => escaped >= 20);
  const laws = escapeStatistics(landscape, {
    ...runs,
    learningRates: geometric(RATES, 60),
    runs: 1,
    steps: 1,
  });
  const lineOf = (size: number, steps: "kramersSteps" | "langevinSteps") =>
    laws
      .filter(({ batchSize }) => batchSize === size)
      .filter(({ temperatures: [t] }) => steps === "langevinSteps" || DEEP * t <= sharp.depth)
      .map((law) => [law.learningRate, 1 / law[steps]] as const)
      .filter(([, rate]) => rate > 1e-6);
  return {
    title: "How soon runs leave the sharp valley",
    x: { name: "learning rate η", domain: RATES, log: true, ticks: 5 },
    y: { name: "escapes a step", domain: [1e-6, 1], log: true },
    legend,
    marks: [
      Plot.text(["lines: small steps, dashes: Kramers"], {
        frameAnchor: "top-left",
        lineAnchor: "top",
        dx: 8,
        dy: 4,
        ...label(),
      }),
      ...BATCHES.flatMap((size, i) => [
        line(lineOf(size, "langevinSteps"), hues[i], { strokeWidth: 1.25, strokeOpacity: 0.6 }),
        line(lineOf(size, "kramersSteps"), hues[i], { strokeWidth: 1.25, strokeDasharray: "5,4" }),
        Plot.dot(
          shown.filter(({ batchSize }) => batchSize === size),
          { x: "learningRate", y: "escapeRate", fill: hues[i], r: 3 },
        ),
      ]),
    ],
  };
}

const FINAL_RATES: [number, number] = [0.002, 0.45];

/** The share of the runs that are in the flat valley after 2000 steps from the bottom of the sharp one. */
function shares(): Panel {
  const found = valleyOccupancy(landscape, {
    learningRates: geometric(FINAL_RATES, 48),
    batchSizes: BATCHES,
    noise: NOISE,
    runs: 2000,
    steps: 2000,
    start: sharp.at,
    precision: "f32",
  });
  const width = Math.sqrt(sharp.curvature / flat.curvature);
  const boltzmann = width / (1 + width);
  return {
    title: "How many are in the flat one 2000 steps later",
    x: { name: "learning rate η", domain: FINAL_RATES, log: true, ticks: 5 },
    y: { name: "share of 2000 runs", domain: [0, 1] },
    legend,
    marks: [
      Plot.ruleY([boltzmann], { stroke: colour.muted, strokeDasharray: "2,3" }),
      Plot.ruleX([2 / sharp.curvature], { stroke: colour.edge, strokeDasharray: "2,3" }),
      Plot.text(["2/λ, the", "sharp", "valley's", "limit"], {
        x: 2 / sharp.curvature,
        y: (_, i) => 0.44 - 0.08 * i,
        textAnchor: "start",
        dx: 6,
        ...label(colour.edge),
      }),
      Plot.text(["what widths give"], {
        x: FINAL_RATES[0],
        y: boltzmann,
        textAnchor: "start",
        dx: 6,
        dy: -9,
        ...label(),
      }),
      ...BATCHES.map((size, i) =>
        line(
          found
            .filter(({ batchSize }) => batchSize === size)
            .map(({ learningRate, rightShare }) => [learningRate, rightShare] as const),
          hues[i],
        ),
      ),
    ],
  };
}

/** How noise leaves a sharp valley for a flat one of the same depth. */
export default (): Figure => ({
  title: "Noise leaves sharp valleys and stays in flat ones",
  description:
    "Left, the rate of escape from a sharp valley against the learning rate for batches of 4, 16, 64 and 256: it rises with the rate and falls with the batch size, " +
    "along Kramers' law where the valley is deep beside the noise. Right, the share of the runs that are in the flat valley after 2000 steps: none at small rates, about " +
    "three quarters where the noise is large enough to cross, and nearly all where the rate is above 2/λ of the sharp valley.",
  height: 330,
  columns: 2,
  panels: [escapes(), shares()],
});
