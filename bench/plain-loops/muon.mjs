import { fill, fillTransposed, multiply, plainMatrix } from "../plain-matrix.mjs";
import { zeros } from "./shared.mjs";

export const shape = [128, 128];

export function loop(x, g, { learningRate, momentum, weightDecay, iterations }, [rows, columns]) {
  const n = x.length;
  const buffer = zeros(x);
  const update = new Float64Array(n);
  const isTall = rows > columns;
  const [short, long] = isTall ? [columns, rows] : [rows, columns];
  let from = plainMatrix(short, long);
  let to = plainMatrix(short, long);
  const gram = plainMatrix(short, short);
  const square = plainMatrix(short, short);
  const rate = learningRate * Math.sqrt(Math.max(1, rows / columns));
  return () => {
    const kept = momentum;
    const taken = 1 - momentum;
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const b = kept * buffer[i] + taken * g[i];
      buffer[i] = b;
      const u = taken * g[i] + kept * b;
      update[i] = u;
      sum += u * u;
    }
    const scale = 1 / Math.sqrt(sum);
    for (let i = 0; i < n; i++) update[i] *= scale;
    if (isTall) fillTransposed(from, update);
    else fill(from, update);
    for (let k = 0; k < iterations; k++) {
      multiply(from, from, gram, true, true);
      multiply(gram, gram, square, false, true);
      const [a, b] = [gram.entries, square.entries];
      for (let i = 0; i < a.length; i++) b[i] = -4.775 * a[i] + 2.0315 * b[i];
      for (let i = 0; i < short; i++) b[i * square.width + i] += 3.4445;
      multiply(square, from, to);
      [from, to] = [to, from];
    }
    const { entries, width } = from;
    const shrink = 1 - learningRate * weightDecay;
    for (let i = 0, k = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++, k++) {
        x[k] = shrink * x[k] - rate * entries[isTall ? j * width + i : i * width + j];
      }
    }
  };
}
