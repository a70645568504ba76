// What the Tracy–Widom distribution is held against: its definition as a determinant of Airy functions, evaluated here.
import { gaussLegendre } from "../../../src/core/gauss-legendre.ts";

const GRID = 1 / 8;
const FIRST = -12;
const LAST = 40;

/** y and y′ at x + h of a solution of y″ = xy, by its Taylor series at x: aₖ₊₂ (k+1)(k+2) = x aₖ + aₖ₋₁. */
function advance(x: number, y: number, slope: number, h: number): readonly [number, number] {
  let [a, b, c] = [0, y, slope];
  let power = h;
  let value = y + slope * h;
  let derivative = slope;
  for (let k = 0; k < 40; k++) {
    const next = (x * b + a) / ((k + 1) * (k + 2));
    derivative += (k + 2) * next * power;
    power *= h;
    value += next * power;
    [a, b, c] = [b, c, next];
  }
  return [value, derivative];
}

/** Ai and Ai′ on a grid, from its asymptotic form far right leftwards, in which direction Ai is what grows. */
const table: (readonly [number, number])[] = [];
{
  let value = 1;
  let slope = -Math.sqrt(LAST) - 1 / (4 * LAST);
  const exponents: number[] = [];
  let scale = 0;
  for (let i = (LAST - FIRST) / GRID; i >= 0; i--) {
    table[i] = [value, slope];
    exponents[i] = scale;
    [value, slope] = advance(FIRST + i * GRID, value, slope, -GRID);
    const size = Math.abs(value) + Math.abs(slope);
    if (size > 1e100) {
      value /= size;
      slope /= size;
      scale += Math.log(size);
    }
  }
  // Ai(0) = 3^{−2/3}/Γ(2/3), DLMF 9.2.3.
  const zero = -FIRST / GRID;
  const unit = 0.3550280538878172 / table[zero][0];
  table.forEach(([y, d], i) => {
    const factor = unit * Math.exp(exponents[i] - exponents[zero]);
    table[i] = [y * factor, d * factor];
  });
}

/** The Airy function Ai on [−12, 40]; 0 beyond, where it is below 1e-70. */
export function airy(x: number): number {
  if (x >= LAST) return 0;
  const i = Math.max(0, Math.round((x - FIRST) / GRID));
  const at = FIRST + i * GRID;
  return advance(at, ...table[i], x - at)[0];
}

const NODES = 44;
const { nodes, weights } = gaussLegendre(NODES);

/** The matrix √w Ai(s + u + v) √w of Gauss's rule on (0, 16 or more). */
function kernel(s: number): number[][] {
  const half = Math.max(8, (20 - s) / 2);
  return Array.from(nodes, (u, i) =>
    Array.from(nodes, (v, j) => {
      const weight = half * Math.sqrt(weights[i] * weights[j]);
      return weight * airy(s + half * (u + 1) + half * (v + 1));
    }),
  );
}

/** F₁(s) = det(I − Ai(s + u + v)), u, v > 0 (Ferrari and Spohn 2005), by Bornemann's quadrature. */
export function tracyWidomByDeterminant(s: number): number {
  const a = kernel(s).map((row, i) => row.map((entry, j) => (i === j ? 1 : 0) - entry));
  let determinant = 1;
  for (let k = 0; k < NODES; k++) {
    let pivot = k;
    for (let i = k; i < NODES; i++) if (Math.abs(a[i][k]) > Math.abs(a[pivot][k])) pivot = i;
    if (pivot !== k) determinant = -determinant;
    [a[k], a[pivot]] = [a[pivot], a[k]];
    determinant *= a[k][k];
    for (let i = k + 1; i < NODES; i++) {
      const factor = a[i][k] / a[k][k];
      for (let j = k; j < NODES; j++) a[i][j] -= factor * a[k][j];
    }
  }
  return determinant;
}

/** 1 − F₁(s) where that is small: 1 − exp(−tr K − tr K²/2 − …), in which nothing cancels. */
export function tracyWidomTail(s: number): number {
  const k = kernel(s);
  let power = k;
  let sum = 0;
  for (let n = 1; n <= 8; n++) {
    sum += power.reduce((trace, row, i) => trace + row[i], 0) / n;
    power = power.map((row) => k.map((_, j) => row.reduce((entry, value, l) => entry + value * k[l][j], 0)));
  }
  return -Math.expm1(-sum);
}
