import { checkNumber } from "../core/check.ts";
import type { Kernels, Pointer } from "../core/kernels.ts";
import type { BlockRequest } from "../core/layout.ts";
import { machineEpsilon, paddedLength } from "../core/precision.ts";
import type { Workspace } from "../core/workspace.ts";
import { fourfold } from "./features.ts";
import type { BoundObjective, Evaluations, Objective } from "./objective.ts";

/** The shape of a product W₂W₁ of rows × columns: W₂ is rows × inner, W₁ inner × columns. */
export interface FactorShape {
  /** Of the product and of W₂: an integer ≥ 1. */
  readonly rows: number;
  /** Of the product and of W₁: an integer ≥ 1. */
  readonly columns: number;
  /** Columns of W₂ and rows of W₁: an integer ≥ 1. The product's rank is no higher. */
  readonly inner: number;
}

/** A function of a matrix that is written as a product: its parameters are W₁ row by row, then W₂ row by row. */
export interface FactoredObjective extends Objective {
  /** How the parameters are a pair of factors. */
  readonly shape: FactorShape;
}

/** Parameters of a pair of factors. */
export const factorDimension = ({ rows, columns, inner }: FactorShape): number => inner * (columns + rows);

const isCount = (n: number) => Number.isSafeInteger(n) && n >= 1;

/** Checks a shape; left out, `inner` is the largest rank that the product can have. */
export function readFactorShape(
  owner: string,
  { rows, columns, inner }: Readonly<Partial<Record<keyof FactorShape, unknown>>>,
): FactorShape {
  const domain = "the integers from 1";
  checkNumber(owner, "rows", rows, domain, isCount);
  checkNumber(owner, "columns", columns, domain, isCount);
  if (inner === undefined) return { rows, columns, inner: Math.min(rows, columns) };
  checkNumber(owner, "inner", inner, domain, isCount);
  return { rows, columns, inner };
}

/** Elements from one row of the product to the next, as the objectives of it have them. */
export const productPitch = ({ columns }: Pick<FactorShape, "columns">): number => fourfold(columns);

/** Pairs of factors that are kept: where it was evaluated, where it was linearized, a direction. */
const SETS = ["here", "point", "along"] as const;

function factoredMemory(shape: FactorShape): BlockRequest[] {
  const { rows, inner } = shape;
  const pitch = productPitch(shape);
  const [height, depth] = [fourfold(rows), fourfold(inner)];
  const product = height * pitch;
  return [
    { name: "objective.factors.data", length: 7, kind: "u32" },
    { name: "objective.factors.row", length: Math.max(pitch, depth) },
    ...SETS.flatMap((set): BlockRequest[] => [
      { name: `objective.factors.${set}`, length: 3, kind: "u32" },
      { name: `objective.factors.${set}.first`, length: depth * pitch },
      { name: `objective.factors.${set}.second`, length: height * depth },
      { name: `objective.factors.${set}.turned`, length: depth * height },
    ]),
    ...["product", "slope", "variation", "change", "fixed"].map((name) => ({
      name: `objective.factors.${name}`,
      length: product,
    })),
  ];
}

/** A function of W₂W₁ in a workspace. */
class BoundFactored implements BoundObjective {
  readonly evaluations: Evaluations = { value: 0, gradient: 0, hessianVectorProduct: 0 };
  readonly hessian: BoundObjective["hessian"];
  readonly selectRows?: (indices: Uint32Array | undefined) => void;
  readonly #inner: BoundObjective;
  readonly #kernels: Kernels;
  readonly #epsilon: number;
  readonly #count: number;
  readonly #dimension: number;
  readonly #data: Pointer;
  readonly #here: Pointer;
  readonly #point: Pointer;
  readonly #along: Pointer;
  readonly #product: Pointer;
  readonly #slope: Pointer;
  readonly #variation: Pointer;
  readonly #change: Pointer;
  /** ∂f/∂X where it was linearized. */
  readonly #fixed: Pointer;
  #pointNorm = 0;
  #slopeNorm = 0;

