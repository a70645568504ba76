import { zeros } from "./shared.mjs";

export const options = { learningRate: 0.1, l1: 0.5 };

export function loop(x, g, { learningRate, beta, l1, l2, initialAccumulator }) {
  const n = x.length;
  const sum = zeros(x).fill(initialAccumulator);
  const z = zeros(x);
  // The z whose x is the start.
  const first = (beta + Math.sqrt(initialAccumulator)) / learningRate + l2;
  for (let i = 0; i < n; i++) z[i] = -x[i] * first - Math.sign(x[i]) * l1;
  return () => {
    const perRate = 1 / learningRate;
    const offset = beta / learningRate + l2;
    const threshold = l1;
    for (let i = 0; i < n; i++) {
      const gradient = g[i];
      const before = sum[i];
      const after = before + gradient * gradient;
      const root = Math.sqrt(after);
      const dual = z[i] + gradient - (root - Math.sqrt(before)) * perRate * x[i];
      sum[i] = after;
      z[i] = dual;
      const weight = root * perRate + offset;
      x[i] =
        dual > threshold ? (threshold - dual) / weight : dual < -threshold ? -(threshold + dual) / weight : 0;
    }
  };
}
