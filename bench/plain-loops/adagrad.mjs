import { zeros } from "./shared.mjs";

export function loop(x, g, { learningRate, epsilon }) {
  const n = x.length;
  const sum = zeros(x);
  return () => {
    const rate = learningRate;
    const small = epsilon;
    for (let i = 0; i < n; i++) {
      const gradient = g[i];
      const s = sum[i] + gradient * gradient;
      sum[i] = s;
      x[i] -= (rate * gradient) / (Math.sqrt(s) + small);
    }
  };
}
