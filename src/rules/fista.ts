import { bound, flag, rate } from "./options.ts";
import { defineRule } from "./rule.ts";

type Slot = "point" | "step" | "back";

/** What the textbook gives: `back` is there with restarts only, as the slot is. */
type Textbook = Readonly<Record<"x" | Slot, number>>;

/**
 * FISTA: accelerated gradient descent for convex functions, kept in a box if need be.
 *
 * p′ ← min(max(x − ηg, lower), upper), x ← p′ + β(p′ − p), p ← p′, with Nesterov's momentum β = (tₖ − 1)/tₖ₊₁, t₁ = 1,
 * tₖ₊₁ = (1 + √(1 + 4tₖ²))/2. The parameters are the point that the momentum leads to, where the gradient is wanted; the answer is p,
 * which lies in the box.
 *
 * With η ≤ 1/L, L the largest curvature, f(pₖ) − f* ≤ 2‖p₀ − p*‖²/(η(k + 1)²) over the box. The value does not fall at every step:
 * where the problem is better conditioned than FISTA takes it for, it swings. With `restart` the momentum begins anew whenever it leads
 * against the step, ⟨x − p′, p′ − p⟩ > 0; then it converges as fast as momentum that is tuned to κ, without knowing κ, but the bound
 * above is not proven.
 *
 * @param options.learningRate - η ≥ 0, default 0.01
 * @param options.lower - the least that a parameter may be: a number or -Infinity, default -∞; may be a schedule
 * @param options.upper - the most, a number ≥ lower or Infinity, default ∞; may be a schedule
 * @param options.restart - let the momentum begin anew where it leads against the step, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain;
 * RangeError if lower exceeds upper
 *
 * @example
 * ```ts
 * import { fista, minimize, quadratic } from "thalweg";
 * const valley = quadratic({ diagonal: [1, 100] }, [-1, 100]); // the minimum is at (-1, 1)
 * const rule = fista({ learningRate: 0.01, restart: true });
 * minimize(valley, { rule, start: [3, 3], steps: 300 }).x; // ≈ [-1, 1]
 * minimize(valley, { rule: fista({ learningRate: 0.01, lower: 0 }), start: [3, 3], steps: 300 }).x; // ≈ [0, 1]
 * ```
 *
 * Source: Beck and Teboulle, "A fast iterative shrinkage-thresholding algorithm for linear inverse problems", SIAM J. Imaging
 * Sciences 2 (2009), equations 4.1 to 4.3 and theorem 4.4, with the box as the constraint; `restart` is the gradient scheme of
 * O'Donoghue and Candès, "Adaptive restart for accelerated gradient schemes", Found. Comput. Math. 15 (2015), §3.2, whose
 * gradient is that of the projected step, (x − p′)/η.
 */
export const fista = defineRule({
  name: "fista",
  summary: "accelerated projected gradient descent for convex functions",
  formula: "p′ ← clamp(x − ηg), x ← p′ + (tₖ − 1)/tₖ₊₁·(p′ − p), p ← p′",
  use: "the function is convex, its largest curvature is known, and parameters have bounds",
  source: "Beck & Teboulle 2009; restart: O'Donoghue & Candès 2015",
  options: {
    learningRate: rate(0.01),
    lower: bound(-Infinity),
    upper: bound(Infinity),
    restart: flag(false),
  },
  validate({ lower, upper }, owner) {
    if (typeof lower === "number" && typeof upper === "number" && lower > upper) {
      throw new RangeError(`${owner}: lower must not exceed upper, got ${lower} and ${upper}`);
    }
  },
  // `back` is x − p′, for the measure alone.
  slots: ({ restart }): Slot[] => (restart ? ["point", "step", "back"] : ["point", "step"]),
  initial: () => ({ point: "parameters" }),
  transient: ["back"],
  result: "point",
  linear: ({ lower, upper }) => lower === -Infinity && upper === Infinity,
  takesShape: true,
  prepare: {
    kernel: ({ restart }) => (restart ? "fistaProjectBack" : "fistaProject"),
    scalars(out, { learningRate, lower, upper }) {
      out[0] = learningRate;
      out[1] = lower;
      out[2] = upper;
    },
    textbook(s, o) {
      const change = o.learningRate * s.g;
      const free = s.x - change;
      const point = Math.min(Math.max(free, o.lower), o.upper);
      const back = (by: number) => (o.restart ? { back: by } : {});
      // p′ − p; where no bound holds it is x − p, which the last step has left, less ηg.
      if (point === free) return { point, step: s.step - change, ...back(change) };
      return { point, step: point - s.point, ...back(s.x - point) };
    },
  },
  measures: ({ restart }) => (restart ? { turn: { dot: ["back", "step"] as const } } : {}),
  // tₖ, and the momentum that follows from it: 1 in the long run.
  carries: [1, 1],
  advance({ restart }, { carried, measured }) {
    const next = (1 + Math.sqrt(1 + 4 * carried[0] ** 2)) / 2;
    const turns = restart && measured.turn > 0;
    carried[1] = turns ? 0 : (carried[0] - 1) / next;
    carried[0] = turns ? 1 : next;
    // A point that is not a number must not go on as if it were.
    if (restart && Number.isNaN(measured.turn)) carried[1] = Number.NaN;
  },
  kernel: () => "fistaLead",
  scalars(out, _, { carried }) {
    out[0] = carried[1];
  },
  textbook(s, { restart }) {
    const step = s.carried[1] * s.step;
    return { x: s.point + step, point: s.point, step, ...(restart ? { back: s.back } : {}) } as Textbook;
  },
});
