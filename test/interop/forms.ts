/** Numbers in row-major order, and the lengths of their axes. */
export interface Tensor {
  readonly values: readonly number[];
  readonly shape: readonly number[];
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, side) => product * side, 1);

/** Nested rows of a tensor, innermost arrays made by `row`. */
export function nest(
  { values, shape }: Tensor,
  row: (values: readonly number[]) => unknown = (v) => v,
): unknown {
  if (shape.length <= 1) return row(values);
  const [rows, ...rest] = shape;
  const width = sizeOf(rest);
  return Array.from({ length: rows }, (_, i) =>
    nest({ values: values.slice(i * width, (i + 1) * width), shape: rest }, row),
  );
}

/** An ndarray whose entries lie at `offset` and on, by `stride`, among others that are not its own. */
function strided({ values, shape }: Tensor, stride: readonly number[], offset: number, length: number) {
  const data = new Float64Array(length).fill(Number.NaN);
  const place = values.map((_, i) => {
    let rest = i;
    let at = offset;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += (rest % shape[axis]) * stride[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    return at;
  });
  values.forEach((value, i) => {
    data[place[i]] = value;
  });
  return { data, shape, stride, offset };
}

/** Strides of row-major order with `step` entries from one number to the next. */
const rowMajor = (shape: readonly number[], step: number) =>
  shape.map((_, axis) => step * sizeOf(shape.slice(axis + 1)));

const shared = (values: readonly number[]) => {
  const array = new Float64Array(new SharedArrayBuffer(8 * values.length));
  array.set(values);
  return array;
};

/** A view that follows the length of its buffer, which has grown to it. */
function lengthTracking(values: readonly number[]): Float64Array {
  const Resizable = ArrayBuffer as unknown as new (
    length: number,
    options: { maxByteLength: number },
  ) => ArrayBuffer & { resize(length: number): void };
  const buffer = new Resizable(0, { maxByteLength: 8 * values.length });
  const array = new Float64Array(buffer);
  buffer.resize(8 * values.length);
  array.set(values);
  return array;
}

/** As TensorFlow.js: numbers in order, with a shape. */
const tensor = ({ values, shape }: Tensor) => ({ shape, dataSync: () => Float64Array.from(values) });

/** As math.js: nested arrays. */
const matrix = (of: Tensor) => ({ _size: of.shape, toArray: () => nest(of) });

/** Forms that hold numbers alone: their shape, if there is one, is told beside them. */
export const flatForms: Readonly<Record<string, (of: Tensor) => unknown>> = {
  numbers: ({ values }) => [...values],
  Float64Array: ({ values }) => Float64Array.from(values),
  "a part of a Float64Array": ({ values }) =>
    Float64Array.of(Number.NaN, ...values, Number.NaN).subarray(1, -1),
  "an array on shared memory": ({ values }) => shared(values),
  "a view that follows its buffer": ({ values }) => lengthTracking(values),
  "a proxy of an array": ({ values }) => new Proxy([...values], {}),
};

/** Forms that know their shape. */
export const shapedForms: Readonly<Record<string, (of: Tensor) => unknown>> = {
  "an ndarray": ({ values, shape }) => ({ data: Float64Array.from(values), shape }),
  "an ndarray of numbers": ({ values, shape }) => ({
    data: values,
    shape,
    offset: 0,
    stride: rowMajor(shape, 1),
  }),
  "an ndarray with an offset": (of) => strided(of, rowMajor(of.shape, 1), 3, of.values.length + 5),
  "an ndarray with gaps": (of) => strided(of, rowMajor(of.shape, 3), 1, 3 * of.values.length + 1),
  "an ndarray backwards": (of) =>
    strided(of, rowMajor(of.shape, -2), 2 * of.values.length - 2, 2 * of.values.length),
  "an ndarray in Fortran order": (of) =>
    strided(
      of,
      of.shape.map((_, axis) => sizeOf(of.shape.slice(0, axis))),
      0,
      of.values.length,
    ),
  "an ndarray with rows backwards": (of) =>
    strided(
      of,
      rowMajor(of.shape, 1).map((step, axis) => (axis === 0 ? -step : step)),
      of.values.length - sizeOf(of.shape.slice(1)),
      of.values.length,
    ),
  "a tensor": tensor,
  "a matrix that converts itself": matrix,
  "what converts to a tensor's array": (of) => ({
    toArray: () => Float64Array.from(of.values),
    ...tensor(of),
  }),
};

/** Rows of numbers, as arrays of each kind. */
export const rowForms: Readonly<Record<string, (of: Tensor) => unknown>> = {
  "rows of numbers": (of) => nest(of),
  "rows of Float64Arrays": (of) => nest(of, (row) => Float64Array.from(row)),
  "rows of parts of a Float64Array": ({ values, shape }) => {
    const whole = Float64Array.from(values);
    const width = sizeOf(shape.slice(1));
    return Array.from({ length: shape[0] }, (_, i) => whole.subarray(i * width, (i + 1) * width));
  },
};
