import {
  adgd,
  barzilaiBorwein,
  descend,
  dog,
  dowg,
  gradientDescent,
  polyakStep,
  prodigy,
  quadratic,
  type Rule,
} from "../src/index.ts";
import { colour, type Figure, hues, line, Plot } from "./kit/chart.ts";

const STEPS = 2000;
const KAPPA = 100;
const [MOST, LEAST] = [1, 1 / KAPPA];

/** Twenty modes from 1/κ to 1, each by the same factor above the last. */
const lambdas = Array.from({ length: 20 }, (_, i) => LEAST * 1.2742749857031335 ** i);
const valley = quadratic({ diagonal: lambdas });

const rules: readonly (readonly [name: string, rule: Rule, hue: string])[] = [
  ["gradient descent", gradientDescent({ learningRate: 2 / (MOST + LEAST) }), colour.muted],
  ["polyakStep", polyakStep(), hues[0]],
  ["prodigy", prodigy(), hues[7]],
  ["barzilaiBorwein", barzilaiBorwein(), hues[1]],
  ["adgd", adgd(), hues[2]],
  ["dog", dog(), hues[3]],
  ["dowg", dowg(), hues[4]],
];

/** Values and rates of a run, each against the step that it belongs to, until the value is as good as 0. */
function run(rule: Rule): { readonly values: [number, number][]; readonly rates: [number, number][] } {
  const values: [number, number][] = [];
  const rates: [number, number][] = [];
  const options = { rule, start: lambdas.map(() => 1), steps: STEPS };
  for (const { index, value, learningRate } of descend(valley, options)) {
    if (value < 1e-13) break;
    // A point told at each step of the first, and at ever fewer of the rest.
    if (index === 0 || index % Math.ceil(index / 200) !== 0) continue;
    values.push([index, value]);
    if (learningRate > 0) rates.push([index, learningRate]);
  }
  return { values, rates };
}

/** How high rules without a rate are on a valley, step by step, and the rates that they come to. */
export default (): Figure => {
  const runs = rules.map(([, rule]) => run(rule));
  const steps = { name: "step", domain: [1, STEPS], log: true } as const;
  const scaled = ["adgd", "dog", "dowg", "barzilaiBorwein"];
  return {
    title: "Rules without a rate to guess, on a quadratic with κ = 100",
    description:
      "Left, the value against the step: Barzilai and Borwein's, Polyak's and Prodigy's steps and AdGD are down before gradient descent at its best " +
      "rate; DoG comes last. Right, the rates: DoG's and DoWG's grow from 1e-6 by themselves, DoWG's up to the speed limit 2/λmax, DoG's stay " +
      "below it; those of AdGD and of Barzilai and Borwein swing about it, up to fifty times as high.",
    panels: [
      {
        title: "Value",
        x: steps,
        y: { name: "value", domain: [1e-12, 10], log: true },
        legend: rules.map(([name, , hue]) => [name, hue] as const).slice(0, 3),
        marks: runs.map(({ values }, i) => line(values, rules[i][2])),
      },
      {
        title: "Rate that each came to",
        x: steps,
        y: { name: "rate", domain: [1e-6, 300], log: true },
        legend: rules.map(([name, , hue]) => [name, hue] as const).slice(3),
        marks: [
          Plot.ruleY([2 / MOST], { stroke: colour.ink, strokeDasharray: "4 3" }),
          Plot.text(["2/λmax"], { x: 1.2, y: 2 / MOST, dy: -8, textAnchor: "start", fill: colour.ink }),
          ...runs.flatMap(({ rates }, i) =>
            scaled.includes(rules[i][1].name) ? [line(rates, rules[i][2])] : [],
          ),
        ],
      },
    ],
    columns: 2,
    height: 340,
  };
};
