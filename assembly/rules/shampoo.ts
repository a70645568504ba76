// Shampoo: x ← x − η(b + λx), b ← μb + U, U = L^(−1/p)·G·R^(−1/p) with L = ΣGGᵀ and R = ΣGᵀG; a side that is too large keeps
// the diagonal of its sum.
import { bytes, mulAdd, ratio, scalar, splat, wholeRegisters } from "../lanes";
import { pad, padTransposed, paddedBytes, transpose, unpad } from "../linear-algebra/padding";
import { bytesOf, gramOf, multiplyPlain, panelled } from "../linear-algebra/product";
import { norm } from "../vector/reduce";
import { eigenOf, number, renewGram } from "./kronecker";

/** Under the roots of the diagonal step whose length is grafted. */
// @ts-ignore: decorator
@inline const GRAFT_EPSILON: f64 = 1e-10;

/** The inverse root of what a statistic's eigenvalue comes to. */
// @ts-ignore: decorator
@inline
function inverseRoot(value: f64, scalars: usize, exponent: f64): f64 {
  return NativeMath.pow(max(value * number(scalars, 3), 0) + number(scalars, 2), -exponent);
}

/** `root` ← S^(−exponent) by eigenvalues: (D V)ᵀ(D V) with the rows of V scaled by half of the power; NaN where S is not finite. */
function squareRoot(
  order: i32, statistic: usize, root: usize, scalars: usize, exponent: f64, squares: usize, numbers: usize, panel: usize,
): void {
  const size = paddedBytes<f64>(order, order);
  const matrix = squares, vectors = matrix + size, power = vectors + size;
  if (!eigenOf(order, statistic, matrix, vectors, numbers)) {
    for (let i = 0; i < order * order; i++) store<real>(root + bytes(i), <real>NaN);
    return;
  }
  const padded = panelled<f64>(order);
  const pitch = bytesOf<f64>(padded);
  for (let k = 0; k < order; k++) {
    const half = f64x2.splat(inverseRoot(load<f64>(numbers + ((<usize>k) << 3)), scalars, exponent / 2));
    for (let p = vectors + (<usize>k) * pitch, end = p + pitch; p < end; p += 16) {
      v128.store(p, f64x2.mul(v128.load(p), half));
    }
  }
  transpose<f64>(order, vectors, matrix);
  gramOf<f64>(padded, padded, matrix, power, panel);
  unpad<f64>(order, order, power, root);
}

/** S ← keep·S + take·(the squares of each row of A), for a side of which only the diagonal is kept. */
function renewDiagonal(order: i32, depth: i32, a: usize, statistic: usize, keep: f64, take: f64): void {
  const count = panelled<real>(depth);
  for (let i = 0; i < order; i++) {
    const length = norm(count, a);
    const at = statistic + bytes(i);
    store<real>(at, <real>(keep * <f64>load<real>(at) + take * length * length));
    a += bytesOf<real>(count);
  }
}

/** A side of a block: its statistic from A (whose rows it is), and when it is due its inverse root. */
function renewSide(
  order: i32, depth: i32, isWhole: bool, a: usize, statistic: usize, root: usize, scalars: usize, exponent: f64,
  flat: usize, squares: usize, numbers: usize, panel: usize,
): void {
  const keep = number(scalars, 0), take = number(scalars, 1);
  const isDue = number(scalars, 4) != 0;
  if (isWhole) {
    renewGram(order, depth, a, statistic, keep, take, squares, flat, panel);
    if (isDue) squareRoot(order, statistic, root, scalars, exponent, squares, numbers, panel);
    return;
  }
  renewDiagonal(order, depth, a, statistic, keep, take);
  if (!isDue) return;
  for (let i = 0; i < order; i++) {
    store<real>(root + bytes(i), <real>inverseRoot(number(statistic, i), scalars, exponent));
  }
}

/** Multiplies each row of a padded matrix by its factor. */
function scaleRows(rows: i32, columns: i32, a: usize, factors: usize): void {
  const pitch = bytesOf<real>(panelled<real>(columns));
  for (let i = 0; i < rows; i++) {
    const factor = scalar(factors, i);
    for (const end = a + pitch; a < end; a += 16) v128.store(a, v128.mul<real>(v128.load(a), factor));
  }
}

/** Multiplies each column of a padded matrix by its factor; `padded` takes a row. */
function scaleColumns(rows: i32, columns: i32, a: usize, factors: usize, padded: usize): void {
  const pitch = bytesOf<real>(panelled<real>(columns));
  memory.fill(padded, 0, pitch);
  memory.copy(padded, factors, bytes(columns));
  for (let i = 0; i < rows; i++) {
    for (let j: usize = 0; j < pitch; j += 16) {
      v128.store(a + j, v128.mul<real>(v128.load(a + j), v128.load(padded + j)));
    }
    a += pitch;
  }
}

