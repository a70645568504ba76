import { describe } from "../core/describe.ts";
import type { RealArray } from "../core/precision.ts";
import { closing, hasSeal, isIntact, opening, SEAL_END, seal } from "./checksum.ts";

/** An array with a name and a shape, as it is saved. */
export interface Tensor {
  /** Begins with a letter. */
  readonly name: string;
  /** Integers ≥ 1, at least one. */
  readonly shape: readonly number[];
  readonly values: RealArray;
}

/** An array as it lies in a file. */
export interface StoredTensor {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Its elements in the file, little-endian. */
  readonly bytes: Uint8Array;
}

/** What a file holds. */
export interface StoredState {
  /** Whether there are as many data as expected, and the checksum fits; else it is good for a refusal only. */
  readonly intact: boolean;
  readonly metadata: ReadonlyMap<string, string>;
  /** In the order in which they lie in the file. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

type Dtype = keyof typeof dtypeBytes;

const dtypeBytes = { F64: 8, F32: 4 } as const;

const LENGTH_BYTES = 8;
const SPACE = 0x20;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The element type of an array, in the format's words. */
export const dtypeOf = (values: RealArray): Dtype => (values instanceof Float64Array ? "F64" : "F32");

const bytesOf = ({ buffer, byteOffset, byteLength }: RealArray) =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Where a tensor lies among the data. */
interface Place {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly end: number;
}

/** The header without padding. `checksum` stands first in the metadata, where `seal` writes it. */
function headerText(
  checksum: string,
  metadata: Iterable<readonly [string, string]>,
  places: readonly Place[],
): string {
  let begin = 0;
  const tensors = places.map(({ name, dtype, shape, end }) => {
    const place = `"dtype":"${dtype}","shape":[${shape.join()}],"data_offsets":[${begin},${end}]`;
    begin = end;
    return `${JSON.stringify(name)}:{${place}}`;
  });
  const entries = Array.from(metadata, ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  // The seal's last byte is the quotation mark of the first entry.
  return [`${opening}${checksum}${closing}${entries.join().slice(1)}}`, ...tensors].join() + "}";
}

function placesOf(tensors: readonly Tensor[]): Place[] {
  let end = 0;
  return tensors.map(({ name, shape, values }) => {
    end += values.byteLength;
    return { name, shape, dtype: dtypeOf(values), end };
  });
}

const encodedHeader = (tensors: readonly Tensor[], metadata: Readonly<Record<string, string>>): Uint8Array =>
  encoder.encode(headerText("0".repeat(32), Object.entries(metadata), placesOf(tensors)));

/** Bytes of the header that {@link encodeState} writes, without padding. */
export const headerSize = (tensors: readonly Tensor[], metadata: Readonly<Record<string, string>>): number =>
  encodedHeader(tensors, metadata).length;

/**
 * Arrays and texts in the layout of safetensors, sealed with a checksum: the length of the header (8 bytes),
 * a header in JSON, padded with spaces to 8 bytes, and the arrays one behind the other.
 *
 * @param tensors - those of F64 first, if they are to lie on 8 bytes
 * @param metadata - at least one text, not named checksum; keys begin with a letter
 */
export function encodeState(
  tensors: readonly Tensor[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const header = encodedHeader(tensors, metadata);
  const dataStart = LENGTH_BYTES + Math.ceil(header.length / 8) * 8;
  const dataBytes = tensors.reduce((sum, { values }) => sum + values.byteLength, 0);
  const file = new Uint8Array(dataStart + dataBytes);
  new DataView(file.buffer).setUint32(0, dataStart - LENGTH_BYTES, true);
  file.set(header, LENGTH_BYTES);
  file.fill(SPACE, LENGTH_BYTES + header.length, dataStart);
  let at = dataStart;
  for (const { values } of tensors) {
    file.set(bytesOf(values), at);
    at += values.byteLength;
  }
  seal(file);
  return file;
}

/**
 * Reads what {@link encodeState} wrote, and nothing else: every other file is refused. The arrays stay where
 * they are in the file.
 *
 * A file with another amount of data than expected cannot be what is wanted, and may be huge: of it the
 * header alone is read, so that the reader can say what it is.
 *
 * @param headerLimit - bytes that the header may have
 * @param dataBytes - bytes of data that are expected; any number if left out
 * @throws TypeError if `bytes` is no Uint8Array; RangeError saying why the file is refused
 */
export function decodeState(
  owner: string,
  bytes: unknown,
  headerLimit: number,
  dataBytes?: number,
): StoredState {
  if (!isBytes(bytes)) throw new TypeError(`${owner}: bytes must be a Uint8Array, got ${describe(bytes)}`);
  const refused = (why: string) => new RangeError(`${owner}: ${why}`);
  const { length } = bytes;
  if (length < SEAL_END || !hasSeal(bytes)) throw refused("these bytes are no saved state");
  const size = new DataView(bytes.buffer, bytes.byteOffset);
  const headerBytes = size.getUint32(4, true) * 2 ** 32 + size.getUint32(0, true);
  const dataStart = LENGTH_BYTES + headerBytes;
  if (dataStart > length || dataStart < SEAL_END || headerBytes % 8 !== 0 || length % 4 !== 0) {
    throw refused(
      `this state is cut off or damaged: a header of ${headerBytes} bytes in a file of ${length} bytes`,
    );
  }
  if (headerBytes > headerLimit) {
    throw refused(`this state's header has ${headerBytes} bytes; expected at most ${headerLimit}`);
  }
  const data = length - dataStart;
  const intact = dataBytes === undefined || data === dataBytes;
  const file = intact ? onWord(bytes) : bytes;
  if (intact && !isIntact(file)) {
    throw refused("this state is cut off or damaged: its checksum does not fit");
  }
  const text = decodeText(file.subarray(LENGTH_BYTES, dataStart));
  const state = text === undefined ? undefined : readHeader(text, file.subarray(dataStart));
  if (!state) {
    throw refused(
      intact
        ? "this state's header is not as it should be"
        : `this state is cut off or damaged: ${data} bytes of data, expected ${dataBytes}`,
    );
  }
  return { ...state, intact };
}

/** Also from another realm, where `instanceof` is false. */
const isBytes = (value: unknown): value is Uint8Array =>
  ArrayBuffer.isView(value) && (value as Uint8Array)[Symbol.toStringTag] === "Uint8Array";

/** The bytes where words of 4 can be read, and nobody else writes: a copy where they do not lie so. */
const onWord = (bytes: Uint8Array): Uint8Array =>
  bytes.byteOffset % 4 === 0 && bytes.buffer instanceof ArrayBuffer ? bytes : new Uint8Array(bytes);

function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What a header says, if it is one that `encodeState` writes for this data. */
function readHeader(text: string, data: Uint8Array): Omit<StoredState, "intact"> | undefined {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(header)) return undefined;
  const { __metadata__: texts, ...entries } = header;
  if (!isRecord(texts) || !Object.values(texts).every((value) => typeof value === "string")) return undefined;
  const { checksum, ...metadata } = texts as Record<string, string>;
  const tensors = new Map<string, StoredTensor>();
  const places: Place[] = [];
  let begin = 0;
  for (const [name, entry] of Object.entries(entries)) {
    const place = readPlace(name, entry, begin, data.length);
    if (!place) return undefined;
    const { dtype, shape, end } = place;
    tensors.set(name, { name, dtype, shape, bytes: data.subarray(begin, end) });
    places.push(place);
    begin = end;
  }
  if (begin !== data.length) return undefined;
  // One way of writing a header is accepted: no key twice, no other order, no number in another notation.
  const canonical = headerText(checksum, Object.entries(metadata), places);
  if (!text.startsWith(canonical) || !/^ {0,7}$/.test(text.slice(canonical.length))) return undefined;
  return { metadata: new Map(Object.entries(metadata)), tensors };
}

/** A tensor's place if it lies right behind the one before, within the data, and has the size of its shape. */
function readPlace(name: string, entry: unknown, begin: number, limit: number): Place | undefined {
  if (!isRecord(entry)) return undefined;
  const { dtype, shape, data_offsets: offsets } = entry;
  if (dtype !== "F64" && dtype !== "F32") return undefined;
  const isSide = (side: unknown) => Number.isSafeInteger(side) && (side as number) > 0;
  if (!Array.isArray(shape) || shape.length === 0 || !shape.every(isSide)) return undefined;
  if (!Array.isArray(offsets) || offsets.length !== 2) return undefined;
  const end = begin + shape.reduce((product: number, side: number) => product * side, dtypeBytes[dtype]);
  return offsets[0] === begin && offsets[1] === end && end <= limit ? { name, dtype, shape, end } : undefined;
}
