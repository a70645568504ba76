import { dot, zeros } from "./shared.mjs";

export function loop(x, g, { learningRate, hyperRate }) {
  const n = x.length;
  const last = zeros(x);
  let rate = learningRate;
  return () => {
    rate += hyperRate * dot(g, last);
    const factor = rate;
    for (let i = 0; i < n; i++) {
      const gradient = g[i];
      last[i] = gradient;
      x[i] -= factor * gradient;
    }
  };
}
