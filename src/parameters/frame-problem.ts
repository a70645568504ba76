import type { RealArray } from "../core/precision.ts";
import type { UserProblem } from "../objectives/user.ts";
import { cut, type Frame, type NamedBlocks, type Views } from "./frame.ts";

/** A user's problem on named blocks: its functions take records of views. */
export interface BlockProblem<P = NamedBlocks> {
  /** The value at x. `batch`: see {@link UserProblem}. */
  value?(x: Views<P>, batch?: Uint32Array): number;
  /** Writes the gradient at x into the views of g. */
  gradient?(x: Views<P>, g: Views<P>, batch?: Uint32Array): void;
  /** Writes the gradient at x into the views of g and returns the value: for functions that share work. */
  valueAndGradient?(x: Views<P>, g: Views<P>, batch?: Uint32Array): number;
  /** Writes the Hessian at x times v into the views of product. */
  hessianVectorProduct?(x: Views<P>, v: Views<P>, product: Views<P>, batch?: Uint32Array): void;
  /** The rows of data that batches are of, where it knows them. */
  readonly rows?: number;
  /** Say true if the Hessian is positive semi-definite everywhere; default false. */
  readonly convex?: boolean;
  /** Say true if the Hessian is the same everywhere; default false. */
  readonly quadratic?: boolean;
}

/** The same problem on vectors: each is cut into the frame's views before a function sees it. */
export function frameProblem(problem: BlockProblem, frame: Frame): UserProblem {
  const views = new WeakMap<RealArray, Views<NamedBlocks>>();
  const of = (array: RealArray): Views<NamedBlocks> => {
    let view = views.get(array);
    if (!view) {
      view = cut(frame, array) as Views<NamedBlocks>;
      views.set(array, view);
    }
    return view;
  };
  const { value, gradient, valueAndGradient, hessianVectorProduct } = problem;
  return {
    // What else there is stays, so that a misspelt function is still noticed.
    ...(problem as object),
    dimension: frame.size,
    ...(value && { value: (x, batch) => value.call(problem, of(x), batch) }),
    ...(gradient && { gradient: (x, g, batch) => gradient.call(problem, of(x), of(g), batch) }),
    ...(valueAndGradient && {
      valueAndGradient: (x, g, batch) => valueAndGradient.call(problem, of(x), of(g), batch),
    }),
    ...(hessianVectorProduct && {
      hessianVectorProduct: (x, v, product, batch) =>
        hessianVectorProduct.call(problem, of(x), of(v), of(product), batch),
    }),
  };
}
