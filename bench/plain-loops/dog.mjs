import { descend, dot, squaredDistance } from "./shared.mjs";

// The benchmark's gradient stays the same: at a rate of 1 the distance would grow out of all bounds.
export const options = { learningRate: 1e-3, initialDistance: 1 };

export function loop(x, g, { learningRate, initialDistance, epsilon }) {
  const start = x.slice();
  let distance = initialDistance * (1 + Math.sqrt(dot(x, x)));
  let sum = epsilon;
  return () => {
    distance = Math.max(distance, Math.sqrt(squaredDistance(x, start)));
    sum += dot(g, g);
    descend(x, g, (learningRate * distance) / Math.sqrt(sum));
  };
}