  constructor(inner: BoundObjective, shape: FactorShape, workspace: Workspace) {
    const { rows, columns, inner: depth } = shape;
    const at = (name: string) => workspace.pointer(`objective.factors.${name}`);
    const pitch = productPitch(shape);
    workspace
      .u32("objective.factors.data")
      .set([rows, columns, depth, fourfold(rows), pitch, fourfold(depth), at("row")]);
    for (const set of SETS) {
      const parts = ["first", "second", "turned"].map((part) => at(`${set}.${part}`));
      workspace.u32(`objective.factors.${set}`).set(parts);
    }
    this.hessian = inner.hessian;
    if (inner.selectRows) this.selectRows = (indices) => inner.selectRows?.(indices);
    this.#inner = inner;
    this.#kernels = workspace.kernels;
    this.#epsilon = machineEpsilon[workspace.precision];
    this.#count = paddedLength(rows * pitch, workspace.precision);
    this.#dimension = paddedLength(factorDimension(shape), workspace.precision);
    this.#data = at("data");
    this.#here = at("here");
    this.#point = at("point");
    this.#along = at("along");
    this.#product = at("product");
    this.#slope = at("slope");
    this.#variation = at("variation");
    this.#change = at("change");
    this.#fixed = at("fixed");
  }

  value(w: Pointer): number {
    this.evaluations.value++;
    this.#kernels.factorProduct(this.#data, w, this.#here, this.#product);
    return this.#inner.value(this.#product);
  }

  gradient(w: Pointer, g: Pointer): void {
    this.evaluations.gradient++;
    this.#kernels.factorProduct(this.#data, w, this.#here, this.#product);
    this.#inner.gradient(this.#product, this.#slope);
    this.#kernels.factorGradient(this.#data, this.#here, this.#slope, g);
  }

  valueAndGradient(w: Pointer, g: Pointer): number {
    this.evaluations.value++;
    this.evaluations.gradient++;
    this.#kernels.factorProduct(this.#data, w, this.#here, this.#product);
    const value = this.#inner.valueAndGradient(this.#product, this.#slope);
    this.#kernels.factorGradient(this.#data, this.#here, this.#slope, g);
    return value;
  }

  linearize(w: Pointer): void {
    this.#kernels.factorProduct(this.#data, w, this.#point, this.#product);
    this.#inner.linearize(this.#product);
    this.#inner.gradient(this.#product, this.#fixed);
    this.#pointNorm = this.#kernels.norm(this.#dimension, w);
    this.#slopeNorm = this.#kernels.norm(this.#count, this.#fixed);
  }

  hessianVectorProduct(v: Pointer, product: Pointer): void {
    this.evaluations.hessianVectorProduct++;
    const kernels = this.#kernels;
    kernels.factorVariation(this.#data, v, this.#point, this.#along, this.#variation);
    this.#inner.hessianVectorProduct(this.#variation, this.#change);
    kernels.factorHessianProduct(this.#data, this.#point, this.#along, this.#fixed, this.#change, product);
  }

  productError(v: Pointer): number {
    const kernels = this.#kernels;
    const size = kernels.norm(this.#dimension, v);
    kernels.factorVariation(this.#data, v, this.#point, this.#along, this.#variation);
    // What the inner product loses, and what W₂ᵀĠ and V₂ᵀG lose by themselves: some roundings of their terms.
    const inner = this.#inner.productError(this.#variation);
    const change = kernels.norm(this.#count, this.#change);
    const own = 4 * Math.sqrt(this.#dimension) * this.#epsilon;
    return this.#pointNorm * inner + own * (this.#pointNorm * change + size * this.#slopeNorm);
  }
}

/**
 * A function of a matrix, seen as one of the factors of that matrix. `inner` is the function of X, rows of `productPitch(shape)`
 * elements one behind the other.
 */
export function factored(name: string, inner: Objective, shape: FactorShape): FactoredObjective {
  const { rows, withBatches } = inner;
  return {
    name,
    dimension: factorDimension(shape),
    shape: Object.freeze({ ...shape }),
    quadratic: false,
    convex: false,
    ...(rows === undefined ? {} : { rows }),
    ...(withBatches
      ? { withBatches: (size: number) => factored(name, withBatches.call(inner, size), shape) }
      : {}),
    memory: (precision) => [...inner.memory(precision), ...factoredMemory(shape)],
    bind: (workspace) => new BoundFactored(inner.bind(workspace), shape, workspace),
  };
}
