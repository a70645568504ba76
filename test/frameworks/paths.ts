// What other frameworks' rules did with the gradients of test/references/framework-inputs.json, and what rules do here.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { largestError } from "../../scripts/conformance/compare.mjs";
import {
  type BlockInput,
  chain,
  createOptimizer,
  type GroupInput,
  type Rule,
  type Schedule,
  weightDecay,
} from "../../src/index.ts";

type BlockName = "v" | "w" | "b";

/** Options as the file has them, by the framework's own names. */
// biome-ignore lint/suspicious/noExplicitAny: they come from JSON, and differ from rule to rule
export type Given = Record<string, any>;

interface RecordedPath {
  readonly rule: string;
  readonly options: Given;
  readonly blocks: readonly BlockName[];
  /** The parameters of all blocks, one behind the other, by the number of steps. */
  readonly after: Readonly<Record<string, readonly number[]>>;
  /** The average of the last of them, where the rule has one. */
  readonly average?: readonly number[];
}

interface Inputs {
  readonly shapes: Record<BlockName, readonly number[]>;
  readonly start: Record<BlockName, readonly number[]>;
  readonly gradients: Record<BlockName, readonly (readonly number[])[]>;
  readonly values: readonly number[];
  /** The diagonal of a Hessian, of which a probe finds all. */
  readonly curvature: Readonly<Record<string, readonly number[]>>;
}

/** A file of test/references. */
export const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../references/${name}`, import.meta.url), "utf8"));

export const inputs = read("framework-inputs.json") as Inputs;

/** What else an optimizer is told. */
interface Setting {
  /** A rule of its own for the block b. */
  readonly b?: Rule;
  readonly fromZero?: boolean;
  /** Matrices are given as vectors. */
  readonly flat?: boolean;
}

/** The largest error of a rule along a path, measured as by the conformance command, and that of the average. */
function errorOf(path: RecordedPath, rule: Rule, { b, fromZero = false, flat = false }: Setting): number {
  const { blocks, after, average } = path;
  const startOf = (name: BlockName) => inputs.start[name].map((value) => (fromZero ? 0 : value));
  const shapeOf = (name: BlockName) => (flat ? [inputs.start[name].length] : inputs.shapes[name]);
  const initial: Record<string, BlockInput> = {};
  for (const name of blocks) initial[name] = { shape: shapeOf(name), values: startOf(name) };
  const groups: GroupInput[] = b ? [{ blocks: "b", rule: b }] : [];
  const optimizer = createOptimizer(rule, initial, { groups });
  const all = (views: Record<string, ArrayLike<number>>) => blocks.flatMap((name) => Array.from(views[name]));
  try {
    const start = blocks.flatMap(startOf);
    const recorded = Object.keys(after).map(Number);
    const ours: number[][] = [];
    for (let t = 0; t < Math.max(...recorded); t++) {
      for (const name of blocks) optimizer.gradient[name].set(inputs.gradients[name][t]);
      optimizer.step({
        value: inputs.values[t],
        hessianVectorProduct(direction, product) {
          for (const name of blocks) {
            product[name].set(inputs.curvature[name].map((entry, i) => entry * direction[name][i]));
          }
        },
      });
      if (recorded.includes(t + 1)) ours.push(all(optimizer.parameters));
    }
    const error = largestError(start, ours, Object.values(after));
    return average ? Math.max(error, largestError(start, [all(optimizer.averaged())], [average])) : error;
  } finally {
    optimizer.dispose();
  }
}

/** What is said of the paths of a framework's rule. */
export interface Claim {
  readonly title: string;
  /** The framework's name of it, and which of its options are meant, where not all. */
  readonly of: string;
  readonly where?: (options: Given) => unknown;
  /** The rule that takes the same path, or the nearest one. */
  readonly rule: (options: Given, startLength: number) => Rule;
  readonly setting?: (options: Given) => Setting;
  /** The rule takes another path. */
  readonly departs?: true;
}

/** As good as equal: sixty steps, each rounded a few times. */
const TOLERANCE = 1e-13;

/** Tests that rules take the paths in a file, or do not where they depart from the framework, and that each path is told of. */
export function holdTo(file: string, claims: readonly Claim[]): void {
  const { cases } = read(file) as { cases: readonly RecordedPath[] };
  const told = cases.map(({ rule, options }) =>
    claims.findIndex(({ of, where }) => of === rule && (!where || where(options))),
  );
  for (const [i, { title, rule, setting, departs }] of claims.entries()) {
    test(title, () => {
      const paths = cases.filter((_, k) => told[k] === i);
      expect(paths).not.toEqual([]);
      for (const path of paths) {
        const length = Math.hypot(...path.blocks.flatMap((name) => inputs.start[name]));
        const error = errorOf(path, rule(path.options, length), setting?.(path.options) ?? {});
        if (departs) expect(error, JSON.stringify(path.options)).toBeGreaterThan(1e-8);
        else expect(error, JSON.stringify(path.options)).toBeLessThan(TOLERANCE);
      }
    });
  }
  test(`all of ${cases.length} paths are told of`, () => {
    expect(cases.filter((_, k) => told[k] < 0)).toEqual([]);
  });
}

/** The rule with the framework's weight decay, where it has one: added to the gradient, or decoupled from it. */
export const decaying = (decay: number | undefined, decoupled: boolean, rule: Rule): Rule =>
  decay ? chain(weightDecay({ weightDecay: decay, decoupled }), rule) : rule;

/** A number as it is; a schedule, which is an object in the file, as `make` makes it. */
export const scheduled = (value: number | Given | undefined, make: (options: Given) => Schedule) =>
  typeof value === "object" ? make(value) : value;
