export function loop(x, g, { learningRate, beta }) {
  const n = x.length;
  const iterate = x.slice();
  const average = x.slice();
  let steps = 0;
  return () => {
    // At a constant rate all weigh the same.
    const share = 1 / ++steps;
    const rate = learningRate;
    const towards = beta;
    for (let i = 0; i < n; i++) {
      const z = iterate[i] - rate * g[i];
      const mean = average[i] + share * (z - average[i]);
      iterate[i] = z;
      average[i] = mean;
      x[i] = z + towards * (mean - z);
    }
  };
}
