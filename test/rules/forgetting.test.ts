// The online problem of Reddi, Kale and Kumar, "On the convergence of Adam and beyond", ICLR 2018, section 5 (truths.md, row 5): on
// [−1, 1], the gradient is 1010 at every 101st step and −10 at the others. A cycle's sum is 10 > 0, so that −1 is best; β = (0.9, 0.99),
// the step is 0.5/√t.
import { describe, expect, test } from "vitest";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import { adam, adopt, amsgrad } from "../../src/rules/index.ts";
import type { Rule } from "../../src/rules/rule.ts";
import { schedule } from "../../src/schedules/schedule.ts";
import { chain, projectBox } from "../../src/wrappers/index.ts";

const CYCLE = 101;
const gradientAt = (t: number) => (t % CYCLE === 1 ? 1010 : -10);
const learningRate = schedule((index) => 0.5 / Math.sqrt(index + 1), { schedule: "inverseRoot" });
const options = { learningRate, beta1: 0.9, beta2: 0.99 };

/** Where a rule is after `steps` steps from 0, and its extremes over the last cycle. */
function run(rule: Rule, steps: number) {
  const optimizer = createOptimizer(chain(rule, projectBox({ lower: -1, upper: 1 })), [0]);
  const { parameters, gradient } = optimizer;
  let [lowest, highest] = [1, -1];
  for (let t = 1; t <= steps; t++) {
    gradient[0] = gradientAt(t);
    optimizer.step();
    if (t > steps - CYCLE) {
      lowest = Math.min(lowest, parameters[0]);
      highest = Math.max(highest, parameters[0]);
    }
  }
  const end = parameters[0];
  optimizer.dispose();
  return { end, lowest, highest };
}

/** The paper's algorithms in a few lines: `first` corrects before the maximum, `none` not at all. */
function plainly(steps: number, maximum: boolean, correction: "first" | "last" | "none"): number {
  let [x, m, v, largest, power1, power2] = [0, 0, 0, 0, 1, 1];
  for (let t = 1; t <= steps; t++) {
    const g = gradientAt(t);
    power1 *= 0.9;
    power2 *= 0.99;
    m = 0.9 * m + 0.1 * g;
    v = 0.99 * v + 0.01 * g * g;
    const [c1, c2] = correction === "none" ? [1, 1] : [1 - power1, 1 - power2];
    const seen = correction === "first" ? v / c2 : v;
    largest = maximum ? Math.max(largest, seen) : seen;
    const denominator = correction === "last" ? largest / c2 : largest;
    x -= ((0.5 / Math.sqrt(t)) * m) / c1 / (Math.sqrt(denominator) + 1e-8);
    x = Math.min(Math.max(x, -1), 1);
  }
  return x;
}

describe("Adam's non-convergence", () => {
  test("[forgetting] Adam ends at +1, the worst point: it forgets the large gradient before the next one", () => {
    for (const biasCorrection of [true, false]) {
      const { end, lowest } = run(adam({ ...options, biasCorrection }), 1000 * CYCLE);
      expect(end).toBe(1);
      expect(lowest).toBeGreaterThan(0.99);
    }
  });

  test("[forgetting] AMSGrad comes to −1, in all three orders, as the paper's algorithm does written out", () => {
    const steps = 1000 * CYCLE;
    const orders = [
      [{}, "last"],
      [{ biasCorrection: false }, "none"],
      [{ correctionFirst: true }, "first"],
    ] as const;
    for (const [order, correction] of orders) {
      const { end, lowest, highest } = run(amsgrad({ ...options, ...order }), steps);
      expect(end).toBeCloseTo(plainly(steps, true, correction), 9);
      expect(lowest).toBeLessThan(-0.94);
      expect(highest).toBeLessThan(-0.9);
      expect(end).toBeLessThan(-0.94);
    }
    expect(plainly(steps, false, "last")).toBe(1);
  });

  test("[forgetting] after 3·10⁶ steps it has the published values: −0.9985 in PyTorch's order, −0.9998 corrected first", () => {
    const torch = run(amsgrad(options), 3e6);
    const optax = run(amsgrad({ ...options, correctionFirst: true }), 3e6);
    expect(torch.end).toBeCloseTo(-0.9985, 4);
    expect(optax.end).toBeCloseTo(-0.9998, 4);
    expect([torch.lowest, optax.lowest]).toEqual([-1, -1]);
  });

  test("[forgetting] ADOPT, which divides by what was known before, comes to −1 too", () => {
    const { end, highest } = run(adopt(options), 1000 * CYCLE);
    expect(end).toBeLessThan(-0.98);
    expect(highest).toBeLessThan(-0.98);
  });
});
