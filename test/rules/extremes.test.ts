import { describe, expect, test } from "vitest";
import { measuresOf } from "../../src/rules/rule.ts";
import { Driver, type Inputs, Textbook } from "./drive.ts";
import { everyRule, mixing } from "./every-rule.ts";

/** What rules that take more than the gradient are given: a value above its least, a diagonal like the gradient. */
const inputsOf = (gradient: ArrayLike<number>): Inputs => ({ value: 1, diagonal: gradient });

/** Gradients whose squares neither over- nor underflow, and denormal ones, whose squares are 0. */
const gradients = {
  f64: { square: [1e150, -1e150, 1e-150, -1e-150, 0, -0, 1], denormal: [1e-310, -1e-310, 0] },
  f32: { square: [1e15, -1e15, 1e-15, -1e-15, 0, -0, 1], denormal: [1e-40, -1e-40, 0] },
} as const;
const tolerance = { f64: 1e-14, f32: 1e-6 } as const;
/** Denormal numbers have few digits (1e-40 has 17 bits in f32), and so has what is multiplied by them. */
const denormalTolerance = { f64: 1e-14, f32: 1e-5 } as const;

for (const precision of ["f64", "f32"] as const) {
  describe.each(everyRule)(`${precision} %s`, (_, rule) => {
    test("follows its definition, slots too, for huge, tiny, denormal and zero gradients", () => {
      for (const [kind, extreme] of Object.entries(gradients[precision])) {
        // √0 + 0 divides a denormal gradient: infinite in kernel and textbook alike.
        if (kind === "denormal" && rule.options.epsilon === 0) continue;
        const given = precision === "f32" ? Float32Array.from(extreme) : Float64Array.from(extreme);
        const start = given.map(() => 1);
        const driver = new Driver(rule, precision, start);
        const textbook = new Textbook(rule, precision, start);
        for (let k = 0; k < 5; k++) {
          driver.step(given, inputsOf(given));
          textbook.step(given, inputsOf(given));
        }
        const reference: Readonly<Record<string, Float64Array>> = { x: textbook.x, ...textbook.slots };
        for (const [name, values] of Object.entries({ x: driver.x, ...driver.slots })) {
          values.forEach((value, i) => {
            const expected = reference[name][i];
            expect(Number.isFinite(expected), `${name} at ${extreme[i]}`).toBe(true);
            if (kind === "square" && mixing.has(rule.name)) {
              expect(Number.isFinite(value), `${name} at ${extreme[i]}`).toBe(true);
              return;
            }
            const error = Math.abs(value - expected) / Math.max(1, Math.abs(expected));
            const bound = kind === "denormal" ? denormalTolerance : tolerance;
            expect(error, `${name} at ${extreme[i]}`).toBeLessThan(bound[precision]);
          });
        }
        driver.dispose();
      }
    });

    test("keeps the padding at 0 and, without decay or a first moment, the parameters where they are at zero gradients", () => {
      for (let length = 1; length <= 9; length++) {
        const start = Float32Array.from({ length }, (_, i) => i - 2);
        const driver = new Driver(rule, precision, start);
        for (let k = 0; k < 3; k++) driver.step(new Float64Array(length), inputsOf(new Float64Array(length)));
        const { weightDecay, lambd, initialMoment, lower = -Infinity, upper = Infinity } = rule.options;
        const driven = weightDecay || lambd || initialMoment;
        if (!driven && lower === -Infinity && upper === Infinity)
          expect(Array.from(driver.x)).toEqual(Array.from(start));
        expect(driver.x.every(Number.isFinite)).toBe(true);
        for (const padding of driver.padding) expect(padding.every((value) => value === 0)).toBe(true);
        driver.dispose();
      }
    });

    test("turns a NaN gradient into a NaN parameter at its place, and nowhere else unless it measures all or its definition spreads it", () => {
      const clean = [0.5, -2, 3, 0.25, -1];
      const holed = clean.map((g, i) => (i === 3 ? Number.NaN : g));
      const start = [1, 2, 3, 4, 5];
      const [expected, driver] = [new Driver(rule, precision, start), new Driver(rule, precision, start)];
      for (let k = 0; k < 3; k++) {
        expected.step(clean, inputsOf(clean));
        driver.step(k === 1 ? holed : clean, inputsOf(clean));
      }
      const { blockTextbook } = rule.declaration;
      const everywhere = Object.keys(measuresOf(rule)).length > 0 || blockTextbook !== undefined;
      if (blockTextbook) {
        const textbook = new Textbook(rule, precision, start);
        for (let k = 0; k < 3; k++) textbook.step(k === 1 ? holed : clean);
        expect(Array.from(driver.x, Number.isNaN)).toEqual(Array.from(textbook.x, Number.isNaN));
        expect(driver.x[3]).toBeNaN();
      } else {
        const hit = Array.from(expected.x, (x, i) => (everywhere || i === 3 ? Number.NaN : x));
        expect(Array.from(driver.x)).toEqual(hit);
      }
      for (const padding of driver.padding) if (!everywhere) expect(padding.every((v) => v === 0)).toBe(true);
      expected.dispose();
      driver.dispose();
    });
  });
}
