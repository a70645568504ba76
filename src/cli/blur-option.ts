import Papa from "papaparse";
import { describe, didYouMean } from "../core/describe.ts";
import { type BlurInput, type BlurOperator, type BlurOptions, blur } from "../imaging/index.ts";
import { readBytes, readText } from "./files.ts";
import { isNetpbm } from "./netpbm.ts";
import { readNumber } from "./options.ts";
import { readPicture } from "./picture.ts";
import { isPng } from "./png.ts";
import { UsageError } from "./usage-error.ts";

const kinds = ["gaussian", "motion", "defocus", "kernel"] as const;

/** How a kind of blur is written. */
const forms = {
  gaussian: "gaussian:SIGMA",
  motion: "motion:LENGTH or motion:LENGTH,ANGLE",
  defocus: "defocus:RADIUS",
  kernel: "kernel:FILE",
} as const;

/** The weights of a file: an image's brightness, made to add up to 1, or a CSV file's numbers as they are. */
function readWeights(file: string): number[][] {
  const bytes = readBytes(file);
  if (isPng(bytes) || isNetpbm(bytes)) {
    const { width, height, planes } = readPicture(file);
    const [grey] = planes;
    if (planes.length > 1) throw new UsageError(`--blur: ${file} has colours; a kernel must be grey`);
    const sum = grey.reduce((total, value) => total + value, 0);
    if (sum === 0) throw new UsageError(`--blur: ${file} is black; a kernel needs a weight above 0`);
    return Array.from({ length: height }, (_, i) =>
      Array.from(grey.subarray(i * width, (i + 1) * width), (value) => value / sum),
    );
  }
  const { data } = Papa.parse<string[]>(readText(file), { skipEmptyLines: "greedy" });
  if (data.length === 0) throw new UsageError(`--blur: ${file} holds no weights`);
  return data.map((row, i) =>
    row.map((cell, j) =>
      readNumber(`--blur: ${file}, row ${i + 1}, weight ${j + 1}`, cell, "(−∞, ∞)", Number.isFinite),
    ),
  );
}

/** Reads --blur, such as gaussian:2. */
export function readBlur(text: string): BlurInput {
  const [, name, rest = ""] = /^\s*([^:]*?)\s*(?::(.*))?$/s.exec(text) ?? [];
  const kind = kinds.find((known) => known === name.toLowerCase());
  if (!kind) {
    throw new UsageError(`--blur: unknown blur ${describe(name)}${didYouMean(name, kinds)}`);
  }
  if (kind === "kernel") {
    if (rest === "") throw new UsageError(`--blur must be ${forms.kernel}, got ${describe(text)}`);
    return { kind, weights: readWeights(rest) };
  }
  const cells = rest.split(",");
  if (rest.trim() === "" || cells.length > (kind === "motion" ? 2 : 1)) {
    throw new UsageError(`--blur must be ${forms[kind]}, got ${describe(text)}`);
  }
  const read = (cell: string, what: string) =>
    readNumber(`--blur: ${what}`, cell, "(−∞, ∞)", Number.isFinite);
  if (kind === "gaussian") return { kind, sigma: read(cells[0], "sigma") };
  if (kind === "defocus") return { kind, radius: read(cells[0], "radius") };
  const length = read(cells[0], "length");
  return cells.length === 1 ? { kind, length } : { kind, length, angle: read(cells[1], "angle") };
}

/** The operator of a blur on images of a size; what is wrong with it is a mistake in the command line. */
export function makeBlur(input: BlurInput, options: BlurOptions): BlurOperator {
  try {
    return blur(input, options);
  } catch (error) {
    throw new UsageError(`--blur: ${(error as Error).message.replace(/^blur: /, "")}`);
  }
}
