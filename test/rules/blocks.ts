import { Random } from "../../src/core/random.ts";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import type { Rule } from "../../src/rules/rule.ts";

/** Parameters and gradients of blocks by name, row by row. */
export type Blocks = Readonly<Record<string, readonly number[]>>;
export type Shapes = Readonly<Record<string, readonly number[]>>;

/** The parameters after each of the given gradients, from a start. */
export function path(rule: Rule, shapes: Shapes, start: Blocks, gradients: readonly Blocks[]): Blocks[] {
  const given = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, { shape, values: start[name] }]),
  );
  const optimizer = createOptimizer(rule, given);
  try {
    return gradients.map((gradient) => {
      for (const name of Object.keys(shapes)) optimizer.gradient[name].set(gradient[name]);
      optimizer.step();
      return Object.fromEntries(
        Object.keys(shapes).map((name) => [name, Array.from(optimizer.parameters[name])]),
      );
    });
  } finally {
    optimizer.dispose();
  }
}

/** Normal numbers for every block, a set for each of `count` steps. */
export function normalBlocks(shapes: Shapes, count: number, seed: number): Blocks[] {
  const random = new Random(seed);
  const numbers = (shape: readonly number[]) =>
    Array.from({ length: shape.reduce((product, side) => product * side, 1) }, () => random.normal());
  return Array.from({ length: count }, () =>
    Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, numbers(shape)])),
  );
}

/** The largest difference of any parameter at any step, relative to the largest parameter. */
export function distance(actual: readonly Blocks[], expected: readonly Blocks[]): number {
  let size = 0;
  let difference = actual.length === expected.length ? 0 : Infinity;
  expected.forEach((blocks, t) => {
    for (const [name, values] of Object.entries(blocks)) {
      values.forEach((value, i) => {
        const apart = Math.abs(value - actual[t][name][i]);
        difference = apart >= 0 ? Math.max(difference, apart) : Infinity;
        size = Math.max(size, Math.abs(value));
      });
    }
  });
  return difference / size;
}
