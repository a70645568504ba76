import {
  adam,
  adopt,
  amsgrad,
  chain,
  createOptimizer,
  projectBox,
  type Rule,
  schedule,
} from "../src/index.ts";
import { type Figure, hues, line } from "./kit/chart.ts";

const STEPS = 3000;
const CYCLE = 101;
const CYCLES = 600;

/** The size of each of Adam's steps under a steady gradient, in units of η, at steps spread evenly on a logarithmic axis. */
function sizes(biasCorrection: boolean): [number, number][] {
  const optimizer = createOptimizer(adam({ learningRate: 1, biasCorrection }), [0]);
  const points: [number, number][] = [];
  let before = 0;
  let next = 1;
  for (let t = 1; t <= STEPS; t++) {
    optimizer.gradient[0] = 1;
    optimizer.step();
    const [x] = optimizer.parameters;
    if (t >= next) {
      points.push([t, before - x]);
      next = t * 1.03;
    }
    before = x;
  }
  optimizer.dispose();
  return points;
}

/** x at the end of each cycle of 101 steps of the problem of Reddi et al. */
function ends(rule: Rule): [number, number][] {
  const optimizer = createOptimizer(chain(rule, projectBox({ lower: -1, upper: 1 })), [0]);
  const points: [number, number][] = [[0, 0]];
  for (let t = 1; t <= CYCLES * CYCLE; t++) {
    optimizer.gradient[0] = t % CYCLE === 1 ? 1010 : -10;
    optimizer.step();
    if (t % CYCLE === 0) points.push([t / CYCLE, optimizer.parameters[0]]);
  }
  optimizer.dispose();
  return points;
}

const learningRate = schedule((index) => 0.5 / Math.sqrt(index + 1), { schedule: "inverseRoot" });
const options = { learningRate, beta1: 0.9, beta2: 0.99 };
const runs: readonly (readonly [name: string, rule: Rule])[] = [
  ["Adam", adam(options)],
  ["ADOPT", adopt(options)],
  ["AMSGrad", amsgrad(options)],
  ["Optax's AMSGrad", amsgrad({ ...options, correctionFirst: true })],
];

/** What Adam's moments do at the beginning, and what they forget. */
export default (): Figure => ({
  title: "Adam's moments: their beginning, and what they forget",
  description:
    "On the left the size of Adam's steps under a steady gradient: the learning rate from the first step on with bias correction; without " +
    "it 3.2 times that at first, 6.6 times at step 12, and slowly back. On the right the problem of Reddi et al., whose " +
    "best point is −1: Adam ends at 1, both forms of AMSGrad come to −1, and ADOPT too, by way of 1.",
  panels: [
    {
      title: "Steps under a steady gradient",
      x: { name: "step", domain: [1, STEPS], log: true, ticks: 4 },
      y: { name: "size ÷ η", domain: [0, 7.5] },
      legend: [
        ["corrected", hues[0]],
        ["not", hues[1]],
      ],
      marks: [line(sizes(true), hues[0]), line(sizes(false), hues[1])],
    },
    {
      title: "1010 at every 101st step, else −10",
      x: { name: "cycle of 101 steps", domain: [0, CYCLES], ticks: 4 },
      y: { name: "x", domain: [-1.1, 1.1] },
      legend: runs.map(([name], i) => [name, hues[i]] as const),
      marks: runs.map(([, rule], i) => line(ends(rule), hues[i])),
    },
  ],
  columns: 2,
});
