// What do rules without a rate to guess need, against gradient descent at its best rate? Steps to a part of the first
// height above the minimum, untuned, on four convex problems; and how near they come on batches.
import { readFileSync } from "node:fs";
import {
  adgd,
  barzilaiBorwein,
  chain,
  dAdaptAdam,
  dAdaptSgd,
  dog,
  dowg,
  gradientDescent,
  hypergradientDescent,
  logisticRegression,
  mechanic,
  minimize,
  momo,
  momoAdam,
  polyakStep,
  prodigy,
  quadratic,
  scheduleFreeSgd,
  sgd,
  shuffle,
  sps,
} from "thalweg";
import { applyScaling, parseCsv, scaling } from "thalweg/data";

const STEPS = 10_000;
const BATCHED = 2000;
/** A geometric sequence. */
const geometric = (first, ratio, length) => {
  const terms = [first];
  while (terms.length < length) terms.push(terms.at(-1) * ratio);
  return terms;
};
/** Rates that gradient descent is tried with, from 1e-4 to 1e2: ten a decade. */
const RATES = geometric(1e-4, 1.2589254117941673, 61);

const csv = readFileSync(new URL("data/breast-cancer.csv", import.meta.url), "utf8");
const data = parseCsv(csv, { target: "benign", task: "classification" });
const features = applyScaling(scaling(data, "standard"), data.features);
const shape = { columns: data.columns.length, intercept: true, l2: 0.01 };
const logistic = logisticRegression(features, data.targets, shape);
const zeros = new Float64Array(data.columns.length + 1);

const dimension = 20;
const entries = Array.from({ length: dimension }, (_, i) => 1 + i);
const each = (f) => (x) => entries.reduce((sum, weight, i) => sum + f(x[i], weight), 0);
const eachInto = (f) => (x, g) => {
  for (let i = 0; i < dimension; i++) g[i] = f(x[i], entries[i]);
};

const problems = [
  {
    name: "valley, κ = 1000",
    problem: quadratic({ diagonal: geometric(1, 0.6951927961775606, dimension) }), // down to 1e-3
    start: entries.map(() => 1),
    least: 0,
    tolerance: 1e-6,
  },
  {
    name: "logistic, real data",
    problem: logistic,
    start: zeros,
    least: minimize(logistic, {}).value,
    tolerance: 1e-6,
  },
  {
    name: "quartic",
    problem: { value: each((x, w) => (w * x ** 4) / 4), gradient: eachInto((x, w) => w * x ** 3) },
    start: entries.map(() => 3),
    least: 0,
    tolerance: 1e-6,
  },
  {
    name: "kinks",
    problem: {
      value: each((x, w) => w * Math.abs(x - 1)),
      gradient: eachInto((x, w) => w * Math.sign(x - 1)),
    },
    start: entries.map((w) => ((7 * w) % 5) - 1),
    least: 0,
    tolerance: 1e-2,
  },
];

/** The rules, each made for a problem whose least value is known: Polyak's and those after it are told. */
const rules = {
  polyakStep: (least) => polyakStep({ lowerBound: least }),
  sps: (least) => sps({ lowerBound: least }),
  momo: (least) => momo({ lowerBound: least }),
  momoAdam: (least) => momoAdam({ lowerBound: least }),
  barzilaiBorwein: () => barzilaiBorwein(),
  adgd: () => adgd(),
  "adgd, improved": () => adgd({ improved: true }),
  dog: () => dog(),
  dowg: () => dowg(),
  dAdaptSgd: () => dAdaptSgd(),
  dAdaptAdam: () => dAdaptAdam(),
  prodigy: () => prodigy(),
  "sgd with mechanic": () => chain(sgd(), mechanic()),
  "scheduleFreeSgd at 1": () => scheduleFreeSgd(),
  "hypergradientDescent from 1e-4": () =>
    hypergradientDescent({ learningRate: 1e-4, hyperRate: 0.02, multiplicative: true }),
};

/** Steps until the value has come within the tolerance for the first time. */
function stepsOf({ problem, start, least, tolerance }, rule) {
  let bound;
  const { reason, steps } = minimize(problem, {
    rule,
    start,
    steps: STEPS,
    gradientTolerance: 0,
    callback({ value }) {
      bound ??= least + tolerance * (value - least);
      return value <= bound;
    },
  });
  return reason === "callback" ? steps : Infinity;
}

/** How far above its least the value on all rows is after steps on batches, against the first. */
function heightOnBatches(rule) {
  const batches = shuffle({ rows: data.rows, batchSize: 32, seed: 1 });
  const { value } = minimize(logistic, { rule, start: zeros, steps: BATCHED, batches });
  const { least } = problems[1];
  return (value - least) / (Math.LN2 - least);
}

const best = (tries) => tries.reduce((low, one) => Math.min(low, one), Infinity);
const steps = (count) => (count < Infinity ? String(count) : "");
const height = (part) => (part < 1 ? part.toPrecision(1) : "");

const columns = [...problems.map(({ name }) => name), "logistic, batches"];
const tuned = RATES.map((learningRate) => gradientDescent({ learningRate }));
const rows = [
  [
    "gradientDescent, best of 61 rates",
    ...problems.map((one) => steps(best(tuned.map((rule) => stepsOf(one, rule))))),
    height(best(tuned.map(heightOnBatches))),
  ],
  ...Object.entries(rules).map(([name, make]) => [
    name,
    ...problems.map((one) => steps(stepsOf(one, make(one.least)))),
    height(heightOnBatches(make(problems[1].least))),
  ]),
];
const cells = [["", ...columns], ["---", ...columns.map(() => "--:")], ...rows];
for (const row of cells) console.log(`| ${row.join(" | ")} |`);
