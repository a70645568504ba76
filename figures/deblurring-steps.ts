import {
  deblurring,
  fista,
  gradientDescent,
  minimize,
  type Objective,
  psnr,
  type Rule,
} from "../src/index.ts";
import { colour, type Figure, hues, label, line, Plot } from "./kit/chart.ts";
import { movedPicture, NOISE, SIDE } from "./kit/deblurring.ts";

const STEPS = 60;
const PENALTY = 0.01;

/** The signal-to-noise ratio along runs, and where what is left is as large as the noise. */
export default (): Figure => {
  const { sharp, operator, observed, problem, lambda } = movedPicture();
  const along = (given: Objective, rule: Rule) => {
    const ratios: [number, number][] = [];
    let stop: [number, number] | undefined;
    minimize(given, {
      rule,
      start: observed,
      steps: STEPS,
      gradientTolerance: 0,
      callback({ index, x, value }) {
        ratios.push([index, psnr(x, sharp)]);
        if (!stop && Math.sqrt(2 * value) <= NOISE * SIDE) stop = ratios.at(-1);
      },
    });
    return { ratios, stop: stop! };
  };
  const learningRate = 1 / lambda;
  const box = { lower: 0, upper: 1 };
  const fast = along(problem, fista({ learningRate, ...box }));
  const slow = along(problem, gradientDescent({ learningRate }));
  const penalised = deblurring(operator, observed, { tikhonov: PENALTY });
  const held = along(penalised, fista({ learningRate: 1 / (lambda + PENALTY), ...box }));
  const series = [
    ["FISTA", fast.ratios],
    [`FISTA with a penalty of ${PENALTY}`, held.ratios],
    ["gradient descent", slow.ratios],
  ] as const;
  return {
    title: "Signal-to-noise ratio by step",
    description:
      "Without a penalty it rises as the image comes back and falls as the noise does. Where what is left is as large as the noise is a good place to stop.",
    height: 280,
    panels: [
      {
        x: { name: "steps of 1/L", domain: [0, STEPS] },
        y: { name: "PSNR, dB", domain: [18, 25] },
        legend: series.map(([name], i) => [name, hues[i]] as const),
        marks: [
          ...series.map(([, ratios], i) => line(ratios, hues[i])),
          Plot.dot([fast.stop, slow.stop], {
            r: 4,
            fill: colour.paper,
            stroke: colour.ink,
            strokeWidth: 1.5,
          }),
          Plot.text(["○ as much left as there is noise"], {
            frameAnchor: "bottom-left",
            dx: 10,
            dy: -10,
            ...label(),
          }),
        ],
      },
    ],
  };
};
