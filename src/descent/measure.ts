import type { Kernels, Pointer } from "../core/kernels.ts";
import { joinNorms, type Measure, type Operand, type Vector, vectorsOf } from "../rules/measure.ts";

/** A stretch of parameters: where the vectors that can be measured lie. */
export interface Extent {
  /** Padded elements. */
  readonly count: number;
  readonly x: Pointer;
  readonly gradient: Pointer;
  readonly slotsAt: Readonly<Record<string, Pointer>>;
}

/** What a measure is over: where it reads no slot, all parameters in one. */
export interface MeasuredOver {
  readonly all?: Extent;
  readonly peers: readonly Extent[];
}

const pointerTo = ({ x, gradient, slotsAt }: Extent, vector: Vector): Pointer =>
  vector === "x" ? x : vector === "g" ? gradient : slotsAt[vector];

type Read = () => number;

function normReader(kernels: Kernels, operand: Operand, extent: Extent): Read {
  const { count } = extent;
  if (typeof operand === "string") {
    const at = pointerTo(extent, operand);
    return () => kernels.norm(count, at);
  }
  const [a, b] = operand.map((vector) => pointerTo(extent, vector));
  return () => kernels.distance(count, a, b);
}

function dotReader(kernels: Kernels, first: Operand, second: Operand, extent: Extent): Read {
  const { count } = extent;
  if (typeof first === "string" && typeof second === "string") {
    const [a, b] = [first, second].map((vector) => pointerTo(extent, vector));
    return () => kernels.dot(count, a, b);
  }
  if (typeof first === "string") return dotReader(kernels, second, first, extent);
  const [a, b] = first.map((vector) => pointerTo(extent, vector));
  if (typeof second === "string") {
    const c = pointerTo(extent, second);
    return () => kernels.dotOfDifference(count, a, b, c);
  }
  const [c, d] = second.map((vector) => pointerTo(extent, vector));
  return () => kernels.dotOfDifferences(count, a, b, c, d);
}

function reader(kernels: Kernels, measure: Measure, extent: Extent): Read {
  if ("norm" in measure) return normReader(kernels, measure.norm, extent);
  if ("dot" in measure) return dotReader(kernels, ...measure.dot, extent);
  const at = pointerTo(extent, measure.absoluteSum);
  return () => kernels.absoluteSum(extent.count, at);
}

/** A function that measures, by the core's reductions; parts are joined in their order. */
export function measurer(kernels: Kernels, measure: Measure, { all, peers }: MeasuredOver): Read {
  const readsSlots = vectorsOf(measure).some((vector) => vector !== "x" && vector !== "g");
  const readers = (all && !readsSlots ? [all] : peers).map((extent) => reader(kernels, measure, extent));
  const [only] = readers;
  if (readers.length === 1) return only;
  const isNorm = "norm" in measure;
  return () => {
    let total = 0;
    for (let i = 0; i < readers.length; i++) {
      const part = readers[i]();
      total = isNorm ? joinNorms(total, part) : total + part;
    }
    return total;
  };
}
