import { nextPower, zeros } from "./shared.mjs";

export function loop(x, g, { learningRate, beta1, beta2, beta3, epsilon }) {
  const n = x.length;
  const first = zeros(x);
  const changes = zeros(x);
  const second = zeros(x);
  const previous = zeros(x);
  const powers = new Float64Array([1, 1, 1, 0]);
  return () => {
    powers[0] = nextPower(powers[0], beta1);
    powers[1] = nextPower(powers[1], beta2);
    powers[2] = nextPower(powers[2], beta3);
    const rate = learningRate / (1 - powers[0]);
    const changeRate = (learningRate * beta2) / (1 - powers[1]);
    const scale = 1 / Math.sqrt(1 - powers[2]);
    const known = powers[3];
    powers[3] = 1;
    const kept1 = beta1;
    const taken1 = 1 - beta1;
    const kept2 = beta2;
    const taken2 = 1 - beta2;
    const kept3 = beta3;
    const taken3 = 1 - beta3;
    const small = epsilon;
    for (let i = 0; i < n; i++) {
      const gradient = g[i];
      const d = known * (gradient - previous[i]);
      const m = kept1 * first[i] + taken1 * gradient;
      const v = kept2 * changes[i] + taken2 * d;
      const ahead = gradient + kept2 * d;
      const s = kept3 * second[i] + taken3 * ahead * ahead;
      previous[i] = gradient;
      first[i] = m;
      changes[i] = v;
      second[i] = s;
      x[i] -= (rate * m + changeRate * v) / (scale * Math.sqrt(s) + small);
    }
  };
}
