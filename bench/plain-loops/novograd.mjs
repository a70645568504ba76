import { zeros } from "./shared.mjs";

export function loop(x, g, { learningRate, beta1, beta2, epsilon }) {
  const n = x.length;
  const fours = n & ~3;
  const average = zeros(x);
  const moment = new Float64Array([-1]);
  return () => {
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    let i = 0;
    for (; i < fours; i += 4) {
      a += g[i] * g[i];
      b += g[i + 1] * g[i + 1];
      c += g[i + 2] * g[i + 2];
      d += g[i + 3] * g[i + 3];
    }
    for (; i < n; i++) a += g[i] * g[i];
    const square = a + b + (c + d);
    moment[0] = moment[0] < 0 ? square : beta2 * moment[0] + (1 - beta2) * square;
    const scale = 1 / (Math.sqrt(moment[0]) + epsilon);
    const rate = learningRate;
    const kept = beta1;
    for (i = 0; i < n; i++) {
      const m = kept * average[i] + scale * g[i];
      average[i] = m;
      x[i] -= rate * m;
    }
  };
}
