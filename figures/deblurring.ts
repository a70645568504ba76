import { PNG } from "pngjs";
import { fista, gradientDescent, minimize, psnr, type Rule } from "../src/index.ts";
import { type Figure, picture } from "./kit/chart.ts";
import { movedPicture, SIDE } from "./kit/deblurring.ts";

const STEPS = 20;
/** The part that is shown, a pixel a pixel. */
const [LEFT, TOP, SHOWN] = [150, 190, 168];

function part(image: ArrayLike<number>): PNG {
  const png = new PNG({ width: SHOWN, height: SHOWN });
  for (let row = 0; row < SHOWN; row++) {
    for (let column = 0; column < SHOWN; column++) {
      const value = image[(TOP + row) * SIDE + LEFT + column];
      const grey = Math.round(255 * Math.min(1, Math.max(0, value)));
      png.data.set([grey, grey, grey, 255], 4 * (row * SHOWN + column));
    }
  }
  return png;
}

/** A part of the picture: as it was, as it was taken, and after as many steps of two rules. */
export default (): Figure => {
  const { sharp, observed, problem, lambda } = movedPicture();
  const learningRate = 1 / lambda;
  const after = (rule: Rule) =>
    minimize(problem, { rule, start: observed, steps: STEPS, gradientTolerance: 0 }).x;
  const slow = after(gradientDescent({ learningRate }));
  const fast = after(fista({ learningRate, lower: 0, upper: 1 }));
  const ratio = (image: ArrayLike<number>) => `${psnr(image, sharp).toFixed(1)} dB`;
  const panel = (title: string, note: string, image: ArrayLike<number>) => ({
    title,
    note,
    x: [0, 1] as const,
    y: [0, 1] as const,
    marks: [picture(part(image))],
  });
  return {
    title: "Deblurring a picture of 512 × 512, a part of it",
    description: `Moved by 15 pixels at 30° with noise of 0.01, and ${STEPS} steps of 1/L.`,
    columns: 4,
    height: 222,
    panels: [
      panel("sharp", "what is looked for", sharp),
      panel("moved, with noise", ratio(observed), observed),
      panel("gradient descent", `${STEPS} steps: ${ratio(slow)}`, slow),
      panel("FISTA", `${STEPS} steps: ${ratio(fast)}`, fast),
    ],
  };
};
