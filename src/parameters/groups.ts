import { checkKeys, checkNumber } from "../core/check.ts";
import { describe, didYouMean } from "../core/describe.ts";
import { type Rule, withOptions } from "../rules/rule.ts";
import type { Schedule } from "../schedules/schedule.ts";
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
  readonly options?: Readonly<Record<string, number | boolean | Schedule>>;
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

const escape = (text: string) => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");

function toTest(owner: string, pattern: unknown): (name: string) => boolean {
  if (pattern instanceof RegExp) {
    // A global expression keeps its place between calls, and would miss every other name.
    const expression = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ""));
    return (name) => expression.test(name);
  }
  if (typeof pattern !== "string") {
    throw new TypeError(
      `${owner}: blocks must be a name, a pattern, a RegExp or a list of these, got ${describe(pattern)}`,
    );
  }
  const expression = new RegExp(`^${pattern.split("*").map(escape).join(".*")}$`, "s");
  return (name) => expression.test(name);
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
  const groups = input.map((group, index) => {
    const where = `${owner}: groups[${index}]`;
    checkKeys(where, group, ["blocks", "rule", "options", "scale", "frozen"]);
    const { blocks: patterns, options, scale = 1, frozen = false } = group;
    const list: readonly unknown[] = Array.isArray(patterns) ? patterns : [patterns];
    const blocks: number[] = [];
    for (const pattern of list) {
      const matches = toTest(where, pattern);
      const found = [...names.keys()].filter((i) => matches(names[i]));
      if (found.length === 0) {
        const hint =
          typeof pattern === "string" ? didYouMean(pattern, names) : `; known: ${names.join(", ")}`;
        throw new RangeError(
          `${where}: no block is named ${pattern instanceof RegExp ? pattern : describe(pattern)}${hint}`,
        );
      }
      for (const i of found) {
        if (!taken.has(i)) blocks.push(i);
        taken.add(i);
      }
    }
    if (blocks.length === 0) throw new RangeError(`${where}: its blocks all belong to earlier groups`);
    checkNumber(where, "scale", scale, "(0, ∞)", (v) => v > 0 && v < Infinity);
    if (typeof frozen !== "boolean") {
      throw new TypeError(`${where}: frozen must be true or false, got ${describe(frozen)}`);
    }
    const own = group.rule ?? rule;
    return { blocks, rule: options ? withOptions(own, options) : own, scale, frozen };
  });
  const rest = [...names.keys()].filter((i) => !taken.has(i));
  if (rest.length > 0) groups.push({ blocks: rest, rule, scale: 1, frozen: false });
  return [...groups.filter(({ frozen }) => !frozen), ...groups.filter(({ frozen }) => frozen)];
}
