import { describe, expect, test } from "vitest";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import { gradientDescent } from "../../src/rules/index.ts";
import type { OptionDeclarations } from "../../src/rules/options.ts";
import { constant } from "../../src/schedules/index.ts";
import { chain, wrappers } from "../../src/wrappers/index.ts";
import type { AnyWrapperDeclaration, Wrapper } from "../../src/wrappers/wrapper.ts";

interface AnyWrapperFactory {
  (options?: object): Wrapper;
  readonly declaration: AnyWrapperDeclaration;
}

const factories = wrappers as Readonly<Record<string, AnyWrapperFactory>>;

/** What lies outside of a domain. */
const outside: Readonly<Record<string, readonly number[]>> = {
  "[0, ∞)": [-1, Infinity],
  "(0, ∞)": [-1, 0, Infinity],
  "[0, 1)": [-1, 1],
  "[0, 1]": [-1, 2],
  "the integers from 0": [-1, 0.5, Infinity, 2 ** 53],
  "the integers from 1": [0, 1.5, Infinity],
  "[-∞, ∞]": [],
};

/** In a chain around gradient descent, where it may stand. */
const around = (wrapper: Wrapper) =>
  wrapper.declaration.place === "after"
    ? chain(gradientDescent(), wrapper)
    : chain(wrapper, gradientDescent());

describe.each(Object.entries(factories))("%s", (name, factory) => {
  const { declaration } = factory;
  const options: OptionDeclarations = declaration.options;

  test("is registered under its own name, and says what it is in words", () => {
    expect(declaration.name).toBe(name);
    expect(factory().name).toBe(name);
    expect(declaration.summary.trim()).not.toBe("");
    expect(declaration.source).toMatch(/\b(19|20)\d\d\b/);
  });

  test("has hooks that its place calls, and defaults inside their domains", () => {
    const { place, before, beforeStep, after } = declaration;
    if (place === "after") expect(before).toBeUndefined();
    else expect(before).toBeTypeOf("function");
    if (place === "after") expect(after).toBeTypeOf("function");
    expect(beforeStep === undefined || typeof beforeStep === "function").toBe(true);
    const made = factory();
    for (const [option, declared] of Object.entries(options)) {
      if (declared.kind === "number") expect(declared.contains(declared.default)).toBe(true);
      expect(made.options[option]).toBe(declared.default);
    }
  });

  test("keeps state that lies in its slots and carried numbers", () => {
    const slots = declaration.slots?.(factory().options) ?? [];
    if (declaration.averagedSlot !== undefined) expect(slots[declaration.averagedSlot]).toBe("average");
    if (declaration.report) {
      const figures = Object.values(declaration.report(Float64Array.from(declaration.carries ?? [])));
      expect(figures.length).toBeGreaterThan(0);
      for (const figure of figures) expect(Number.isFinite(figure)).toBe(true);
    }
  });

  test("is frozen, and the same options give the same wrapper", () => {
    expect(Object.isFrozen(factory()) && Object.isFrozen(factory().options)).toBe(true);
    expect(Object.isFrozen(factory().settings)).toBe(true);
    expect(factory()).toEqual(factory({}));
  });

  test("refuses options that are unknown, of the wrong kind or outside their domain, by name", () => {
    expect(() => factory({ wrong: 1 })).toThrow(new RegExp(`^${name}: unknown option "wrong"`));
    expect(() => factory(3 as never)).toThrow(`${name}: options must be an object, got 3`);
    for (const [option, declared] of Object.entries(options)) {
      if (declared.kind !== "number") {
        expect(() => factory({ [option]: 1 })).toThrow(`${name}: ${option} must be true or false, got 1`);
        continue;
      }
      for (const wrong of [...outside[declared.domain], Number.NaN]) {
        const refused = new RangeError(`${name}: ${option} must lie in ${declared.domain}, got ${wrong}`);
        expect(() => factory({ [option]: wrong })).toThrow(refused);
      }
      expect(() => factory({ [option]: "1" })).toThrow(`${name}: ${option} must be a number in`);
      const follows = () => factory({ [option]: constant(declared.default) });
      if ("constant" in declared) expect(follows).toThrow(`${name}: ${option} must be a number in`);
      else if (Number.isFinite(declared.default)) expect(follows).not.toThrow();
    }
  });

  test("refuses masks that are wrong by name, or masks at all", () => {
    if (!declaration.masked) {
      expect(() => factory({ blocks: "w" })).toThrow(`${name}: unknown option "blocks"`);
      return;
    }
    expect(() => factory({ block: "w" })).toThrow(`${name}: unknown option "block"; did you mean blocks?`);
    expect(() => factory({ blocks: 3 })).toThrow(
      `${name}: blocks must be a name, a pattern, a RegExp or a list of these, got 3`,
    );
    expect(() => factory({ except: ["w", 3] })).toThrow(`${name}: except must be a name`);
    const make = (mask: object, initial: object) => () =>
      createOptimizer(around(factory(mask)), initial as never);
    expect(make({ blocks: "wv" }, { w: [1] })).toThrow(`${name}: no block is named "wv"; did you mean w?`);
    expect(make({ except: /^b/ }, { w: [1] })).toThrow(`${name}: no block is named /^b/; known: w`);
    expect(make({ except: "w" }, [1])).toThrow(`${name}: except needs named blocks`);
    expect(make({ blocks: "w" }, [1])).toThrow(`${name}: blocks needs named blocks`);
    expect(make({ blocks: "w", except: [] }, { w: [1] })).not.toThrow();
  });

  test("stands where it can work, and nowhere else", () => {
    const other = declaration.place === "after" ? "after" : "before";
    const wrong =
      other === "after"
        ? () => chain(factory(), gradientDescent())
        : () => chain(gradientDescent(), factory());
    expect(around(factory()).name).toBe("gradientDescent");
    expect(wrong).toThrow(`chain: ${name} must stand ${other} the rule gradientDescent, not`);
    if (declaration.place !== "first") return;
    const late = () => chain(wrappers.clipByValue(), factory(), gradientDescent());
    expect(late).toThrow(`chain: ${name} must stand first; clipByValue ahead of it`);
  });
});
