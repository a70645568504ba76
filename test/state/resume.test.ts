import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import { ruleNames, rules, sgd } from "../../src/rules/index.ts";
import type { Rule } from "../../src/rules/rule.ts";
import { type SamplerState, shuffle, stratified, withReplacement } from "../../src/sampling/index.ts";
import { schedule, schedules } from "../../src/schedules/index.ts";
import { chain, ema, type Wrapper, wrappers } from "../../src/wrappers/index.ts";
import { makeRule, type OptionSet, optionSetsOf } from "../rules/every-rule.ts";
import { advance, everySchedule, type Form, forms, make, same } from "./run.ts";

const precisions = ["f64", "f32"] as const;
const formNames = Object.keys(forms) as Form[];

/** A rule with a wrapper where the wrapper may stand. */
const wrap = (rule: Rule, wrapper: Wrapper) =>
  wrapper.declaration.place === "after" ? chain(rule, wrapper) : chain(wrapper, rule);

/**
 * Whether a run that is saved after `before` steps and resumed by another optimizer, which has been elsewhere
 * before, has the same state bit for bit after each step as the one that was never interrupted.
 */
function resumes(rule: Rule, form: Form, precision: "f64" | "f32", before: number, seed = 1): boolean {
  using whole = make(rule, form, precision);
  using resumed = make(rule, form, precision);
  for (let t = 0; t < before; t++) advance(whole, seed, t);
  const file = whole.save();
  for (let t = 0; t < 3; t++) advance(resumed, seed + 1, t);
  for (let t = before; t < before + 5; t++) {
    if (t === before) resumed.load(file);
    advance(whole, seed, t);
    advance(resumed, seed, t);
    if (!same(whole.save(), resumed.save())) return false;
  }
  return whole.stepCount === resumed.stepCount && Object.is(whole.learningRate, resumed.learningRate);
}

describe("[state] a resumed run is the uninterrupted one, bit for bit", () => {
  test.each(ruleNames)("for %s with any options, in any form and precision", (name) => {
    for (const options of optionSetsOf(name)) {
      for (const form of formNames) {
        for (const precision of precisions) {
          expect(resumes(makeRule(name, options), form, precision, 4), JSON.stringify(options)).toBe(true);
        }
      }
    }
  });

  test.each(Object.keys(wrappers))("for every rule with %s", (name) => {
    const wrapper = (wrappers as Record<string, () => Wrapper>)[name]();
    for (const rule of ruleNames) {
      for (const precision of precisions) {
        // Steps that are gathered before the rule takes one are cut apart at every place.
        for (const before of [1, 2, 3, 4]) {
          expect(resumes(wrap(rules[rule](), wrapper), "grouped", precision, before), rule).toBe(true);
        }
      }
    }
  });

  test("for every schedule, of a rule and of a wrapper", () => {
    expect(Object.keys(everySchedule).sort()).toEqual(Object.keys(schedules).sort());
    for (const one of Object.values(everySchedule)) {
      const rule = chain(sgd({ learningRate: one, momentum: one }), ema({ decay: one }));
      for (const form of formNames) expect(resumes(rule, form, "f64", 3)).toBe(true);
    }
  });

  test("for any of these together, whenever it is interrupted", () => {
    const anyRule = fc
      .constantFrom(...ruleNames)
      .chain((name) =>
        fc.constantFrom(...optionSetsOf(name)).map((options: OptionSet) => ({ name, options })),
      );
    const averages = (name: string) =>
      (wrappers as Record<string, { declaration: Wrapper["declaration"] }>)[name].declaration.averagedSlot;
    // A chain has one averaging wrapper at most.
    const anyWrappers = fc.uniqueArray(fc.constantFrom(...Object.keys(wrappers)), {
      maxLength: 4,
      selector: (name) => (averages(name) === undefined ? name : "average"),
    });
    const anyRate = fc.constantFrom(undefined, ...Object.values(everySchedule));
    fc.assert(
      fc.property(
        anyRule,
        anyWrappers,
        anyRate,
        fc.constantFrom(...formNames),
        fc.constantFrom(...precisions),
        fc.nat(12),
        fc.nat(1e6),
        ({ name, options }, names, learningRate, form, precision, before, seed) => {
          const bare = makeRule(name, learningRate ? { ...options, learningRate } : options);
          const made = names.map((each) => (wrappers as Record<string, () => Wrapper>)[each]());
          const order = ["first", "before", "after"];
          made.sort((a, b) => order.indexOf(a.declaration.place) - order.indexOf(b.declaration.place));
          const isAfter = ({ declaration }: Wrapper) => declaration.place === "after";
          const parts = [...made.filter((each) => !isAfter(each)), bare, ...made.filter(isAfter)];
          return resumes(chain(...parts), form, precision, before, seed);
        },
      ),
      { numRuns: 300, seed: 3 },
    );
  });

  const labels = Array.from({ length: 23 }, (_, i) => i % 3);
  test.each([
    ["shuffle", () => shuffle({ rows: 23, batchSize: 5, seed: 7 })],
    ["withReplacement", () => withReplacement({ rows: 23, batchSize: 5, seed: 7 })],
    ["stratified", () => stratified({ labels, batchSize: 5, seed: 7 })],
  ] as const)("with the batches of %s, whose state is saved along", (_, sampler) => {
    const data = Float64Array.from({ length: 23 }, (_, i) => i - 11);
    const start = () => ({ optimizer: createOptimizer(rules.adam(), [3]), batches: sampler() });
    const step = ({ optimizer, batches }: ReturnType<typeof start>) => {
      const batch = batches.draw();
      optimizer.gradient[0] = batch.reduce((sum, row) => sum + optimizer.parameters[0] - data[row], 0);
      optimizer.step();
    };
    for (const before of [0, 3, 5, 12]) {
      const whole = start();
      for (let t = 0; t < before; t++) step(whole);
      const resumed = start();
      const file = whole.optimizer.save({ extra: { batches: whole.batches.state() } });
      resumed.batches.restore(resumed.optimizer.load<{ batches: SamplerState }>(file).batches);
      for (let t = 0; t < 20; t++) {
        step(whole);
        step(resumed);
      }
      expect(same(whole.optimizer.save(), resumed.optimizer.save())).toBe(true);
      expect(resumed.batches.state()).toEqual(whole.batches.state());
    }
  });
});

