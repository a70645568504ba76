import { type ArrayInput, readArray } from "../core/array-input.ts";
import { checkKeys, checkNumber, checkPrecision } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import type { BlockRequest } from "../core/layout.ts";
import type { Numbers, Precision, RealArray } from "../core/precision.ts";
import { Workspace } from "../core/workspace.ts";
import { writeRecord } from "../objectives/compiled.ts";
import { type BlurInput, readBlurKernel } from "./blur-kernel.ts";
import { blurSpectrum } from "./blur-spectrum.ts";
import { type BlurModel, type Boundary, blurMemory, factorsOf, fillBlur } from "./bound-blur.ts";

/** Options of {@link blur}: the images that it works on. */
export interface BlurOptions {
  /** Pixels of a row: an integer ≥ 1. */
  readonly width: number;
  /** Rows: an integer ≥ 1. */
  readonly height: number;
  /** What lies beyond the edges: "reflecting", the mirror image (default), or "periodic", the other side. */
  readonly boundary?: Boundary;
}

/** Options of a product with a {@link BlurOperator}. */
export interface BlurProductOptions {
  /** In which it is worked out, and of what it returns: "f64" (default) or "f32". */
  readonly precision?: Precision;
}

/** A linear blur A of images of one size. */
export interface BlurOperator {
  /** Pixels of a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** What lies beyond the edges. */
  readonly boundary: Boundary;
  /** The kernel's rows of weights, from the top; its middle is the pixel that is blurred. */
  readonly kernel: readonly Float64Array[];
  /** Whether the kernel is applied as a pass along the rows and one along the columns. */
  readonly separable: boolean;
  /** A x: the blurred image, row by row. `image` has width × height numbers, row by row or as rows. */
  apply(image: ArrayInput, options?: BlurProductOptions): RealArray;
  /** Aᵀ x, likewise: ⟨Ax, y⟩ = ⟨x, Aᵀy⟩. */
  adjoint(image: ArrayInput, options?: BlurProductOptions): RealArray;
  /**
   * The eigenvalues of AᵀA in falling order, from the kernel's Fourier or cosine transform; the first is L = ‖A‖². Undefined at
   * reflecting edges where the kernel is not its own mirror image along both axes.
   */
  spectrum(): Float64Array | undefined;
  /** The blocks of memory that it needs; their names start with "objective.". Pure. */
  memory(precision: Precision): readonly BlockRequest[];
  /**
   * Writes its kernel into a workspace that has its memory, and tells the sizes and blocks of the record that the core's `blur`
   * reads at "objective.data".
   */
  bind(workspace: Workspace): { readonly sizes: readonly number[]; readonly blocks: readonly string[] };
}

function readModel(owner: string, input: unknown, options: BlurOptions): BlurModel {
  checkKeys(owner, options, ["width", "height", "boundary"]);
  const { width, height, boundary = "reflecting" } = options;
  for (const [name, extent] of Object.entries({ width, height })) {
    const isCount = (n: number) => Number.isSafeInteger(n) && n >= 1;
    checkNumber(owner, name, extent, "the integers from 1", isCount);
  }
  if (boundary !== "periodic" && boundary !== "reflecting") {
    throw new TypeError(`${owner}: boundary must be "periodic" or "reflecting", got ${describe(boundary)}`);
  }
  const kernel = readBlurKernel(owner, input, { width, height });
  const isLine = kernel.rows === 1 || kernel.columns === 1;
  return { width, height, boundary, kernel, factors: isLine ? undefined : factorsOf(kernel) };
}

/** Reads an image of a size: its numbers row by row, or rows of numbers. */
export function readImage(
  owner: string,
  name: string,
  input: unknown,
  { width, height }: Pick<BlurOptions, "width" | "height">,
): Numbers {
  const { values, shape } = readArray(owner, name, input);
  const fits = shape.length === 1 ? shape[0] === width * height : shape.join() === `${height},${width}`;
  if (fits) return values;
  throw new RangeError(
    `${owner}: ${name} must be an image of ${height} rows of ${width} pixels, got ${shape.join(" × ")} numbers`,
  );
}

/**
 * A blur of images of one size, as a linear operator that is known by its products: the convolution with a kernel, the image
 * being extended beyond its edges. The transpose is exact for every kernel and boundary.
 *
 * @param input - `{ kind: "gaussian", sigma }`, `{ kind: "motion", length, angle }`, `{ kind: "defocus", radius }` or
 * `{ kind: "kernel", weights }`, in pixels and degrees: see {@link BlurInput}
 * @param options.width - pixels of a row: an integer ≥ 1
 * @param options.height - rows: an integer ≥ 1
 * @param options.boundary - "reflecting": the mirror image lies beyond the edges, as … b a | a b c | c b … (default); "periodic":
 * the other side
 * @returns the operator: `apply`, `adjoint`, `spectrum`, and what {@link deblurring} takes
 * @throws TypeError or RangeError naming the argument that is wrong; RangeError where the kernel is larger than the image
 *
 * @example
 * ```ts
 * import { blur } from "thalweg";
 * const line = blur({ kind: "motion", length: 3 }, { width: 4, height: 1, boundary: "periodic" });
 * line.apply([0, 3, 0, 0]); // ≈ [1, 1, 1, 0]
 * line.spectrum(); // ≈ [1, 0.111, 0.111, 0.111]: ((1 + 2cos 2πu/4)/3)²
 * blur({ kind: "gaussian", sigma: 1 }, { width: 32, height: 32 }).separable; // true
 * ```
 *
 * Source: Hansen, Nagy, O'Leary, "Deblurring images: matrices, spectra, and filtering", SIAM 2006, chapters 3 and 4.
 */
export function blur(input: BlurInput, options: BlurOptions): BlurOperator {
  const owner = "blur";
  const model = readModel(owner, input, options);
  const { width, height, boundary, kernel, factors } = model;
  const product = (
    name: string,
    transposed: boolean,
    image: ArrayInput,
    given: BlurProductOptions = {},
  ): RealArray => {
    checkKeys(name, given, ["precision"]);
    const { precision = "f64" } = given;
    checkPrecision(name, precision);
    const values = readImage(name, "image", image, model);
    const workspace = new Workspace(
      [{ name: "x", length: width * height }, ...blurMemory(model, precision)],
      precision,
    );
    try {
      const { sizes, blocks } = fillBlur(model, workspace);
      const x = workspace.real("x");
      x.set(values);
      const at = workspace.pointer("x");
      workspace.kernels.blur(writeRecord(workspace, "data", sizes, blocks), transposed, at, at);
      return x.slice();
    } finally {
      workspace.dispose();
    }
  };
  const { rows, columns, weights } = kernel;
  return Object.freeze({
    width,
    height,
    boundary,
    kernel: Array.from({ length: rows }, (_, i) => weights.slice(i * columns, (i + 1) * columns)),
    separable: factors !== undefined,
    apply: (image, given) => product(`${owner}: apply`, false, image, given),
    adjoint: (image, given) => product(`${owner}: adjoint`, true, image, given),
    spectrum: () => blurSpectrum(model),
    memory: (precision) => blurMemory(model, precision),
    bind: (workspace) => fillBlur(model, workspace),
  } satisfies BlurOperator);
}
