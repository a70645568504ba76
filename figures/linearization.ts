import breastCancer from "../examples/data/breast-cancer.csv";
import { applyScaling, parseCsv, scaling } from "../src/data/index.ts";
import {
  type Linearization,
  linearizationError,
  logisticRegression,
  type Objective,
  rosenbrock,
  softmaxRegression,
  type UserProblem,
} from "../src/index.ts";
import digits from "../test/data/digits.csv";
import { type Figure, hues, label, line, Plot } from "./kit/chart.ts";

/** A problem on a data set, and a start of small weights. */
function onData(
  csv: string,
  target: string,
  scale: "standard" | { divide: number },
  make: typeof logisticRegression | typeof softmaxRegression,
): Objective {
  const data = parseCsv(csv, { target, task: "classification" });
  const features = applyScaling(scaling(data, scale), data.features);
  return make(features, data.targets, { columns: data.columns.length, intercept: true, l2: 0.001 });
}

/** The errors on a long ladder, and those that the measurement chose, with the rate that the curvature sets. */
function errors(problem: Objective | UserProblem, at: ArrayLike<number> | undefined) {
  const options = at ? { at } : {};
  const chosen = linearizationError(problem, options);
  const { slope, predictedCoefficient } = chosen;
  const unit = chosen.gradientNorm ** 2 / (2 * predictedCoefficient);
  const learningRates = Array.from({ length: 32 }, (_, k) => 4 * unit * 2 ** -k);
  const all = linearizationError(problem, { ...options, learningRates });
  const points = ({ learningRates: rates, errors: found }: Linearization) =>
    Array.from(found, (error, i): [number, number] => [rates[i], Math.abs(error)]).filter(([, y]) => y > 0);
  const scaled = (found: [number, number][]) =>
    found.map(([rate, error]): [number, number] => [
      rate / unit,
      error / (predictedCoefficient * rate * rate),
    ]);
  const [long, fitted] = [points(all), points(chosen)];
  return { slope, long, fitted, scaledLong: scaled(long), scaledFitted: scaled(fitted) };
}

const thin = { strokeWidth: 1, strokeOpacity: 0.7 };
const thick = { strokeWidth: 3 };

/** The error of the linear prediction of one step, over the rate. */
export default (): Figure => {
  const series = [
    ["Rosenbrock", errors(rosenbrock, [-1.2, 1])],
    ["logistic", errors(onData(breastCancer, "benign", "standard", logisticRegression), undefined)],
    ["softmax", errors(onData(digits, "digit", { divide: 16 }, softmaxRegression), undefined)],
  ] as const;
  const legend = series.map(([name], i) => [name, hues[i]] as const);
  return {
    title: "The error of the linear prediction of one step",
    description:
      "Left: |f(x − η∇f) − (f − η‖∇f‖²)| against η, both logarithmic: on Rosenbrock's valley, logistic regression on the breast-cancer data and " +
      "softmax regression on the digits it is a line of slope 2, between the rounding of f below and higher orders above; the stretch that was fitted is thick. " +
      "Right: the same over ½η²gᵀHg, with η in units of gᵀg/gᵀHg: it is 1 on that stretch.",
    columns: 2,
    panels: [
      {
        title: "Error of the prediction",
        x: { name: "η", domain: [1e-12, 100], log: true, ticks: 8 },
        y: { name: "", domain: [1e-16, 1e4], log: true },
        legend,
        marks: series.flatMap(([, { long, fitted, slope }], i) => [
          line(long, hues[i], thin),
          line(fitted, hues[i], thick),
          Plot.text([`slope ${slope.toFixed(3)}`], {
            ...label(hues[i]),
            frameAnchor: "bottom-right",
            textAnchor: "end",
            lineAnchor: "bottom",
            fontWeight: 600,
            dx: -6,
            dy: 16 * (i - 2) - 10,
          }),
        ]),
      },
      {
        title: "Error over ½η²gᵀHg",
        x: { name: "η, in units of gᵀg/gᵀHg", domain: [1e-9, 4], log: true },
        y: { name: "", domain: [0.5, 1.25], ticks: 4 },
        legend,
        marks: series.flatMap(([, { scaledLong, scaledFitted }], i) => [
          line(scaledLong, hues[i], thin),
          line(scaledFitted, hues[i], { strokeWidth: 5 - 1.5 * i }),
        ]),
      },
    ],
  };
};
