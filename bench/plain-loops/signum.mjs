import { zeros } from "./shared.mjs";

export function loop(x, g, { learningRate, momentum }) {
  const n = x.length;
  const average = zeros(x);
  return () => {
    const rate = learningRate;
    const kept = momentum;
    const taken = 1 - momentum;
    for (let i = 0; i < n; i++) {
      const m = kept * average[i] + taken * g[i];
      average[i] = m;
      x[i] -= m > 0 ? rate : m < 0 ? -rate : 0;
    }
  };
}
