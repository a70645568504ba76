export function loop(x, g, { learningRate, epsilon }, [rows, columns]) {
  const byRow = new x.constructor(rows);
  const byColumn = new x.constructor(columns);
  const next = new x.constructor(columns);
  return () => {
    const rate = learningRate;
    const small = epsilon;
    next.fill(0);
    for (let i = 0, k = 0; i < rows; i++) {
      const ofRow = byRow[i];
      let largest = 0;
      for (let j = 0; j < columns; j++, k++) {
        const gradient = g[k];
        const ofColumn = byColumn[j];
        const nu = (ofRow < ofColumn ? ofRow : ofColumn) + gradient * gradient;
        if (nu > largest) largest = nu;
        if (nu > next[j]) next[j] = nu;
        x[k] -= (rate * gradient) / Math.sqrt(nu + small);
      }
      byRow[i] = largest;
    }
    byColumn.set(next);
  };
}
