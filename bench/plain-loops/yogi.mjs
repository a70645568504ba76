import { nextPower, zeros } from "./shared.mjs";

export function loop(x, g, { learningRate, beta1, beta2, epsilon, initialAccumulator }) {
  const n = x.length;
  const first = zeros(x);
  const second = zeros(x).fill(initialAccumulator);
  const powers = new Float64Array([1, 1]);
  return () => {
    powers[0] = nextPower(powers[0], beta1);
    powers[1] = nextPower(powers[1], beta2);
    const rate = learningRate / (1 - powers[0]);
    const scale = 1 / Math.sqrt(1 - powers[1]);
    const kept1 = beta1;
    const taken1 = 1 - beta1;
    const taken2 = 1 - beta2;
    const small = epsilon;
    for (let i = 0; i < n; i++) {
      const gradient = g[i];
      const m = kept1 * first[i] + taken1 * gradient;
      const square = gradient * gradient;
      const before = second[i];
      const change = taken2 * square;
      const v = before < square ? before + change : before > square ? before - change : before;
      first[i] = m;
      second[i] = v;
      x[i] -= (rate * m) / (scale * Math.sqrt(v) + small);
    }
  };
}
