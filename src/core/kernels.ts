import type { RuleKernelName } from "./binaries.ts";

export type { RuleKernelName };

/** A byte offset in a workspace. */
export type Pointer = number;

/**
 * The step of a rule on one block: `count` padded elements of parameters `x` and gradient `g`, the rule's slots one
 * behind the other at `state`, each padded, a table of `real` at `scalars`. Then, for a rule that takes it, the
 * estimate of the Hessian's diagonal; for one that takes blocks as matrices their rows and columns, and room to work in.
 */
export type RuleKernel = (
  count: number,
  x: Pointer,
  g: Pointer,
  state: Pointer,
  scalars: Pointer,
  diagonalOrRows?: number,
  columns?: number,
  scratch?: Pointer,
) => void;

/**
 * An evaluation of share·Σ losses + l2/2 ‖w‖² on the data whose addresses lie at `data`. `want` is a
 * sum of bits: 1 returns the value (else 0), 2 writes the gradient to `g`.
 */
export type DataObjectiveKernel = (
  want: number,
  data: Pointer,
  share: number,
  l2: number,
  w: Pointer,
  g: Pointer,
) => number;

/** C ← A·B or A·Bᵀ of row-major matrices, every side in whole panels (32 bytes); `panel` takes 16 KiB. */
export type MatrixProduct = (
  rows: number,
  depth: number,
  columns: number,
  a: Pointer,
  b: Pointer,
  c: Pointer,
  panel: Pointer,
) => void;

/** What a binary exports; assembly/index.ts is the other side. Counts are padded elements. */
export interface Kernels extends Record<RuleKernelName, RuleKernel> {
  firstFreeByte(): Pointer;

  cbrt(x: number): number;
  atan2(y: number, x: number): number;
  cos(x: number): number;
  exp(x: number): number;
  log(x: number): number;
  log1p(x: number): number;
  pow(base: number, exponent: number): number;
  sin(x: number): number;
  tanh(x: number): number;

  philox(
    blocks: number,
    counterLow: number,
    counterHigh: number,
    stream: number,
    top: number,
    seedLow: number,
    seedHigh: number,
    out: Pointer,
  ): void;

  dot(count: number, x: Pointer, y: Pointer): number;
  dotOfDifference(count: number, a: Pointer, b: Pointer, y: Pointer): number;
  dotOfDifferences(count: number, a: Pointer, b: Pointer, c: Pointer, d: Pointer): number;
  distance(count: number, x: Pointer, y: Pointer): number;
  absoluteSum(count: number, x: Pointer): number;
  sum(count: number, x: Pointer): number;
  maxAbs(count: number, x: Pointer): number;
  norm(count: number, x: Pointer): number;
  scale(count: number, factor: number, x: Pointer): void;
  axpy(count: number, factor: number, x: Pointer, y: Pointer): void;
  combine(count: number, a: number, x: Pointer, b: number, y: Pointer, z: Pointer): void;
  multiply(count: number, x: Pointer, y: Pointer, z: Pointer): void;
  gatherRows(count: number, indices: Pointer, stride: number, from: Pointer, to: Pointer): void;
  gatherReals(count: number, indices: Pointer, from: Pointer, to: Pointer): void;
  gatherWords(count: number, indices: Pointer, from: Pointer, to: Pointer): void;
  matrixTimesVector(rows: number, stride: number, matrix: Pointer, x: Pointer, z: Pointer): void;
  addTransposed(rows: number, stride: number, matrix: Pointer, r: Pointer, x: Pointer): void;
  foldInto(count: number, partial: Pointer, total: Pointer): void;
  averageRuns(length: number, run: number, x: Pointer): void;
  weightedSum(
    count: number,
    terms: number,
    weights: Pointer,
    blocks: Pointer,
    x: Pointer,
    out: Pointer,
  ): void;
  scaledSquares(
    count: number,
    e: Pointer,
    x: Pointer,
    y: Pointer,
    absolute: number,
    relative: number,
  ): number;

