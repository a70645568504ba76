import type { Numbers } from "../core/precision.ts";

/** A vector that a rule can measure: the parameters, the gradient, or one of its slots. */
export type Vector<S extends string = string> = "x" | "g" | S;

/** A vector, or the difference of two. */
export type Operand<S extends string = string> =
  | Vector<S>
  | readonly [minuend: Vector<S>, subtrahend: Vector<S>];

/** A number that the core's reductions find before the step: ‖a‖₂, ⟨a, b⟩, or ‖a‖₁. */
export type Measure<S extends string = string> = (
  | { readonly norm: Operand<S> }
  | { readonly dot: readonly [Operand<S>, Operand<S>] }
  | { readonly absoluteSum: Vector<S> }
) & {
  /** Whether step t takes it, judged by what is carried; at every step where not said. What was measured is not saved. */
  when?(t: number, carried: Float64Array): boolean;
};

/**
 * What a rule's measures and carried numbers are of: everything that is not frozen (of slots: all that the rule
 * keeps, in whatever groups), the blocks of its group, or each block by itself.
 */
export type Scope = "everything" | "group" | "block";

/** The vectors that a measure reads. */
export function vectorsOf<S extends string>(measure: Measure<S>): readonly Vector<S>[] {
  if ("absoluteSum" in measure) return [measure.absoluteSum];
  return ("norm" in measure ? [measure.norm] : measure.dot).flat() as readonly Vector<S>[];
}

/** The measured norms of parts as that of the whole, without overflow on the way. */
export function joinNorms(a: number, b: number): number {
  const largest = Math.max(a, b);
  if (!(largest > 0 && largest < Infinity)) return largest;
  return largest * Math.sqrt((a / largest) ** 2 + (b / largest) ** 2);
}

/** A sum that loses nothing to rounding but at its end (Neumaier 1974). */
class Sum {
  #total = 0;
  #rest = 0;

  add(term: number): void {
    const total = this.#total + term;
    const lost =
      Math.abs(this.#total) >= Math.abs(term) ? this.#total - total + term : term - total + this.#total;
    if (Number.isFinite(lost)) this.#rest += lost;
    this.#total = total;
  }

  get value(): number {
    return this.#total + this.#rest;
  }
}

type Vectors = Readonly<Record<string, Numbers>>;

const entry = (vectors: Vectors, operand: Operand, i: number): number =>
  typeof operand === "string" ? vectors[operand][i] : vectors[operand[0]][i] - vectors[operand[1]][i];

const lengthOf = (vectors: Vectors, operand: Operand): number =>
  vectors[typeof operand === "string" ? operand : operand[0]].length;

function plainNorm(parts: readonly Vectors[], operand: Operand): number {
  let largest = 0;
  const each = (take: (value: number) => void) => {
    for (const vectors of parts) {
      const length = lengthOf(vectors, operand);
      for (let i = 0; i < length; i++) take(entry(vectors, operand, i));
    }
  };
  each((value) => {
    largest = Math.max(largest, Math.abs(value));
  });
  if (!(largest > 0 && largest < Infinity)) return largest;
  const squares = new Sum();
  each((value) => squares.add((value / largest) ** 2));
  return largest * Math.sqrt(squares.value);
}

/** A measure over parts of vectors in plain arithmetic: what the core's reductions are held against. */
export function measurePlainly(measure: Measure, parts: readonly Vectors[]): number {
  if ("norm" in measure) return plainNorm(parts, measure.norm);
  const sum = new Sum();
  for (const vectors of parts) {
    if ("absoluteSum" in measure) {
      const values = vectors[measure.absoluteSum];
      for (let i = 0; i < values.length; i++) sum.add(Math.abs(values[i]));
    } else {
      const [a, b] = measure.dot;
      const length = lengthOf(vectors, a);
      for (let i = 0; i < length; i++) sum.add(entry(vectors, a, i) * entry(vectors, b, i));
    }
  }
  return sum.value;
}
