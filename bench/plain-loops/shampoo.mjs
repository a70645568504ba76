import { plainEigen } from "../plain-eigen.mjs";
import { fill, fillTransposed, multiply, plainMatrix } from "../plain-matrix.mjs";

export const shape = [128, 128];

// Roots every ten steps; ε as large as a method needs it that finds eigenvalues to an absolute accuracy.
export const options = { every: 10, epsilon: 0.1 };

/** A side: its statistic, and the inverse root of that. */
function sideOf(x, order, depth) {
  return {
    order,
    gradient: plainMatrix(order, depth),
    gram: plainMatrix(order, order),
    statistic: new x.constructor(order * order),
    scaled: plainMatrix(order, order),
    root: plainMatrix(order, order),
  };
}

function renew({ order, gradient, gram, statistic }) {
  multiply(gradient, gradient, gram, true, true);
  for (let i = 0, k = 0; i < order; i++) {
    for (let j = 0, from = i * gram.width; j < order; j++, k++, from++) statistic[k] += gram.entries[from];
  }
}

function renewRoot({ order, statistic, scaled, root }, epsilon) {
  const { values, vectors } = plainEigen(order, statistic);
  // The columns of `scaled` are the eigenvectors, each times half of the power.
  for (let k = 0; k < order; k++) {
    const factor = (Math.max(values[k], 0) + epsilon) ** -0.125;
    const vector = vectors[k];
    for (let i = 0; i < order; i++) scaled.entries[i * scaled.width + k] = factor * vector[i];
  }
  multiply(scaled, scaled, root, true, true);
}

export function loop(x, g, { learningRate, every, epsilon }, [rows, columns]) {
  const left = sideOf(x, rows, columns);
  const right = sideOf(x, columns, rows);
  const half = plainMatrix(rows, columns);
  const update = plainMatrix(rows, columns);
  let t = 0;
  return () => {
    fill(left.gradient, g);
    fillTransposed(right.gradient, g);
    renew(left);
    renew(right);
    if (t++ % every === 0) {
      renewRoot(left, epsilon);
      renewRoot(right, epsilon);
    }
    multiply(left.root, left.gradient, half);
    multiply(half, right.root, update);
    const { entries, width } = update;
    for (let i = 0, k = 0; i < rows; i++) {
      for (let j = 0, from = i * width; j < columns; j++, k++, from++) x[k] -= learningRate * entries[from];
    }
  };
}
