import { positive, rate } from "./options.ts";
import { defineRule } from "./rule.ts";

/**
 * COCOB: no learning rate; a gambler for each parameter bets on the sign of the coming gradient, and x is where the bet lies.
 *
 * L ← max(L, |g|), G ← G + |g|, R ← max(R − (x − x₀)g, 0), θ ← θ − g, x ← x₀ + θ(L + R)/(L·max(G + L, αL)). L is the
 * largest gradient so far, R what was won, and a share θ/(G + L) of all there is goes into the next bet. Multiplying a
 * parameter's gradients by a number changes nothing. Where they were all 0 it stays.
 *
 * @param options.learningRate - η ≥ 0, the part of the way to the new bet that x goes, default 1: all of it
 * @param options.alpha - α > 0, default 100: the first steps are at most 1/α long
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { cocob, minimize } from "thalweg";
 * const { value } = minimize(
 *   {
 *     value: ([x]) => Math.abs(x - 10),
 *     gradient([x], g) {
 *       g[0] = Math.sign(x - 10);
 *     },
 *   },
 *   { rule: cocob(), start: [0], steps: 20_000 },
 * );
 * value; // < 0.1
 * ```
 *
 * Source: Orabona and Tommasi, "Training deep networks without learning rates through coin betting", NeurIPS 2017, algorithm 2
 * (COCOB-Backprop). Optax' contrib.cocob begins with L = 1e-8, which counts where gradients are smaller; its learning rate multiplies
 * the gradients, and so changes nothing else; its weight decay is left to the wrapper.
 */
export const cocob = defineRule({
  name: "cocob",
  summary: "no rate at all: each parameter bets on the sign of its gradient",
  formula: "θ ← θ − g, x ← x₀ + θ(L + R)/(L·max(G + L, αL))",
  use: "you do not want to choose a rate, and the loss is convex or nearly so",
  source: "Orabona & Tommasi 2017, algorithm 2",
  options: { learningRate: rate(1), alpha: positive(100) },
  slots: (): ("start" | "sum" | "largest" | "total" | "reward")[] => [
    "start",
    "sum",
    "largest",
    "total",
    "reward",
  ],
  initial: () => ({ start: "parameters" }),
  linear: false,
  kernel: () => "cocob",
  scalars(out, o) {
    out[0] = o.learningRate;
    out[1] = o.alpha;
  },
  textbook(s, o, divide) {
    const { start } = s;
    const largest = Math.max(s.largest, Math.abs(s.g));
    const total = s.total + Math.abs(s.g);
    const reward = Math.max(s.reward - (s.x - start) * s.g, 0);
    const sum = s.sum - s.g;
    // In two quotients: the product of the denominators may be too large or too small to be held.
    const share = divide(sum, Math.max(total + largest, o.alpha * largest));
    const bet = start + share * divide(largest + reward, largest);
    return { x: s.x + o.learningRate * (bet - s.x), start, sum, largest, total, reward };
  },
});
