// Under a gradient that stays the same x grows by 1 + η with each step: it must not overflow while it is timed.
export const options = { learningRate: 3e-4 };

export function loop(x, g, { learningRate }) {
  const n = x.length;
  const fours = n & ~3;
  return () => {
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    let i = 0;
    for (; i < fours; i += 4) {
      a += g[i] * g[i] + g[i + 1] * g[i + 1];
      b += g[i + 2] * g[i + 2] + g[i + 3] * g[i + 3];
      c += x[i] * x[i] + x[i + 1] * x[i + 1];
      d += x[i + 2] * x[i + 2] + x[i + 3] * x[i + 3];
    }
    for (; i < n; i++) {
      a += g[i] * g[i];
      c += x[i] * x[i];
    }
    const keep = 1 / Math.sqrt(1 + learningRate * learningRate);
    const rate = keep * learningRate * Math.sqrt((c + d) / (a + b));
    for (i = 0; i < n; i++) x[i] = keep * x[i] - rate * g[i];
  };
}
