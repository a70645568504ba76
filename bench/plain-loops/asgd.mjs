import { zeros } from "./shared.mjs";

export const options = { t0: 10, roundRates: false };

export function loop(x, g, { learningRate, lambd, alpha, t0 }) {
  const n = x.length;
  const average = zeros(x);
  let t = 0;
  return () => {
    const rate = learningRate / (1 + lambd * learningRate * t) ** alpha;
    const kept = 1 - lambd * rate;
    const share = 1 / Math.max(1, t - t0);
    t++;
    for (let i = 0; i < n; i++) {
      const after = kept * x[i] - rate * g[i];
      x[i] = after;
      average[i] += share * (after - average[i]);
    }
  };
}
