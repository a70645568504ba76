import { nextPower, zeros } from "./shared.mjs";

export function loop(x, g, { learningRate, beta1, beta2, epsilon, threshold }) {
  const n = x.length;
  const first = zeros(x);
  const second = zeros(x);
  const powers = new Float64Array([1, 1, 0]);
  const last = 2 / (1 - beta2) - 1;
  return () => {
    const t = ++powers[2];
    powers[0] = nextPower(powers[0], beta1);
    powers[1] = nextPower(powers[1], beta2);
    const length = last - (2 * t * powers[1]) / (1 - powers[1]);
    const rectified = length > threshold;
    const factor = rectified
      ? Math.sqrt(((length - 4) * (length - 2) * last) / ((last - 4) * (last - 2) * length))
      : 1;
    const correction = Math.sqrt(1 - powers[1]);
    const rate = (learningRate * factor * (rectified ? correction : 1)) / (1 - powers[0]);
    const kept1 = beta1;
    const taken1 = 1 - beta1;
    const kept2 = beta2;
    const taken2 = 1 - beta2;
    const scale = rectified ? 1 : 0;
    const small = rectified ? epsilon : 1;
    for (let i = 0; i < n; i++) {
      const gradient = g[i];
      const m = kept1 * first[i] + taken1 * gradient;
      const v = kept2 * second[i] + taken2 * gradient * gradient;
      first[i] = m;
      second[i] = v;
      x[i] -= (rate * m) / (scale * Math.sqrt(v) + small);
    }
  };
}
