import { pow } from "../core/scalar.ts";
import { constant, count, nonNegative } from "../rules/options.ts";
import { defineWrapper } from "./wrapper.ts";

const WORD = 2 ** 32;

/**
 * Gradient noise: adds independent normal numbers of variance η/(1 + t)^γ to the gradient, with t the gradients it has
 * seen before. The numbers are a pure function of the seed, t, the block's place among the blocks and the
 * entry's in its block: neither groups nor masks nor a resumed run change them.
 *
 * @param options.eta - η ≥ 0, default 0.01: the variance at first (the paper takes 0.01, 0.3 or 1); may be a schedule
 * @param options.gamma - γ ≥ 0, default 0.55
 * @param options.seed - a whole number ≥ 0, default 0; two of these wrappers in a chain want two seeds
 * @param options.blocks - work on these named blocks only: a name, a pattern with *, a RegExp, or a list of these
 * @param options.except - leave these named blocks alone
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { chain, createOptimizer, gradientNoise, sgd } from "thalweg";
 * const rule = chain(gradientNoise({ eta: 1, seed: 3 }), sgd({ learningRate: 1 }));
 * const [first, second] = [1, 2].map(() => createOptimizer(rule, [0]));
 * first.step();
 * second.step();
 * first.parameters[0] === second.parameters[0]; // true
 * ```
 *
 * Source: Neelakantan et al., "Adding gradient noise improves learning for very deep networks", 2015, equation 1; the
 * numbers by Philox and Box–Muller.
 */
export const gradientNoise = defineWrapper({
  name: "gradientNoise",
  summary: "adds normal noise that fades to the gradient",
  source: "Neelakantan et al. 2015, equation 1",
  place: "before",
  masked: true,
  options: { eta: nonNegative(0.01), gamma: constant(nonNegative(0.55)), seed: constant(count(0, 0)) },
  carries: [0],
  before({ kernels, blocks, carried }, { eta, gamma, seed }) {
    const t = carried[0]++;
    if (eta === 0) return true;
    const deviation = Math.sqrt(eta / pow(1 + t, gamma));
    const high = Math.floor(seed / WORD);
    // The streams of `Random` have 0 where these have 1 or more.
    const top = 1 + Math.floor(t / WORD);
    for (let i = 0; i < blocks.length; i++) {
      const { length, number, gradient } = blocks[i];
      kernels.addNormals(length, deviation, number, t % WORD, top, seed % WORD, high, gradient);
    }
    return true;
  },
});
