import { describe } from "../core/describe.ts";
import type { Rule } from "../rules/rule.ts";
import { type ChainedRule, isWrapper, type Wrapper, wrappersOf } from "./wrapper.ts";

const isRule = (value: unknown): value is Rule =>
  typeof value === "object" &&
  value !== null &&
  "declaration" in value &&
  "options" in value &&
  !isWrapper(value);

/**
 * Chains wrappers around one rule, in the order in which they work: those ahead of it on the gradient,
 * those behind it on the parameters.
 *
 * @param parts - wrappers and exactly one rule (or chain)
 * @throws TypeError if there is no rule or more than one; RangeError if a wrapper stands where it cannot work,
 * or more than one averages
 *
 * @example
 * ```ts
 * import { adamw, chain, clipByGlobalNorm, createOptimizer, ema } from "thalweg";
 * const rule = chain(clipByGlobalNorm({ norm: 1 }), adamw({ learningRate: 0.01 }), ema({ decay: 0.99 }));
 * const optimizer = createOptimizer(rule, [1, 2]);
 * optimizer.gradient.set([300, 400]);
 * optimizer.step();
 * optimizer.report(); // { "clipByGlobalNorm.clippedFraction": 1 }
 * ```
 */
export function chain(...parts: readonly (Rule | Wrapper)[]): ChainedRule {
  const before: Wrapper[] = [];
  const after: Wrapper[] = [];
  let rule: Rule | undefined;
  for (const part of parts) {
    if (isWrapper(part)) (rule ? after : before).push(part);
    else if (!isRule(part)) {
      const hint = typeof part === "function" ? "; call it, as in adam()" : "";
      throw new TypeError(`chain: its parts must be rules and wrappers, got ${describe(part)}${hint}`);
    } else if (rule) throw new TypeError(`chain: one rule expected, got ${rule.name} and ${part.name}`);
    else {
      rule = part;
      const inner = wrappersOf(part);
      before.push(...inner.before);
      after.push(...inner.after);
    }
  }
  if (!rule) throw new TypeError("chain: a rule is needed, such as adam()");
  for (const [list, place] of [
    [before, "before"],
    [after, "after"],
  ] as const) {
    const wrong = list.find(
      ({ declaration }) => (declaration.place === "after" ? "after" : "before") !== place,
    );
    if (wrong) {
      const should = place === "before" ? "after" : "before";
      throw new RangeError(
        `chain: ${wrong.name} must stand ${should} the rule ${rule.name}, not ${place} it`,
      );
    }
  }
  const late = before.findIndex(({ declaration }, i) => declaration.place === "first" && i > 0);
  if (late > 0) {
    const [{ name }] = before;
    throw new RangeError(
      `chain: ${before[late].name} must stand first; ${name} ahead of it would have taken the gradient in`,
    );
  }
  const averages = after.filter(({ declaration }) => declaration.averagedSlot !== undefined);
  if (averages.length > 1) {
    throw new RangeError(
      `chain: one averaging wrapper expected, got ${averages[0].name} and ${averages[1].name}`,
    );
  }
  return Object.freeze({ ...rule, before, after });
}
