import fc from "fast-check";
import { make } from "../../src/schedules/define.ts";
import { type Schedule, schedules } from "../../src/schedules/index.ts";
import type { NumberParameter, Parameter } from "../../src/schedules/parameters.ts";

/** Values that a rate or a coefficient may take, negative zero included. */
export const values = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const steps = fc.integer({ min: 1, max: 300 });
const least = 1e-3;

/** Numbers of a domain. */
const domains: Readonly<Record<string, fc.Arbitrary<number>>> = {
  "(−∞, ∞)": values,
  "[0, ∞)": fc.double({ min: 0, max: 1.01, noNaN: true }),
  "(0, ∞)": fc.double({ min: least, max: 30, noNaN: true }),
  "[1, ∞)": fc.double({ min: 1, max: 4, noNaN: true }),
  "[0, 1]": fc.double({ min: 0, max: 1, noNaN: true }),
  "[0, 1)": fc.double({ min: 0, max: 0.99, noNaN: true }),
  "the integers from 0": fc.nat(300),
  "the integers from 1": steps,
  "the powers of two": fc.nat(10).map((k) => 2 ** k),
};

function numberFor({ domain }: NumberParameter): fc.Arbitrary<number> {
  if (!(domain in domains)) throw new Error(`any-schedule.ts knows no numbers of ${domain}`);
  return domains[domain];
}

/** Whatever a parameter may be. */
function valueFor(parameter: Parameter, inner: fc.Arbitrary<Schedule>): fc.Arbitrary<unknown> {
  switch (parameter.kind) {
    case "number":
      return parameter.optional ? fc.option(numberFor(parameter), { nil: undefined }) : numberFor(parameter);
    case "flag":
      return fc.boolean();
    case "word":
      return fc.constantFrom(...parameter.words);
    case "numbers":
      return fc.array(numberFor(parameter.element), { minLength: parameter.least, maxLength: 5 });
    case "schedule":
      return inner;
    case "schedules":
      return fc.array(inner, { minLength: 1, maxLength: 3 });
    case "parts":
      return fc
        .tuple(fc.array(fc.record({ steps, schedule: inner }), { maxLength: 3 }), inner)
        .map(([ended, last]) => [...ended, last]);
  }
}

type Given = Record<string, unknown>;

/** Piecewise schedules: boundaries that rise, and a value more than there are. */
const inPieces = ({ boundaries, values, ...rest }: Given): Given => {
  const rising = [...new Set(boundaries as number[])].sort((a, b) => a - b);
  const list = values as number[];
  return { ...rest, boundaries: rising, values: [...rising, 0].map((_, i) => list[i % list.length]) };
};

/** A spectrum in order. */
const inOrder = ({ lambdaMax, lambdaMin, ...rest }: Given): Given => {
  const both = [lambdaMax as number, lambdaMin as number];
  return { ...rest, lambdaMax: Math.max(...both), lambdaMin: Math.min(...both) };
};

/** What has to be done for parameters to go together. */
const together: Readonly<Record<string, (given: Given) => Given>> = {
  piecewiseConstant: inPieces,
  piecewiseInterpolate: inPieces,
  chebyshev: inOrder,
  silverStronglyConvex: inOrder,
  wsd: ({ peak, to, ...rest }) => ({
    ...rest,
    peak: least + Math.abs(peak as number),
    to: least + Math.abs(to as number),
  }),
  warmupFrom: ({ from, shape, inner, ...rest }) => ({
    ...rest,
    from: least + Math.abs(from as number),
    shape: shape === "exponential" && !((inner as Schedule)(0) > 0) ? "cosine" : shape,
    inner,
  }),
};

/** Any schedule of the registry, with any parameters, nested a few deep. */
export const anySchedule: fc.Arbitrary<Schedule> = fc.letrec<{ any: Schedule }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    ...Object.values(schedules).map((declaration) => {
      const fields = Object.fromEntries(
        Object.entries(declaration.parameters).map(([name, parameter]) => [
          name,
          valueFor(parameter, tie("any")),
        ]),
      );
      return fc
        .record(fields)
        .map((given) => make(declaration, together[declaration.name]?.(given) ?? given));
    }),
  ),
})).any;
