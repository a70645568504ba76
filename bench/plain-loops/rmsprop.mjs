import { zeros } from "./shared.mjs";

export function loop(x, g, { learningRate, decay, epsilon }) {
  const n = x.length;
  const second = zeros(x);
  return () => {
    const rate = learningRate;
    const kept = decay;
    const taken = 1 - decay;
    const small = epsilon;
    for (let i = 0; i < n; i++) {
      const gradient = g[i];
      const v = kept * second[i] + taken * gradient * gradient;
      second[i] = v;
      x[i] -= (rate * gradient) / (Math.sqrt(v) + small);
    }
  };
}
