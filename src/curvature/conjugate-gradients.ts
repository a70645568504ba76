import type { Pointer } from "../core/kernels.ts";
import type { BlockRequest } from "../core/layout.ts";
import { elementBytes, machineEpsilon, paddedLength } from "../core/precision.ts";
import type { Workspace } from "../core/workspace.ts";
import type { BoundObjective } from "../objectives/objective.ts";

/**
 * Why conjugate gradients ended: the residual met the tolerance; a direction without curvature, or with a negative one,
 * was met; rounding keeps the residual from falling further; or the steps are over.
 */
export type SolveReason = "residual" | "singular" | "indefinite" | "rounding" | "steps";

/** What conjugate gradients came to. */
export interface Solved {
  readonly reason: SolveReason;
  /** Steps taken. */
  readonly iterations: number;
  /** ‖b − (H + damping·I)x‖, of a product of its own. */
  readonly residual: number;
}

/** How closely to solve. */
export interface SolveOptions {
  readonly damping: number;
  /** ‖b − (H + damping·I)x‖ that is wanted, over ‖b‖. */
  readonly tolerance: number;
  /** Steps at most. */
  readonly steps: number;
}

const blocks = ["residual", "direction", "image"] as const;

/** The memory that `ConjugateGradients` needs for problems of a dimension. */
export const conjugateMemory = (dimension: number): BlockRequest[] =>
  blocks.map((name) => ({ name: `conjugate.${name}`, length: dimension }));

/**
 * Conjugate gradients for (H + damping·I)x = b, where H is what a bound objective was linearized at. From 0, so that of a singular
 * H the solution of least norm is found where there is one; b is taken at unit length. The residual that ends it is measured: where
 * the recurrence's has drifted from it, the process begins anew from there.
 *
 * Hestenes and Stiefel, "Methods of conjugate gradients for solving linear systems", Journal of Research of the National Bureau of
 * Standards 49, 1952.
 */
export class ConjugateGradients {
  readonly #bound: BoundObjective;
  readonly #workspace: Workspace;
  readonly #count: number;
  readonly #r: Pointer;
  readonly #p: Pointer;
  readonly #q: Pointer;
  #damping = 0;
  /** Below this a curvature is one of rounding. */
  #least = 0;

  constructor(bound: BoundObjective, workspace: Workspace, dimension: number) {
    this.#bound = bound;
    this.#workspace = workspace;
    this.#count = paddedLength(dimension, workspace.precision);
    [this.#r, this.#p, this.#q] = blocks.map((name) => workspace.pointer(`conjugate.${name}`));
  }

  /** Writes the solution to `x`. Returns undefined where a product is not finite; b must be, and not zero. */
  solve(b: Pointer, x: Pointer, { damping, tolerance, steps }: SolveOptions): Solved | undefined {
    const { kernels, precision } = this.#workspace;
    const count = this.#count;
    const size = kernels.norm(count, b);
    this.#damping = damping;
    this.#bytes(x).fill(0);
    this.#copy(b, this.#r);
    kernels.divide(count, size, this.#r);
    const rounding = 4 * machineEpsilon[precision] * Math.sqrt(count);
    this.#least = rounding * this.#steepness();
    let iterations = 0;
    let residual = 1;
    for (;;) {
      const { reason, taken } = this.#run(x, rounding, tolerance, steps - iterations);
      iterations += taken;
      const before = residual;
      residual = this.#measure(b, size, x);
      if (!Number.isFinite(residual)) return undefined;
      const met = residual <= tolerance;
      if (!met && reason === "residual" && residual <= 0.5 * before) continue;
      kernels.scale(count, size, x);
      const rounded = reason === "residual" ? "rounding" : reason;
      return { iterations, residual: residual * size, reason: met ? "residual" : rounded };
    }
  }

  /** How large H + damping·I is at least: what it does to its own image of the residual. */
  #steepness(): number {
    const { kernels } = this.#workspace;
    const count = this.#count;
    this.#multiply(this.#r, this.#p);
    const length = kernels.norm(count, this.#p);
    if (!(length > 0)) return 0;
    kernels.divide(count, length, this.#p);
    this.#multiply(this.#p, this.#q);
    return kernels.norm(count, this.#q);
  }

  /** Steps from the residual that is there, until it meets the tolerance by the recurrence. */
  #run(
    x: Pointer,
    rounding: number,
    tolerance: number,
    steps: number,
  ): { reason: SolveReason; taken: number } {
    const { kernels } = this.#workspace;
    const count = this.#count;
    const [r, p, q] = [this.#r, this.#p, this.#q];
    this.#copy(r, p);
    let squares = kernels.dot(count, r, r);
    for (let taken = 0; ; taken++) {
      if (!(squares > tolerance * tolerance)) return { reason: "residual", taken };
      if (taken === steps) return { reason: "steps", taken };
      this.#multiply(p, q);
      const curvature = kernels.dot(count, p, q);
      const length = kernels.dot(count, p, p);
      if (curvature < -this.#least * length) return { reason: "indefinite", taken };
      if (curvature <= this.#least * length) return { reason: "singular", taken };
      this.#least = Math.max(this.#least, (rounding * curvature) / length);
      const next = kernels.conjugateStep(count, squares / curvature, p, q, x, r);
      kernels.combine(count, 1, r, next / squares, p, p);
      squares = next;
    }
  }

  /** Puts b/size − (H + damping·I)x into the residual, and returns its length. */
  #measure(b: Pointer, size: number, x: Pointer): number {
    const { kernels } = this.#workspace;
    const count = this.#count;
    const r = this.#r;
    this.#multiply(x, this.#q);
    this.#copy(b, r);
    kernels.divide(count, size, r);
    kernels.axpy(count, -1, this.#q, r);
    return kernels.norm(count, r);
  }

  #copy(from: Pointer, to: Pointer): void {
    this.#bytes(to).set(this.#bytes(from));
  }

  #bytes(at: Pointer): Uint8Array {
    return this.#workspace.bytesAt(at, this.#count * elementBytes[this.#workspace.precision]);
  }

  #multiply(v: Pointer, product: Pointer): void {
    this.#bound.hessianVectorProduct(v, product);
    if (this.#damping > 0) this.#workspace.kernels.axpy(this.#count, this.#damping, v, product);
  }
}
