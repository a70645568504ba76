// Blurs: convolutions of images with a list of taps (an offset and a weight each), at periodic or reflecting edges, and their
// transposes. An image lies row by row without padding in between. Its rows are extended beyond their ends, so that no tap asks
// where it is; a separable kernel is applied along the rows first, each extended row still in the first cache.
import { bytes, mulAdd, splat } from "../lanes";

/** A blur in the workspace, as src/imaging/bound-blur.ts lays it out. */
// @ts-ignore: decorator
@unmanaged
class BlurData {
  height: i32;
  width: i32;
  /** How far the kernel reaches from its middle. */
  reachY: i32;
  reachX: i32;
  reflecting: i32;
  /** Elements from one row of `middle` to the next. */
  pitch: i32;
  /** Rows and elements of `middle` before the image. */
  above: i32;
  before: i32;
  /** Taps along a row of a kernel that is separable, else 0; and those that follow. */
  rowTaps: i32;
  taps: i32;
  /** Offsets of the source of each tap in bytes, those of the transpose, weights. */
  rowOffsets: usize;
  rowFlipped: usize;
  rowWeights: usize;
  offsets: usize;
  flipped: usize;
  weights: usize;
  /** The image, extended, or what the pass along rows made of it. */
  middle: usize;
  /** A row, extended. */
  row: usize;
  /** A row of the transpose, with what is to be folded back. */
  folded: usize;
}

// @ts-ignore: decorator
@inline const SIZE: usize = sizeof<real>();

/** Bytes of the eight registers that a pass over the taps fills. */
// @ts-ignore: decorator
@inline const EIGHT: usize = 128;

/** Eight registers of the target: Σ weight · source there, shifted. */
// @ts-ignore: decorator
@inline
function convolveEight(taps: i32, offsets: usize, weights: usize, source: usize, target: usize): void {
  let a = splat(0), b = a, c = a, d = a, e = a, f = a, g = a, h = a;
  for (const end = offsets + ((<usize>taps) << 2); offsets < end; offsets += 4) {
    const p = source + load<i32>(offsets);
    const weight = v128.load_splat<real>(weights);
    weights += SIZE;
    a = mulAdd(weight, v128.load(p), a);
    b = mulAdd(weight, v128.load(p, 16), b);
    c = mulAdd(weight, v128.load(p, 32), c);
    d = mulAdd(weight, v128.load(p, 48), d);
    e = mulAdd(weight, v128.load(p, 64), e);
    f = mulAdd(weight, v128.load(p, 80), f);
    g = mulAdd(weight, v128.load(p, 96), g);
    h = mulAdd(weight, v128.load(p, 112), h);
  }
  v128.store(target, a);
  v128.store(target, b, 16);
  v128.store(target, c, 32);
  v128.store(target, d, 48);
  v128.store(target, e, 64);
  v128.store(target, f, 80);
  v128.store(target, g, 96);
  v128.store(target, h, 112);
}

// @ts-ignore: decorator
@inline
function convolveOne(taps: i32, offsets: usize, weights: usize, source: usize, target: usize): void {
  let sum = splat(0);
  for (const end = offsets + ((<usize>taps) << 2); offsets < end; offsets += 4) {
    sum = mulAdd(v128.load_splat<real>(weights), v128.load(source + load<i32>(offsets)), sum);
    weights += SIZE;
  }
  v128.store(target, sum);
}

// @ts-ignore: decorator
@inline
function convolveElement(taps: i32, offsets: usize, weights: usize, source: usize, target: usize): void {
  let sum: real = 0;
  for (const end = offsets + ((<usize>taps) << 2); offsets < end; offsets += 4) {
    sum += load<real>(weights) * load<real>(source + load<i32>(offsets));
    weights += SIZE;
  }
  store<real>(target, sum);
}

/**
 * A row of `size` bytes. The last registers end where the row does, and work out anew what they have in common with those before:
 * rows need no padding.
 */
function convolveRow(size: usize, taps: i32, offsets: usize, weights: usize, source: usize, target: usize): void {
  if (size >= EIGHT) {
    const last = size - EIGHT;
    for (let j: usize = 0; j < last; j += EIGHT) convolveEight(taps, offsets, weights, source + j, target + j);
    convolveEight(taps, offsets, weights, source + last, target + last);
  } else if (size >= 16) {
    const last = size - 16;
    for (let j: usize = 0; j < last; j += 16) convolveOne(taps, offsets, weights, source + j, target + j);
    convolveOne(taps, offsets, weights, source + last, target + last);
  } else {
    for (let j: usize = 0; j < size; j += SIZE) convolveElement(taps, offsets, weights, source + j, target + j);
  }
}

/** Copies a row to `to`, and what lies beyond its ends. */
// @ts-ignore: decorator
@inline
function extendRow(data: BlurData, row: usize, to: usize): void {
  const size = bytes(data.width), reach = bytes(data.reachX);
  memory.copy(to, row, size);
  if (data.reflecting) {
    let left = to - SIZE, right = to + size;
    for (let p = row, q = row + size - SIZE, end = row + reach; p < end; p += SIZE) {
      store<real>(left, load<real>(p));
      store<real>(right, load<real>(q));
      left -= SIZE;
      right += SIZE;
      q -= SIZE;
    }
  } else {
    memory.copy(to - reach, row + size - reach, reach);
    memory.copy(to + size, row, reach);
  }
}

