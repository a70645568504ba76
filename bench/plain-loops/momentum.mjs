import { zeros } from "./shared.mjs";

export function loop(x, g, { learningRate, beta }) {
  const n = x.length;
  const average = zeros(x);
  return () => {
    const rate = learningRate;
    const kept = beta;
    const taken = 1 - beta;
    for (let i = 0; i < n; i++) {
      const v = kept * average[i] + taken * g[i];
      average[i] = v;
      x[i] -= rate * v;
    }
  };
}
