import ascent from "../../examples/data/ascent-512.pgm";
import { blur, deblurring, powerIteration, Random } from "../../src/index.ts";

/** Pixels of a row, and rows. */
export const SIDE = 512;
/** Standard deviation of the noise on each pixel. */
export const NOISE = 0.01;

/** The picture as it was, moved while it was taken and with noise, the problem, and its L. */
export function movedPicture() {
  const sharp = Float64Array.from(ascent.subarray(ascent.length - SIDE * SIDE), (value) => value / 255);
  const operator = blur({ kind: "motion", length: 15, angle: 30 }, { width: SIDE, height: SIDE });
  const random = new Random(7);
  const observed = Float64Array.from(operator.apply(sharp), (value) => value + NOISE * random.normal());
  const problem = deblurring(operator, observed);
  const { lambda } = powerIteration(problem, { steps: 200 });
  return { sharp, operator, observed, problem, lambda };
}
