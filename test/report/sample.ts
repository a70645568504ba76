import type { CurvatureRecord, ReportInput, RunRecord } from "../../src/report/index.ts";

/** The curvature that a spectrum makes. */
export function curvatureOf(where: string, spectrum: number[]): CurvatureRecord {
  const lambdaMax = Math.max(...spectrum);
  const lambdaMin = Math.min(...spectrum);
  return {
    where,
    lambdaMax,
    lambdaMin,
    conditionNumber: lambdaMax / lambdaMin,
    speedLimit: 2 / lambdaMax,
    optimalStep: 2 / (lambdaMax + lambdaMin),
    contractionRate: (lambdaMax - lambdaMin) / (lambdaMax + lambdaMin),
    spectrum,
    complete: true,
  };
}

/** Gradient descent on x²/2·λ from 1: the factor 1 − ηλ every step. */
export function quadraticRun(factor: number, count: number, minimum = 0): RunRecord {
  const distances = [1];
  while (distances.length < count) distances.push(distances[distances.length - 1] * factor);
  return {
    rule: "gradient descent",
    learningRate: 0.1,
    steps: distances.map((_, i) => i),
    values: distances.map((d) => (d * d) / 2 + minimum),
    gradientNorms: distances.map(Math.abs),
    minimum,
    predictedRate: factor * factor,
  };
}

/** A spectrum of `count` eigenvalues, evenly spread on a logarithmic axis from high to low. */
export const spread = (high: number, low: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => high * Math.exp((Math.log(low / high) * i) / (count - 1)));

const distances = (factor: number) => Array.from(quadraticRun(factor, 901).gradientNorms!);

/** The breast-cancer data raw and standardised, by the ends of their spectra. */
export const sample: ReportInput = {
  title: "breast-cancer.csv, benign, logistic",
  conclusion: "Standardise the columns: it raises the speed limit from 1.2e-6 to 0.15.",
  summary: [
    { label: "λmax", value: 1.67e6, note: "raw, at zero" },
    { label: "accuracy", value: "98.6%" },
  ],
  curvature: [
    curvatureOf("raw, at zero", spread(1.67e6, 7e-7, 31)),
    curvatureOf("standardised, at zero", spread(13.3, 1.3e-4, 31)),
  ],
  topMode: [
    { column: "worst_area", share: 0.658 },
    { column: "mean_area", share: 0.328 },
  ],
  regimes: { learningRate: 0.149, eigenvalues: spread(13.3, 1.3e-4, 31) },
  speedLimitTrial: {
    speedLimit: 0.15,
    below: { factor: 0.99, distances: distances(1 - 2 * 0.99) },
    above: { factor: 1.01, distances: distances(1 - 2 * 1.01) },
  },
  run: quadraticRun(0.98, 500),
  tables: [{ title: "Largest weights", columns: ["column", "weight"], rows: [["worst_texture", -1.2345]] }],
};
