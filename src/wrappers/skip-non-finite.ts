import { constant, count } from "../rules/options.ts";
import { defineWrapper } from "./wrapper.ts";

/**
 * Leaves out steps whose gradient holds NaN or ∞: the parameters and all state stay as they are. After `limit` of them
 * in a row the next is an Error: it halts rather than gives in. Stands first in a chain, so that no other wrapper sees
 * such a gradient. Reports `skipped` (in all) and `skippedInARow` (up to now).
 *
 * It is for loops of your own: `minimize` and `descend` end as diverged at a gradient that is not finite.
 *
 * @param options.limit - a whole number ≥ 0, default 10
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain; and
 * `optimizer.step` throws an Error, changing nothing, beyond the limit
 *
 * @example
 * ```ts
 * import { adam, chain, createOptimizer, skipNonFinite } from "thalweg";
 * const optimizer = createOptimizer(chain(skipNonFinite({ limit: 1 }), adam()), [1]);
 * optimizer.gradient.set([Number.NaN]);
 * optimizer.step();
 * optimizer.parameters; // [1]
 * optimizer.report(); // { "skipNonFinite.skipped": 1, "skipNonFinite.skippedInARow": 1 }
 * optimizer.step(); // throws Error: skipNonFinite: the gradient was not finite in 2 steps in a row …
 * ```
 *
 * Source: Micikevicius et al., "Mixed precision training", ICLR 2018, section 3.2 (skipped updates); the limit is Optax's
 * apply_if_finite's, which beyond it gives in and applies the update.
 */
export const skipNonFinite = defineWrapper({
  name: "skipNonFinite",
  summary: "leaves out steps whose gradient is not finite",
  source: "Micikevicius et al. 2018, section 3.2",
  place: "first",
  options: { limit: constant(count(10, 0)) },
  carries: [0, 0],
  report: ([skipped, inARow]) => ({ skipped, skippedInARow: inARow }),
  before({ kernels, count, gradient, carried }, { limit }) {
    // The norm is the quicker to tell; where it overflows, entries may still be finite.
    if (Number.isFinite(kernels.norm(count, gradient)) || Number.isFinite(kernels.maxAbs(count, gradient))) {
      carried[1] = 0;
      return true;
    }
    if (carried[1] >= limit) {
      throw new Error(
        `skipNonFinite: the gradient was not finite in ${limit + 1} steps in a row (limit ${limit}); ` +
          "nothing was changed. Lower the learning rate, clip the gradient, or look at the objective's last values",
      );
    }
    carried[0]++;
    carried[1]++;
    return false;
  },
});
