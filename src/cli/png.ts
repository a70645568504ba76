import { PNG } from "pngjs";
import { beginsWith, checkPixels, type Picture, quantize } from "./picture.ts";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** The bytes of width, height and depth, which stand first. */
const WIDTH_AT = 16;
const HEIGHT_AT = 20;
const HEADER_ENDS = 33;

/** Colour types of the format. */
const GREY = 0;
const COLOUR = 2;
const WITH_ALPHA = 4;

/** What the reader tells besides the pixels. */
interface Metadata {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly color: boolean;
  readonly alpha: boolean;
  readonly palette: unknown;
  readonly data: Uint8Array | Uint16Array;
}

/** Whether a file is a PNG. */
export const isPng = (bytes: Uint8Array): boolean => beginsWith(bytes, SIGNATURE);

/** Reads a PNG of any kind. Palettes become colours, fewer than 8 bits become 8. */
export function readPng(bytes: Uint8Array): Picture {
  if (bytes.length < HEADER_ENDS) throw new Error("the file ends in its header");
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  checkPixels(header.getUint32(WIDTH_AT), header.getUint32(HEIGHT_AT));
  // Without rescaling, 16 bits stay 16 bits.
  const image = PNG.sync.read(Buffer.from(bytes), { skipRescale: true } as object) as unknown as Metadata;
  const { width, height, depth, color, alpha, palette, data } = image;
  const most = palette ? 255 : 2 ** depth - 1;
  const plane = (channel: number) =>
    Float64Array.from({ length: width * height }, (_, k) => data[4 * k + channel] / most);
  return {
    width,
    height,
    planes: color ? [plane(0), plane(1), plane(2)] : [plane(0)],
    ...(alpha ? { alpha: plane(3) } : {}),
    depth: depth === 16 ? 16 : 8,
  };
}

/** A picture as a PNG of its depth: grey or colour, with or without transparency. */
export function writePng({ width, height, planes, alpha, depth }: Picture): Uint8Array {
  const channels = alpha ? [...planes, alpha] : planes;
  const most = 2 ** depth - 1;
  const values = new (depth === 16 ? Uint16Array : Uint8Array)(width * height * channels.length);
  channels.forEach((channel, c) => {
    for (let k = 0; k < channel.length; k++) values[k * channels.length + c] = quantize(channel[k], most);
  });
  const image = new PNG({ width, height });
  image.data = Buffer.from(values.buffer);
  const colorType = (planes.length > 1 ? COLOUR : GREY) + (alpha ? WITH_ALPHA : 0);
  const kind = { colorType, inputColorType: colorType, inputHasAlpha: alpha !== undefined, bitDepth: depth };
  return PNG.sync.write(image, kind as object);
}
