import { dot, nextPower, zeros } from "./shared.mjs";

export function loop(x, g, { learningRate, hyperRate, beta1, beta2, epsilon }) {
  const n = x.length;
  const first = zeros(x);
  const second = zeros(x);
  const last = zeros(x);
  const powers = new Float64Array([1, 1]);
  let rate = learningRate;
  return () => {
    rate += hyperRate * dot(g, last);
    powers[0] = nextPower(powers[0], beta1);
    powers[1] = nextPower(powers[1], beta2);
    const factor = rate;
    const correction = 1 / (1 - powers[0]);
    const scale = 1 / Math.sqrt(1 - powers[1]);
    const kept1 = beta1;
    const taken1 = 1 - beta1;
    const kept2 = beta2;
    const taken2 = 1 - beta2;
    const small = epsilon;
    for (let i = 0; i < n; i++) {
      const gradient = g[i];
      const m = kept1 * first[i] + taken1 * gradient;
      const v = kept2 * second[i] + taken2 * gradient * gradient;
      const direction = (correction * m) / (scale * Math.sqrt(v) + small);
      first[i] = m;
      second[i] = v;
      last[i] = direction;
      x[i] -= factor * direction;
    }
  };
}
