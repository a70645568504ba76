// Steps of deblurring.
import { blur, deblurring, descend, gradientDescent } from "thalweg";
import { plainBlur, plainDeblurring, plainSeparableBlur } from "../plain-blur.mjs";
import { plainDescent } from "../plain-objectives.mjs";
import { EQUAL, normals, PRECISIONS, side, storage } from "./kit.mjs";

/** Steps of deblurring an image of 512 × 512, which spend their time on A and Aᵀ: value, gradient, norm and step. */
export function blurCases() {
  const width = 512;
  const height = 512;
  const learningRate = 0.5;
  const kinds = {
    "blur-gaussian": { input: { kind: "gaussian", sigma: 2 }, boundary: "reflecting" },
    "blur-motion": { input: { kind: "motion", length: 15, angle: 30 }, boundary: "periodic" },
    "blur-defocus": { input: { kind: "defocus", radius: 5 }, boundary: "periodic" },
  };
  return Object.entries(kinds).flatMap(([name, { input, boundary }]) =>
    PRECISIONS.map((precision) => ({
      name: `${name} ${precision}`,
      precision,
      bar: precision === "f32" ? 3 : EQUAL,
      prepare() {
        const Storage = storage[precision];
        const operator = blur(input, { width, height, boundary });
        const observed = normals(Storage, width * height, 1);
        const start = normals(Storage, width * height, 2);
        const rule = gradientDescent({ learningRate });
        const descent = descend(deblurring(operator, observed), { rule, start, precision });
        const record = descent.next().value;
        const x = start.slice();
        const plain = operator.separable ? plainSeparableBlur : plainBlur;
        const once = plain(operator.kernel, { width, height, boundary }, Storage);
        const { valueAndGradient } = plainDeblurring(once, observed);
        const { step, state } = plainDescent(valueAndGradient, x, learningRate);
        return {
          ours: side(
            () => void descent.next(),
            () => [record.value, record.gradientNorm, ...record.x],
          ),
          peers: { "plain loop": side(step, () => [state.value, state.gradientNorm, ...x]) },
        };
      },
    })),
  );
}
