import { nextPower, zeros } from "./shared.mjs";

export function loop(x, g, { learningRate, beta1, beta2, epsilon }) {
  const n = x.length;
  const first = zeros(x);
  const second = zeros(x);
  const update = zeros(x);
  const powers = new Float64Array([1, 1]);
  return () => {
    powers[0] = nextPower(powers[0], beta1);
    powers[1] = nextPower(powers[1], beta2);
    const firstScale = 1 / (1 - powers[0]);
    const scale = 1 / Math.sqrt(1 - powers[1]);
    const kept1 = beta1;
    const taken1 = 1 - beta1;
    const kept2 = beta2;
    const taken2 = 1 - beta2;
    const small = epsilon;
    let parameters = 0;
    let updates = 0;
    for (let i = 0; i < n; i++) {
      const gradient = g[i];
      const m = kept1 * first[i] + taken1 * gradient;
      const v = kept2 * second[i] + taken2 * gradient * gradient;
      first[i] = m;
      second[i] = v;
      const u = (firstScale * m) / (scale * Math.sqrt(v) + small);
      update[i] = u;
      parameters += x[i] * x[i];
      updates += u * u;
    }
    const rate = learningRate * Math.sqrt(parameters / updates);
    for (let i = 0; i < n; i++) x[i] -= rate * update[i];
  };
}
