import { descend, gradientDescent, predictedSteps, quadratic, rateSweep } from "../src/index.ts";
import { colour, type Figure, hues, label, line, Plot } from "./kit/chart.ts";

const problem = quadratic({ diagonal: [10, 1] });
/** Where the gradient has as much of the steep mode as of the flat one. */
const start = [0.1, 1];
const TOLERANCE = 1e-6;
const rates = [
  ["too small: 0.005", 0.005],
  ["just right: 2/11", 2 / 11],
  ["too large: 0.202", 0.202],
] as const;

/** ‖gradient‖ along a run, over the first. */
function run(learningRate: number): [number, number][] {
  const points: [number, number][] = [];
  let first = Number.NaN;
  for (const { index, gradientNorm } of descend(problem, {
    rule: gradientDescent({ learningRate }),
    start,
    steps: 150,
  })) {
    if (index === 0) first = gradientNorm;
    points.push([index, gradientNorm / first]);
  }
  return points;
}

/** Too small, just right, too large. */
export default (): Figure => {
  const sweep = rateSweep(problem, {
    rule: gradientDescent(),
    start,
    tolerance: TOLERANCE,
    steps: 3000,
    learningRates: [
      ...Array.from({ length: 57 }, (_, i) => 0.005 * (0.18 / 0.005) ** (i / 56)),
      ...Array.from({ length: 14 }, (_, i) => 0.2 - 0.018 * 0.7 ** i),
    ],
  });
  const measured = Array.from(sweep.learningRates, (rate, i): [number, number] => [
    rate,
    sweep.stepsToTolerance[i],
  ]).filter(([, steps]) => Number.isFinite(steps));
  /** ln ε / ln max|1 − ηλ|: of the slowest mode alone. */
  const predicted = Array.from({ length: 300 }, (_, i): [number, number] => {
    const rate = 0.004 * (0.1999 / 0.004) ** (i / 299);
    return [rate, Math.log(TOLERANCE) / Math.log(Math.max(Math.abs(1 - rate), Math.abs(1 - 10 * rate)))];
  });
  const best = predictedSteps({ lambdaMax: 10, smallestPositive: 1 }, TOLERANCE);
  return {
    title: "Too small, just right, too large",
    description:
      "Left: the gradient's norm by step on ½(10x² + y²): at η = 0.005 it crawls, at 2/11 it falls fastest, at 0.202 it grows. Right: steps until a millionth of it is left, " +
      "by learning rate, measured and predicted from the slowest mode: they fall like 1/η to 69 at 2/11, and rise without bound towards the limit 0.2.",
    columns: 2,
    panels: [
      {
        title: "Three runs on ½(10x² + y²)",
        x: { name: "step", domain: [0, 150], ticks: 5 },
        y: { name: "gradient, over the first", domain: [1e-8, 1e3], log: true },
        legend: rates.map(
          ([name], i) => [name.split(":")[0], [colour.muted, colour.still, colour.alarm][i]] as const,
        ),
        marks: rates.map(([, rate], i) =>
          line(run(rate), [colour.muted, colour.still, colour.alarm][i], { strokeWidth: 2 }),
        ),
      },
      {
        title: "Steps until 1e-6 of it is left",
        x: { name: "learning rate η", domain: [0.004, 0.26], log: true, ticks: 4 },
        y: { name: "steps", domain: [40, 5000], log: true },
        legend: [
          ["measured", hues[0]],
          ["predicted", colour.muted],
        ],
        marks: [
          Plot.rectX([0], { x1: 0.2, x2: 0.27, fill: colour.alarm, fillOpacity: 0.08, clip: true }),
          Plot.text(["diverges"], {
            ...label(colour.alarm),
            x: [0.231],
            frameAnchor: "middle",
            rotate: -90,
            fontWeight: 600,
          }),
          line(predicted, colour.muted, { strokeWidth: 1.5 }),
          Plot.dot(measured, { fill: hues[0], r: 2.5 }),
          Plot.text([[2 / 11, best]], {
            ...label(colour.still),
            text: [`2/(M + m): ${best} steps`],
            textAnchor: "end",
            fontWeight: 600,
            dx: -10,
            dy: 6,
          }),
        ],
      },
    ],
  };
};
