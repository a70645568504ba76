// Noisy descents until they leave a valley.
import { escapeStatistics, twoValleys } from "thalweg";
import { plainEscapes, plainEscapesPolar } from "../plain-escapes.mjs";
import { EQUAL, PRECISIONS, side } from "./kit.mjs";

/**
 * 512 runs that take some 1400 steps each to escape. The peer with the same random numbers has to find the same first passages; the one
 * with others has to see as many escapes.
 */
export function escapeCases() {
  const runs = 512;
  const steps = 100_000;
  const learningRates = 0.02;
  const noise = 5.66;
  const landscape = twoValleys({ curvatures: [10, 1], passCurvature: 4 });
  const [left, right] = landscape.valleys;
  const problem = {
    ...{ left, right, mu: landscape.passCurvature, rate: learningRates, deviation: noise },
    ...{ start: left.at, target: 0.9 * right.at },
  };
  const plainly = (sweep) => () => {
    const passages = new Int32Array(runs);
    sweep(passages);
    return passages;
  };
  const escapes = (passages) => [passages.filter((step) => step > 0).length];
  return PRECISIONS.flatMap((precision) => {
    const ours = () => {
      const options = { learningRates, noise, runs, steps, seed: 1, precision };
      return escapeStatistics(landscape, options)[0].firstPassages;
    };
    const same = plainly((passages) => plainEscapes(problem, steps, 1, precision === "f32", passages));
    const other = plainly((passages) => plainEscapesPolar(problem, steps, 1, passages));
    const common = { precision, bar: EQUAL, trial: 1 };
    return [
      {
        name: `escape ${precision}`,
        ...common,
        prepare: () => ({
          ours: side(ours),
          peers: { "plain loop": side(same) },
        }),
      },
      {
        name: `escape-any-generator ${precision}`,
        ...common,
        prepare: () => ({
          ours: side(ours, escapes),
          peers: { "plain loop, sfc32": side(other, escapes) },
        }),
      },
    ];
  });
}
