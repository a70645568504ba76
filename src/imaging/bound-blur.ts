import type { BlockRequest } from "../core/layout.ts";
import { elementBytes, machineEpsilon, type Precision, paddedLength } from "../core/precision.ts";
import type { Workspace } from "../core/workspace.ts";
import type { BlurKernel, ImageSize } from "./blur-kernel.ts";

/** What lies beyond the edges of an image: the image again from its other side, or its mirror image. */
export type Boundary = "periodic" | "reflecting";

/** What blurs which images. */
export interface BlurModel extends ImageSize {
  readonly boundary: Boundary;
  readonly kernel: BlurKernel;
  /** The kernel as a column times a row, where it is that and has more than one of either. */
  readonly factors: KernelFactors | undefined;
}

/** A kernel that is a column times a row. */
export interface KernelFactors {
  readonly column: Float64Array;
  readonly row: Float64Array;
}

/** Weights count as equal within this part of the largest: several roundings. */
export const SAME_WEIGHT = 16 * machineEpsilon.f64;

/** A kernel as a column times a row; undefined where it is not. */
export function factorsOf({ rows, columns, weights }: BlurKernel): KernelFactors | undefined {
  let at = 0;
  for (let k = 1; k < weights.length; k++) if (Math.abs(weights[k]) > Math.abs(weights[at])) at = k;
  const pivotRow = Math.floor(at / columns);
  const pivotColumn = at % columns;
  const row = weights.slice(pivotRow * columns, (pivotRow + 1) * columns);
  const column = Float64Array.from(
    { length: rows },
    (_, i) => weights[i * columns + pivotColumn] / weights[at],
  );
  const tolerance = SAME_WEIGHT * Math.abs(weights[at]);
  const isProduct = weights.every(
    (weight, k) => Math.abs(weight - column[Math.floor(k / columns)] * row[k % columns]) <= tolerance,
  );
  return isProduct ? { column, row } : undefined;
}

/** A weight, and where it stands: right of and below the middle. */
interface Tap {
  readonly weight: number;
  readonly x: number;
  readonly y: number;
}

/** The weights of a kernel that are not 0. */
function tapsOf(rows: number, columns: number, weights: Float64Array): Tap[] {
  const taps: Tap[] = [];
  weights.forEach((weight, k) => {
    const x = (k % columns) - (columns - 1) / 2;
    const y = Math.floor(k / columns) - (rows - 1) / 2;
    if (weight !== 0) taps.push({ weight, x, y });
  });
  return taps;
}

/** The taps of the pass along rows, if there is one, and of the pass that follows. */
function passesOf({ kernel, factors }: BlurModel): { readonly alongRows: Tap[]; readonly last: Tap[] } {
  if (!factors) return { alongRows: [], last: tapsOf(kernel.rows, kernel.columns, kernel.weights) };
  return {
    alongRows: tapsOf(1, kernel.columns, factors.row),
    last: tapsOf(kernel.rows, 1, factors.column),
  };
}

/** How an image lies in `middle` (BlurData of assembly/imaging/blur.ts). */
function geometry({ width, height, boundary, kernel, factors }: BlurModel, precision: Precision) {
  const reachY = (kernel.rows - 1) / 2;
  const reachX = (kernel.columns - 1) / 2;
  // The transpose at reflecting edges looks twice as far: what it folds back was reached from there.
  const far = boundary === "reflecting" ? 2 : 1;
  const above = far * reachY;
  const before = factors ? 0 : far * reachX;
  const pitch = paddedLength(width + 2 * before, precision);
  return { reachY, reachX, above, before, pitch, rows: height + 2 * above, far };
}

/** Blocks with the addresses that the record holds, in its order. */
const BLOCKS = [
  "rowOffsets",
  "rowFlipped",
  "rowWeights",
  "offsets",
  "flipped",
  "weights",
  "middle",
  "row",
  "folded",
] as const;

/** The blocks of a blur; their names start with "objective.". */
export function blurMemory(model: BlurModel, precision: Precision): BlockRequest[] {
  const { alongRows, last } = passesOf(model);
  const { reachX, pitch, rows, far } = geometry(model, precision);
  const lengths: Record<(typeof BLOCKS)[number], BlockRequest["length"]> = {
    rowOffsets: alongRows.length,
    rowFlipped: alongRows.length,
    rowWeights: alongRows.length,
    offsets: last.length,
    flipped: last.length,
    weights: last.length,
    middle: rows * pitch,
    row: model.width + 2 * far * reachX,
    folded: model.width + 2 * reachX,
  };
  return [
    { name: "objective.data", length: 10 + BLOCKS.length, kind: "u32" },
    ...BLOCKS.map((name): BlockRequest => {
      const isOffsets = /offsets|flipped/i.test(name);
      return { name: `objective.${name}`, length: lengths[name], ...(isOffsets ? { kind: "u32" } : {}) };
    }),
  ];
}

/**
 * Writes the taps of a blur into a workspace that has its memory. Returns the sizes and blocks of the record that the kernels
 * read: see `writeRecord`.
 */
export function fillBlur(
  model: BlurModel,
  workspace: Workspace,
): { readonly sizes: readonly number[]; readonly blocks: readonly string[] } {
  const { precision } = workspace;
  const { alongRows, last } = passesOf(model);
  const { reachY, reachX, above, before, pitch } = geometry(model, precision);
  const bytes = elementBytes[precision];
  const write = (taps: readonly Tap[], offsets: string, flipped: string, weights: string) => {
    const steps = taps.map(({ x, y }) => (y * pitch + x) * bytes);
    // A convolution looks to the other side; u32 holds negative numbers modulo 2³².
    workspace.u32(`objective.${offsets}`).set(steps.map((step) => -step));
    workspace.u32(`objective.${flipped}`).set(steps);
    workspace.real(`objective.${weights}`).set(taps.map(({ weight }) => weight));
  };
  write(alongRows, "rowOffsets", "rowFlipped", "rowWeights");
  write(last, "offsets", "flipped", "weights");
  const { width, height, boundary } = model;
  const reflecting = boundary === "reflecting" ? 1 : 0;
  const sizes = [
    height,
    width,
    reachY,
    reachX,
    reflecting,
    pitch,
    above,
    before,
    alongRows.length,
    last.length,
  ];
  return { sizes, blocks: BLOCKS };
}
