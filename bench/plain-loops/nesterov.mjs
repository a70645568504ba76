import { zeros } from "./shared.mjs";

export function loop(x, g, { learningRate, momentum }) {
  const n = x.length;
  const ahead = zeros(x);
  return () => {
    const rate = learningRate;
    const kept = momentum;
    for (let i = 0; i < n; i++) {
      const step = rate * g[i];
      const a = kept * (ahead[i] - step);
      ahead[i] = a;
      x[i] += a - step;
    }
  };
}
