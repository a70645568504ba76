import { zeros } from "./shared.mjs";

export function loop(x, g, { learningRate, beta, lowerBound }) {
  const n = x.length;
  const average = zeros(x);
  let values = 0;
  let products = 0;
  let isFirst = true;
  return ({ value }) => {
    const kept = isFirst ? 0 : beta;
    const taken = isFirst ? 1 : 1 - beta;
    isFirst = false;
    let product = 0;
    let change = 0;
    let squares = 0;
    for (let i = 0; i < n; i++) {
      const m = kept * average[i] + taken * g[i];
      average[i] = m;
      product += g[i] * x[i];
      change += m * x[i];
      squares += m * m;
    }
    values = kept * values + taken * value;
    products = kept * products + taken * product;
    const height = Math.max(values - lowerBound + change - products, 0);
    const length = Math.min(learningRate, height / squares);
    for (let i = 0; i < n; i++) x[i] -= length * average[i];
  };
}