/** v ← keep·v + take·g², and the length of g/(√v + ε). `update` takes a block. */
function diagonalLength(n: i32, g: usize, v: usize, scalars: usize, update: usize): f64 {
  const keep = scalar(scalars, 0), take = scalar(scalars, 1);
  const zero = splat(0);
  store<real>(update, <real>Math.sqrt(number(scalars, 3)));
  const correction = scalar(update, 0);
  store<real>(update, <real>GRAFT_EPSILON);
  const epsilon = scalar(update, 0);
  for (let i: usize = 0, size = bytes(n); i < size; i += 16) {
    const gradient = v128.load(g + i);
    const square = mulAdd(keep, v128.load(v + i), v128.mul<real>(v128.mul<real>(take, gradient), gradient));
    v128.store(v + i, square);
    const root = mulAdd(correction, v128.sqrt<real>(square), epsilon);
    v128.store(update + i, ratio(gradient, root, zero));
  }
  return norm(n, update);
}

function descend(
  hasBuffer: bool, n: i32, x: usize, g: usize, state: usize, scalars: usize, rows: i32, columns: i32, scratch: usize,
): void {
  const largest = <i32>number(scalars, 5);
  const hasLeft = rows > 1, hasRight = columns > 1 || rows == 1;
  const isLeftWhole = rows <= largest, isRightWhole = columns <= largest;
  const exponent = (hasLeft && hasRight ? 1 : 2) / number(scalars, 6);
  const graft = <i32>number(scalars, 7);
  const side = max(isLeftWhole ? rows : 1, isRightWhole ? columns : 1);

  const left = state;
  const right = left + bytes(wholeRegisters(hasLeft ? (isLeftWhole ? rows * rows : rows) : 1));
  const leftRoot = right + bytes(wholeRegisters(hasRight ? (isRightWhole ? columns * columns : columns) : 1));
  const rightRoot = leftRoot + (right - left);
  const behind = rightRoot + (leftRoot - right);
  const buffer = behind + (graft == 2 ? bytes(n) : 0);

  const size = paddedBytes<real>(rows, columns);
  const flat = scratch;
  const gradient = flat + max(bytes(n), bytes(wholeRegisters(side * side)));
  const turned = gradient + size;
  const squares = turned + max(size, paddedBytes<real>(columns, rows));
  const numbers = squares + 3 * paddedBytes<f64>(side, side);
  const row = numbers + ((<usize>side) << 4);
  const panel = row + bytesOf<real>(panelled<real>(columns));

  const graftLength = graft == 2 ? diagonalLength(n, g, behind, scalars, flat) : graft == 1 ? norm(n, g) : 0;
  pad<real>(rows, columns, g, gradient);
  if (hasLeft) {
    renewSide(
      rows, columns, isLeftWhole, gradient, left, leftRoot, scalars, exponent, flat, squares, numbers, panel,
    );
  }
  if (hasRight) {
    padTransposed<real>(rows, columns, g, turned);
    renewSide(
      columns, rows, isRightWhole, turned, right, rightRoot, scalars, exponent, flat, squares, numbers, panel,
    );
  }

  const height = panelled<real>(rows), width = panelled<real>(columns);
  let update = gradient, other = turned;
  if (hasLeft && isLeftWhole) {
    pad<real>(rows, rows, leftRoot, squares);
    multiplyPlain<real>(height, height, width, squares, update, other, panel);
    update = turned;
    other = gradient;
  } else if (hasLeft) scaleRows(rows, columns, update, leftRoot);
  if (hasRight && isRightWhole) {
    pad<real>(columns, columns, rightRoot, squares);
    multiplyPlain<real>(height, width, width, update, squares, other, panel);
    update = other;
  } else if (hasRight) scaleColumns(rows, columns, update, rightRoot, row);

  memory.fill(flat, 0, bytes(n));
  unpad<real>(rows, columns, update, flat);
  const length = graft == 0 ? 1 : norm(n, flat);
  store<real>(panel, <real>(graft == 0 || length == 0 ? 1 : graftLength / length));
  const fit = scalar(panel, 0);
  const rate = scalar(scalars, 8), shrink = scalar(scalars, 9), inertia = scalar(scalars, 10);
  for (let i: usize = 0, end = bytes(n); i < end; i += 16) {
    const parameter = v128.load(x + i);
    let step = v128.mul<real>(fit, v128.load(flat + i));
    if (hasBuffer) {
      step = mulAdd(inertia, v128.load(buffer + i), step);
      v128.store(buffer + i, step);
    }
    v128.store(x + i, v128.sub<real>(parameter, mulAdd(shrink, parameter, v128.mul<real>(rate, step))));
  }
}

export function shampoo(
  n: i32, x: usize, g: usize, state: usize, scalars: usize, rows: i32, columns: i32, scratch: usize,
): void {
  descend(false, n, x, g, state, scalars, rows, columns, scratch);
}

export function shampooMomentum(
  n: i32, x: usize, g: usize, state: usize, scalars: usize, rows: i32, columns: i32, scratch: usize,
): void {
  descend(true, n, x, g, state, scalars, rows, columns, scratch);
}
