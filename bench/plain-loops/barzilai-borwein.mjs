import { dot, zeros } from "./shared.mjs";

export const options = { firstStep: 0.1, maxRate: 0.1 };

export function loop(x, g, { learningRate, firstStep, minRate, maxRate }) {
  const n = x.length;
  const before = zeros(x);
  const gradientBefore = zeros(x);
  let rate = 0;
  return () => {
    if (rate === 0) rate = (firstStep * (1 + Math.sqrt(dot(x, x)))) / Math.sqrt(dot(g, g));
    else {
      let squares = 0;
      let product = 0;
      let moreSquares = 0;
      let moreProduct = 0;
      let i = 0;
      for (; i + 1 < n; i += 2) {
        const s = x[i] - before[i];
        const t = x[i + 1] - before[i + 1];
        squares += s * s;
        moreSquares += t * t;
        product += s * (g[i] - gradientBefore[i]);
        moreProduct += t * (g[i + 1] - gradientBefore[i + 1]);
      }
      for (; i < n; i++) {
        const s = x[i] - before[i];
        squares += s * s;
        product += s * (g[i] - gradientBefore[i]);
      }
      product += moreProduct;
      if (product > 0) rate = (squares + moreSquares) / product;
    }
    rate = Math.min(Math.max(rate, minRate), maxRate);
    const factor = learningRate * rate;
    for (let i = 0; i < n; i++) {
      const parameter = x[i];
      const gradient = g[i];
      before[i] = parameter;
      gradientBefore[i] = gradient;
      x[i] = parameter - factor * gradient;
    }
  };
}
