// Blurs of images in plain JavaScript at its best: rows are extended, so that no tap asks where it is; a separable kernel is
// applied along the rows first, each pair of taps with one weight; columns, and taps in general, are taken by four, which reads and
// writes the sums a quarter as often. Sums are f64 whatever the storage.

/** The pixel that lies `beyond` ≥ 1 the edge, counted from it. */
const beyondEdge = (reflecting, length, beyond) => (reflecting ? beyond - 1 : length - beyond);

/** A row, with `reach` elements more on either side. */
function extendRow(image, at, width, reach, reflecting, row) {
  for (let j = 0; j < width; j++) row[reach + j] = image[at + j];
  for (let k = 1; k <= reach; k++) {
    const from = beyondEdge(reflecting, width, k);
    row[reach - k] = row[reach + from];
    row[reach + width - 1 + k] = row[reach + width - 1 - from];
  }
}

/** sums ← Σ weights[t]·source[starts[t] + j], four taps at a time. */
function addTaps(sums, width, source, starts, weights) {
  const count = weights.length;
  sums.fill(0);
  let t = 0;
  for (; t + 4 <= count; t += 4) {
    const a = starts[t];
    const b = starts[t + 1];
    const c = starts[t + 2];
    const d = starts[t + 3];
    const wa = weights[t];
    const wb = weights[t + 1];
    const wc = weights[t + 2];
    const wd = weights[t + 3];
    for (let j = 0; j < width; j++) {
      sums[j] += wa * source[a + j] + wb * source[b + j] + (wc * source[c + j] + wd * source[d + j]);
    }
  }
  for (; t < count; t++) {
    const a = starts[t];
    const wa = weights[t];
    for (let j = 0; j < width; j++) sums[j] += wa * source[a + j];
  }
}

/** out ← Ax for a kernel that is a row times itself as a column, and its own mirror image. */
export function plainSeparableBlur(kernel, { width, height, boundary }, Storage) {
  const reach = (kernel.length - 1) / 2;
  const reflecting = boundary === "reflecting";
  const row = new Storage(width + 2 * reach);
  const middle = new Storage(width * (height + 2 * reach));
  const sums = new Float64Array(width);
  // The row in the middle is that row times its own middle.
  const weights = kernel[reach].map((weight) => weight / Math.sqrt(kernel[reach][reach]));
  const half = weights.slice(reach);
  const first = half[0];
  const starts = new Int32Array(weights.length);
  return (image, out) => {
    for (let i = 0; i < height; i++) {
      extendRow(image, i * width, width, reach, reflecting, row);
      const to = (i + reach) * width;
      for (let j = 0; j < width; j++) {
        const at = j + reach;
        let sum = first * row[at];
        for (let q = 1; q <= reach; q++) sum += half[q] * (row[at - q] + row[at + q]);
        middle[to + j] = sum;
      }
    }
    for (let k = 1; k <= reach; k++) {
      const from = beyondEdge(reflecting, height, k);
      middle.copyWithin((reach - k) * width, (reach + from) * width, (reach + from + 1) * width);
      const mirrored = reach + height - 1 - from;
      middle.copyWithin((reach + height - 1 + k) * width, mirrored * width, (mirrored + 1) * width);
    }
    for (let i = 0; i < height; i++) {
      for (let t = 0; t < starts.length; t++) starts[t] = (i + t) * width;
      addTaps(sums, width, middle, starts, weights);
      out.set(sums, i * width);
    }
  };
}

/** out ← Ax for any kernel, at periodic edges. */
export function plainBlur(kernel, { width, height }, Storage) {
  const reachY = (kernel.length - 1) / 2;
  const reachX = (kernel[0].length - 1) / 2;
  const pitch = width + 2 * reachX;
  const middle = new Storage(pitch * (height + 2 * reachY));
  const sums = new Float64Array(width);
  const row = new Storage(pitch);
  // A convolution: the weight below and to the right is that of what lies above and to the left.
  const taps = kernel.flatMap((weights, p) =>
    Array.from(weights, (weight, q) => ({ weight, offset: (2 * reachY - p) * pitch + 2 * reachX - q })),
  );
  const some = taps.filter(({ weight }) => weight !== 0);
  const weights = Float64Array.from(some, ({ weight }) => weight);
  const offsets = Int32Array.from(some, ({ offset }) => offset);
  const starts = new Int32Array(offsets.length);
  return (image, out) => {
    for (let i = -reachY; i < height + reachY; i++) {
      extendRow(image, ((i + height) % height) * width, width, reachX, false, row);
      middle.set(row, (i + reachY) * pitch);
    }
    for (let i = 0; i < height; i++) {
      for (let t = 0; t < starts.length; t++) starts[t] = i * pitch + offsets[t];
      addTaps(sums, width, middle, starts, weights);
      out.set(sums, i * width);
    }
  };
}

/** ½‖Ax − b‖² for a blur that is its own transpose, as those are whose kernel is its own image turned by half. */
export function plainDeblurring(blur, observed) {
  const residual = observed.slice();
  return {
    valueAndGradient(x, g) {
      blur(x, residual);
      let squares = 0;
      for (let i = 0; i < residual.length; i++) {
        const r = residual[i] - observed[i];
        residual[i] = r;
        squares += r * r;
      }
      blur(residual, g);
      return 0.5 * squares;
    },
  };
}
