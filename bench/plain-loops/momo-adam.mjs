import { nextPower, zeros } from "./shared.mjs";

export function loop(x, g, { learningRate, beta1, beta2, epsilon, lowerBound }) {
  const n = x.length;
  const first = zeros(x);
  const second = zeros(x);
  const direction = zeros(x);
  const powers = new Float64Array([1, 1]);
  let values = 0;
  let products = 0;
  return ({ value }) => {
    powers[0] = nextPower(powers[0], beta1);
    powers[1] = nextPower(powers[1], beta2);
    const scale = 1 / Math.sqrt(1 - powers[1]);
    const kept1 = beta1;
    const taken1 = 1 - beta1;
    const kept2 = beta2;
    const taken2 = 1 - beta2;
    const small = epsilon;
    let product = 0;
    let change = 0;
    let slope = 0;
    for (let i = 0; i < n; i++) {
      const gradient = g[i];
      const parameter = x[i];
      const m = kept1 * first[i] + taken1 * gradient;
      const v = kept2 * second[i] + taken2 * gradient * gradient;
      const step = m / (scale * Math.sqrt(v) + small);
      first[i] = m;
      second[i] = v;
      direction[i] = step;
      product += gradient * parameter;
      change += m * parameter;
      slope += m * step;
    }
    values = kept1 * values + taken1 * value;
    products = kept1 * products + taken1 * product;
    const weights = 1 - powers[0];
    const height = Math.max(values - weights * lowerBound + change - products, 0);
    const length = Math.min(learningRate / weights, height / slope);
    for (let i = 0; i < n; i++) x[i] -= length * direction[i];
  };
}
