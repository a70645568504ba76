// Areas of pixels in a chart, as where a diagram has hundreds of thousands of points. They are PNG images inside the
// SVG: only for Node, and not part of what browsers get.
import type * as Plot from "@observablehq/plot";
import { PNG } from "pngjs";
import { colour } from "./palette.ts";

/** A colour such as "#0a5fa5", and how much of it there is: 0 to 1. */
export type Paint = readonly [colour: string, amount: number];

/**
 * Paints pixels over the whole frame: `paint` says what a pixel, counted from the top left, is to be; undefined for none. They
 * stay squares unless they are to be smooth.
 */
export function painted(
  columns: number,
  rows: number,
  paint: (column: number, row: number) => Paint | undefined,
  smooth = false,
): Plot.Markish {
  const image = new PNG({ width: columns, height: rows });
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [ink, amount] = paint(column, row) ?? [colour.paper, 0];
      const alpha = Math.round(255 * Math.min(1, Math.max(0, amount)));
      if (alpha === 0) continue;
      const components = [1, 3, 5].map((at) => Number.parseInt(ink.slice(at, at + 2), 16));
      image.data.set([...components, alpha], 4 * (row * columns + column));
    }
  }
  return picture(image, smooth);
}

/** Pixels of one colour: `shade` says for each how dark it is, from 0 to 1. */
export const pixels = (
  columns: number,
  rows: number,
  shade: (column: number, row: number) => number,
  ink: string = colour.ink,
  smooth = false,
): Plot.Markish => painted(columns, rows, (column, row) => [ink, shade(column, row)], smooth);

/** Levels of grey: few enough to compress well, more than an eye tells apart here. */
const LEVELS = 24;

/**
 * Shades columns of pixels by how many of a column's points fall into each: `perColumn` numbers a column, one column behind the
 * other. `middle` points make a pixel half as dark as many do.
 */
export function density(
  values: ArrayLike<number>,
  perColumn: number,
  rows: number,
  [low, high]: readonly [number, number],
  middle = (2 * perColumn) / rows,
): (column: number, row: number) => number {
  const columns = Math.floor(values.length / perColumn);
  const counts = new Uint32Array(columns * rows);
  for (let i = 0; i < columns * perColumn; i++) {
    const row = Math.floor(((high - values[i]) / (high - low)) * rows);
    if (row >= 0 && row < rows) counts[Math.floor(i / perColumn) * rows + row]++;
  }
  return (column, row) => {
    const count = counts[column * rows + row];
    return Math.ceil((LEVELS * count) / (count + middle)) / LEVELS;
  };
}

/** Whether every pixel is opaque and a shade of grey. */
function isGrey({ data }: PNG): boolean {
  for (let at = 0; at < data.length; at += 4) {
    if (data[at] !== data[at + 1] || data[at] !== data[at + 2] || data[at + 3] !== 255) return false;
  }
  return true;
}

/** A picture over the whole frame; one without colours is written as such, in a third of the bytes. */
export function picture(image: PNG, smooth = false): Plot.Markish {
  const bytes = PNG.sync.write(image, isGrey(image) ? { colorType: 0 } : {});
  const source = `data:image/png;base64,${bytes.toString("base64")}`;
  return ((_index, _scales, _values, dimensions, context) => {
    const { width, height, marginLeft, marginRight, marginTop, marginBottom } = dimensions;
    const element = context.document.createElementNS("http://www.w3.org/2000/svg", "image");
    const place = {
      href: source,
      x: marginLeft,
      y: marginTop,
      width: width - marginLeft - marginRight,
      height: height - marginTop - marginBottom,
      preserveAspectRatio: "none",
      ...(smooth ? {} : { style: "image-rendering:pixelated" }),
    };
    for (const [name, value] of Object.entries(place)) element.setAttribute(name, String(value));
    return element;
  }) satisfies Plot.RenderFunction;
}
