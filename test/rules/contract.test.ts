import { describe, expect, test } from "vitest";
import { instantiate } from "../../src/core/compile.ts";
import { ruleNames, rules } from "../../src/rules/index.ts";
import { vectorsOf } from "../../src/rules/measure.ts";
import type { OptionDeclarations } from "../../src/rules/options.ts";
import { type AnyRuleFactory, measuresOf, plainDivide } from "../../src/rules/rule.ts";
import { optionsAt, Textbook } from "./drive.ts";
import { optionSetsOf } from "./every-rule.ts";

const factories = rules as Readonly<Record<string, AnyRuleFactory>>;
const binaries = (["f64", "f32"] as const).map((precision) =>
  instantiate(precision, new WebAssembly.Memory({ initial: 1, maximum: 1 })),
);

describe.each(ruleNames)("%s", (name) => {
  const factory = factories[name];
  const { declaration } = factory;
  const declarations: OptionDeclarations = declaration.options;
  const sets = optionSetsOf(name);
  const built = sets.map((options) => factory(options));

  test("is registered under its own name", () => {
    expect(declaration.name).toBe(name);
    expect(factory().name).toBe(name);
  });

  test("says what it is in words", () => {
    const { summary, formula, use, source } = declaration;
    for (const text of [summary, formula, use, source]) expect(text?.trim()).toBeTruthy();
  });

  test("has a learning rate, be it a factor of what it works out itself", () => {
    expect(declarations).toHaveProperty("learningRate");
  });

  test("has defaults inside their domains, and every option is tested away from its default", () => {
    for (const [option, declared] of Object.entries(declarations)) {
      if (declared.kind === "number") expect(declared.contains(declared.default)).toBe(true);
      expect(factory().options[option]).toBe(declared.default);
      expect(sets.some((given) => option in given && given[option] !== declared.default)).toBe(true);
    }
  });

  test("has kernels that both binaries export, and says what they take", () => {
    expect(typeof declaration.scalars).toBe(typeof declaration.kernel);
    for (const rule of built) {
      expect(rule.compiled).toBe(true);
      for (const { kernel } of [declaration, ...(declaration.prepare ? [declaration.prepare] : [])]) {
        for (const kernels of binaries) {
          expect(kernels[kernel!(rule.options) as keyof typeof kernels]).toBeTypeOf("function");
        }
      }
    }
  });

  test("has one textbook, of a parameter or of a block", () => {
    expect(Boolean(declaration.textbook) !== Boolean(declaration.blockTextbook)).toBe(true);
  });

  test("names slots that it has", () => {
    for (const rule of built) {
      const slots: readonly string[] = declaration.slots(rule.options);
      expect(new Set(slots).size).toBe(slots.length);
      for (const slot of Object.keys(declaration.initial?.(rule.options) ?? {}))
        expect(slots).toContain(slot);
    }
    const all = new Set(built.flatMap((rule) => declaration.slots(rule.options)));
    const { averages, result, transient = [], slotShapes = {} } = declaration;
    const measures = Object.assign({}, ...built.map(measuresOf));
    for (const rule of built) {
      const vectors = Object.values(measuresOf(rule)).flatMap(vectorsOf);
      const own = new Set(["x", "g", ...declaration.slots(rule.options)]);
      for (const vector of vectors) expect(own).toContain(vector);
    }
    for (const slot of [averages, result, ...transient, ...Object.keys(slotShapes)]) {
      if (slot !== undefined) expect(all).toContain(slot);
    }
    const taken = ["x", "g", "h", "t", "value", "carried", "length", ...Object.keys(measures)];
    for (const slot of all) expect(taken).not.toContain(slot);
  });

  test("takes rows by themselves only where a step is no more than its kernel", () => {
    for (const rule of built) {
      if (!declaration.sparse?.(rule.options)) continue;
      const { prepare, measures, advance, needs, blockTextbook, slotShapes } = declaration;
      expect([prepare, measures, advance, needs, blockTextbook, slotShapes].every((part) => !part)).toBe(
        true,
      );
    }
  });

  test("has a textbook whose first step is finite", () => {
    for (const rule of built) {
      const textbook = new Textbook(rule, "f64", [1, -2, 3, 0.5], [2, 2]);
      textbook.step([0.5, 1, -0.25, 2], { value: 3, diagonal: [1, 2, 3, 4] });
      for (const values of [textbook.x, ...Object.values(textbook.slots)]) {
        expect(values.every(Number.isFinite)).toBe(true);
      }
    }
  });

  test("has a textbook that gives x and every slot, and names nothing else", () => {
    if (!declaration.textbook) return;
    const known = new Set(["x"]);
    const returned = new Set<string>();
    for (const rule of built) {
      const slots: readonly string[] = declaration.slots(rule.options);
      const ones = Object.fromEntries([...slots, ...Object.keys(measuresOf(rule))].map((key) => [key, 1]));
      const carried = Float64Array.from(declaration.carries ?? []);
      const state = { x: 1, g: 0.5, h: 2, t: 1, value: 3, length: 1, carried, ...ones } as never;
      const o = optionsAt(rule, 0);
      const prepared = declaration.prepare?.textbook(state, o, plainDivide);
      const next = declaration.textbook({ ...(state as object), ...prepared } as never, o, plainDivide);
      for (const slot of slots) known.add(slot);
      for (const key of ["x", ...slots]) expect(next[key], key).toBeTypeOf("number");
      for (const key of [...Object.keys(next), ...Object.keys(prepared ?? {})]) returned.add(key);
    }
    expect([...returned].sort()).toEqual([...known].sort());
  });

  test("is frozen, and the same options give the same rule", () => {
    for (const [i, rule] of built.entries()) {
      expect(Object.isFrozen(rule) && Object.isFrozen(rule.options)).toBe(true);
      expect(factory(sets[i])).toEqual(rule);
    }
  });

  test("refuses each number outside its domain, by name", () => {
    for (const [option, declared] of Object.entries(declarations)) {
      if (declared.kind !== "number") {
        expect(() => factory({ [option]: 1 })).toThrow(`${name}: ${option} must be true or false, got 1`);
        continue;
      }
      const candidates = [-1, 0, 1, 0.5, Number.NaN, Infinity, -Infinity];
      const outside = candidates.filter((value) => !declared.contains(value));
      expect(outside.some(Number.isNaN)).toBe(true);
      for (const wrong of outside) {
        const refused = new RangeError(`${name}: ${option} must lie in ${declared.domain}, got ${wrong}`);
        expect(() => factory({ [option]: wrong })).toThrow(refused);
      }
      expect(() => factory({ [option]: "1" })).toThrow(`${name}: ${option} must be a number in`);
    }
  });

  test("refuses the neighbours' words and says its own", () => {
    const words = {
      lr: "learningRate",
      learning_rate: "learningRate",
      betas: "beta1 and beta2",
      eps: "epsilon",
      weight_decay: "weightDecay",
      lr_decay: "learningRateDecay",
      initial_accumulator_value: "initialAccumulator",
      maximise: "maximize",
    };
    for (const [word, meant] of Object.entries(words)) {
      if (!(meant.split(" ")[0] in declarations)) continue;
      const refused = new TypeError(`${name}: unknown option "${word}"; did you mean ${meant}?`);
      expect(() => factory({ [word]: 0.5 })).toThrow(refused);
    }
  });
});

test("a word that means different options in different rules is read as the rule's own", () => {
  expect(() => factories.rmsprop({ alpha: 0.9 })).toThrow("did you mean decay?");
  expect(() => factories.gradientDescent({ alpha: 0.9 })).toThrow("did you mean learningRate?");
  expect(() => factories.momentum({ momentum: 0.9 })).toThrow("did you mean beta?");
  expect(() => factories.adagrad({ decay: 0.9 })).toThrow("did you mean learningRateDecay?");
  expect(() => factories.adamw({ decay: 0.9 })).toThrow("did you mean weightDecay?");
});
