export function loop(x, g, { learningRate }) {
  const n = x.length;
  const fours = n & ~3;
  return () => {
    // Four sums: one would wait for each addition before the next.
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
    const rate = learningRate / Math.sqrt(a + b + (c + d));
    for (i = 0; i < n; i++) x[i] -= rate * g[i];
  };
}
