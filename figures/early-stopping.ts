import { applyScaling, parseCsv, scaling, trainTestSplit } from "../src/data/index.ts";
import { curvature, gradientDescent, leastSquares, minimize, shrinkage } from "../src/index.ts";
import csv from "../test/data/diabetes.csv";
import { colour, type Figure, hues, label, line, Plot } from "./kit/chart.ts";

const STEPS = 100_000;
const TRAIN_ROWS = 80;

/** Columns and all their products, standardised by the training rows. */
function data() {
  const whole = parseCsv(csv, { target: "progression", task: "regression" });
  const { columns, rows } = whole;
  const width = columns.length;
  const expanded = Array.from({ length: rows }, (_, i) => {
    const row = Array.from(whole.features.subarray(i * width, (i + 1) * width));
    return [...row, ...row.flatMap((a, j) => row.slice(j).map((b) => a * b))];
  });
  const names = expanded[0].map((_, j) => `c${j}`);
  const table = { ...whole, columns: names, features: Float64Array.from(expanded.flat()) };
  const { train, test } = trainTestSplit(table, { testFraction: 1 - TRAIN_ROWS / rows, seed: 5 });
  const scale = scaling(train, "standard");
  const mean = train.targets.reduce((sum, y) => sum + y, 0) / train.rows;
  const part = ({ features, targets }: typeof train) =>
    leastSquares(
      applyScaling(scale, features),
      targets.map((y) => y - mean),
      { columns: names.length },
    );
  return { train: part(train), held: part(test) };
}

/** The value of an objective at a point. */
const valueAt = (problem: ReturnType<typeof leastSquares>, x: ArrayLike<number>) =>
  minimize(problem, { rule: gradientDescent({ learningRate: 0 }), start: x, steps: 0 }).value;

/** Stopping early on real data: the curves, and what each mode has learned by then, beside a ridge penalty's. */
export default (): Figure => {
  const { train, held } = data();
  const { spectrum, lambdaMax } = curvature(train);
  const rule = gradientDescent({ learningRate: 0.1 / lambdaMax });
  const steps = Array.from({ length: 90 }, (_, i) => Math.round(STEPS ** (i / 89)));
  const { best, history } = minimize(train, {
    rule,
    steps: STEPS,
    monitor: (x) => valueAt(held, x),
    monitorEvery: 10,
    gradientTolerance: 0,
    history: { every: 10 },
  });
  const curve = (values: ArrayLike<number>) =>
    steps
      .map((t): [number, number] => [Math.max(1, 10 * Math.floor(t / 10)), values[Math.floor(t / 10)]])
      .filter(([, y]) => Number.isFinite(y));
  const at = best!.step;
  const monitored = Array.from(history!.monitored!, (y, i): [number, number] => [
    Math.max(1, history!.steps[i]),
    y,
  ]).filter(([, y]) => Number.isFinite(y));
  const modes = Array.from(spectrum).filter((lambda) => lambda > 1e-3 * lambdaMax);
  const factors = (t: number) =>
    Array.from(shrinkage(rule, modes, t), (part, i): [number, number] => [modes[i] / lambdaMax, part]);
  const ridge = (10 * lambdaMax) / at;
  const highest = Math.max(...monitored.map(([, y]) => y));
  return {
    title: "Stopping early on the diabetes data",
    description:
      "Left: the training loss falls to the end, the held-out loss is least early and rises after. Right: at that step the steep " +
      "modes are learned and the flat ones are not, much as under a ridge penalty.",
    columns: 2,
    panels: [
      {
        title: `Loss, ${TRAIN_ROWS} rows and their ${spectrum.length} columns`,
        x: { name: "step", domain: [1, STEPS], log: true },
        y: { name: "loss", domain: [0, 1.05 * highest], ticks: 5 },
        legend: [
          ["training", hues[0]],
          ["held out", hues[1]],
        ],
        marks: [
          Plot.ruleX([at], { stroke: colour.muted, strokeDasharray: "3 3" }),
          line(curve(history!.values), hues[0]),
          line(
            monitored.filter((_, i) => i % Math.ceil(1 + i / 60) === 0),
            hues[1],
          ),
          Plot.dot([[at, best!.monitored]], { fill: hues[1], r: 4 }),
          Plot.text([[at, best!.monitored]], {
            ...label(hues[1]),
            text: [`least at step ${at}`],
            textAnchor: "start",
            dx: 8,
            dy: 14,
          }),
        ],
      },
      {
        title: `What each mode has learned by step ${at}`,
        x: { name: "λ/λmax", domain: [1e-3, 1], log: true },
        y: { name: "share of the way to the minimum", domain: [0, 1], ticks: 5 },
        legend: [
          ["1 − (1 − ηλ)ᵗ", hues[0]],
          ["ridge of 1/(ηt)", hues[2]],
        ],
        marks: [
          line(
            modes.map((lambda): [number, number] => [lambda / lambdaMax, lambda / (lambda + ridge)]),
            hues[2],
          ),
          Plot.dot(factors(at), { fill: hues[0], r: 3 }),
        ],
      },
    ],
  };
};