describe("a saved state", () => {
  test("is the same bytes again after it was loaded", () => {
    for (const form of formNames) {
      for (const precision of precisions) {
        const first = make(chain(rules.adam(), ema()), form, precision);
        for (let t = 0; t < 3; t++) advance(first, 1, t);
        const second = make(chain(rules.adam(), ema()), form, precision);
        second.load(first.save());
        expect(same(first.save(), second.save())).toBe(true);
      }
    }
  });

  test("shares nothing: neither who saved nor who loaded changes it, or the other", () => {
    const [first, second] = [make(rules.adam(), "named", "f64"), make(rules.adam(), "named", "f64")];
    advance(first, 1, 0);
    const file = first.save();
    const copy = file.slice();
    second.load(file);
    advance(first, 1, 1);
    expect(same(second.save(), copy)).toBe(true);
    advance(second, 2, 1);
    file.fill(0);
    first.load(copy);
    expect(same(first.save(), copy)).toBe(true);
  });

  test("keeps every bit of numbers that are not finite, denormal, huge or negative zero", () => {
    const odd = [Number.NaN, Infinity, -Infinity, -0, 5e-324, -1.7976931348623157e308];
    for (const precision of precisions) {
      const [first, second] = [0, 0].map(() =>
        createOptimizer(sgd({ momentum: 0.9 }), odd.map(Number.isFinite).map(Number), { precision }),
      );
      first.parameters.set(odd);
      const bits = new Uint8Array(first.parameters.buffer, first.parameters.byteOffset, 8);
      // A NaN with a payload.
      bits.set(precision === "f64" ? [1, 2, 3, 4, 5, 6, 0xf8, 0xff] : [1, 2, 0xc3, 0xff]);
      second.load(first.save());
      const of = ({ buffer, byteOffset, byteLength }: Float64Array | Float32Array) => [
        ...new Uint8Array(buffer, byteOffset, byteLength),
      ];
      expect(of(second.parameters)).toEqual(of(first.parameters));
    }
  });

  test("holds the parameters of frozen blocks, and leaves the gradient where it is", () => {
    const options = { groups: [{ blocks: "f", frozen: true }] };
    const first = createOptimizer(sgd(), { w: [1], f: [2, 3] }, options);
    const second = createOptimizer(sgd(), { w: [0], f: [0, 0] }, options);
    second.gradient.w[0] = 5;
    second.load(first.save());
    expect([...second.parameters.f]).toEqual([2, 3]);
    expect(second.gradient.w[0]).toBe(5);
  });

  test("is of a schedule of one's own by its description, of a function without one by its place", () => {
    const own = (description: unknown) => Object.assign(() => 0.1, { description }) as never;
    const withRate = (learningRate: never) => createOptimizer(sgd({ learningRate }), [1]);
    const described = schedule(() => 0.1, { schedule: "mine", from: 0.1 }) as never;
    const file = withRate(described).save();
    expect(() => withRate(described).load(file)).not.toThrow();
    expect(() => withRate(own({ schedule: "mine", from: 0.2 })).load(file)).toThrow(
      "optimizer.load: groups[0].options.learningRate.from: 0.1 in this state, 0.2 in this optimizer",
    );
    expect(() => withRate(own(undefined)).load(withRate(own(undefined)).save())).not.toThrow();
    expect(() => withRate(own(undefined)).load(file)).toThrow(
      'learningRate: the schedule "mine" in this state, "function" in this optimizer',
    );
  });

  test("is not to be had while rows of a sparse gradient wait; loading forgets them", () => {
    const optimizer = createOptimizer(sgd({ learningRate: 1 }), { table: { shape: [2, 1], values: [1, 2] } });
    const file = optimizer.save();
    optimizer.setSparseGradient("table", [1], [[5]]);
    expect(() => optimizer.save()).toThrow(
      "optimizer.save: rows of a sparse gradient wait for the coming step; take it first",
    );
    optimizer.load(file);
    optimizer.gradient.table.fill(0);
    optimizer.step();
    expect([...optimizer.parameters.table]).toEqual([1, 2]);
    optimizer.setSparseGradient("table", [1], [[5]]);
    optimizer.step();
    expect([...optimizer.parameters.table]).toEqual([1, -3]);
    expect(() => optimizer.save()).not.toThrow();
  });

  test("is not to be had after dispose or from within a step", () => {
    const calls: (() => void)[] = [];
    const rate = schedule(
      () => {
        for (const call of calls) call();
        return 0.1;
      },
      { schedule: "busy" },
    );
    const optimizer = createOptimizer(sgd({ learningRate: rate }), [1]);
    const file = optimizer.save();
    for (const call of [() => optimizer.save(), () => optimizer.load(file)]) {
      calls.splice(0, 1, call);
      optimizer.gradient.fill(1);
      expect(() => optimizer.step()).toThrow(/optimizer\.(save|load): called from within a step/);
    }
    calls.length = 0;
    optimizer.dispose();
    expect(() => optimizer.save()).toThrow("optimizer.save: this optimizer was disposed");
    expect(() => optimizer.load(file)).toThrow("optimizer.load: this optimizer was disposed");
  });
});
