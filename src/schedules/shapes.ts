import { cos, pow } from "../core/scalar.ts";

/** A way from one value to another: where it is at the share x of it, from 0 to 1. */
type Shape = (from: number, to: number, x: number) => number;

const linear: Shape = (from, to, x) => from + (to - from) * x;
const cosine: Shape = (from, to, x) => to + ((from - to) * (1 + cos(Math.PI * x))) / 2;
const exponential: Shape = (from, to, x) => from * pow(to / from, x);

/** Ways between the levels of one-cycle and interpolated schedules. */
export const waves = { linear, cosine } as const;

/** Ways down from a plateau. */
export const descents = {
  linear,
  cosine,
  exponential,
  squareRoot: (from, to, x) => from + (to - from) * Math.sqrt(x),
  square: (from, to, x) => from + (to - from) * x * x,
  inverse: (from, to, x) => 1 / ((1 - x) / from + x / to),
} as const satisfies Record<string, Shape>;

/** Ways up to the start of a schedule; `polynomial` is linear on a power of the share. */
export const ascents = { linear, polynomial: linear, cosine, exponential } as const;

/** Shapes that multiply: both ends must be above 0. */
export const multiplies = (shape: string): boolean => shape === "exponential" || shape === "inverse";

/** The names of some shapes. */
export const namesOf = <S extends string>(shapes: Readonly<Record<S, Shape>>): S[] =>
  Object.keys(shapes) as S[];
