import { nextPower, randomSigns, zeros } from "./shared.mjs";

export function loop(x, g, { learningRate, beta1, beta2, epsilon }) {
  const n = x.length;
  const first = zeros(x);
  const second = zeros(x);
  const probe = zeros(x);
  const product = zeros(x);
  const powers = new Float64Array([1, 1]);
  let t = 0;
  return ({ hessianVectorProduct }) => {
    randomSigns(probe, t++);
    hessianVectorProduct(probe, product);
    powers[0] = nextPower(powers[0], beta1);
    powers[1] = nextPower(powers[1], beta2);
    const rate = learningRate / (1 - powers[0]);
    const scale = 1 / Math.sqrt(1 - powers[1]);
    const kept1 = beta1;
    const taken1 = 1 - beta1;
    const kept2 = beta2;
    const taken2 = 1 - beta2;
    const small = epsilon;
    for (let i = 0; i < n; i++) {
      const entry = probe[i] * product[i];
      const m = kept1 * first[i] + taken1 * g[i];
      const v = kept2 * second[i] + taken2 * entry * entry;
      first[i] = m;
      second[i] = v;
      x[i] -= (rate * m) / (scale * Math.sqrt(v) + small);
    }
  };
}
