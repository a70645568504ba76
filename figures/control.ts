import {
  bestCoefficients,
  gradientDescent,
  heavyBall,
  modeRate,
  nesterov,
  poles,
  type Rule,
} from "../src/index.ts";
import { colour, type Figure, hues, line, Plot } from "./kit/chart.ts";

const KAPPA = 100;
const valley = { lambdaMin: 1, lambdaMax: KAPPA };

/** The poles of a rule over a stretch of curvatures, upper and lower branch. */
function locus(rule: Rule, from: number, to: number): [number, number][][] {
  const branches: [number, number][][] = [[], []];
  for (let k = 0; k <= 600; k++) {
    const { real, imaginary } = poles(rule, from * (to / from) ** (k / 600));
    branches.forEach((branch, i) => {
      branch.push([real[i], imaginary[i]]);
    });
  }
  return branches;
}

const circle = (radius: number): [number, number][] =>
  Array.from({ length: 181 }, (_, i) => [
    radius * Math.cos((i * Math.PI) / 90),
    radius * Math.sin((i * Math.PI) / 90),
  ]);

/** Where the poles of heavy ball go as the curvature grows, and what rules at their best leave of each mode. */
export default (): Figure => {
  const rules = {
    "gradient descent": bestCoefficients(gradientDescent(), valley).rule,
    Nesterov: bestCoefficients(nesterov(), valley).rule,
    "heavy ball": bestCoefficients(heavyBall(), valley).rule,
  };
  const best = rules["heavy ball"];
  const beta = best.options.beta as number;
  const at = (lambda: number): [number, number][] => {
    const { real, imaginary } = poles(best, lambda);
    return [0, 1].map((i) => [real[i], imaginary[i]]);
  };
  const rates = (rule: Rule): [number, number][] =>
    Array.from({ length: 400 }, (_, k) => {
      const lambda = 0.3 * 500 ** (k / 399);
      return [lambda, modeRate(rule, lambda)];
    });
  const ends = [...at(1), ...at(KAPPA)];
  return {
    title: "Optimisers as feedback loops",
    description:
      "Left, the poles of heavy ball at its best for curvatures from 1 to 100: on the real axis below 1, on a circle of radius √β between, where " +
      "they go round from one end to the other, and out along the negative axis above 100. Right, the spectral radius of gradient descent, " +
      "Nesterov's form and heavy ball, each at its best, against the curvature: heavy ball leaves 0.82 of every mode between.",
    columns: 2,
    height: 432,
    panels: [
      {
        title: "Poles of heavy ball, λ from 0.1 to 125",
        x: { name: "real part", domain: [-1.2, 1.2], ticks: 5 },
        y: { name: "imaginary part", domain: [-1.2, 1.2], ticks: 5 },
        legend: [
          ["the unit circle", colour.muted],
          ["poles", hues[0]],
          ["λ = 1 and λ = 100", hues[1]],
        ],
        marks: [
          line(circle(1), colour.muted, { strokeDasharray: "4 3" }),
          ...[locus(best, 0.1, 1), locus(best, 1.0001, 99.999), locus(best, 100, 125)]
            .flat()
            .map((branch) => line(branch, hues[0], { strokeWidth: 2.5 })),
          Plot.dot(ends, { fill: hues[1], r: 4 }),
          Plot.text([[0, Math.sqrt(beta)]], { text: ["radius √β"], dy: 14, fill: colour.muted }),
        ],
      },
      {
        title: `What is left of a mode in a step, κ = ${KAPPA}`,
        x: { name: "λ", domain: [0.3, 150], log: true },
        y: { name: "spectral radius", domain: [0, 1.3] },
        legend: Object.keys(rules).map((name, i) => [name, hues[i]] as const),
        marks: [
          Plot.ruleY([1], { stroke: colour.muted, strokeDasharray: "4 3" }),
          Plot.ruleX([1, KAPPA], { stroke: colour.rule }),
          ...Object.values(rules).map((rule, i) => line(rates(rule), hues[i])),
        ],
      },
    ],
  };
};
