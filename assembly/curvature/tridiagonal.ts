// Eigenvalues, and rows of the eigenvectors, of a symmetric tridiagonal matrix, in f64.
import { entry as at, hypotenuse, putEntry as put } from "../linear-algebra/entries";

/** Sweeps that one eigenvalue may take; two or three are usual. */
const SWEEPS = 60;

/**
 * QL with implicit Wilkinson shifts (Parlett, "The symmetric eigenvalue problem", §8.12–13).
 *
 * `diagonal` holds n f64 and receives the eigenvalues, unsorted. `off` holds the n − 1 off-diagonal
 * entries with room for n, and is overwritten. `vectors` holds n columns of `height` f64 (an even
 * number) one behind the other; each rotation is applied to them, so that rows of the identity put
 * in come out as the same rows of the matrix of eigenvectors.
 *
 * Returns the number of eigenvalues that did not converge: 0 unless an entry was not finite.
 */
export function tridiagonalEigen(n: i32, diagonal: usize, off: usize, height: i32, vectors: usize): i32 {
  const pitch = (<usize>height) << 3;
  store<f64>(off + (<usize>(n - 1) << 3), 0);
  let failed = 0;
  for (let l = 0; l < n; l++) {
    let sweep = 0;
    for (;;) {
      let m = l;
      for (; m < n - 1; m++) {
        const size = Math.abs(at(diagonal, m)) + Math.abs(at(diagonal, m + 1));
        if (Math.abs(at(off, m)) <= f64.EPSILON * size) break;
      }
      if (m == l) break;
      if (sweep++ == SWEEPS) {
        failed++;
        break;
      }
      let g = (at(diagonal, l + 1) - at(diagonal, l)) / (2 * at(off, l));
      let r = hypotenuse(g, 1);
      g = at(diagonal, m) - at(diagonal, l) + at(off, l) / (g + (g >= 0 ? r : -r));
      let s: f64 = 1, c: f64 = 1, p: f64 = 0;
      let i = m - 1;
      for (; i >= l; i--) {
        const f = s * at(off, i);
        const b = c * at(off, i);
        r = hypotenuse(f, g);
        put(off, i + 1, r);
        if (r == 0) {
          put(diagonal, i + 1, at(diagonal, i + 1) - p);
          put(off, m, 0);
          break;
        }
        s = f / r;
        c = g / r;
        g = at(diagonal, i + 1) - p;
        r = (at(diagonal, i) - g) * s + 2 * c * b;
        p = s * r;
        put(diagonal, i + 1, g + p);
        g = c * r - b;
        rotate(vectors + (<usize>i) * pitch, pitch, c, s);
      }
      if (r == 0 && i >= l) continue;
      put(diagonal, l, at(diagonal, l) - p);
      put(off, l, g);
      put(off, m, 0);
    }
  }
  return failed;
}

/** Turns two neighbouring columns of `pitch` bytes: (u, v) ← (cu − sv, su + cv). */
// @ts-ignore: decorator
@inline
function rotate(column: usize, pitch: usize, c: f64, s: f64): void {
  const cosine = f64x2.splat(c), sine = f64x2.splat(s);
  for (let u = column, end = column + pitch; u < end; u += 16) {
    const w = u + pitch;
    const first = v128.load(u), second = v128.load(w);
    v128.store(w, f64x2.add(f64x2.mul(sine, first), f64x2.mul(cosine, second)));
    v128.store(u, f64x2.sub(f64x2.mul(cosine, first), f64x2.mul(sine, second)));
  }
}
