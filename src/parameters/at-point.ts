import { checkCount } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import type { Numbers, Precision } from "../core/precision.ts";
import { isObjective, type Objective } from "../objectives/objective.ts";
import { asObjective, type UserProblem } from "../objectives/user.ts";
import { type Parameters, type ParametersInput, readParameters, tightFrame } from "./frame.ts";
import { type BlockProblem, frameProblem } from "./frame-problem.ts";

/** A problem as functions take it: declared, or a user's, on one array or on named blocks. */
export type Problem = Objective | UserProblem | BlockProblem;

/**
 * The point of a problem's space that a call speaks of. Where it is left out it is zeros, if the problem knows
 * its dimension.
 *
 * @param owner - the function that asks, for messages
 * @param name - the argument that the point was given as, for messages
 * @param precision - in which its numbers must be finite
 */
export function readPoint(
  owner: string,
  problem: Problem,
  name: string,
  point: ParametersInput | undefined,
  precision: Precision = "f64",
): Parameters {
  if (typeof problem !== "object" || problem === null) {
    throw new TypeError(
      `${owner}: problem must be an objective such as leastSquares(…) or { value, gradient }, got ${describe(problem)}`,
    );
  }
  const dimension = "dimension" in problem ? problem.dimension : undefined;
  checkCount("problem", "dimension", dimension, 1);
  if (point === undefined && dimension === undefined) {
    throw new TypeError(`${owner}: ${name} is needed: it says how many parameters this problem has`);
  }
  const parameters = readParameters(owner, name, point ?? new Float64Array(dimension as number), precision);
  if (parameters.named && isObjective(problem)) {
    throw new TypeError(
      `${owner}: ${name} must be an array of numbers for ${problem.name}, got named blocks`,
    );
  }
  const [{ values }] = parameters.blocks;
  if (!parameters.named && dimension !== undefined && values.length !== dimension) {
    throw new RangeError(`${owner}: ${name} must have ${dimension} entries, got ${values.length}`);
  }
  return parameters;
}

/** A point that was read, as one that nobody else can write to. */
export function copyPoint({ named, blocks }: Parameters): ParametersInput {
  if (!named) return Float64Array.from(blocks[0].values);
  return Object.fromEntries(
    blocks.map(({ name, shape, values }) => [name, { shape, values: Float64Array.from(values) }]),
  );
}

/** A problem as a declared objective on vectors without padding, together with a point of its space. */
export function atPoint(
  owner: string,
  problem: Problem,
  name: string,
  at: ParametersInput | undefined,
  precision: Precision = "f64",
): { readonly objective: Objective; readonly point: Numbers } {
  const parameters = readPoint(owner, problem, name, at, precision);
  if (!parameters.named) {
    const [{ values }] = parameters.blocks;
    return { objective: onArray(problem, values), point: values };
  }
  const frame = tightFrame(parameters);
  const point = new Float64Array(frame.size);
  parameters.blocks.forEach(({ values }, i) => {
    point.set(values, frame.blocks[i].offset);
  });
  return { objective: asObjective(frameProblem(problem as BlockProblem, frame)), point };
}

/** A problem on one array as a declared objective. */
export const onArray = (problem: Problem, point: ArrayLike<number>): Objective =>
  isObjective(problem) ? problem : asObjective(problem as UserProblem, point.length);
