import { adam, stepResponse } from "../src/index.ts";
import { type Figure, hues, line } from "./kit/chart.ts";

const RATE = 0.01;
const epsilons = [1e-8, 0.1, 1];

/** The first step from a gradient, without memory, in learning rates. */
function steps(epsilon: number): [number, number][] {
  const rule = adam({ learningRate: RATE, beta1: 0, beta2: 0, epsilon });
  return Array.from({ length: 241 }, (_, i): [number, number] => {
    const gradient = (i - 120) / 40;
    return [gradient, stepResponse(rule, [gradient])[0] / RATE];
  });
}

/** Adam's step without memory, against the gradient. */
export default (): Figure => ({
  title: "Adam without memory",
  description:
    "With β₁ = β₂ = 0 the step is α·g/(|g| + ε): the sign of g where ε is small, and about g/ε where it is large.",
  height: 260,
  panels: [
    {
      x: { name: "g", domain: [-3, 3] },
      y: { name: "step / α", domain: [-1.1, 1.1] },
      legend: epsilons.map((epsilon, i) => [`ε = ${epsilon}`, hues[i]] as const),
      marks: epsilons.map((epsilon, i) => line(steps(epsilon), hues[i])),
    },
  ],
});
