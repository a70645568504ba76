import type { Kernels, Pointer } from "../core/kernels.ts";
import { type Numbers, paddedLength, type RealArray } from "../core/precision.ts";
import { Workspace } from "../core/workspace.ts";
import type { BoundObjective, Evaluations, Objective } from "../objectives/objective.ts";

/** An objective with the point whose Hessian is meant. */
export interface HessianAt {
  readonly objective: Objective;
  readonly point: Numbers;
}

interface Term {
  readonly bound: BoundObjective;
  readonly workspace: Workspace;
  readonly v: Pointer;
  readonly product: Pointer;
  readonly input: RealArray;
  readonly output: RealArray;
}

/**
 * Weighted sums Σ wᵢHᵢ of the Hessians of several objectives, each linearized once in a workspace of its own, which
 * `dispose` gives back. All of them in f64.
 */
export class HessianSum {
  readonly #dimension: number;
  readonly #terms: Term[] = [];

  constructor(parts: readonly HessianAt[]) {
    this.#dimension = parts[0].objective.dimension;
    const length = this.#dimension;
    try {
      for (const { objective, point } of parts) {
        const names = ["x", "sum.v", "sum.product"];
        const workspace = new Workspace(
          [...names.map((name) => ({ name, length })), ...objective.memory("f64")],
          "f64",
        );
        const [x, v, product] = names.map((name) => workspace.pointer(name));
        const [input, output] = [workspace.real("sum.v"), workspace.real("sum.product")];
        this.#terms.push({ bound: objective.bind(workspace), workspace, v, product, input, output });
        workspace.real("x").set(point);
        this.#terms[this.#terms.length - 1].bound.linearize(x);
      }
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** The quadratic ½xᵀHx with H = Σ wᵢHᵢ. Valid until `dispose`. */
  objective(weights: readonly number[]): Objective {
    return {
      name: "sum of Hessians",
      dimension: this.#dimension,
      quadratic: true,
      convex: false,
      memory: () => [{ name: "objective.image", length: this.#dimension }],
      bind: (workspace) => new BoundSum(this.#terms, weights, workspace, this.#dimension),
    };
  }

  dispose(): void {
    for (const { workspace } of this.#terms) workspace.dispose();
  }
}

/** ½xᵀ(Σ wᵢHᵢ)x in a workspace beside those of its terms. */
class BoundSum implements BoundObjective {
  readonly evaluations: Evaluations = { value: 0, gradient: 0, hessianVectorProduct: 0 };
  readonly hessian = "exact";
  readonly #terms: readonly Term[];
  readonly #weights: readonly number[];
  readonly #workspace: Workspace;
  readonly #kernels: Kernels;
  readonly #dimension: number;
  readonly #count: number;
  readonly #image: Pointer;

  constructor(terms: readonly Term[], weights: readonly number[], workspace: Workspace, dimension: number) {
    this.#terms = terms;
    this.#weights = weights;
    this.#workspace = workspace;
    this.#kernels = workspace.kernels;
    this.#dimension = dimension;
    this.#count = paddedLength(dimension, workspace.precision);
    this.#image = workspace.pointer("objective.image");
  }

  value(x: Pointer): number {
    this.evaluations.value++;
    this.#multiply(x, this.#image);
    return 0.5 * this.#kernels.dot(this.#count, x, this.#image);
  }

  gradient(x: Pointer, g: Pointer): void {
    this.evaluations.gradient++;
    this.#multiply(x, g);
  }

  valueAndGradient(x: Pointer, g: Pointer): number {
    this.gradient(x, g);
    this.evaluations.value++;
    return 0.5 * this.#kernels.dot(this.#count, x, g);
  }

  linearize(): void {}

  hessianVectorProduct(v: Pointer, product: Pointer): void {
    this.evaluations.hessianVectorProduct++;
    this.#multiply(v, product);
  }

  productError(v: Pointer): number {
    let error = 0;
    const from = this.#workspace.realAt(v, this.#dimension);
    this.#terms.forEach((term, i) => {
      if (this.#weights[i] === 0) return;
      term.input.set(from);
      term.bound.hessianVectorProduct(term.v, term.product);
      error += Math.abs(this.#weights[i]) * term.bound.productError(term.v);
    });
    return error;
  }

  #multiply(v: Pointer, product: Pointer): void {
    const from = this.#workspace.realAt(v, this.#dimension);
    const to = this.#workspace.realAt(product, this.#dimension);
    to.fill(0);
    this.#terms.forEach(({ bound, v: at, product: image, input, output }, k) => {
      const weight = this.#weights[k];
      if (weight === 0) return;
      input.set(from);
      bound.hessianVectorProduct(at, image);
      for (let i = 0; i < to.length; i++) to[i] += weight * output[i];
    });
  }
}
