import { zeros } from "./shared.mjs";

export const options = { momentum: 0.9 };

export function loop(x, g, { learningRate, momentum: keep }) {
  const n = x.length;
  const buffer = zeros(x);
  return () => {
    const rate = learningRate;
    const kept = keep;
    for (let i = 0; i < n; i++) {
      const b = kept * buffer[i] + g[i];
      buffer[i] = b;
      x[i] -= rate * b;
    }
  };
}
