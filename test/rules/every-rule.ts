import { type RuleName, ruleNames, rules } from "../../src/rules/index.ts";
import type { OptionDeclaration, OptionDeclarations } from "../../src/rules/options.ts";
import type { AnyRuleDeclaration, AnyRuleFactory, Rule } from "../../src/rules/rule.ts";
import { optionSets } from "./option-sets.ts";

/** Options of a rule, as numbers and flags. */
export type OptionSet = Readonly<Record<string, number | boolean>>;

const factories = rules as Readonly<Record<RuleName, AnyRuleFactory>>;

/**
 * Rules that turn the coordinates of a block into one another. What is small is lost in the rounding of what is large there, and
 * inverse roots of directions without a gradient make that rounding larger: they are tested on gradients of one scale.
 */
export const mixing: ReadonlySet<string> = new Set<RuleName>(["shampoo", "soap"]);

/** Another value in an option's domain than its default. */
function moved(option: OptionDeclaration): number | boolean {
  if (option.kind === "flag") return !option.default;
  const { default: value, contains } = option;
  const candidates = [0.85 * value, 0.05, 0.85, 2 * value, value + 1, 2, 3];
  const other = candidates.find((candidate) => candidate !== value && contains(candidate));
  if (other === undefined) throw new Error(`no other value in ${option.domain}`);
  return other;
}

/** The defaults, every option alone away from its default, and all of them at once. */
function movedSets({ options }: AnyRuleDeclaration): OptionSet[] {
  const each = Object.entries(options as OptionDeclarations).map(([name, option]) => ({
    [name]: moved(option),
  }));
  return [{}, ...each, Object.assign({}, ...each)];
}

/** Options under which a rule is tested: those that are chosen for it, or else every option away from its default. */
export const optionSetsOf = (name: RuleName): readonly OptionSet[] =>
  optionSets[name] ?? movedSets(factories[name].declaration);

/** A rule of the registry with options. */
export const makeRule = (name: RuleName, options: object = {}): Rule => factories[name](options);

/** Every rule of the registry under each of its sets of options. */
export const everyRule: readonly (readonly [label: string, rule: Rule, options: OptionSet])[] =
  ruleNames.flatMap((name) =>
    optionSetsOf(name).map(
      (options) => [`${name} ${JSON.stringify(options)}`, makeRule(name, options), options] as const,
    ),
  );
