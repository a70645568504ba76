import {
  adam,
  gradientDescent,
  type Random,
  rmsprop,
  stepResponse,
  updateVariance,
  wakingStep,
} from "../src/index.ts";
import { type Figure, hues, line, Plot } from "./kit/chart.ts";

const SLEEPS = Array.from({ length: 60 }, (_, i) => Math.round(10 ** (i / 14.75)));

/** The step that Adam takes on a parameter that wakes, measured. */
function measured(asleep: number): number {
  const settled = 8000;
  const gradients = Float64Array.from({ length: settled + asleep + 1 }, (_, t) =>
    t < settled || t === settled + asleep ? 1 : 0,
  );
  return stepResponse(adam({ learningRate: 1 }), gradients)[settled + asleep];
}

/** What adaptive rules do with silence, and with noise that depends on the position. */
export default (): Figure => {
  const predicted = (amsgrad: boolean) =>
    SLEEPS.map((asleep): [number, number] => [asleep, wakingStep({ asleep, learningRate: 1, amsgrad })]);
  const positions = Array.from({ length: 25 }, (_, i) => -3 + i / 4);
  const gradient = (x: number, random: Random) => (1 + x * x) * random.normal();
  const variances = (rule: Parameters<typeof updateVariance>[0]["rule"]) => {
    const { variances: all } = updateVariance({ rule, positions, gradient, warmUp: 5000 });
    return positions.map((x, i): [number, number] => [x, all[i]]);
  };
  const ticks = SLEEPS.filter((_, i) => i % 4 === 1);
  return {
    title: "Silence and noise",
    description:
      "Left: the step of Adam on a parameter that wakes rises from 1 to 3.16 times the rate as it sleeps longer, as predicted, and falls to a tenth of the rate under " +
      "AMSGrad. Right: the variance of raw steps grows with the noise at a position, that of RMSProp's steps is the same everywhere.",
    columns: 2,
    panels: [
      {
        title: "The step on waking",
        x: { name: "steps asleep", domain: [1, 10_000], log: true },
        y: { name: "step / η", domain: [0, 3.5] },
        legend: [
          ["Adam", hues[0]],
          ["AMSGrad", hues[2]],
        ],
        marks: [
          line(predicted(false), hues[0]),
          line(predicted(true), hues[2]),
          Plot.dot(
            ticks.map((asleep) => [asleep, measured(asleep)]),
            { fill: hues[0], r: 3.5 },
          ),
        ],
      },
      {
        title: "The variance of a step",
        x: { name: "position", domain: [-3, 3] },
        y: { name: "variance / η²", domain: [0.1, 200], log: true },
        legend: [
          ["gradient descent", hues[1]],
          ["RMSProp", hues[0]],
        ],
        marks: [
          line(variances(gradientDescent({ learningRate: 1 })), hues[1]),
          line(variances(rmsprop({ learningRate: 1, decay: 0.999 })), hues[0]),
        ],
      },
    ],
  };
};
