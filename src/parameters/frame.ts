import { type ArrayInput, checkShape, isArrayInput, readArray } from "../core/array-input.ts";
import { describe } from "../core/describe.ts";
import { type Numbers, type Precision, paddedLength, type RealArray } from "../core/precision.ts";

/** A named block as users give it: an array, or values with a shape. */
export type BlockInput = ArrayInput | { readonly values: ArrayInput; readonly shape?: readonly number[] };

/** Named blocks as users give them. */
export interface NamedBlocks {
  readonly [name: string]: BlockInput;
}

/** Parameters as users give them: one bare array, or named blocks. */
export type ParametersInput = ArrayInput | NamedBlocks;

/** Parameters as views: one array for a bare one, a record of arrays for named blocks. */
export type Views<P> = P extends ArrayInput ? RealArray : { readonly [K in keyof P]: RealArray };

/** A block of parameters with its first values. */
export interface ParameterBlock {
  /** "" for a bare array. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Numbers;
}

/** Blocks that were read: whether they are named decides how they are shown again. */
export interface Parameters {
  readonly named: boolean;
  readonly blocks: readonly ParameterBlock[];
}

/** A block's place in a vector of all parameters, in elements. */
export interface PlacedBlock {
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly length: number;
}

/** How named, shaped blocks lie in one vector. */
export interface Frame {
  readonly named: boolean;
  readonly blocks: readonly PlacedBlock[];
  /** Elements of the vector, padding included. */
  readonly size: number;
}

/**
 * Reads parameters: one array, or a record of named blocks, each an array or `{ values, shape }`.
 *
 * @param precision - in which every entry must be finite
 * @throws TypeError or RangeError naming the block and entry
 */
export function readParameters(
  owner: string,
  name: string,
  input: unknown,
  precision: Precision = "f64",
): Parameters {
  const parameters = readBlocks(owner, name, input);
  if (precision === "f32") {
    for (const block of parameters.blocks) checkSingle(owner, block.name || name, block.values);
  }
  return parameters;
}

function checkSingle(owner: string, name: string, values: Numbers): void {
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(Math.fround(values[i]))) continue;
    throw new RangeError(
      `${owner}: ${name}[${i}] is ${values[i]}, beyond what f32 holds; use precision "f64"`,
    );
  }
}

function readBlocks(owner: string, name: string, input: unknown): Parameters {
  if (isArrayInput(input)) {
    return { named: false, blocks: [{ name: "", ...readArray(owner, name, input) }] };
  }
  const isRecord = typeof input === "object" && input !== null && !ArrayBuffer.isView(input);
  if (!isRecord) {
    throw new TypeError(
      `${owner}: ${name} must be an array of numbers or a record of named blocks, got ${describe(input)}`,
    );
  }
  const entries = Object.entries(input);
  if (entries.length === 0) {
    throw new RangeError(`${owner}: ${name} must not be empty, got ${describe(input)} without blocks`);
  }
  return { named: true, blocks: entries.map(([key, block]) => readBlock(owner, key, block)) };
}

function readBlock(owner: string, name: string, input: unknown): ParameterBlock {
  if (name === "") throw new RangeError(`${owner}: a block's name must not be empty`);
  if (isArrayInput(input) || typeof input !== "object" || input === null || !("values" in input)) {
    return { name, ...readArray(owner, name, input) };
  }
  const { values, shape, ...rest } = input as { values: unknown; shape?: unknown };
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) {
    throw new TypeError(`${owner}: block "${name}" has an unknown field "${unknown}"; known: values, shape`);
  }
  const read = readArray(owner, `${name}.values`, values);
  if (shape === undefined) return { name, ...read };
  checkShape(owner, name, shape, read.values.length);
  return { name, values: read.values, shape: [...shape] };
}

function frame(
  { named, blocks }: Parameters,
  order: readonly number[],
  sizeOf: (length: number) => number,
): Frame {
  let size = 0;
  const placed: PlacedBlock[] = [];
  for (const i of order) {
    const { name, shape, values } = blocks[i];
    placed[i] = { name, shape, offset: size, length: values.length };
    size += sizeOf(values.length);
  }
  return { named, blocks: placed, size };
}

/** Blocks one behind the other without padding: one entry of the vector is one parameter. */
export const tightFrame = (parameters: Parameters): Frame =>
  frame(parameters, [...parameters.blocks.keys()], (length) => length);

/**
 * Blocks each padded to whole registers, so that kernels can address them one by one. They lie in
 * `order`, and are listed as they were given.
 */
export const paddedFrame = (parameters: Parameters, precision: Precision, order: readonly number[]): Frame =>
  frame(parameters, order, (length) => paddedLength(length, precision));

/** The views of an array of a frame's size: the array itself for a bare one, else a record by name. */
export function cut(frame: Frame, array: RealArray): RealArray | Readonly<Record<string, RealArray>> {
  const view = ({ offset, length }: PlacedBlock) => array.subarray(offset, offset + length);
  if (!frame.named) return view(frame.blocks[0]);
  // Block names are the user's: an object without a prototype holds any of them.
  const views: Record<string, RealArray> = Object.create(null);
  for (const block of frame.blocks) views[block.name] = view(block);
  return Object.freeze(views);
}

/** Writes each block's first values to its place. */
export function fill(frame: Frame, { blocks }: Parameters, array: RealArray): void {
  frame.blocks.forEach(({ offset }, i) => {
    array.set(blocks[i].values, offset);
  });
}
