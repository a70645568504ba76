// SOAP: Adam in the eigenbasis of Shampoo's statistics. The bases are kept as rows, E; m and v live in them: G' = E_L·G·E_Rᵀ.
import { bytes, mulAdd, ratio, scalar, splat, wholeRegisters } from "../lanes";
import { pad, padTransposed, paddedBytes, unpad } from "../linear-algebra/padding";
import { multiplyPlain, multiplyTransposed, panelled } from "../linear-algebra/product";
import { eigenOf, number, renewGram } from "./kronecker";

/** `to` ← E_L·A·E_Rᵀ, or back E_Lᵀ·A·E_R, of matrices as blocks hold them; a side without a basis (0) stays as it is. */
function turn(
  back: bool, rows: i32, columns: i32, from: usize, left: usize, right: usize, to: usize, count: usize,
  block: usize, square: usize, panel: usize,
): void {
  const height = panelled<real>(rows), width = panelled<real>(columns);
  let a = block, b = block + paddedBytes<real>(rows, columns);
  pad<real>(rows, columns, from, a);
  if (left != 0) {
    if (back) padTransposed<real>(rows, rows, left, square);
    else pad<real>(rows, rows, left, square);
    multiplyPlain<real>(height, height, width, square, a, b, panel);
    const kept = a;
    a = b;
    b = kept;
  }
  if (right != 0) {
    pad<real>(columns, columns, right, square);
    if (back) multiplyPlain<real>(height, width, width, a, square, b, panel);
    else multiplyTransposed<real>(height, width, width, a, square, b, panel);
    a = b;
  }
  memory.fill(to, 0, count);
  unpad<real>(rows, columns, a, to);
}

/** The basis of a statistic, in falling order of its eigenvalues; where it is not finite the old one, or the identity. */
function renewBasis(
  order: i32, statistic: usize, basis: usize, hasBasis: bool, squares: usize, numbers: usize,
): void {
  const vectors = squares + paddedBytes<f64>(order, order);
  if (eigenOf(order, statistic, squares, vectors, numbers)) unpad<f64>(order, order, vectors, basis);
  else if (!hasBasis) {
    for (let i = 0; i < order; i++) store<real>(basis + bytes(i * order + i), <real>1);
  }
}

export function soap(
  n: i32, x: usize, g: usize, state: usize, scalars: usize, rows: i32, columns: i32, scratch: usize,
): void {
  const largest = <i32>number(scalars, 0);
  const isMatrix = rows > 1 && columns > 1;
  const hasLeft = isMatrix && rows <= largest, hasRight = isMatrix && columns <= largest;
  const leftSquare = hasLeft ? rows * rows : 1, rightSquare = hasRight ? columns * columns : 1;
  const side = max(hasLeft ? rows : 1, hasRight ? columns : 1);
  const size = bytes(n);
  const m = state, v = m + size;
  const left = v + size;
  const right = left + bytes(wholeRegisters(leftSquare));
  const leftBasis = right + bytes(wholeRegisters(rightSquare));
  const rightBasis = leftBasis + bytes(wholeRegisters(leftSquare));
  const hasBasis = number(scalars, 1) != 0;
  const fromLeft = hasBasis && hasLeft ? leftBasis : 0, fromRight = hasBasis && hasRight ? rightBasis : 0;

  const turned = scratch;
  const flat = turned + size;
  const block = flat + max(size, bytes(wholeRegisters(side * side)));
  const squares = block + 2 * max(paddedBytes<real>(rows, columns), paddedBytes<real>(columns, rows));
  const numbers = squares + 2 * paddedBytes<f64>(side, side);
  const panel = numbers + ((<usize>side) << 4);

  let update = g;
  if (fromLeft != 0 || fromRight != 0) {
    update = turned;
    turn(false, rows, columns, g, fromLeft, fromRight, turned, size, block, squares, panel);
  }
  const beta1 = scalar(scalars, 2), beta1Rest = scalar(scalars, 3);
  const beta2 = scalar(scalars, 4), beta2Rest = scalar(scalars, 5);
  const firstScale = scalar(scalars, 6), rootScale = scalar(scalars, 7), epsilon = scalar(scalars, 8);
  const zero = splat(0);
  for (let i: usize = 0; i < size; i += 16) {
    const gradient = v128.load(update + i);
    const first = mulAdd(beta1, v128.load(m + i), v128.mul<real>(beta1Rest, gradient));
    const second = mulAdd(beta2, v128.load(v + i), v128.mul<real>(v128.mul<real>(beta2Rest, gradient), gradient));
    v128.store(m + i, first);
    v128.store(v + i, second);
    const root = mulAdd(rootScale, v128.sqrt<real>(second), epsilon);
    v128.store(flat + i, ratio(v128.mul<real>(firstScale, first), root, zero));
  }
  update = flat;
  if (fromLeft != 0 || fromRight != 0) {
    update = turned;
    turn(true, rows, columns, flat, fromLeft, fromRight, turned, size, block, squares, panel);
  }
  const rate = scalar(scalars, 9), shrink = scalar(scalars, 10);
  for (let i: usize = 0; i < size; i += 16) {
    const parameter = v128.load(x + i);
    const step = mulAdd(shrink, parameter, v128.mul<real>(rate, v128.load(update + i)));
    v128.store(x + i, v128.sub<real>(parameter, step));
  }
  if (!isMatrix) return;

  const keep = number(scalars, 4), take = number(scalars, 5);
  if (hasLeft) {
    pad<real>(rows, columns, g, block);
    renewGram(rows, columns, block, left, keep, take, squares, flat, panel);
  }
  if (hasRight) {
    padTransposed<real>(rows, columns, g, block);
    renewGram(columns, rows, block, right, keep, take, squares, flat, panel);
  }
  if (number(scalars, 11) == 0) return;
  // The first moment goes along into the new basis.
  turn(true, rows, columns, m, fromLeft, fromRight, turned, size, block, squares, panel);
  if (hasLeft) renewBasis(rows, left, leftBasis, hasBasis, squares, numbers);
  if (hasRight) renewBasis(columns, right, rightBasis, hasBasis, squares, numbers);
  turn(
    false, rows, columns, turned, hasLeft ? leftBasis : 0, hasRight ? rightBasis : 0, m, size, block, squares, panel,
  );
}