  addNormals(
    length: number,
    deviation: number,
    counterHigh: number,
    stream: number,
    top: number,
    seedLow: number,
    seedHigh: number,
    x: Pointer,
  ): void;
  randomSigns(
    length: number,
    counterHigh: number,
    stream: number,
    top: number,
    seedLow: number,
    seedHigh: number,
    x: Pointer,
  ): void;
  setStreamKey(seedLow: number, seedHigh: number): void;
  drawStreams(streams: Pointer, blocks: Pointer, top: number, out: Pointer): void;
  clamp(count: number, low: number, high: number, x: Pointer): number;
  keepDescending(
    count: number,
    length: number,
    most: number,
    before: Pointer,
    g: Pointer,
    x: Pointer,
  ): number;
  rebase(
    count: number,
    own: boolean,
    scale: number,
    offset: Pointer,
    reference: Pointer,
    before: Pointer,
    x: Pointer,
  ): void;
  rescale(
    count: number,
    scale: number,
    reference: Pointer,
    offset: Pointer,
    before: Pointer,
    x: Pointer,
  ): void;
  clipRows(rows: number, width: number, ratio: number, epsilon: number, x: Pointer, g: Pointer): number;
  centralizeRows(rows: number, width: number, g: Pointer): void;
  projectRowsOntoSimplex(rows: number, width: number, total: number, x: Pointer): void;

  matrixProduct: MatrixProduct;
  matrixProductTransposed: MatrixProduct;
  gram(rows: number, depth: number, a: Pointer, c: Pointer, panel: Pointer): void;
  symmetricEigen(order: number, matrix: Pointer, values: Pointer, vectors: Pointer, scratch: Pointer): number;

  conjugateStep(count: number, a: number, p: Pointer, q: Pointer, x: Pointer, r: Pointer): number;
  divide(count: number, divisor: number, x: Pointer): void;
  orthogonalize(rows: number, stride: number, basis: Pointer, v: Pointer, scratch: Pointer): void;
  tridiagonalEigen(size: number, diagonal: Pointer, off: Pointer, height: number, vectors: Pointer): number;

  cbrtInto(count: number, x: Pointer, out: Pointer): void;
  balance(size: number, pitch: number, matrix: Pointer, range: Pointer): void;
  toHessenberg(
    size: number,
    pitch: number,
    matrix: Pointer,
    low: number,
    high: number,
    scratch: Pointer,
  ): void;
  hessenbergEigen(
    size: number,
    pitch: number,
    matrix: Pointer,
    low: number,
    high: number,
    real: Pointer,
    imaginary: Pointer,
  ): number;
  eigenvalueCondition(
    size: number,
    pitch: number,
    matrix: Pointer,
    real: number,
    imaginary: number,
    least: number,
    scratch: Pointer,
    out: Pointer,
  ): void;

  expInto(count: number, x: Pointer, out: Pointer): void;
  logInto(count: number, x: Pointer, out: Pointer): void;
  log1pInto(count: number, u: Pointer, out: Pointer): void;
  sinPiInto(count: number, t: Pointer, out: Pointer): void;
  cosPiInto(count: number, t: Pointer, out: Pointer): void;

  sweep(data: Pointer, tangent: boolean, bound: number, taken: number, steps: number): void;
  sweepInto(data: Pointer, bound: number, unit: number, taken: number, steps: number, out: Pointer): void;
  lyapunovInto(data: Pointer, steps: number, out: Pointer): void;
  firstPassages(data: Pointer): void;
  stepsOnTheRight(data: Pointer): void;

  leastSquares: DataObjectiveKernel;
  logisticRegression: DataObjectiveKernel;
  logisticWeights(data: Pointer, w: Pointer): void;
  leastSquaresSquares(data: Pointer, w: Pointer): void;
  logisticSquares(data: Pointer, w: Pointer): void;
  gramProduct(
    weighted: boolean,
    data: Pointer,
    share: number,
    l2: number,
    v: Pointer,
    product: Pointer,
  ): void;
  softmaxRegression: DataObjectiveKernel;
  softmaxProbabilities(data: Pointer, w: Pointer): void;
  softmaxResiduals(data: Pointer, w: Pointer): void;
  softmaxProduct(data: Pointer, share: number, l2: number, v: Pointer, product: Pointer): void;
  softmaxOuterProduct(data: Pointer, share: number, l2: number, v: Pointer, product: Pointer): void;
  quadratic(want: number, data: Pointer, constant: number, x: Pointer, g: Pointer): number;
  quadraticProduct(data: Pointer, v: Pointer, product: Pointer): void;
  factorProduct(data: Pointer, w: Pointer, factors: Pointer, x: Pointer): void;
  factorGradient(data: Pointer, factors: Pointer, slope: Pointer, g: Pointer): void;
  factorVariation(data: Pointer, v: Pointer, factors: Pointer, direction: Pointer, x: Pointer): void;
  factorHessianProduct(
    data: Pointer,
    factors: Pointer,
    direction: Pointer,
    slope: Pointer,
    change: Pointer,
    product: Pointer,
  ): void;
  blur(data: Pointer, transposed: boolean, x: Pointer, out: Pointer): void;
}
