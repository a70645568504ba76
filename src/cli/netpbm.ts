import { checkPixels, type Picture, quantize } from "./picture.ts";

/** The kinds of files that are read: grey or colour, as text or as bytes. */
const kinds: Readonly<Record<string, { readonly planes: 1 | 3; readonly text: boolean }>> = {
  P2: { planes: 1, text: true },
  P3: { planes: 3, text: true },
  P5: { planes: 1, text: false },
  P6: { planes: 3, text: false },
};

const kindOf = (bytes: Uint8Array) => kinds[String.fromCharCode(bytes[0], bytes[1])];

/** Whether a file is a PGM or PPM. */
export const isNetpbm = (bytes: Uint8Array): boolean =>
  kindOf(bytes) !== undefined && /\s|#/.test(String.fromCharCode(bytes[2]));

/** Reads whole numbers from a text, comments left out. */
class Numbers {
  at: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  next(what: string): number {
    const bytes = this.#bytes;
    while (this.at < bytes.length && (isSpace(bytes[this.at]) || bytes[this.at] === HASH)) {
      if (bytes[this.at] === HASH) while (this.at < bytes.length && bytes[this.at] !== NEWLINE) this.at++;
      else this.at++;
    }
    let value = 0;
    const first = this.at;
    while (bytes[this.at] >= ZERO && bytes[this.at] <= ZERO + 9) {
      value = 10 * value + bytes[this.at++] - ZERO;
      if (value > MOST_NUMBER) throw new Error(`${what} is too large`);
    }
    if (this.at === first) throw new Error(`${what} is missing or no whole number`);
    return value;
  }
}

const HASH = 0x23;
const NEWLINE = 0x0a;
const ZERO = 0x30;
const MOST_NUMBER = 2 ** 31;
const isSpace = (byte: number) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);

/** Reads a PGM or PPM. */
export function readNetpbm(bytes: Uint8Array): Picture {
  const { planes: count, text } = kindOf(bytes);
  const numbers = new Numbers(bytes, 2);
  const width = numbers.next("its width");
  const height = numbers.next("its height");
  const most = numbers.next("its largest value");
  checkPixels(width, height);
  if (most < 1 || most > 65_535) throw new Error(`its largest value is ${most}; it must lie from 1 to 65535`);
  const depth = most > 255 ? 16 : 8;
  const length = width * height * count;
  // One byte of white space stands between the header and the values.
  const first = numbers.at + 1;
  const size = depth / 8;
  if (!text && bytes.length < first + length * size) {
    throw new Error(
      `it ends early: ${width} × ${height} pixels take ${length * size} bytes, and there are ${Math.max(0, bytes.length - first)}`,
    );
  }
  const raw = (k: number) =>
    size === 1 ? bytes[first + k] : 256 * bytes[first + 2 * k] + bytes[first + 2 * k + 1];
  const planes = Array.from({ length: count }, () => new Float64Array(width * height));
  for (let k = 0; k < length; k++) {
    const value = text ? numbers.next(`value ${k + 1} of ${length}`) : raw(k);
    if (value > most)
      throw new Error(
        `value ${k + 1} of ${length} is ${value}, more than the ${most} that it says is the largest`,
      );
    planes[k % count][Math.floor(k / count)] = value / most;
  }
  return { width, height, planes, depth };
}

/** A picture as a PGM, or as a PPM in `colour`. */
export function writeNetpbm({ width, height, planes, depth }: Picture, colour: boolean): Uint8Array {
  const most = 2 ** depth - 1;
  const header = new TextEncoder().encode(`${colour ? "P6" : "P5"}\n${width} ${height}\n${most}\n`);
  const channels = colour && planes.length === 1 ? [planes[0], planes[0], planes[0]] : planes;
  const size = depth / 8;
  const file = new Uint8Array(header.length + width * height * channels.length * size);
  file.set(header);
  const view = new DataView(file.buffer, header.length);
  channels.forEach((channel, c) => {
    for (let k = 0; k < channel.length; k++) {
      const value = quantize(channel[k], most);
      const at = (k * channels.length + c) * size;
      if (size === 1) view.setUint8(at, value);
      else view.setUint16(at, value);
    }
  });
  return file;
}
