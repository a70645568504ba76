import { descend, gradientDescent, quadratic, type Regime, regime } from "../src/index.ts";
import { type Figure, hues, line } from "./kit/chart.ts";

const rates = [0.4, 1, 1.7, 2, 2.1];
const STEPS = 12;

/** x along a run on x²/2 from 1. */
function run(learningRate: number): [number, number][] {
  const points: [number, number][] = [];
  const options = { rule: gradientDescent({ learningRate }), start: [1], steps: STEPS };
  for (const { index, x } of descend(quadratic([[1]]), options)) points.push([index, x[0]]);
  return points;
}

const named = (learningRate: number, is: Regime) => `η = ${learningRate}: ${is}`;

/** A run in each of the five regimes of gradient descent on x²/2. */
export default (): Figure => ({
  title: "The five regimes of gradient descent on x²/2",
  description:
    "x over 12 steps from 1: it falls monotonically at η = 0.4, is at 0 after one step at 1, swings and settles at 1.7, " +
    "swings between 1 and −1 at 2, and swings ever further at 2.1.",
  panels: [
    {
      x: { name: "step", domain: [0, STEPS] },
      y: { name: "x", domain: [-3.2, 3.2] },
      legend: rates.map((rate, i) => [named(rate, regime(rate, 1)), hues[i]] as const),
      marks: rates.map((rate, i) => line(run(rate), hues[i])),
    },
  ],
});
