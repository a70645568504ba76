import { zeros } from "./shared.mjs";

export const options = { weightDecay: 0.01 };

export function loop(x, g, { learningRate, momentum, trustCoefficient, weightDecay }) {
  const n = x.length;
  const fours = n & ~3;
  const buffer = zeros(x);
  return () => {
    // Two sums of each: one would wait for each addition before the next.
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    let i = 0;
    for (; i < fours; i += 4) {
      a += g[i] * g[i] + g[i + 1] * g[i + 1];
      b += g[i + 2] * g[i + 2] + g[i + 3] * g[i + 3];
      c += x[i] * x[i] + x[i + 1] * x[i + 1];
      d += x[i + 2] * x[i + 2] + x[i + 3] * x[i + 3];
    }
    for (; i < n; i++) {
      a += g[i] * g[i];
      c += x[i] * x[i];
    }
    const length = Math.sqrt(c + d);
    const rate = (learningRate * trustCoefficient * length) / (Math.sqrt(a + b) + weightDecay * length);
    const kept = momentum;
    const shrink = rate * weightDecay;
    for (i = 0; i < n; i++) {
      const step = kept * buffer[i] + rate * g[i] + shrink * x[i];
      buffer[i] = step;
      x[i] -= step;
    }
  };
}
