import fc from "fast-check";
import { make } from "../../src/schedules/define.ts";
import { type Schedule, schedules } from "../../src/schedules/index.ts";

/** Values that a rate or a coefficient may take, negative zero included. */
export const values = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const steps = fc.integer({ min: 1, max: 300 });

/** A number of the parameter's domain, found by what the domain contains. */
const numberFor = (contains: (value: number) => boolean) => {
  if (contains(-0.5)) return values;
  if (contains(0.5)) return fc.double({ min: 0, max: 1.01, noNaN: true });
  return steps;
};

/** Any schedule of the registry, with any parameters, nested a few deep. */
export const anySchedule: fc.Arbitrary<Schedule> = fc.letrec<{ any: Schedule }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    ...Object.values(schedules).map((declaration) => {
      const inner = tie("any");
      const fields: Record<string, fc.Arbitrary<unknown>> = {};
      for (const [name, parameter] of Object.entries(declaration.parameters)) {
        if (parameter.kind === "number") fields[name] = numberFor(parameter.contains);
        else if (parameter.kind === "schedule") fields[name] = inner;
        else {
          const part = fc.record({ steps, schedule: inner });
          fields[name] = fc
            .tuple(fc.array(part, { maxLength: 3 }), inner)
            .map(([ended, last]) => [...ended, last]);
        }
      }
      return fc.record(fields).map((parameters) => make(declaration, parameters));
    }),
  ),
})).any;
