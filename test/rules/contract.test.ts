import { describe, expect, test } from "vitest";
import { instantiate } from "../../src/core/compile.ts";
import { ruleNames, rules } from "../../src/rules/index.ts";
import type { OptionDeclarations } from "../../src/rules/options.ts";
import { type AnyRuleFactory, plainDivide } from "../../src/rules/rule.ts";
import { optionsAt } from "./drive.ts";
import { optionSets } from "./option-sets.ts";

const factories = rules as Readonly<Record<string, AnyRuleFactory>>;
const binaries = (["f64", "f32"] as const).map((precision) =>
  instantiate(precision, new WebAssembly.Memory({ initial: 1, maximum: 1 })),
);

describe.each(ruleNames)("%s", (name) => {
  const factory = factories[name];
  const { declaration } = factory;
  const declarations: OptionDeclarations = declaration.options;
  const sets = optionSets[name];
  const built = sets.map((options) => factory(options));

  test("is registered under its own name", () => {
    expect(declaration.name).toBe(name);
    expect(factory().name).toBe(name);
  });

  test("says what it is in words", () => {
    for (const text of [declaration.summary, declaration.formula, declaration.source]) {
      expect(text.trim()).not.toBe("");
    }
  });

  test("has defaults inside their domains, and every option is tested away from its default", () => {
    for (const [option, declared] of Object.entries(declarations)) {
      if (declared.kind === "number") expect(declared.contains(declared.default)).toBe(true);
      expect(factory().options[option]).toBe(declared.default);
      expect(sets.some((given) => option in given && given[option] !== declared.default)).toBe(true);
    }
  });

  test("has kernels that both binaries export", () => {
    for (const rule of built) {
      for (const kernels of binaries)
        expect(kernels[declaration.kernel(rule.options)]).toBeTypeOf("function");
    }
  });

  test("has a textbook that gives x and every slot, finite, and names nothing else", () => {
    const known = new Set(["x"]);
    const returned = new Set<string>();
    for (const rule of built) {
      const slots: readonly string[] = declaration.slots(rule.options);
      const initial = declaration.initial?.(rule.options) ?? {};
      for (const slot of Object.keys(initial)) expect(slots).toContain(slot);
      const zeros = Object.fromEntries(slots.map((slot) => [slot, 0]));
      const state = { x: 1, g: 0.5, t: 1, gradientNorm: 2, ...zeros, ...initial };
      const next = declaration.textbook(state, optionsAt(rule, 0), plainDivide);
      for (const key of ["x", ...slots]) expect(Number.isFinite(next[key]), key).toBe(true);
      for (const slot of slots) known.add(slot);
      for (const key of Object.keys(next)) returned.add(key);
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
      const open = declared.domain === "[0, 1)" ? [1] : [];
      for (const wrong of [-1, Number.NaN, Number.POSITIVE_INFINITY, ...open]) {
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
