import { cos, sin } from "../core/scalar.ts";
import { type BlurModel, SAME_WEIGHT } from "./bound-blur.ts";

/** Whether a kernel is its own mirror image along both axes. */
function isEven({ rows, columns, weights }: BlurModel["kernel"]): boolean {
  const tolerance = SAME_WEIGHT * weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
  return weights.every((weight, k) => {
    const i = Math.floor(k / columns);
    const j = k % columns;
    const across = weights[i * columns + (columns - 1 - j)];
    const down = weights[(rows - 1 - i) * columns + j];
    return Math.abs(weight - across) <= tolerance && Math.abs(weight - down) <= tolerance;
  });
}

/** e^(2πi k/period) for k = 0 … period − 1. */
function roots(period: number): { readonly re: Float64Array; readonly im: Float64Array } {
  const angle = (k: number) => (2 * Math.PI * k) / period;
  return {
    re: Float64Array.from({ length: period }, (_, k) => cos(angle(k))),
    im: Float64Array.from({ length: period }, (_, k) => sin(angle(k))),
  };
}

/**
 * The eigenvalues of AᵀA of a blur, in falling order: |k̂|² at the frequencies of the discrete Fourier transform at periodic
 * edges, and of the cosine transform at reflecting ones, which diagonalises kernels that are their own mirror images. Of others
 * nothing is known there. Direct sums: the kernel is small.
 */
export function blurSpectrum(model: BlurModel): Float64Array | undefined {
  const { width, height, boundary, kernel } = model;
  const reflecting = boundary === "reflecting";
  if (reflecting && !isEven(kernel)) return undefined;
  const { rows, columns, weights } = kernel;
  // The frequencies of the cosine transform lie half as far apart.
  const [periodX, periodY] = reflecting ? [2 * width, 2 * height] : [width, height];
  const alongX = roots(periodX);
  const alongY = roots(periodY);
  const turn = (place: number, frequency: number, period: number) =>
    (((place * frequency) % period) + period) % period;
  const partRe = new Float64Array(rows * width);
  const partIm = new Float64Array(rows * width);
  for (let p = 0; p < rows; p++) {
    for (let q = 0; q < columns; q++) {
      const weight = weights[p * columns + q];
      for (let v = 0; weight !== 0 && v < width; v++) {
        const at = turn(q - (columns - 1) / 2, v, periodX);
        partRe[p * width + v] += weight * alongX.re[at];
        partIm[p * width + v] += weight * alongX.im[at];
      }
    }
  }
  const spectrum = new Float64Array(width * height);
  for (let u = 0; u < height; u++) {
    const turns = Array.from({ length: rows }, (_, p) => turn(p - (rows - 1) / 2, u, periodY));
    for (let v = 0; v < width; v++) {
      let re = 0;
      let im = 0;
      for (let p = 0; p < rows; p++) {
        const a = partRe[p * width + v];
        const b = partIm[p * width + v];
        const c = alongY.re[turns[p]];
        const s = alongY.im[turns[p]];
        re += a * c - b * s;
        im += a * s + b * c;
      }
      spectrum[u * width + v] = re * re + im * im;
    }
  }
  return spectrum.sort().reverse();
}
