import {
  descend,
  escapeSteps,
  gradientDescent,
  minimize,
  perturbedDescent,
  quadratic,
  type UserProblem,
} from "../src/index.ts";
import { type Figure, hues, label, line, Plot } from "./kit/chart.ts";

const rule = gradientDescent({ learningRate: 0.1 });
const saddle = quadratic({ diagonal: [1, -1] });
const distances = [1e-2, 1e-5, 1e-8];

/** The distance along the direction that leads down. */
function escape(distance: number): [number, number][] {
  const points: [number, number][] = [];
  for (const { index, x } of descend(saddle, { rule, start: [1, distance], steps: 250 })) {
    points.push([index, x[1]]);
    if (x[1] >= 1) break;
  }
  return points;
}

const singular = [3, 2, 1];

/** ½‖W₂W₁ − diag(3, 2, 1)‖² of flat weights. */
const network: UserProblem = {
  dimension: 18,
  value: (w) => products(w).reduce((sum, entry) => sum + entry * entry, 0) / 2,
  gradient(w, g) {
    products(w).forEach((residual, at) => {
      const [i, j] = [Math.floor(at / 3), at % 3];
      for (let k = 0; k < 3; k++) {
        g[3 * k + j] += w[9 + 3 * i + k] * residual;
        g[9 + 3 * i + k] += residual * w[3 * k + j];
      }
    });
  },
};

function products(w: ArrayLike<number>): number[] {
  return Array.from({ length: 9 }, (_, at) => {
    const [i, j] = [Math.floor(at / 3), at % 3];
    let sum = i === j ? -singular[i] : 0;
    for (let k = 0; k < 3; k++) sum += w[9 + 3 * i + k] * w[3 * k + j];
    return sum;
  });
}

/** The time of escape from a saddle, and a network that leaves one after another. */
export default (): Figure => {
  const STEPS = 900;
  const slow = gradientDescent({ learningRate: 0.02 });
  const values: [number, number][] = [];
  // The values along the way: the run is asked for more and more steps, and takes the same ones each time.
  for (let steps = 0; steps <= STEPS; steps += 5) {
    const { value } = perturbedDescent(network, {
      rule: slow,
      start: new Float64Array(18),
      radius: 1e-4,
      seed: 3,
      steps,
    });
    values.push([steps, value]);
  }
  const plain = minimize(network, { rule: slow, start: new Float64Array(18) }).value;
  const times = distances.map((distance) => escapeSteps(rule, { lambdaMin: -1, distance }));
  return {
    title: "Leaving a saddle",
    description:
      "Left: from a saddle with λ = −1 at η = 0.1 the distance grows by 1.1 a step, whatever it was: from 0.01, 10⁻⁵ and 10⁻⁸ it is 1 after 49, 121 and 194 steps, as predicted. " +
      "Right: a two-layer linear network from weights of zero: gradient descent stays at the value 7; perturbed, it leaves and passes the saddles at 2.5 and 0.5 on its way to 0.",
    columns: 2,
    panels: [
      {
        title: "Distance along the way down",
        x: { name: "step", domain: [0, 205] },
        y: { name: "", domain: [1e-8, 1], log: true },
        legend: [
          ["measured", hues[0]],
          ["predicted", hues[1]],
        ],
        marks: [
          ...distances.map((distance) => line(escape(distance), hues[0])),
          Plot.dot(times, { x: (t: number) => t, y: 1, fill: hues[1], r: 4 }),
          Plot.text(times, {
            ...label(hues[1]),
            x: (t: number) => t,
            y: 1,
            text: (t: number) => String(t),
            fontWeight: 600,
            textAnchor: "end",
            dx: -8,
            dy: 12,
          }),
        ],
      },
      {
        title: "½‖W₂W₁ − M‖² from zero weights",
        x: { name: "step", domain: [0, STEPS], ticks: 5 },
        y: { name: "", domain: [0, 7.5] },
        legend: [
          ["gradient descent", hues[5]],
          ["perturbed", hues[2]],
        ],
        marks: [
          line(
            [
              [0, plain],
              [STEPS, plain],
            ],
            hues[5],
          ),
          line(values, hues[2], { strokeWidth: 2.25 }),
        ],
      },
    ],
  };
};
