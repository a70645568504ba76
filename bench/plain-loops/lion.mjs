import { zeros } from "./shared.mjs";

export function loop(x, g, { learningRate, beta1, beta2 }) {
  const n = x.length;
  const average = zeros(x);
  return () => {
    const rate = learningRate;
    const kept1 = beta1;
    const taken1 = 1 - beta1;
    const kept2 = beta2;
    const taken2 = 1 - beta2;
    for (let i = 0; i < n; i++) {
      const gradient = g[i];
      const m = average[i];
      const c = kept1 * m + taken1 * gradient;
      average[i] = kept2 * m + taken2 * gradient;
      if (c !== 0) x[i] -= rate * (c / Math.abs(c));
    }
  };
}
