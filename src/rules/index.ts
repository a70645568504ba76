import { adam, adamw, amsgrad } from "./adam.ts";
import type { OptionDeclarations } from "./options.ts";
import type { RuleFactory } from "./rule.ts";

/** Every update rule by its name: what the command line, tests, tables and benchmarks loop over. */
export const rules = { adam, amsgrad, adamw } satisfies Record<
  string,
  RuleFactory<OptionDeclarations> | unknown
>;

export { adam, adamw, amsgrad };
