export function loop(x, g, { learningRate }) {
  const n = x.length;
  return () => {
    const rate = learningRate;
    for (let i = 0; i < n; i++) x[i] -= rate * g[i];
  };
}