/** Copies rows of `middle` to what lies above and below the image. */
// @ts-ignore: decorator
@inline
function extendRows(data: BlurData, first: usize): void {
  const pitch = bytes(data.pitch), below = first + (<usize>data.height) * pitch;
  for (let k = 0; k < data.reachY; k++) {
    const fromTop = first + (<usize>k) * pitch, fromBottom = below - (<usize>(k + 1)) * pitch;
    memory.copy(first - (<usize>(k + 1)) * pitch, data.reflecting ? fromTop : fromBottom, pitch);
    memory.copy(below + (<usize>k) * pitch, data.reflecting ? fromBottom : fromTop, pitch);
  }
}

/** out ← A x, or at periodic edges Aᵀ x. */
// @ts-ignore: decorator
@inline
function spread(data: BlurData, transposed: bool, x: usize, out: usize): void {
  const size = bytes(data.width), pitch = bytes(data.pitch), height = data.height;
  const first = data.middle + (<usize>data.above) * pitch, before = bytes(data.before);
  const origin = first + before;
  const alongRow = transposed ? data.rowFlipped : data.rowOffsets;
  const extended = data.row + bytes(data.reachX);
  for (let i = 0; i < height; i++) {
    const row = origin + (<usize>i) * pitch;
    if (data.rowTaps) {
      extendRow(data, x, extended);
      convolveRow(size, data.rowTaps, alongRow, data.rowWeights, extended, row);
    } else extendRow(data, x, row);
    x += size;
  }
  extendRows(data, first);
  const offsets = transposed ? data.flipped : data.offsets;
  for (let i = 0; i < height; i++) {
    convolveRow(size, data.taps, offsets, data.weights, origin + (<usize>i) * pitch, out);
    out += size;
  }
}

/** Adds what lies beyond the ends of a row, `reach` on either side, to where it was reflected from. */
// @ts-ignore: decorator
@inline
function foldRow(size: usize, reach: usize, row: usize): void {
  let left = row - SIZE, right = row + size;
  for (let p = row, q = row + size - SIZE, end = row + reach; p < end; p += SIZE) {
    store<real>(p, load<real>(p) + load<real>(left));
    store<real>(q, load<real>(q) + load<real>(right));
    left -= SIZE;
    right += SIZE;
    q -= SIZE;
  }
}

/** target ← target + row. */
// @ts-ignore: decorator
@inline
function addRow(size: usize, row: usize, target: usize): void {
  const whole = size & ~15;
  let j: usize = 0;
  for (; j < whole; j += 16) v128.store(target + j, v128.add<real>(v128.load(target + j), v128.load(row + j)));
  for (; j < size; j += SIZE) store<real>(target + j, load<real>(target + j) + load<real>(row + j));
}

/** A row with zeros beyond its ends. */
// @ts-ignore: decorator
@inline
function surround(size: usize, around: usize, row: usize, to: usize): void {
  memory.fill(to - around, 0, around);
  memory.copy(to, row, size);
  memory.fill(to + size, 0, around);
}

/** Correlates row `i` of the image, which may lie above or below it, and folds its ends back. Returns where the row begins. */
// @ts-ignore: decorator
@inline
function correlateRow(data: BlurData, origin: usize, i: i32): usize {
  // What a pass along the rows has folded already reaches no further.
  const reach = bytes(data.rowTaps ? 0 : data.reachX);
  const size = bytes(data.width), row = data.folded + reach;
  const source = origin + (<usize>i) * bytes(data.pitch) - reach;
  convolveRow(size + 2 * reach, data.taps, data.flipped, data.weights, source, data.folded);
  foldRow(size, reach, row);
  return row;
}

/**
 * out ← Aᵀ x at reflecting edges. A extends and convolves; its transpose correlates, as far as any tap reaches, and adds what falls
 * beyond the edges to the elements that it was reflected from.
 */
// @ts-ignore: decorator
@inline
function foldBack(data: BlurData, x: usize, out: usize): void {
  const size = bytes(data.width), pitch = bytes(data.pitch), height = data.height;
  const first = data.middle + (<usize>data.above) * pitch;
  const origin = first + bytes(data.before);
  const reach = bytes(data.reachX), extended = data.row + 2 * reach;
  for (let i = 0; i < height; i++) {
    const row = origin + (<usize>i) * pitch;
    if (data.rowTaps) {
      surround(size, 2 * reach, x, extended);
      convolveRow(size + 2 * reach, data.rowTaps, data.rowFlipped, data.rowWeights, extended - reach, data.folded);
      foldRow(size, reach, data.folded + reach);
      memory.copy(row, data.folded + reach, size);
    } else surround(size, 2 * reach, x, row);
    x += size;
  }
  memory.fill(data.middle, 0, first - data.middle);
  memory.fill(first + (<usize>height) * pitch, 0, first - data.middle);
  for (let i = 0; i < height; i++) memory.copy(out + (<usize>i) * size, correlateRow(data, origin, i), size);
  for (let k = 0; k < data.reachY; k++) {
    addRow(size, correlateRow(data, origin, -1 - k), out + (<usize>k) * size);
    addRow(size, correlateRow(data, origin, height + k), out + (<usize>(height - 1 - k)) * size);
  }
}

/** out ← A x, or Aᵀ x where `transposed`; x and out are images of the blur that lies at `address`, and may be the same. */
export function blur(address: usize, transposed: bool, x: usize, out: usize): void {
  const data = changetype<BlurData>(address);
  if (transposed && data.reflecting) foldBack(data, x, out);
  else spread(data, transposed, x, out);
}
