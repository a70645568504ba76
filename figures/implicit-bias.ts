import {
  curvature,
  exchangeFactors,
  type FactoredObjective,
  factorProduct,
  gradientDescent,
  matrixCompletion,
  matrixSensing,
  minimize,
  nuclearNorm,
  Random,
} from "../src/index.ts";
import { gaussian, inner, lowRank, normals, somePlaces } from "../test/dynamics/low-rank.ts";
import { type Matrix, nuclearOptimum } from "../test/dynamics/nuclear-optimum.ts";
import { type Figure, hues, line, Plot } from "./kit/chart.ts";

const ORDER = 10;
const SCALES = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8];
/** S = sI, by which a minimum is exchanged for others. */
const FACTORS = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16];

interface Instance {
  readonly problem: FactoredObjective;
  /** The least nuclear norm there is. */
  readonly optimum: number;
  readonly weights: Float64Array;
  readonly learningRate: number;
  readonly steps: number;
}

function sensing(rank: number, count: number, seed: number): Instance {
  const random = new Random(seed);
  const truth = lowRank(random, ORDER, ORDER, rank);
  const measurements = gaussian(random, count, ORDER, ORDER);
  const targets = measurements.map((a) => inner(a, truth));
  const problem = matrixSensing({ measurements, targets, rows: ORDER, columns: ORDER });
  const optimum = nuclearOptimum(measurements, targets, 400).lower;
  return { problem, optimum, weights: normals(random, problem.dimension), learningRate: 0.1, steps: 200_000 };
}

function completion(count: number, seed: number): Instance {
  const random = new Random(seed);
  const truth = lowRank(random, ORDER, ORDER, 1);
  const places = somePlaces(random, count, ORDER, ORDER);
  const measurements: Matrix[] = places.map(([row, column]) =>
    truth.map((entries, i) => entries.map((_, j) => Number(i === row && j === column))),
  );
  const targets = places.map(([i, j]) => truth[i][j]);
  const entries = places.map(([i, j]) => [i, j, truth[i][j]] as const);
  const problem = matrixCompletion({ entries, rows: ORDER, columns: ORDER });
  const optimum = nuclearOptimum(measurements, targets, 2500).lower;
  const weights = normals(random, problem.dimension);
  return { problem, optimum, weights, learningRate: 0.3 * count, steps: 60_000 };
}

/** Gradient descent from weights of a scale, until nothing of the value is left, or to the last step. */
function found({ problem, weights, learningRate, steps }: Instance, scale: number): Float64Array {
  return minimize(problem, {
    rule: gradientDescent({ learningRate }),
    start: weights.map((weight) => scale * weight),
    steps,
    gradientTolerance: 0,
    callback: ({ value }) => value < 1e-12,
  }).x as Float64Array;
}

/** λmax of the minima that are one matrix, in that of balanced factors. */
function curvatures(problem: FactoredObjective, minimum: Float64Array): [number, number][] {
  const lambdaAt = (s: number) =>
    curvature(problem, { at: exchangeFactors(problem.shape, minimum, s) }).lambdaMax;
  const balanced = lambdaAt(1);
  return FACTORS.map((s): [number, number] => [s, lambdaAt(s) / balanced]);
}

/** What small weights find, against the least nuclear norm; and what an exchange of factors does to curvature. */
export default (): Figure => {
  const measured = sensing(1, 60, 1);
  const instances = [
    [hues[0], measured],
    [hues[1], sensing(2, 80, 2)],
    [hues[2], completion(30, 1)],
    [hues[2], completion(30, 3)],
  ] as const;
  const series = instances.map(
    ([hue, instance]) =>
      [
        hue,
        SCALES.map((scale): [number, number] => {
          const x = found(instance, scale);
          return [scale, nuclearNorm(factorProduct(instance.problem.shape, x)) / instance.optimum - 1];
        }),
      ] as const,
  );
  const minimum = found(measured, 1e-3);
  // Known as a whole, the same matrix has its minimum at the same factors.
  const whole = matrixCompletion({
    entries: factorProduct(measured.problem.shape, minimum).flatMap((row, i) =>
      Array.from(row, (value, j) => [i, j, value] as const),
    ),
    rows: ORDER,
    columns: ORDER,
  });
  const exact = Array.from({ length: 65 }, (_, i): [number, number] => {
    const s = 2 ** (i / 8 - 4);
    return [s, (s ** 2 + s ** -2) / 2];
  });
  return {
    title: "What small weights find",
    description:
      "Excess of the nuclear norm over the convex optimum: with enough Gaussian measurements it goes as the weights do, with few entries it stays. Right: the same matrix by factors (sW₂, W₁/s), and λmax there; the line is (s² + s⁻²)/2.",
    columns: 2,
    height: 330,
    panels: [
      {
        title: "The nuclear norm above the least there is",
        x: { name: "scale of the first weights", domain: [1e-8, 1e-1], log: true, ticks: 4 },
        y: { name: "", domain: [1e-6, 1], log: true },
        legend: [
          ["sensing, rank 1", hues[0]],
          ["rank 2", hues[1]],
          ["completion, twice", hues[2]],
        ],
        marks: series.flatMap(([hue, points]) => [
          line(points, hue),
          Plot.dot(points, { r: 2.5, fill: hue }),
        ]),
      },
      {
        title: "λmax at a minimum, in that of balanced factors",
        x: { name: "s", domain: [1 / 16, 16], log: true },
        y: { name: "", domain: [1, 1000], log: true },
        legend: [
          ["sensing, rank 1", hues[0]],
          ["all entries known", hues[3]],
        ],
        marks: [
          line(exact, hues[3]),
          Plot.dot(curvatures(whole, minimum), { r: 3, fill: hues[3] }),
          Plot.dot(curvatures(measured.problem, minimum), { r: 3, fill: hues[0] }),
        ],
      },
    ],
  };
};
