import { fraction, rate } from "./options.ts";
import { defineRule } from "./rule.ts";

/**
 * Heavy ball: gradient descent that keeps a share of its last step, as a ball keeps its speed.
 *
 * x ← x − ηg + β(x − x₋₁); in two lines, as Keras' SGD has it: v ← βv − ηg, x ← x + v. The learning rate stands inside the
 * velocity: when it changes, the steps that are still under way keep the rate that they were taken with. In PyTorch's
 * {@link sgd} it stands outside, x ← x − ηb, so that a lower rate slows at once what was gathered at a higher one; at a
 * constant rate both take the same path. On a mode λ it is stable for η < (2 + 2β)/λ.
 *
 * @param options.learningRate - η ≥ 0, default 0.01
 * @param options.beta - β in [0, 1), the share of the last step that is kept, default 0.9
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { createOptimizer, heavyBall, minimize, quadratic } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: heavyBall({ learningRate: 0.1, beta: 0.5 }), start: [3], steps: 200 }).x; // ≈ [0]
 *
 * const optimizer = createOptimizer(heavyBall({ learningRate: 1, beta: 0.5 }), [0]);
 * optimizer.gradient[0] = -4;
 * optimizer.step();
 * optimizer.gradient[0] = 0;
 * optimizer.step();
 * optimizer.parameters; // [6]: a step of 4, then half of it again
 * optimizer.dispose();
 * ```
 *
 * Source: Polyak, "Some methods of speeding up the convergence of iteration methods", 1964, equation 9; in the form of
 * tf.keras.optimizers.SGD, whose momentum is 0 by default. PyTorch and Optax (trace) have the other form.
 */
export const heavyBall = defineRule({
  name: "heavyBall",
  summary: "gradient descent that keeps a share of its last step",
  formula: "v ← βv − ηg, x ← x + v",
  use: "the valley is long and smooth and you know its curvature, or you want Keras' form of momentum",
  source: "Polyak 1964, equation 9; Keras SGD",
  options: { learningRate: rate(0.01), beta: fraction(0.9) },
  slots: (): "v"[] => ["v"],
  kernel: () => "momentum",
  scalars(out, o) {
    // The kernel's buffer is the velocity here: the rate is taken in with the gradient, and x moves by all of it.
    out[0] = -1;
    out[3] = o.beta;
    out[4] = -o.learningRate;
  },
  textbook(s, o) {
    const v = o.beta * s.v - o.learningRate * s.g;
    return { x: s.x + v, v };
  },
});
