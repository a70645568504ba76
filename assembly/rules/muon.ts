// Muon: x ← x − η(s·O + λx) where O is the momentum with its singular values brought near 1, by Newton–Schulz iterations
// X ← (aI + bA + cA²)X, A = XXᵀ, on the side that is shorter.
import { bytes, mulAdd, scalar } from "../lanes";
import { pad, padTransposed, paddedBytes, unpad, unpadTransposed } from "../linear-algebra/padding";
import { bytesOf, gramOf, multiplyPlain, multiplySymmetric, panelled } from "../linear-algebra/product";
import { divide } from "../curvature/krylov";
import { combine } from "../vector/combine";
import { norm } from "../vector/reduce";

// Jordan's coefficients: of all quintics that keep (0, 1] within about 1 ± 0.3, the steepest at 0.
// @ts-ignore: decorator
@inline const A: f64 = 3.4445;
// @ts-ignore: decorator
@inline const B: f64 = -4.775;
// @ts-ignore: decorator
@inline const C: f64 = 2.0315;

// @ts-ignore: decorator
@inline
function number(scalars: usize, index: i32): f64 {
  return <f64>load<real>(scalars + bytes(index));
}

/** One iteration on X, `rows` × `columns` and padded, into `next`; `square` and `polynomial` take rows × rows. */
function iterate(
  rows: i32, columns: i32, x: usize, next: usize, square: usize, polynomial: usize, panel: usize,
): void {
  gramOf<real>(rows, columns, x, square, panel);
  multiplySymmetric<real>(rows, rows, square, square, polynomial, panel);
  combine(rows * rows, B, square, C, polynomial, polynomial);
  for (let i = 0; i < rows; i++) {
    const diagonal = polynomial + bytesOf<real>(i * rows + i);
    store<real>(diagonal, <real>A + load<real>(diagonal));
  }
  multiplyPlain<real>(rows, rows, columns, polynomial, x, next, panel);
}

export function muon(
  n: i32, x: usize, g: usize, buffer: usize, scalars: usize, rows: i32, columns: i32, scratch: usize,
): void {
  const keep = scalar(scalars, 0), take = scalar(scalars, 1);
  const ofGradient = scalar(scalars, 2), ofBuffer = scalar(scalars, 3);
  const size = bytes(n);
  const update = scratch;
  for (let i: usize = 0; i < size; i += 16) {
    const gradient = v128.load(g + i);
    const average = mulAdd(keep, v128.load(buffer + i), v128.mul<real>(take, gradient));
    v128.store(buffer + i, average);
    v128.store(update + i, mulAdd(ofGradient, gradient, v128.mul<real>(ofBuffer, average)));
  }
  const length = max(norm(n, update), number(scalars, 4)) + number(scalars, 9);
  if (length != 0) divide(n, length, update);

  const isTall = rows > columns;
  const short = isTall ? columns : rows, long = isTall ? rows : columns;
  const height = panelled<real>(short), width = panelled<real>(long);
  let from = update + size;
  let to = from + paddedBytes<real>(short, long);
  const square = to + paddedBytes<real>(short, long);
  const polynomial = square + paddedBytes<real>(short, short);
  const panel = polynomial + paddedBytes<real>(short, short);
  if (isTall) padTransposed<real>(rows, columns, update, from);
  else pad<real>(rows, columns, update, from);
  for (let k = <i32>number(scalars, 5); k > 0; k--) {
    iterate(height, width, from, to, square, polynomial, panel);
    const kept = from;
    from = to;
    to = kept;
  }
  if (isTall) unpadTransposed<real>(rows, columns, from, update);
  else unpad<real>(rows, columns, from, update);

  const fit = number(scalars, 8) != 0
    ? 0.2 * Math.sqrt(<f64>max(rows, columns))
    : Math.sqrt(max(1, <f64>rows / <f64>columns));
  store<real>(panel, <real>(number(scalars, 6) * fit));
  const rate = scalar(panel, 0), shrink = scalar(scalars, 7);
  for (let i: usize = 0; i < size; i += 16) {
    const parameter = v128.load(x + i);
    const step = mulAdd(shrink, parameter, v128.mul<real>(rate, v128.load(update + i)));
    v128.store(x + i, v128.sub<real>(parameter, step));
  }
}
