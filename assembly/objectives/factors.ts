// Functions of a product W₂W₁: a function of X = W₂W₁ gives its gradient G = ∂f/∂X, and the chain rule does the rest. Parameters lie
// one behind the other, W₁ row by row, then W₂; here they are copied to rows of whole registers, so that all products are those of
// vector/matrix.ts.
import { bytes } from "../lanes";
import { addTransposed, matrixTimesVector } from "../vector/matrix";

/** Shapes and room in the workspace, as src/objectives/factored.ts lays them out. */
// @ts-ignore: decorator
@unmanaged
class FactorData {
  rows: i32;
  columns: i32;
  inner: i32;
  /** Rows, columns and inner rounded up to multiples of four. */
  height: i32;
  pitch: i32;
  depth: i32;
  /** A row of a gradient, `pitch` or `depth` elements. */
  row: usize;
}

/** A pair of factors, in rows of whole registers: W₁ is depth × pitch, W₂ height × depth, and its transpose depth × height. */
// @ts-ignore: decorator
@unmanaged
class Factors {
  first: usize;
  second: usize;
  turned: usize;
}

/** Copies the factors of `w`; what is padding is zero and stays so. */
// @ts-ignore: decorator
@inline
function unpack(data: FactorData, w: usize, to: Factors): void {
  const rows = data.rows, inner = data.inner;
  const width = bytes(data.columns), depth = bytes(data.depth), height = bytes(data.height), pitch = bytes(data.pitch);
  for (let k = 0; k < inner; k++) {
    memory.copy(to.first + (<usize>k) * pitch, w, width);
    w += width;
  }
  for (let i = 0; i < rows; i++) {
    memory.copy(to.second + (<usize>i) * depth, w, bytes(inner));
    for (let k = 0; k < inner; k++) {
      store<real>(to.turned + (<usize>k) * height + bytes(i), load<real>(w));
      w += sizeof<real>();
    }
  }
}

/** x ← x + W₂W₁. */
// @ts-ignore: decorator
@inline
function addProduct(data: FactorData, second: usize, first: usize, x: usize): void {
  const depth = bytes(data.depth), pitch = bytes(data.pitch);
  for (let i = 0; i < data.rows; i++) {
    addTransposed(data.depth, data.pitch, first, second, x);
    second += depth;
    x += pitch;
  }
}

// @ts-ignore: decorator
@inline
function clear(data: FactorData, x: usize): void {
  memory.fill(x, 0, (<usize>data.rows) * bytes(data.pitch));
}

/** Adds the entries of a row to a target that begins anywhere. */
// @ts-ignore: decorator
@inline
function addRow(row: usize, size: usize, target: usize): void {
  for (let j: usize = 0; j < size; j += sizeof<real>()) {
    store<real>(target + j, load<real>(target + j) + load<real>(row + j));
  }
}

/** (∂W₁, ∂W₂) ← (∂W₁, ∂W₂) + (W₂ᵀG, GW₁ᵀ). */
// @ts-ignore: decorator
@inline
function addGradient(data: FactorData, factors: Factors, slope: usize, g: usize): void {
  const width = bytes(data.columns), depth = bytes(data.inner), pitch = bytes(data.pitch), height = bytes(data.height);
  const row = data.row;
  for (let k = 0; k < data.inner; k++) {
    memory.fill(row, 0, pitch);
    addTransposed(data.height, data.pitch, slope, factors.turned + (<usize>k) * height, row);
    addRow(row, width, g);
    g += width;
  }
  for (let i = 0; i < data.rows; i++) {
    matrixTimesVector(data.depth, data.pitch, factors.first, slope + (<usize>i) * pitch, row);
    addRow(row, depth, g);
    g += depth;
  }
}

// @ts-ignore: decorator
@inline
function dimensionOf(data: FactorData): usize {
  return bytes(data.inner * (data.columns + data.rows));
}

/** Keeps the factors of w, and x ← W₂W₁. */
export function factorProduct(address: usize, w: usize, factors: usize, x: usize): void {
  const data = changetype<FactorData>(address), kept = changetype<Factors>(factors);
  unpack(data, w, kept);
  clear(data, x);
  addProduct(data, kept.second, kept.first, x);
}

/** g ← (W₂ᵀG, GW₁ᵀ) for factors that were kept. */
export function factorGradient(address: usize, factors: usize, slope: usize, g: usize): void {
  const data = changetype<FactorData>(address);
  memory.fill(g, 0, dimensionOf(data));
  addGradient(data, changetype<Factors>(factors), slope, g);
}

/** Keeps the factors of a direction v, and x ← V₂W₁ + W₂V₁. */
export function factorVariation(address: usize, v: usize, factors: usize, direction: usize, x: usize): void {
  const data = changetype<FactorData>(address);
  const at = changetype<Factors>(factors), along = changetype<Factors>(direction);
  unpack(data, v, along);
  clear(data, x);
  addProduct(data, along.second, at.first, x);
  addProduct(data, at.second, along.first, x);
}

/** product ← (W₂ᵀĠ + V₂ᵀG, ĠW₁ᵀ + GV₁ᵀ), where Ġ is what G changes by along the direction that was kept. */
export function factorHessianProduct(
  address: usize, factors: usize, direction: usize, slope: usize, change: usize, product: usize,
): void {
  const data = changetype<FactorData>(address);
  memory.fill(product, 0, dimensionOf(data));
  addGradient(data, changetype<Factors>(factors), change, product);
  addGradient(data, changetype<Factors>(direction), slope, product);
}
