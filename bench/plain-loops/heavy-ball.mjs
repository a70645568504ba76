import { zeros } from "./shared.mjs";

export function loop(x, g, { learningRate, beta }) {
  const n = x.length;
  const velocity = zeros(x);
  return () => {
    const rate = learningRate;
    const kept = beta;
    for (let i = 0; i < n; i++) {
      const v = kept * velocity[i] - rate * g[i];
      velocity[i] = v;
      x[i] += v;
    }
  };
}
