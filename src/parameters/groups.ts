import { checkKeys, checkNumber } from "../core/check.ts";
import { describe, didYouMean } from "../core/describe.ts";
import { checkRule, type Rule, withOptions } from "../rules/rule.ts";
import type { ScheduleInput } from "../schedules/schedule.ts";
import type { Parameters } from "./frame.ts";

/** Which blocks belong to a group: a name, a pattern in which * stands for anything, a RegExp, or a list of these. */
export type BlockPattern = string | RegExp | readonly (string | RegExp)[];

/** Blocks that are treated in their own way. */
export interface GroupInput {
  /** Which blocks: those that an earlier group has are left to it. */
  readonly blocks: BlockPattern;
  /** A rule of their own, in place of the optimizer's. */
  readonly rule?: Rule;
  /** Options in place of the rule's; numbers may be schedules. */
  readonly options?: Readonly<Record<string, number | boolean | ScheduleInput>>;
  /** Multiplies the learning rate, a schedule's too; > 0, default 1. */
  readonly scale?: number;
  /** Leave these blocks as they are; default false. */
  readonly frozen?: boolean;
}

/** Blocks by their place in the parameters, with the rule that steps them. */
export interface Group {
  readonly blocks: readonly number[];
  readonly rule: Rule;
  readonly scale: number;
  readonly frozen: boolean;
}

const groupKeys = ["blocks", "rule", "options", "scale", "frozen"];

const escape = (text: string) => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");

function toTest(owner: string, name: string, pattern: unknown): (name: string) => boolean {
  if (pattern instanceof RegExp) {
    // A global expression keeps its place between calls, and would miss every other name.
    const expression = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ""));
    return (block) => expression.test(block);
  }
  if (typeof pattern !== "string") {
    throw new TypeError(
      `${owner}: ${name} must be a name, a pattern, a RegExp or a list of these, got ${describe(pattern)}`,
    );
  }
  const expression = new RegExp(`^${pattern.split("*").map(escape).join(".*")}$`, "s");
  return (block) => expression.test(block);
}

const listOf = (patterns: unknown): readonly unknown[] => (Array.isArray(patterns) ? patterns : [patterns]);

/** Throws unless `value` is a pattern, or a list of these. */
export function checkPatterns(owner: string, name: string, value: unknown): asserts value is BlockPattern {
  for (const pattern of listOf(value)) toTest(owner, name, pattern);
}

/**
 * Which blocks a pattern names: indices of `names`, each once, in the order of the patterns.
 *
 * @throws TypeError or RangeError where it is no pattern, or one of its parts names no block
 */
export function matchBlocks(
  owner: string,
  name: string,
  patterns: unknown,
  names: readonly string[],
): number[] {
  const found = new Set<number>();
  for (const pattern of listOf(patterns)) {
    const matches = toTest(owner, name, pattern);
    const some = [...names.keys()].filter((i) => matches(names[i]));
    if (some.length === 0) {
      const hint = typeof pattern === "string" ? didYouMean(pattern, names) : `; known: ${names.join(", ")}`;
      throw new RangeError(
        `${owner}: no block is named ${pattern instanceof RegExp ? pattern : describe(pattern)}${hint}`,
      );
    }
    for (const i of some) found.add(i);
  }
  return [...found];
}

/**
 * Assigns every block to a group: to the first that names it, or else to the rule at large. Frozen
 * groups come last.
 *
 * @throws TypeError or RangeError naming the group and what is wrong with it
 */
export function readGroups(
  owner: string,
  rule: Rule,
  parameters: Parameters,
  input: readonly GroupInput[] | undefined,
): Group[] {
  const names = parameters.blocks.map(({ name }) => name);
  if (input === undefined) return [{ blocks: names.map((_, i) => i), rule, scale: 1, frozen: false }];
  if (!Array.isArray(input)) throw new TypeError(`${owner}: groups must be an array, got ${describe(input)}`);
  if (!parameters.named)
    throw new TypeError(`${owner}: groups need named blocks; the parameters are one array`);
  const taken = new Set<number>();
  const groups = Array.from(input, (group, index) => {
    const where = `${owner}: groups[${index}]`;
    for (const key of Object.keys(group ?? {})) {
      if (!groupKeys.includes(key) && Object.hasOwn(rule.options, key)) {
        throw new TypeError(`${where}: ${key} is an option of ${rule.name}: give it as options: { ${key} }`);
      }
    }
    checkKeys(where, group, groupKeys);
    const { blocks: patterns, options, scale = 1, frozen = false } = group;
    const blocks = matchBlocks(where, "blocks", patterns, names).filter((i) => !taken.has(i));
    for (const i of blocks) taken.add(i);
    if (blocks.length === 0) throw new RangeError(`${where}: its blocks all belong to earlier groups`);
    if (options?.learningRate === "auto") {
      throw new TypeError(
        `${where}: learningRate "auto" goes on the rule at large; give this group a scale instead`,
      );
    }
    checkNumber(where, "scale", scale, "(0, ∞)", (v) => v > 0 && v < Infinity);
    if (typeof frozen !== "boolean") {
      throw new TypeError(`${where}: frozen must be true or false, got ${describe(frozen)}`);
    }
    if (group.rule !== undefined) checkRule(where, group.rule);
    const own = group.rule ?? rule;
    if (group.rule && "before" in group.rule) {
      throw new TypeError(`${where}: rule must have no wrappers; chain them around the rule at large`);
    }
    return { blocks, rule: options === undefined ? own : withOptions(own, options), scale, frozen };
  });
  const rest = [...names.keys()].filter((i) => !taken.has(i));
  if (rest.length > 0) groups.push({ blocks: rest, rule, scale: 1, frozen: false });
  return [...groups.filter(({ frozen }) => !frozen), ...groups.filter(({ frozen }) => frozen)];
}
