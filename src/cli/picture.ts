import { extname } from "node:path";
import { cannotRead, readBytes, writeAtomically } from "./files.ts";
import { isNetpbm, readNetpbm, writeNetpbm } from "./netpbm.ts";
import { isPng, readPng, writePng } from "./png.ts";
import { UsageError } from "./usage-error.ts";

/** An image as files hold it: planes of values from 0 to 1, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** One plane of grey, or three of red, green and blue. */
  readonly planes: readonly Float64Array[];
  readonly alpha?: Float64Array;
  /** Bits of a value. */
  readonly depth: 8 | 16;
}

/** More pixels than one memory has room for, with all that a descent needs. */
const MOST_PIXELS = 1e8;

/** What files of images that cannot be read begin with. */
const others: readonly (readonly [name: string, start: readonly number[]])[] = [
  ["a JPEG", [0xff, 0xd8, 0xff]],
  ["a GIF", [0x47, 0x49, 0x46, 0x38]],
  ["a TIFF", [0x49, 0x49, 0x2a, 0x00]],
  ["a TIFF", [0x4d, 0x4d, 0x00, 0x2a]],
  ["a BMP", [0x42, 0x4d]],
  ["a WebP", [0x52, 0x49, 0x46, 0x46]],
];

/** Whether a file begins with these bytes. */
export const beginsWith = (bytes: Uint8Array, start: readonly number[]): boolean =>
  start.every((byte, k) => bytes[k] === byte);

/** Throws where an image is larger than can be worked on. */
export function checkPixels(width: number, height: number): void {
  if (!(width >= 1 && height >= 1)) throw new Error("it has no pixels");
  if (width * height > MOST_PIXELS) {
    throw new Error(
      `its ${width} × ${height} pixels are more than the ${MOST_PIXELS / 1e6} million that there is room for`,
    );
  }
}

/** Reads an image, or says why not. What kind of file it is, its first bytes say, not its name. */
export function readPicture(file: string): Picture {
  const bytes = readBytes(file);
  try {
    if (isPng(bytes)) return readPng(bytes);
    if (isNetpbm(bytes)) return readNetpbm(bytes);
  } catch (error) {
    throw cannotRead(file, (error as Error).message);
  }
  const other = others.find(([, start]) => beginsWith(bytes, start));
  throw cannotRead(
    file,
    other
      ? `it is ${other[0]}; PNG, PGM and PPM are read: convert it first`
      : "it is no image: neither PNG nor PGM nor PPM",
  );
}

const endings = [".png", ".pgm", ".ppm"];

/** Throws unless a file's name says how a picture is to be written, and such files hold it. */
export function checkEnding(option: string, file: string, { planes, alpha }: Picture): void {
  const ending = extname(file).toLowerCase();
  if (!endings.includes(ending)) {
    throw new UsageError(
      `${option}: ${file} must end in ${endings.slice(0, -1).join(", ")} or ${endings.at(-1)}`,
    );
  }
  if (ending === ".png") return;
  if (alpha)
    throw new UsageError(`${option}: ${ending} files hold no transparency, which this image has; use .png`);
  if (ending === ".pgm" && planes.length > 1) {
    throw new UsageError(`${option}: .pgm files hold no colours, which this image has; use .png or .ppm`);
  }
}

/** Writes a picture as its name says; values beyond 0 and 1 are taken for these. */
export function writePicture(file: string, picture: Picture): void {
  const isPngName = extname(file).toLowerCase() === ".png";
  writeAtomically(
    file,
    isPngName ? writePng(picture) : writeNetpbm(picture, extname(file).toLowerCase() === ".ppm"),
  );
}

/** The whole number that a value is written as. */
export const quantize = (value: number, most: number): number =>
  Math.round(Math.min(1, Math.max(0, value)) * most);
