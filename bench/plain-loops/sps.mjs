import { descend, dot } from "./shared.mjs";

export function loop(x, g, { learningRate, c, lowerBound, maxRate, growthRate, firstRate, epsilon }) {
  let last = firstRate;
  return ({ value }) => {
    const height = Math.max(value - lowerBound, 0);
    const polyak = height / (c * dot(g, g) + epsilon);
    const rate = Math.min(learningRate * polyak, maxRate, growthRate * last);
    if (rate > 0) last = rate;
    descend(x, g, rate);
  };
}
