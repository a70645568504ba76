import { descend, gradientDescent, quadratic, robustStep } from "../src/index.ts";
import { colour, type Figure, hues, line, Plot } from "./kit/chart.ts";

const nominal = [10, 2];
const SHARE = 0.2;
const STEPS = 30;

/** The factor of the slowest mode in a step, for eigenvalues between two. */
const rate = (step: number, low: number, high: number) =>
  Math.max(Math.abs(1 - step * low), Math.abs(1 - step * high));

/** The distance to the minimum along a run from (1, 1). */
function run(diagonal: readonly number[], learningRate: number): [number, number][] {
  const points: [number, number][] = [];
  const options = { rule: gradientDescent({ learningRate }), start: [1, 1], steps: STEPS };
  for (const { index, x } of descend(quadratic({ diagonal }), options)) {
    points.push([index, Math.hypot(x[0], x[1]) / Math.SQRT2]);
  }
  return points;
}

/** What being safe for a set of Hessians costs: worst-case rates over steps, and runs with either best step. */
export default (): Figure => {
  const { lambdaMax, lambdaMin, optimalStep, price } = robustStep({
    hessian: { diagonal: nominal },
    scale: SHARE,
  });
  const own = price!.optimalStep;
  const steps = Array.from({ length: 201 }, (_, i) => 0.22 * (i / 200));
  const worst = [lambdaMax, lambdaMin];
  const mark = (step: number, y: number, fill: string) =>
    Plot.dot([[step, y]], { fill, r: 5, stroke: colour.paper, strokeWidth: 1.5 });
  return {
    title: "The best step for one Hessian, and for a set",
    description:
      "Left: the factor of the slowest mode against the step. For the nominal Hessian it is least at 0.167, for the worst of " +
      "the set at 0.128, where it is 0.84; at 0.167 the worst of the set has 1.4. Right: runs: the nominal best step diverges on the worst " +
      "member, the robust one converges on both.",
    columns: 2,
    panels: [
      {
        title: "Eigenvalues 2 and 10, units known to 20%",
        x: { name: "step η", domain: [0, 0.22] },
        y: { name: "factor of the slowest mode a step", domain: [0, 2] },
        legend: [
          ["nominal", hues[0]],
          ["worst of the set", hues[1]],
        ],
        marks: [
          line(
            [
              [0, 1],
              [0.22, 1],
            ],
            colour.muted,
            { strokeDasharray: "3,3", strokeWidth: 1 },
          ),
          line(
            steps.map((step) => [step, rate(step, nominal[1], nominal[0])]),
            hues[0],
          ),
          line(
            steps.map((step) => [step, rate(step, lambdaMin, lambdaMax)]),
            hues[1],
          ),
          line(
            [
              [own, 0],
              [own, price!.worstRate],
            ],
            hues[0],
            { strokeDasharray: "3,3", strokeWidth: 1 },
          ),
          line(
            [
              [optimalStep, 0],
              [optimalStep, rate(optimalStep, lambdaMin, lambdaMax)],
            ],
            hues[1],
            {
              strokeDasharray: "3,3",
              strokeWidth: 1,
            },
          ),
          mark(own, price!.contractionRate, hues[0]),
          mark(own, price!.worstRate, hues[0]),
          mark(optimalStep, rate(optimalStep, lambdaMin, lambdaMax), hues[1]),
          mark(optimalStep, price!.robustRate, hues[1]),
        ],
      },
      {
        title: "Runs with either step",
        x: { name: "step", domain: [0, STEPS] },
        y: { name: "distance", domain: [1e-6, 1e3], log: true },
        legend: [
          ["nominal step", hues[0]],
          ["robust step", hues[1]],
        ],
        marks: [
          line(run(nominal, own), hues[0], { strokeDasharray: "5,3" }),
          line(run(worst, own), hues[0]),
          line(run(nominal, optimalStep), hues[1], { strokeDasharray: "5,3" }),
          line(run(worst, optimalStep), hues[1]),
          Plot.text(
            ["solid: worst member", "dashed: nominal"].map((text, i) => ({ text, i })),
            {
              x: () => 1,
              y: ({ i }) => 5e-5 / 6 ** i,
              text: "text",
              textAnchor: "start",
              fill: colour.muted,
            },
          ),
        ],
      },
    ],
  };
};
