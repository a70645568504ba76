import { applyScaling, parseCsv, scaling } from "../src/data/index.ts";
import {
  curvature,
  fisher,
  gradientDescent,
  logisticRegression,
  minimize,
  naturalDescent,
  type Objective,
  type sgd,
} from "../src/index.ts";
import csv from "../test/data/o-ring-24.csv";
import { contours, type Figure, hues, line, Plot } from "./kit/chart.ts";

const STEPS = 100_000;

/** The value above the minimum at steps that a logarithmic axis can tell apart. */
function descent(problem: Objective, rule: ReturnType<typeof sgd>, least: number): [number, number][] {
  const points: [number, number][] = [];
  let next = 1;
  minimize(problem, {
    rule,
    steps: STEPS,
    gradientTolerance: 0,
    callback({ index, value }) {
      if (index < next) return;
      points.push([index, value - least]);
      next = Math.ceil(index * 1.02);
    },
  });
  return points;
}

/** Natural and plain gradient descent on the O-ring data: where they go, and how fast the value falls. */
export default (): Figure => {
  const data = parseCsv(csv, { target: "distress", task: "classification" });
  const shape = { columns: 1, intercept: true };
  const raw = logisticRegression(data.features, data.targets, shape);
  const standard = logisticRegression(
    applyScaling(scaling(data, "standard"), data.features),
    data.targets,
    shape,
  );
  const path: [number, number][] = [];
  const natural: [number, number][] = [];
  const { value: least } = naturalDescent(raw, { gradientTolerance: 0 });
  naturalDescent(raw, {
    callback({ index, value, x }) {
      path.push([x[0], x[1]]);
      natural.push([index, value - least]);
    },
  });
  const { x, value: flat } = naturalDescent(standard);
  const steep = curvature(fisher(raw)).lambdaMax;
  const { lambdaMax, lambdaMin } = curvature(standard, { at: x });
  const plain: [number, number][] = [];
  minimize(raw, {
    rule: gradientDescent({ learningRate: 1 / steep }),
    steps: STEPS,
    callback({ index, x: at }) {
      if (index % 1000 === 0) plain.push([at[0], at[1]]);
    },
  });
  const left = {
    x: { name: "slope, per °F", domain: [-0.22, 0.04] as const, ticks: 5 },
    y: { name: "intercept", domain: [-2, 14] as const, ticks: 5 },
  };
  const value = (a: number, b: number) => {
    let sum = 0;
    data.targets.forEach((y, i) => {
      const z = a * data.features[i] + b;
      sum += Math.log1p(Math.exp(-Math.abs(z))) + Math.max(z, 0) - y * z;
    });
    return sum / data.targets.length;
  };
  const series = [
    ["natural", natural],
    ["plain, raw", descent(raw, gradientDescent({ learningRate: 1 / steep }), least)],
    [
      "plain, standardised",
      descent(standard, gradientDescent({ learningRate: 2 / (lambdaMax + lambdaMin) }), flat),
    ],
  ] as const;
  return {
    title: "Natural and plain gradient descent on the O-ring data",
    description:
      "Left, the narrow valley of the logistic model in the plane of slope and intercept: natural gradient descent goes to its lowest " +
      "point in five steps, gradient descent with 1/λmax(F) is still near the start after 100,000. Right, the value above the minimum " +
      "against the step: natural gradient descent is at rounding after five steps, gradient descent on standardised features after 15.",
    columns: 2,
    height: 360,
    panels: [
      {
        title: "Where they go",
        ...left,
        legend: [
          ["natural, 5 steps", hues[0]],
          ["plain, 100,000 steps", hues[1]],
        ],
        marks: [
          contours(value, left, [0.485, 0.5, 0.55, 0.65, 0.85, 1.2, 2]),
          line(plain, hues[1], { strokeWidth: 3 }),
          line(path, hues[0]),
          Plot.dot(path, { fill: hues[0], r: 3 }),
        ],
      },
      {
        title: "How fast the value falls",
        x: { name: "step", domain: [1, STEPS], log: true },
        y: { name: "above the minimum", domain: [1e-15, 1], log: true },
        legend: series.map(([name], i) => [name, hues[i]] as const),
        marks: series.map(([, points], i) =>
          line(
            points.filter(([index, above]) => index > 0 && above > 0),
            hues[i],
          ),
        ),
      },
    ],
  };
};
