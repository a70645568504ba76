// Many learning rates at once: of a descent on data, and of iterated maps.
import {
  bifurcation,
  cubicValley,
  gradientDescent,
  logisticRegression,
  minimize,
  optimizerMap,
  rateSweep,
} from "thalweg";
import { plainDescent, plainLogistic } from "../plain-objectives.mjs";
import { plainSweep } from "../plain-sweeps.mjs";
import { EQUAL, labels, normals, PRECISIONS, side, storage } from "./kit.mjs";

/**
 * A sweep over 16 rates of at most 20 steps on data that need some time to be bound, against a run for each rate: of the
 * library, and of plain JavaScript, which binds nothing.
 */
export function rateSweepCases() {
  const rows = 4000;
  const columns = 31;
  const steps = 20;
  const learningRates = Float64Array.from({ length: 16 }, (_, i) => 0.01 * 1.3 ** i);
  return PRECISIONS.map((precision) => ({
    name: `rate-sweep ${precision}`,
    precision,
    bar: EQUAL,
    prepare() {
      const features = normals(storage[precision], rows * columns, 1);
      const targets = labels(rows, 2, 2);
      const problem = logisticRegression(features, targets, { columns, l2: 0.01 });
      const start = normals(storage[precision], columns, 3);
      const stopping = { steps, gradientTolerance: 0, relativeGradientTolerance: 1e-6 };
      const { valueAndGradient } = plainLogistic(features, targets, columns, 0.01);
      const plainRun = (learningRate) => {
        const peer = plainDescent(valueAndGradient, start.slice(), learningRate);
        for (let i = 0; i < steps; i++) peer.step();
        return peer.state.value;
      };
      return {
        ours: side(() => {
          const options = { rule: gradientDescent(), learningRates, start, precision, steps };
          return rateSweep(problem, options).finalValues;
        }),
        peers: {
          "a run for each rate": side(() =>
            Array.from(learningRates, (learningRate) => {
              const rule = gradientDescent({ learningRate });
              return minimize(problem, { rule, start, precision, ...stopping }).value;
            }),
          ),
          "plain loop": side(() => Array.from(learningRates, plainRun)),
        },
      };
    },
  }));
}

/** Where orbits settle soon, so that rounding does not decide where they are: between the doublings of the cubic valley. */
const settles = (rate) =>
  (rate > 1.2 && rate < 1.9) || (rate > 2.1 && rate < 2.4) || (rate > 2.47 && rate < 2.53);

/** 3584 rates (a multiple of all widths) from the first regime into chaos, 10,000 steps each. */
export function bifurcationCases() {
  const lanes = 3584;
  const burnIn = 9984;
  const keep = 16;
  const start = 0.3;
  const peersOf = (widths) =>
    Object.fromEntries(
      widths.flatMap((width) => [
        [`${width} at a time`, plainSweep(width, "descent")],
        [`${width} at a time, expanded`, plainSweep(width, "expanded")],
      ]),
    );
  const kinds = [
    { name: "bifurcation-naive", widths: [1], bars: { f32: 12, f64: 6 } },
    { name: "bifurcation-interleaved", widths: [4, 8], bars: { f32: 3, f64: 1.5 } },
    { name: "bifurcation-interleaved-7", widths: [7], bars: { f32: 2, f64: EQUAL } },
  ];
  return kinds.flatMap(({ name, widths, bars }) =>
    PRECISIONS.map((precision) => ({
      name: `${name} ${precision}`,
      precision,
      bar: bars[precision],
      trial: 1,
      prepare() {
        const rates = new storage[precision](lanes).map((_, i) => 1.2 + (1.75 * i) / lanes);
        const map = optimizerMap(gradientDescent(), cubicValley);
        const settled = [...rates.keys()].filter((i) => settles(rates[i]));
        const shown = (values) => settled.flatMap((i) => [...values.subarray(i * keep, (i + 1) * keep)]);
        const peers = Object.entries(peersOf(widths)).map(([peer, sweep]) => {
          const values = new storage[precision](lanes * keep);
          return [
            peer,
            side(
              () => void sweep(rates, start, burnIn, keep, values),
              () => shown(values),
            ),
          ];
        });
        const options = { rates, starts: start, burnIn, keep, precision };
        return {
          ours: side(
            () => bifurcation(map, options),
            ({ values }) => shown(values),
          ),
          peers: Object.fromEntries(peers),
        };
      },
    })),
  );
}
