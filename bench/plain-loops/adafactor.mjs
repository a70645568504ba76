// Under a gradient that stays the same x grows by 1 + η with each step: it must not overflow while it is timed.
export const options = { learningRate: 3e-4 };

export function loop(x, g, o, [rows, columns]) {
  const { learningRate, decayPower, clipThreshold, epsilon1, epsilon2 } = o;
  const n = x.length;
  const byRow = new x.constructor(rows);
  const byColumn = new x.constructor(columns);
  const factors = new Float64Array(columns);
  const sums = new Float64Array(columns);
  let t = 0;
  return () => {
    t++;
    const taken = t ** -decayPower;
    const kept = 1 - taken;
    sums.fill(0);
    let total = 0;
    let squares = 0;
    for (let i = 0, k = 0; i < rows; i++) {
      let sum = 0;
      for (let j = 0; j < columns; j++, k++) {
        const square = g[k] * g[k];
        sum += square;
        sums[j] += square;
        squares += x[k] * x[k];
      }
      byRow[i] = kept * byRow[i] + taken * (sum / columns + epsilon1);
      total += byRow[i];
    }
    const mean = total / rows;
    for (let j = 0; j < columns; j++) {
      byColumn[j] = kept * byColumn[j] + taken * (sums[j] / rows + epsilon1);
      factors[j] = 1 / Math.sqrt(byColumn[j]);
    }
    let updates = 0;
    for (let i = 0, k = 0; i < rows; i++) {
      const factor = Math.sqrt(mean / byRow[i]);
      let sum = 0;
      for (let j = 0; j < columns; j++, k++) {
        const step = g[k] * factor * factors[j];
        sum += step * step;
      }
      updates += sum;
    }
    const alpha = Math.min(learningRate, 1 / Math.sqrt(t)) * Math.max(epsilon2, Math.sqrt(squares / n));
    const rate = alpha / Math.max(1, Math.sqrt(updates / n) / clipThreshold);
    for (let i = 0, k = 0; i < rows; i++) {
      const factor = rate * Math.sqrt(mean / byRow[i]);
      for (let j = 0; j < columns; j++, k++) x[k] -= g[k] * factor * factors[j];
    }
  };
}
