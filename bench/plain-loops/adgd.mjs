import { dot, zeros } from "./shared.mjs";

// The benchmark's gradient stays the same: without a bound the rate would grow out of all bounds.
export const options = { firstStep: 0.1, maxRate: 0.1 };

export function loop(x, g, { learningRate, firstStep, maxRate }) {
  const n = x.length;
  const before = zeros(x);
  const gradientBefore = zeros(x);
  let rate = 0;
  let theta = Infinity;
  return () => {
    if (rate === 0) {
      const length = firstStep * (1 + Math.sqrt(dot(x, x)));
      rate = Math.min(length / Math.sqrt(dot(g, g)), maxRate);
    } else {
      let step = 0;
      let change = 0;
      let moreStep = 0;
      let moreChange = 0;
      let i = 0;
      for (; i + 1 < n; i += 2) {
        const s = x[i] - before[i];
        const t = x[i + 1] - before[i + 1];
        const y = g[i] - gradientBefore[i];
        const z = g[i + 1] - gradientBefore[i + 1];
        step += s * s;
        moreStep += t * t;
        change += y * y;
        moreChange += z * z;
      }
      for (; i < n; i++) {
        step += (x[i] - before[i]) ** 2;
        change += (g[i] - gradientBefore[i]) ** 2;
      }
      step += moreStep;
      if (step > 0) {
        const bound = Math.sqrt(step / (change + moreChange)) / 2;
        const growth = theta === Infinity && bound === Infinity ? 1 : theta;
        const next = Math.min(Math.sqrt(1 + growth) * rate, bound, maxRate);
        theta = next / rate;
        rate = next;
      }
    }
    const factor = learningRate * rate;
    for (let i = 0; i < n; i++) {
      const parameter = x[i];
      const gradient = g[i];
      before[i] = parameter;
      gradientBefore[i] = gradient;
      x[i] = parameter - factor * gradient;
    }
  };
}
