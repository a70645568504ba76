import { applyScaling, parseCsv, scaling } from "../src/data/index.ts";
import {
  curvature,
  descend,
  leastSquares,
  logisticRegression,
  Random,
  sgd,
  shuffle,
  stochasticCurvature,
  stochasticRate,
} from "../src/index.ts";
import csv from "../test/data/diabetes.csv";
import { colour, type Figure, hues, line, type Panel, Plot } from "./kit/chart.ts";

const SEEDS = 60;
const ROWS = 512;
const STEPS = 120;
const EVERY = 10;

/** Intervals for λmax of the standardised diabetes data, each from other rows. */
function intervals(): Panel {
  const data = parseCsv(csv, { target: "progression", task: "regression" });
  const columns = data.columns.length;
  const features = applyScaling(scaling(data, "standard"), data.features);
  const problem = leastSquares(features, data.targets, { columns });
  const { lambdaMax, topVector } = curvature(problem);
  const along = Array.from({ length: data.rows }, (_, i) => {
    const row = features.subarray(i * columns, (i + 1) * columns);
    return row.reduce((sum, x, j) => sum + x * topVector[j], 0) ** 2;
  });
  const variance = along.reduce((sum, q) => sum + (q - lambdaMax) ** 2, 0) / data.rows;
  const reach = 1.96 * Math.sqrt(variance / ROWS);
  const found = Array.from({ length: SEEDS }, (_, seed) => {
    const { lower, upper } = stochasticCurvature(problem, { seed, batches: ROWS / 8 });
    return { seed, lower, upper, holds: lower <= lambdaMax && lambdaMax <= upper };
  });
  const missed = found.filter(({ holds }) => !holds).length;
  return {
    title: `${SEEDS} draws of ${ROWS} rows: ${missed} miss`,
    x: { name: "draw", domain: [-1, SEEDS] },
    y: { name: "interval for λmax", domain: [2.5, 5.5] },
    legend: [
      ["interval", colour.calm],
      ["λmax of all rows", hues[1]],
      ["an oracle's width", hues[3]],
    ],
    marks: [
      Plot.rect([0], {
        x1: () => -1,
        x2: () => SEEDS,
        y1: () => lambdaMax - reach,
        y2: () => lambdaMax + reach,
        fill: hues[3],
        fillOpacity: 0.16,
      }),
      line(
        [
          [-1, lambdaMax],
          [SEEDS, lambdaMax],
        ],
        hues[1],
      ),
      Plot.ruleX(found, {
        x: "seed",
        y1: "lower",
        y2: "upper",
        stroke: ({ holds }: { readonly holds: boolean }) => (holds ? colour.calm : colour.alarm),
        strokeWidth: 2.25,
      }),
    ],
  };
}

/** A logistic model trained in batches, from zero weights, where it is steepest. */
function training(): Panel {
  const random = new Random(31);
  const rows = Array.from({ length: 2000 }, () => [2 * random.normal(), random.normal(), random.normal()]);
  const labels = rows.map(([a, b]) => a + b + 2 * random.normal() > 0);
  const problem = logisticRegression(rows, labels, { l2: 0.02 });
  const rate = stochasticRate(problem, { every: EVERY, growth: Infinity });
  const rule = sgd({ learningRate: rate.learningRate });
  const rates: [number, number][] = [];
  const limits: [number, number][] = [];
  const batches = shuffle({ rows: rows.length, batchSize: 256 });
  for (const step of descend(problem, { rule, batches, steps: STEPS })) {
    rate.observe(step);
    rates.push([step.index, rate.learningRate(step.index)]);
    limits.push([step.index, curvature(problem, { at: step.x }).speedLimit]);
  }
  const ends = rate.history.map(({ index, lower, upper }) => ({ index, low: 2 / upper, high: 2 / lower }));
  return {
    title: `Training with a rate measured every ${EVERY} steps`,
    x: { name: "step", domain: [-2, STEPS] },
    y: { name: "learning rate", domain: [0, 6] },
    legend: [
      ["2/λmax of all rows", hues[1]],
      ["its interval", colour.calm],
      ["the rate", hues[2]],
    ],
    marks: [
      line(limits, hues[1]),
      Plot.ruleX(ends, {
        x: "index",
        y1: "low",
        y2: "high",
        stroke: colour.calm,
        strokeWidth: 2.25,
        clip: true,
      }),
      line(rates, hues[2], { curve: "step-after", strokeWidth: 2 }),
    ],
  };
}

/** Intervals for λmax from batches against the true one, and a rate that follows from them on the way. */
export default (): Figure => ({
  title: "λmax from batches",
  description:
    "Left: 60 intervals for λmax of the diabetes data, each from 512 rows, around the λmax of all rows: nearly all hold it, and they are " +
    "little wider than those of an oracle. Right: a training in batches whose rate is measured every 10 steps: half of the lower end of " +
    "the interval for 2/λmax, which rises as the descent comes to where the model is flatter.",
  columns: 2,
  panels: [intervals(), training()],
});
