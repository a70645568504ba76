import { zeros } from "./shared.mjs";

export function loop(x, g, { learningRate, beta, nu }) {
  const n = x.length;
  const average = zeros(x);
  return () => {
    const kept = beta;
    const taken = 1 - beta;
    const rate = learningRate * (1 - nu);
    const averageRate = learningRate * nu;
    for (let i = 0; i < n; i++) {
      const gradient = g[i];
      const d = kept * average[i] + taken * gradient;
      average[i] = d;
      x[i] -= rate * gradient + averageRate * d;
    }
  };
}
