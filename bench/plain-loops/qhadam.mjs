import { nextPower, zeros } from "./shared.mjs";

export const options = { nu1: 0.7, beta1: 0.995 };

export function loop(x, g, { learningRate, beta1, beta2, nu1, nu2, epsilon }) {
  const n = x.length;
  const first = zeros(x);
  const second = zeros(x);
  const powers = new Float64Array([1, 1]);
  return () => {
    powers[0] = nextPower(powers[0], beta1);
    powers[1] = nextPower(powers[1], beta2);
    const rate = learningRate * (1 - nu1);
    const averageRate = (learningRate * nu1) / (1 - powers[0]);
    const squareShare = 1 - nu2;
    const meanShare = nu2 / (1 - powers[1]);
    const kept1 = beta1;
    const taken1 = 1 - beta1;
    const kept2 = beta2;
    const taken2 = 1 - beta2;
    const small = epsilon;
    for (let i = 0; i < n; i++) {
      const gradient = g[i];
      const square = gradient * gradient;
      const m = kept1 * first[i] + taken1 * gradient;
      const v = kept2 * second[i] + taken2 * square;
      first[i] = m;
      second[i] = v;
      x[i] -= (rate * gradient + averageRate * m) / (Math.sqrt(squareShare * square + meanShare * v) + small);
    }
  };
}
