import { checkOptions } from "../core/check.ts";
import { type BlockPattern, checkPatterns, matchBlocks } from "../parameters/groups.ts";

/** Which named blocks a wrapper works on; all of them where neither is given, and of both, those that are in `blocks` and not in `except`. */
export interface BlockMask {
  /** These blocks only: a name, a pattern in which * stands for anything, a RegExp, or a list of these. */
  readonly blocks?: BlockPattern;
  /** All blocks but these. */
  readonly except?: BlockPattern;
}

/** Names of the options of {@link BlockMask}. */
export const maskNames = ["blocks", "except"] as const;

const copy = (pattern: BlockPattern): BlockPattern =>
  Array.isArray(pattern) ? Object.freeze([...pattern]) : pattern;

/** Takes the mask out of a wrapper's options; what is left is its numbers and flags. */
export function readMask<O extends BlockMask>(
  owner: string,
  input: O,
): { readonly settings: BlockMask; readonly rest: Omit<O, keyof BlockMask> } {
  checkOptions(owner, input);
  const { blocks, except, ...rest } = input;
  if (blocks !== undefined) checkPatterns(owner, "blocks", blocks);
  if (except !== undefined) checkPatterns(owner, "except", except);
  const settings = {
    ...(blocks === undefined ? {} : { blocks: copy(blocks) }),
    ...(except === undefined ? {} : { except: copy(except) }),
  };
  return { settings: Object.freeze(settings), rest };
}

/**
 * Whether each block, by its number, is one that the mask lets a wrapper work on.
 *
 * @throws TypeError if the parameters have no names; RangeError if a pattern names no block
 */
export function applyMask(
  owner: string,
  { blocks, except }: BlockMask,
  names: readonly string[],
  named: boolean,
): (number: number) => boolean {
  if (blocks === undefined && except === undefined) return () => true;
  if (!named)
    throw new TypeError(
      `${owner}: ${blocks === undefined ? "except" : "blocks"} needs named blocks; the parameters are one array`,
    );
  const some = blocks === undefined ? undefined : new Set(matchBlocks(owner, "blocks", blocks, names));
  const not = new Set(except === undefined ? [] : matchBlocks(owner, "except", except, names));
  return (number) => (some?.has(number) ?? true) && !not.has(number);
}
