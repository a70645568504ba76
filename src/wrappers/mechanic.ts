import { alsoCalled, constant, count, nonNegative, positive } from "../rules/options.ts";
import { defineWrapper } from "./wrapper.ts";

/** What the scales forget of the past each step: more of them would be 1 to within rounding before long. */
const BETAS = [0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999, 0.9999999, 0.99999999];

/** Where each scale's numbers begin among the carried ones, which begin with the sum of all scales and ⟨Δ, g⟩. */
const FIRST = 2;
/** A scale, its reward, the largest product so far, the sum of squared products. */
const EACH = 4;

/** The slots, in their order. */
const REFERENCE = 0;
const OFFSET = 1;
const BEFORE = 2;

/** Renews the scales from h, the inner product of the way so far and the gradient; returns their sum. */
function tune(
  carried: Float64Array,
  product: number,
  { scales, initialScale, epsilon }: { scales: number; initialScale: number; epsilon: number },
): number {
  let total = 0;
  for (let i = 0; i < scales; i++) {
    const at = FIRST + EACH * i;
    const beta = BETAS[i];
    const reward = Math.max(beta * carried[at + 1] - carried[at] * product, 0);
    const largest = Math.max(beta * carried[at + 2], Math.abs(product));
    const squares = beta * beta * carried[at + 3] + product * product;
    const wealth = (initialScale / scales) * largest + reward;
    const scale = wealth / (Math.sqrt(squares) + epsilon);
    carried[at] = scale;
    carried[at + 1] = reward;
    carried[at + 2] = largest;
    carried[at + 3] = squares;
    total += scale;
  }
  return total;
}

/**
 * Mechanic: learns the scale of a rule's learning rate. The rule's steps add up to a way Δ, and the parameters go to a multiple of
 * it: Δ ← Δ + u, x ← x₀ + SΔ, where S = Σsᵢ is the sum of scales that are learned from h = ⟨Δ, g + λS‖g‖x/‖x‖⟩:
 *
 * rᵢ ← max(βᵢrᵢ − sᵢh, 0), mᵢ ← max(βᵢmᵢ, |h|), vᵢ ← βᵢ²vᵢ + h², sᵢ ← (s₀mᵢ/n + rᵢ)/(√vᵢ + ε), for βᵢ = 0.9, 0.99, 0.999 …
 *
 * It goes around any rule, whose learning rate then hardly matters but for its schedule. The first step measures and moves nothing.
 * What others do to the parameters (decay apart from the gradient, projections, your own hand) moves x₀. Reports
 * `scale`, S.
 *
 * @param options.scales - n, how many scales are learned: a whole number ≥ 1, at most 8, default 6; a number, no schedule
 * @param options.initialScale - s₀ > 0, default 1e-8; may be a schedule
 * @param options.decay - λ ≥ 0, which holds the parameters back in proportion to the gradient, default 0.01; may be a schedule
 * @param options.epsilon - ε > 0, default 1e-8; may be a schedule
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { chain, createOptimizer, mechanic, sgd } from "thalweg";
 * const optimizer = createOptimizer(chain(sgd({ learningRate: 1e-6 }), mechanic()), [3, -2]);
 * for (let i = 0; i < 300; i++) {
 *   optimizer.gradient.set(optimizer.parameters); // the gradient of ½‖x‖²
 *   optimizer.step();
 * }
 * Math.abs(optimizer.parameters[0]); // < 0.3
 * optimizer.report()["mechanic.scale"]; // > 1000
 * ```
 *
 * Source: Cutkosky, Defazio, Mehta, "Mechanic: a learning rate tuner", NeurIPS 2023, algorithm 1. Departures, of the authors'
 * code: its mᵢ begin at 1e-6, not at 0, so that their scales begin at 100·s₀; ‖x‖ is taken behind the rule's step, not
 * ahead of it. Optax' mechanize takes h no larger than the largest before, keeps rewards that are negative, adds ε to mᵢ, which makes
 * its first step one of s₀, and has an s₀ of 1e-6.
 */
export const mechanic = defineWrapper({
  name: "mechanic",
  summary: "learns the scale of the rule's learning rate",
  source: "Cutkosky, Defazio & Mehta 2023, algorithm 1",
  place: "after",
  readsGradient: true,
  options: {
    scales: constant(alsoCalled(count(6, 1), "num_betas", "numBetas")),
    initialScale: alsoCalled(positive(1e-8), "s_init", "sInit"),
    decay: alsoCalled(nonNegative(0.01), "s_decay", "sDecay", "weight_decay", "lambda"),
    epsilon: positive(1e-8),
  },
  validate({ scales }, owner) {
    if (scales > BETAS.length) {
      throw new RangeError(`${owner}: scales must be at most ${BETAS.length}, got ${scales}`);
    }
  },
  slots: () => ["reference", "offset", "before"],
  carries: new Array<number>(FIRST + EACH * BETAS.length).fill(0),
  report: ([scale]) => ({ scale }),
  start({ xView, slotViews }) {
    slotViews[REFERENCE].set(xView);
    slotViews[BEFORE].set(xView);
  },
  beforeStep({ kernels, count, blocks, x, gradient, slots, elementBytes, carried }, { decay }) {
    const [scale] = carried;
    let product = kernels.dot(count, slots[OFFSET], gradient);
    if (decay > 0 && scale > 0) {
      const size = kernels.norm(count, x);
      const pull = decay * scale * kernels.norm(count, gradient);
      if (size > 0) product += (pull / size) * kernels.dot(count, slots[OFFSET], x);
    }
    carried[1] = product;
    for (let i = 0; i < blocks.length; i++) {
      const block = blocks[i];
      const start = block.offset * elementBytes;
      const [reference, offset, before] = [
        slots[REFERENCE] + start,
        slots[OFFSET] + start,
        slots[BEFORE] + start,
      ];
      kernels.rebase(block.count, block.keepsPoint, scale, offset, reference, before, block.x);
    }
  },
  after({ kernels, count, x, slots, carried }, options) {
    const scale = tune(carried, carried[1], options);
    carried[0] = scale;
    kernels.rescale(count, scale, slots[REFERENCE], slots[OFFSET], slots[BEFORE], x);
  },
  answer({ blocks, slotViews, carried: [scale] }, all) {
    const reference = slotViews[REFERENCE];
    for (const { offset, length, keepsPoint } of blocks) {
      if (!keepsPoint) continue;
      for (let i = offset; i < offset + length; i++) {
        all[i] = reference[i] + scale * (all[i] - reference[i]);
      }
    }
  },
});
