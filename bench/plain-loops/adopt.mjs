import { zeros } from "./shared.mjs";

export function loop(x, g, { learningRate, beta1, beta2, epsilon }) {
  const n = x.length;
  const first = zeros(x);
  const second = zeros(x);
  let t = 0;
  return () => {
    t++;
    if (t === 1) {
      for (let i = 0; i < n; i++) second[i] = g[i] * g[i];
      return;
    }
    const rate = learningRate;
    const bound = (t - 1) ** 0.25;
    const kept1 = beta1;
    const taken1 = 1 - beta1;
    const kept2 = beta2;
    const taken2 = 1 - beta2;
    const small = epsilon;
    for (let i = 0; i < n; i++) {
      const gradient = g[i];
      const v = second[i];
      const quotient = gradient / Math.max(Math.sqrt(v), small);
      const m = kept1 * first[i] + taken1 * Math.min(Math.max(quotient, -bound), bound);
      first[i] = m;
      second[i] = kept2 * v + taken2 * gradient * gradient;
      x[i] -= rate * m;
    }
  };
}
