import { formatNumber } from "../report/format.ts";
import type { Deblurring } from "./deblur-outcome.ts";
import { columnsOf, wrap } from "./output.ts";
import type { Picture } from "./picture.ts";

/** The names of a picture's channels. */
export const channelNames = ({ planes }: Picture): readonly string[] =>
  planes.length > 1 ? ["red", "green", "blue"] : ["grey"];

/** A number for all channels, or one for each where they differ. */
function forEach(values: readonly number[], text: (value: number) => string): string {
  const texts = values.map(text);
  if (texts.every((each) => each === texts[0])) return texts[0];
  return `${texts.slice(0, -1).join(", ")} and ${texts.at(-1)}`;
}

const decibels = (ratio: number) => (Number.isFinite(ratio) ? `${ratio.toFixed(2)} dB` : "no difference");
const shortly = (value: number) => formatNumber(value, 3);

/** How the descent ended, and what to do about it: a sentence or two. */
export function deblurVerdict({ method, runs, noise, tikhonov }: Deblurring): string {
  const counts = runs.map(({ steps }) => steps);
  const most = Math.max(...counts);
  const steps = `${forEach(counts, String)} ${most === 1 ? "step" : "steps"}`;
  const left = forEach(
    runs.map(({ residual }) => residual),
    shortly,
  );
  if (runs.every(({ reason }) => reason === "noise")) {
    return most === 0
      ? `No step was taken: blurring the image once more changes it by no more than the noise of ${shortly(noise!)} a pixel.`
      : `${method} stopped after ${steps}, where what is left, ${left} a pixel, is about the noise of ${shortly(noise!)}: to follow it further would be to follow the noise.`;
  }
  if (runs.every(({ reason }) => reason === "value" || reason === "gradient")) {
    return `${method} converged after ${steps}: the last one changed next to nothing.`;
  }
  if (noise !== undefined) {
    return `${method} stopped after ${steps} without coming down to the noise of ${shortly(noise)}: ${left} a pixel is left. Where --steps does not help, it is another blur, or there is more noise.`;
  }
  if (tikhonov > 0) {
    return `${method} stopped after ${steps}, before it converged: --steps allows more.`;
  }
  return `${method} stopped after ${steps}, and nothing told it when: fewer leave the image soft, more bring up its noise. --noise X stops where the noise begins, --tikhonov X holds it down.`;
}

/** What `thalweg deblur` prints. */
export function deblurText(outcome: Deblurring, width: number): string {
  const { file, picture, text, operator, boundary, tikhonov, lambdaMax, lambdaMaxFrom, runs, save } = outcome;
  const { planes, alpha, depth } = picture;
  const { kernel, separable } = operator;
  const kind = `${planes.length > 1 ? "colour" : "grey"}${alpha ? " with transparency" : ""}, ${depth} bits`;
  const shape = `${kernel.length} × ${kernel[0].length} weights${separable ? " in two passes" : ""}`;
  const rows = [
    [
      "L",
      formatNumber(lambdaMax, 4),
      lambdaMaxFrom === "transform" ? "‖A‖², from the kernel's transform" : "‖A‖², by power iteration",
    ],
    ["learning rate", formatNumber(outcome.learningRate, 4), tikhonov > 0 ? "1/(L + tikhonov)" : "1/L"],
    [
      "steps",
      forEach(
        runs.map(({ steps }) => steps),
        String,
      ),
      "of two products each, with A and its transpose",
    ],
    [
      "residual",
      forEach(
        runs.map(({ residual }) => residual),
        shortly,
      ),
      "a pixel: how far the image, blurred, is from the one given",
    ],
  ];
  const { psnr } = outcome;
  const ratios = psnr
    ? [
        ["PSNR before", decibels(psnr.before)],
        ["PSNR after", decibels(psnr.after)],
      ]
    : [];
  return [
    [
      wrap(`${file}: ${picture.width} × ${picture.height} pixels, ${kind}`, width),
      wrap(`${text} at ${boundary} edges, ${shape}`, width),
    ].join("\n"),
    wrap(deblurVerdict(outcome), width),
    columnsOf([...rows, ...ratios]),
    ...(save === undefined ? [] : [`${save} written.`]),
  ].join("\n\n");
}
