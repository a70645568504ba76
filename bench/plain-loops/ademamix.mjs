import { nextPower, zeros } from "./shared.mjs";

export function loop(x, g, { learningRate, beta1, beta2, beta3, alpha, epsilon }) {
  const n = x.length;
  const fast = zeros(x);
  const slow = zeros(x);
  const second = zeros(x);
  const powers = new Float64Array([1, 1]);
  return () => {
    powers[0] = nextPower(powers[0], beta1);
    powers[1] = nextPower(powers[1], beta2);
    const rate = learningRate / (1 - powers[0]);
    const slowRate = learningRate * alpha;
    const scale = 1 / Math.sqrt(1 - powers[1]);
    const kept1 = beta1;
    const taken1 = 1 - beta1;
    const kept2 = beta2;
    const taken2 = 1 - beta2;
    const kept3 = beta3;
    const taken3 = 1 - beta3;
    const small = epsilon;
    for (let i = 0; i < n; i++) {
      const gradient = g[i];
      const m = kept1 * fast[i] + taken1 * gradient;
      const s = kept3 * slow[i] + taken3 * gradient;
      const v = kept2 * second[i] + taken2 * gradient * gradient;
      fast[i] = m;
      slow[i] = s;
      second[i] = v;
      x[i] -= (rate * m + slowRate * s) / (scale * Math.sqrt(v) + small);
    }
  };
}
