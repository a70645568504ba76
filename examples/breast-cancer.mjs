// How large may the step be on real data? Inspects the breast-cancer data as they are and
// standardised, puts the speed limit to the test, fits a logistic model, and writes a report.
import { readFileSync, writeFileSync } from "node:fs";
import {
  curvature,
  descend,
  gradientDescent,
  leastSquares,
  logisticRegression,
  minimize,
  modeRate,
  predictedSteps,
} from "thalweg";
import { accuracy, applyScaling, parseCsv, scaling } from "thalweg/data";
import { renderReport, formatNumber as text } from "thalweg/report";

const csv = readFileSync(new URL("data/breast-cancer.csv", import.meta.url), "utf8");
const data = parseCsv(csv, { target: "benign", task: "classification" });
const columns = [...data.columns, "(intercept)"];
const shape = { columns: data.columns.length, intercept: true };
const raw = leastSquares(data.features, data.targets, shape);
const features = applyScaling(scaling(data, "standard"), data.features);
const standardized = leastSquares(features, data.targets, shape);

console.log(`breast-cancer: ${data.rows} rows, ${data.columns.length} features\n`);
console.log("How large may the step be? (least squares)");
const places = [
  { where: "raw", ...curvature(raw) },
  { where: "standardised", ...curvature(standardized) },
];
for (const { where, lambdaMax, conditionNumber, speedLimit, ...rest } of places) {
  const steps = predictedSteps({ lambdaMax, ...rest });
  console.log(
    `  ${where.padEnd(13)} λmax ${text(lambdaMax).padEnd(8)} κ ${text(conditionNumber).padEnd(8)}` +
      ` speed limit ${text(speedLimit).padEnd(8)} steps to 1e-6: ${text(steps)}`,
  );
}
const [, { speedLimit, topVector, spectrum }] = places;

console.log("\nThe limit put to the test, standardised, from the top eigenvector");
const { x: minimizer } = minimize(standardized, {});
const start = minimizer.map((entry, i) => entry + topVector[i]);

/** Distances to the minimum, step by step, until they have fallen to 10⁻⁶ or grown to 10³. */
function trial(factor) {
  const distances = [];
  const rule = gradientDescent({ learningRate: factor * speedLimit });
  for (const { x } of descend(standardized, { rule, start, steps: 10_000 })) {
    const distance = Math.hypot(...x.map((entry, i) => entry - minimizer[i]));
    distances.push(distance);
    if (distance <= 1e-6 || distance >= 1e3) break;
  }
  const steps = distances.length - 1;
  console.log(`  ${factor} × limit: distance 1 → ${text(distances[steps])} in ${steps} steps`);
  return { factor, distances };
}
const speedLimitTrial = { speedLimit, below: trial(0.99), above: trial(1.01) };

console.log("\nLogistic regression, l2 = 0.001");
const logistic = logisticRegression(features, data.targets, { ...shape, l2: 0.001 });
const steps = [];
const values = [];
const gradientNorms = [];
const fit = minimize(logistic, {
  callback({ index, value, gradientNorm }) {
    steps.push(index);
    values.push(value);
    gradientNorms.push(gradientNorm);
  },
});
const atMinimum = curvature(logistic, { at: fit.x });
const width = columns.length;
const predicted = Array.from({ length: data.rows }, (_, i) => {
  let score = fit.x[width - 1];
  for (let j = 0; j < width - 1; j++) score += features[i * (width - 1) + j] * fit.x[j];
  return score > 0 ? 1 : 0;
});
const share = accuracy(predicted, data.targets);
console.log(`  ${fit.choice}`);
console.log(`  ${fit.message}`);
console.log(`  value ${fit.value.toPrecision(10)}, accuracy ${(100 * share).toFixed(1)}%`);

const slowest = modeRate(fit.rule, atMinimum.lambdaMin);
const page = renderReport({
  title: "Breast cancer: how large may the step be?",
  conclusion:
    `Raw, least squares allows steps below ${text(places[0].speedLimit)} and needs ${text(predictedSteps(places[0]))} of them; ` +
    `standardised, below ${text(speedLimit)} and ${text(predictedSteps(places[1]))}. ` +
    `The logistic model is at its minimum after ${fit.steps} steps.`,
  summary: [
    {
      label: "speed limit, raw",
      value: places[0].speedLimit,
      note: `κ = ${text(places[0].conditionNumber)}`,
    },
    { label: "speed limit, standardised", value: speedLimit, note: `κ = ${text(places[1].conditionNumber)}` },
    { label: "logistic value", value: fit.value.toPrecision(8), note: `after ${fit.steps} steps` },
    { label: "accuracy", value: `${(100 * share).toFixed(1)}%`, note: `on ${data.rows} rows` },
  ],
  curvature: [...places, { where: "logistic, at the minimum", ...atMinimum }],
  topMode: columns.map((column, j) => ({ column, share: places[0].topVector[j] ** 2 })),
  regimes: { learningRate: 0.99 * speedLimit, eigenvalues: spectrum },
  speedLimitTrial,
  run: {
    rule: "Nesterov momentum, logistic model",
    learningRate: fit.learningRate,
    steps,
    values,
    gradientNorms,
    minimum: fit.value,
    predictedRate: slowest ** 2,
  },
});
writeFileSync("report.html", page);
console.log("\nreport.html written: loss curve, spectra, regimes and the trial as charts");
