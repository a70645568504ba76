import { plainEigen } from "../plain-eigen.mjs";
import { fill, fillTransposed, multiply, plainMatrix } from "../plain-matrix.mjs";
import { nextPower } from "./shared.mjs";

export const shape = [128, 128];

// ε above the rounding of what is 0 in the eigenbasis of one gradient that stays the same.
export const options = { epsilon: 0.1 };

/** A side: its statistic, and a basis by rows and by columns. */
function sideOf(x, order, depth) {
  return {
    order,
    gradient: plainMatrix(order, depth),
    gram: plainMatrix(order, order),
    statistic: new x.constructor(order * order),
    basis: plainMatrix(order, order),
    turned: plainMatrix(order, order),
  };
}

function renew({ order, gradient, gram, statistic }, kept, taken) {
  multiply(gradient, gradient, gram, true, true);
  for (let i = 0, k = 0; i < order; i++) {
    for (let j = 0, from = i * gram.width; j < order; j++, k++, from++) {
      statistic[k] = kept * statistic[k] + taken * gram.entries[from];
    }
  }
}

function renewBasis({ order, statistic, basis, turned }) {
  const { vectors } = plainEigen(order, statistic);
  for (let i = 0; i < order; i++) {
    for (let j = 0; j < order; j++) {
      basis.entries[i * basis.width + j] = vectors[i][j];
      turned.entries[j * turned.width + i] = vectors[i][j];
    }
  }
}

export function loop(x, g, o, [rows, columns]) {
  const { learningRate, beta1, beta2, epsilon, every, weightDecay } = o;
  const left = sideOf(x, rows, columns);
  const right = sideOf(x, columns, rows);
  const block = plainMatrix(rows, columns);
  const half = plainMatrix(rows, columns);
  const inBasis = plainMatrix(rows, columns);
  const m = plainMatrix(rows, columns);
  const v = plainMatrix(rows, columns);
  const powers = new Float64Array([1, 1]);
  let t = 0;
  const turn = (a, to) => {
    multiply(left.basis, a, half);
    multiply(half, right.basis, to, true);
  };
  const turnBack = (a, to) => {
    multiply(left.turned, a, half);
    multiply(half, right.basis, to);
  };
  return () => {
    t++;
    powers[0] = nextPower(powers[0], beta1);
    powers[1] = nextPower(powers[1], beta2);
    const hasBasis = t > every;
    fill(left.gradient, g);
    fillTransposed(right.gradient, g);
    if (hasBasis) turn(left.gradient, inBasis);
    const gradient = (hasBasis ? inBasis : left.gradient).entries;
    const first = m.entries;
    const second = v.entries;
    const rate = 1 / (1 - powers[0]);
    const scale = 1 / Math.sqrt(1 - powers[1]);
    for (let i = 0; i < gradient.length; i++) {
      first[i] = beta1 * first[i] + (1 - beta1) * gradient[i];
      second[i] = beta2 * second[i] + (1 - beta2) * gradient[i] * gradient[i];
      block.entries[i] = (rate * first[i]) / (scale * Math.sqrt(second[i]) + epsilon);
    }
    if (hasBasis) turnBack(block, inBasis);
    const { entries, width } = hasBasis ? inBasis : block;
    const shrink = 1 - learningRate * weightDecay;
    for (let i = 0, k = 0; i < rows; i++) {
      for (let j = 0, from = i * width; j < columns; j++, k++, from++) {
        x[k] = shrink * x[k] - learningRate * entries[from];
      }
    }
    renew(left, beta2, 1 - beta2);
    renew(right, beta2, 1 - beta2);
    if (t % every !== 0) return;
    if (hasBasis) turnBack(m, block);
    else block.entries.set(first);
    renewBasis(left);
    renewBasis(right);
    turn(block, m);
  };
}
