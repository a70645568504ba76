import { describe, didYouMean } from "../core/describe.ts";
import { ruleNames, rules } from "../rules/index.ts";
import type { AnyRuleFactory, Rule } from "../rules/rule.ts";
import { type Arguments, readNumber } from "./options.ts";
import { UsageError } from "./usage-error.ts";

/** The rule that is called so, whatever its case and hyphens. */
export function findRule(name: string): AnyRuleFactory {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[-_ ]/g, "");
  const found = ruleNames.find((known) => plain(known) === plain(name));
  if (!found) throw new UsageError(`--rule: unknown rule ${describe(name)}${didYouMean(name, ruleNames)}`);
  return rules[found];
}

/** Reads --option; `rate` says how a learning rate is given instead. */
export function readRuleOptions(args: Arguments, rate: string): Record<string, unknown> {
  const options = new Map<string, unknown>();
  for (const text of args.texts("option")) {
    const [, name, value] = /^\s*(\w+)\s*=\s*(.*)$/.exec(text) ?? [];
    if (name === undefined) throw new UsageError(`--option must be NAME=VALUE, got ${describe(text)}`);
    if (name === "learningRate") throw new UsageError(`--option: ${rate}`);
    if (options.has(name)) throw new UsageError(`--option ${name} is given twice`);
    options.set(
      name,
      value === "true" || value === "false"
        ? value === "true"
        : readNumber(`--option ${name}`, value, "(−∞, ∞)", Number.isFinite),
    );
  }
  // fromEntries makes properties of its own even of "__proto__", which the rule then refuses.
  return Object.fromEntries(options);
}

/** What is wrong with the rule's options is a mistake in the command line. */
export function make(factory: AnyRuleFactory, options: Record<string, unknown>): Rule {
  try {
    return factory(options);
  } catch (error) {
    throw new UsageError(`--option: ${(error as Error).message}`);
  }
}
