import {
  aggmo,
  descend,
  gradientDescent,
  heavyBall,
  momentum,
  overshoot,
  plateauCrossing,
  quadratic,
  type Rule,
  stepResponse,
} from "../src/index.ts";
import { type Figure, hues, line, Plot } from "./kit/chart.ts";

const SLOPE = 0.01;
const STEPS = 1100;
const SWINGS = 160;

/** The way down a slope that is the same everywhere, after steps that lie evenly on a logarithmic axis. */
function way(rule: Rule): [number, number][] {
  const points: [number, number][] = [];
  let [gone, next] = [0, 1];
  stepResponse(rule, new Float64Array(STEPS).fill(SLOPE)).forEach((step, t) => {
    gone += step;
    if (t + 1 < next || gone > 1.2) return;
    points.push([t + 1, gone]);
    next = Math.max(next + 1, next * 1.05);
  });
  return points;
}

/** x along a run on x²/2 from rest at 1. */
function swing(rule: Rule): [number, number][] {
  const points: [number, number][] = [];
  for (const { index, x } of descend(quadratic([[1]]), { rule, start: [1], steps: SWINGS })) {
    points.push([index, x[0]]);
  }
  return points;
}

const dots = (points: readonly (readonly [number, number])[], fill: string) =>
  Plot.dot(points as [number, number][], { fill, r: 3.5 });

/** What inertia does on a plateau, and in a bowl. */
export default (): Figure => {
  const rate = { learningRate: 0.1 };
  const across = [
    ["plain", gradientDescent(rate)],
    ["heavy ball", heavyBall({ ...rate, beta: 0.9 })],
    ["average", momentum({ ...rate, beta: 0.9 })],
    ["AggMo", aggmo(rate)],
  ] as const;
  const swings = [0.8, 0.9, 0.98].map((beta) => [beta, heavyBall({ learningRate: 0.01, beta })] as const);
  return {
    title: "Inertia: across a plateau, and beyond the minimum",
    description:
      "Left: the way down a constant slope against the step, both logarithmic. Plain gradient descent needs a thousand steps, and so does the " +
      "averaging form, which begins ten times slower; heavy ball with β = 0.9 begins as gradient descent, gathers ten times its speed and needs a hundred; " +
      "aggregated momentum needs 76, each as predicted. Right: heavy ball on x²/2 from 1: at β = 0.8 it creeps to the minimum, " +
      "at 0.9 it overshoots by 0.15 of the way, at 0.98 by 0.73, as predicted.",
    columns: 2,
    panels: [
      {
        title: "Across a plateau",
        x: { name: "step", domain: [1, 2000], log: true },
        y: { name: "part of the plateau", domain: [1e-4, 2], log: true },
        legend: across.map(([name], i) => [name, hues[i]] as const),
        marks: across.flatMap(([, rule], i) => [
          line(way(rule), hues[i]),
          dots([[plateauCrossing(rule, { slope: SLOPE, distance: 1 }).steps, 1]], hues[i]),
        ]),
      },
      {
        title: "Beyond the minimum",
        x: { name: "step", domain: [0, SWINGS] },
        y: { name: "x", domain: [-0.85, 1] },
        legend: swings.map(([beta], i) => [`β = ${beta}`, hues[i]] as const),
        marks: swings.flatMap(([, rule], i) => {
          const { ratio, step } = overshoot(rule, 1);
          return [line(swing(rule), hues[i]), ...(ratio > 0 ? [dots([[step, -ratio]], hues[i])] : [])];
        }),
      },
    ],
  };
};
