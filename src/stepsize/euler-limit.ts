import { formatNumber } from "../core/format.ts";
import { readSquare, type SquareMatrix } from "../core/square-matrix.ts";
import { type Eigenvalues, eigenvaluesOf } from "../curvature/eigenvalues.ts";

/** How a linear system dx/dt = Ax moves, and what steps explicit Euler may take on it. */
export interface LinearStiffness {
  /** The step below which explicit Euler is stable: see {@link eulerLimit}. */
  readonly stepLimit: number;
  /** The largest −Re μ over the smallest, of the modes that decay; NaN where none does. */
  readonly stiffnessRatio: number;
  /** The largest −Re μ: how fast the fastest mode decays; 0 where none does. */
  readonly fastest: number;
  /** The smallest −Re μ above its error bound; 0 where none decays. */
  readonly slowest: number;
  /** Modes that grow, or turn without decaying, beyond their error bounds: with any, no step is stable. */
  readonly unstable: number;
  /** Modes whose eigenvalue is 0 within its error bound: they stay as they are, or drift where several depend on each other. */
  readonly neutral: number;
  /** All eigenvalues, with error bounds. */
  readonly eigenvalues: Eigenvalues;
  /** One sentence that a person can act on. */
  readonly message: string;
}

/** The step limit of explicit Euler on the modes of these eigenvalues, of dx/dt = Ax. */
export function limitOf(found: Eigenvalues): Omit<LinearStiffness, "eigenvalues" | "message"> {
  const { real, imaginary, errorBounds } = found;
  let [stepLimit, fastest, slowest, unstable, neutral] = [Infinity, 0, Infinity, 0, 0];
  for (let i = 0; i < real.length; i++) {
    const [a, b, bound] = [real[i], imaginary[i], errorBounds[i]];
    if (Math.abs(a) <= bound && Math.abs(b) <= bound) neutral++;
    else if (a >= -bound) unstable++;
    else {
      fastest = Math.max(fastest, -a);
      slowest = Math.min(slowest, -a);
      // 2·(−a)/(a² + b²), without squares that overflow.
      stepLimit = Math.min(stepLimit, 2 / (-a + b * (b / -a)));
    }
  }
  if (unstable > 0) stepLimit = 0;
  if (slowest === Infinity) slowest = 0;
  return { stepLimit, stiffnessRatio: fastest / slowest, fastest, slowest, unstable, neutral };
}

/**
 * The step below which x ← x − ηF(x) is stable about a point of rest, by the eigenvalues of the Jacobian of F: that of
 * explicit Euler on dx/dt = −Jx.
 */
export const descentLimit = (ofJacobian: Eigenvalues): number =>
  limitOf({ ...ofJacobian, real: ofJacobian.real.map((a) => -a) }).stepLimit;

/**
 * The step below which explicit Euler x ← x + hAx is stable on dx/dt = Ax: the least −2 Re(μ)/|μ|² over the eigenvalues
 * μ of A. For A = −H with a symmetric H that is 2/λmax, the speed limit of gradient descent.
 *
 * An eigenvalue within its error bound of 0 counts as 0: its mode neither grows nor decays and sets no limit. One on the
 * imaginary axis, or to its right, is one that no step is stable for.
 *
 * @param matrix - A: n rows of n, a row-major array of n², or an n × n array of another library
 * @returns the limit; 0 where no step is stable, ∞ where all eigenvalues are 0
 * @throws TypeError or RangeError naming the entry that is no finite number, or the shape that is not square
 *
 * @example
 * ```ts
 * import { eulerLimit } from "thalweg";
 * eulerLimit([[-100, 0], [0, -1]]); // 0.02
 * eulerLimit([[-1, -3], [3, -1]]); // 0.2: μ = −1 ± 3i
 * eulerLimit([[0, -1], [1, 0]]); // 0: it only turns
 * ```
 *
 * Source: Hairer and Wanner, "Solving ordinary differential equations II", §IV.2: |1 + hμ| < 1.
 */
export function eulerLimit(matrix: SquareMatrix): number {
  return limitOf(eigenvaluesOf("eulerLimit", readSquare("eulerLimit", "matrix", matrix))).stepLimit;
}

/**
 * How stiff a linear system dx/dt = Ax is: the fastest decay over the slowest, and the step that explicit Euler may
 * take. A stiff system has to be followed with steps for its fastest mode as long as its slowest lasts. Of −H with a
 * symmetric H the ratio is the condition number.
 *
 * @param matrix - A: n rows of n, a row-major array of n², or an n × n array of another library
 * @returns the ratio, the step limit, how many modes are unstable or neutral, and the eigenvalues
 * @throws TypeError or RangeError naming the entry that is no finite number, or the shape that is not square
 *
 * @example
 * ```ts
 * import { stiffness } from "thalweg";
 * const { stiffnessRatio, stepLimit } = stiffness([[-1000, 0], [1, -0.5]]);
 * stiffnessRatio; // 2000
 * stepLimit; // 0.002
 * ```
 *
 * Source: Lambert, "Numerical methods for ordinary differential systems", 1991, §6.1.
 */
export function stiffness(matrix: SquareMatrix): LinearStiffness {
  const square = readSquare("stiffness", "matrix", matrix);
  const eigenvalues = eigenvaluesOf("stiffness", square);
  const found = limitOf(eigenvalues);
  const isZero = Array.from(square.values).every((entry) => entry === 0);
  return { ...found, eigenvalues, message: sentence(found, isZero) };
}

function sentence(
  { stepLimit, stiffnessRatio, unstable, neutral }: ReturnType<typeof limitOf>,
  isZero: boolean,
): string {
  if (unstable > 0) {
    return `No step is stable: ${unstable} mode${unstable === 1 ? "" : "s"} grow${unstable === 1 ? "s" : ""}, or turn${unstable === 1 ? "s" : ""} without decaying.`;
  }
  if (stepLimit === Infinity) {
    return isZero
      ? "Nothing moves: the matrix is zero."
      : "No step is too long: every eigenvalue is 0 within its error bound, and what moves drifts without growing or decaying by a factor.";
  }
  const still = neutral > 0 ? `; ${neutral} mode${neutral === 1 ? " does" : "s do"} not move` : "";
  return `Explicit Euler is stable below ${formatNumber(stepLimit, 4)}, and the fastest mode decays ${formatNumber(stiffnessRatio, 3)} times as fast as the slowest${still}.`;
}
