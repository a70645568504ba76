import { nextPower, zeros } from "./shared.mjs";

export function loop(x, g, { learningRate, beta1, beta2, epsilon }) {
  const n = x.length;
  const first = zeros(x);
  const largest = zeros(x);
  const powers = new Float64Array([1]);
  return () => {
    powers[0] = nextPower(powers[0], beta1);
    const rate = learningRate / (1 - powers[0]);
    const kept1 = beta1;
    const taken1 = 1 - beta1;
    const kept2 = beta2;
    const small = epsilon;
    for (let i = 0; i < n; i++) {
      const gradient = g[i];
      const m = kept1 * first[i] + taken1 * gradient;
      const u = Math.max(kept2 * largest[i], Math.abs(gradient) + small);
      first[i] = m;
      largest[i] = u;
      x[i] -= (rate * m) / u;
    }
  };
}
