import { dotOfDifference, zeros } from "./shared.mjs";

export const options = { initialDistance: 0.1 };

export function loop(x, g, options) {
  const { learningRate, initialDistance, growthRate, distanceFactor, beta1, beta2, beta3, epsilon } = options;
  const n = x.length;
  const start = x.slice();
  const first = zeros(x);
  const second = zeros(x);
  const sum = zeros(x);
  let d = initialDistance;
  let largest = d;
  let numerator = 0;
  return () => {
    const rate = d * learningRate;
    const weight = (d / initialDistance) * rate;
    numerator = beta3 * numerator + weight * dotOfDifference(start, x, g);
    const kept1 = beta1;
    const taken1 = (1 - beta1) * d;
    const kept2 = beta2;
    const taken2 = (1 - beta2) * d * d;
    const kept3 = beta3;
    const small = d * epsilon;
    let size = 0;
    for (let i = 0; i < n; i++) {
      const gradient = g[i];
      const m = kept1 * first[i] + taken1 * gradient;
      const v = kept2 * second[i] + taken2 * gradient * gradient;
      const s = kept3 * sum[i] + weight * gradient;
      first[i] = m;
      second[i] = v;
      sum[i] = s;
      size += Math.abs(s);
      x[i] -= (rate * m) / (Math.sqrt(v) + small);
    }
    const found = (distanceFactor * numerator) / size;
    if (d === initialDistance) d = Math.max(d, found);
    largest = Math.max(largest, found);
    d = Math.min(largest, d * growthRate);
  };
}
