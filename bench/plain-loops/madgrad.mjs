import { zeros } from "./shared.mjs";

export function loop(x, g, { learningRate, momentum, epsilon }) {
  const n = x.length;
  const start = x.slice();
  const sum = zeros(x);
  const squares = zeros(x);
  let t = 0;
  return () => {
    t++;
    const weight = learningRate * Math.sqrt(t);
    const kept = momentum;
    const taken = 1 - momentum;
    const small = epsilon;
    for (let i = 0; i < n; i++) {
      const gradient = g[i];
      const weighted = weight * gradient;
      const s = sum[i] + weighted;
      const v = squares[i] + weighted * gradient;
      sum[i] = s;
      squares[i] = v;
      x[i] = kept * x[i] + taken * (start[i] - s / (Math.cbrt(v) + small));
    }
  };
}
