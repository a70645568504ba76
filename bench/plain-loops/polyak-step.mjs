import { descend, dot } from "./shared.mjs";

export function loop(x, g, { learningRate, lowerBound, maxRate }) {
  return ({ value }) => {
    const height = Math.max(value - lowerBound, 0);
    descend(x, g, Math.min((learningRate * height) / dot(g, g), maxRate));
  };
}
