import {
  adam,
  cosine,
  descend,
  gradientDescent,
  normalizedGradient,
  plateauBasin,
  type Rule,
  rmsprop,
} from "../src/index.ts";
import { type Figure, hues, line } from "./kit/chart.ts";

const STEPS = 60_000;
const LIMIT = 2 / 200.01;

/** The distance from the minimum at steps that lie evenly on a logarithmic axis. */
function distances(rule: Rule, steps: number): [number, number][] {
  const points: [number, number][] = [];
  let next = 1;
  for (const { index, x } of descend(plateauBasin, { rule, start: plateauBasin.start, steps })) {
    if (index < next) continue;
    points.push([index, Math.sqrt(x[0] ** 2 + x[1] ** 2)]);
    next = Math.max(next + 1, next * 1.025);
  }
  return points;
}

/** How far from the bottom of a narrow basin rules are that begin on the plateau around it. */
export default (): Figure => {
  const falling = (from: number) => cosine({ from, steps: 400 });
  const runs = [
    ["η = 0.9 × the basin's limit", gradientDescent({ learningRate: 0.9 * LIMIT }), STEPS],
    ["η = 1", gradientDescent({ learningRate: 1 }), STEPS],
    ["Adam", adam({ learningRate: falling(0.1) }), 400],
    ["RMSProp", rmsprop({ learningRate: falling(0.05) }), 400],
    ["normalised", normalizedGradient({ learningRate: falling(0.05) }), 400],
  ] as const;
  return {
    title: "A plateau with a narrow basin",
    description:
      "Distance from the minimum against the step. A rate that the basin bears needs 40,000 steps for the plateau; a rate that crosses it " +
      "in a few hundred is thrown out of the basin again and again; Adam, RMSProp and normalised steps arrive within 400.",
    panels: [
      {
        x: { name: "step", domain: [1, STEPS], log: true },
        y: { name: "distance from the minimum", domain: [1e-6, 10], log: true },
        legend: runs.map(([name], i) => [name, hues[i]] as const),
        marks: runs.map(([, rule, steps], i) => line(distances(rule, steps), hues[i])),
      },
    ],
  };
};
