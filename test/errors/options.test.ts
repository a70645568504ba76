import { describe, expect, test } from "vitest";
import { checkGradient } from "../../src/curvature/check-gradient.ts";
import { curvature } from "../../src/curvature/curvature.ts";
import { powerIteration } from "../../src/curvature/power-iteration.ts";
import { descend } from "../../src/descent/descend.ts";
import { minimize } from "../../src/descent/minimize.ts";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import { leastSquares, quadratic, rosenbrock, type UserProblem } from "../../src/objectives/index.ts";
import { adam, rules } from "../../src/rules/index.ts";
import type { OptionDeclarations } from "../../src/rules/options.ts";
import { make } from "../../src/schedules/define.ts";
import { cosine, type Schedule, schedules } from "../../src/schedules/index.ts";
import type { Parameter } from "../../src/schedules/parameters.ts";
import { wrappers } from "../../src/wrappers/index.ts";
import { badNumbers, expectRefusal, looksBack, noNumbers, thrownBy } from "./bad-values.ts";

interface Factory {
  // biome-ignore lint/suspicious/noExplicitAny: every option is given what it does not take
  (options?: any): unknown;
  readonly declaration: { readonly name: string; readonly options: OptionDeclarations };
}
const factories: Readonly<Record<string, Factory>> = { ...rules, ...wrappers };

describe.each(Object.entries(factories))("%s", (name, factory) => {
  const { options } = factory.declaration;

  test.each(Object.entries(options))("[errors] refuses every bad %s by name", (option, declared) => {
    if (declared.kind === "flag") {
      for (const [shown, value] of [
        ...noNumbers,
        ["a function", () => true],
        ["1", 1],
        ["NaN", Number.NaN],
      ] as const) {
        if (typeof value === "boolean") continue;
        expectRefusal(() => factory({ [option]: value }), `${name}: ${option} must be`, `got ${shown}`);
      }
      return;
    }
    const bad = badNumbers(declared.contains).filter(
      ([, value]) => value !== "auto" || !("automatic" in declared),
    );
    expect(bad.length).toBeGreaterThan(20);
    for (const [shown, value] of bad) {
      expectRefusal(() => factory({ [option]: value }), `${name}: ${option} must`, `got ${shown}`);
      const call = () => factory({ [option]: () => value });
      if ("constant" in declared) expectRefusal(call, `${name}: ${option} must`, "got a function");
      else expectRefusal(call, `${name}: ${option} (its schedule, at step 0) must`, `got ${shown}`);
    }
  });

  test("[errors] refuses options that are no object, and names that it does not know", () => {
    for (const [shown, value] of noNumbers) {
      if (shown === "an object") continue;
      expectRefusal(() => factory(value), `${name}: options must be an object`, `got ${shown}`);
    }
    for (const word of ["lr", "betas", "eps", "weight_decay", "x".repeat(1000), "__proto__x", ""]) {
      expectRefusal(() => factory({ [word]: 1 }), `${name}: unknown option "${word}"; `);
    }
  });
});

test("[errors] a neighbour's word is answered with the house's own, in every rule that has it", () => {
  const words = { lr: "learningRate", betas: "beta1 and beta2", eps: "epsilon", weight_decay: "weightDecay" };
  for (const [word, meant] of Object.entries(words)) {
    const able = Object.entries(rules).filter(
      ([, { declaration }]) => meant.split(" ")[0] in declaration.options,
    );
    expect(able.length).toBeGreaterThan(1);
    for (const [name, rule] of able) {
      expectRefusal(
        () => rule({ [word]: 1 } as never),
        `${name}: unknown option "${word}"; did you mean ${meant}?`,
      );
    }
  }
});

/** Something that a schedule's parameter takes, whatever the others are. */
function goodParameter(declared: Parameter, rate: Schedule): unknown {
  switch (declared.kind) {
    case "number":
      return declared.contains(1) ? 1 : 0.5;
    case "flag":
      return true;
    case "word":
      return declared.words[0];
    case "numbers":
      return new Array(declared.least).fill(1);
    case "schedule":
      return rate;
    case "schedules":
      return [rate];
    case "parts":
      return [{ steps: 3, schedule: rate }, rate];
  }
}

/** What a schedule's parameter does not take, and how a message shows it. */
function badParameters(declared: Parameter): readonly (readonly [shown: string, value: unknown])[] {
  switch (declared.kind) {
    case "number":
      return badNumbers(declared.contains);
    case "flag":
      return [...noNumbers.filter(([, value]) => typeof value !== "boolean"), ["1", 1], ["NaN", Number.NaN]];
    case "word":
      return [...noNumbers, ["1", 1]];
    case "schedule":
      return noNumbers;
    default:
      // Lists are looked into, whatever that makes of them.
      return [
        ...noNumbers.filter(
          ([, value]) => !(looksBack.has(value) || Array.isArray(value) || value instanceof Float64Array),
        ),
        ["1", 1],
      ];
  }
}

describe.each(Object.entries(schedules))("the schedule %s", (name, declaration) => {
  const rate = cosine({ from: 1, steps: 10 });
  const good: Record<string, unknown> = {};
  for (const [parameter, declared] of Object.entries(declaration.parameters)) {
    good[parameter] = goodParameter(declared, rate);
  }

  test.each(Object.entries(declaration.parameters))(
    "[errors] refuses every bad %s by name",
    (parameter, declared) => {
      make(declaration, good);
      for (const [shown, value] of badParameters(declared)) {
        expectRefusal(
          () => make(declaration, { ...good, [parameter]: value }),
          `${name}: ${parameter} must`,
          `got ${shown}`,
        );
      }
      expectRefusal(
        () => make(declaration, { ...good, [parameter]: () => 1 }),
        `${name}: ${parameter} must`,
        "got a function",
      );
    },
  );

  test("[errors] refuses what is no object, and parameters that it does not know", () => {
    for (const value of [undefined, null, 1, "x", 1n, Symbol("x")]) {
      expectRefusal(() => make(declaration, value), `${name}: expected an object`);
    }
    expectRefusal(() => make(declaration, { ...good, gama: 1 }), `${name}: unknown parameter "gama"`);
  });
});

const initial = { w: [1, 2], b: [3] };
const bowl = quadratic([
  [2, 0],
  [0, 1],
]);
const rule = adam();
const line: UserProblem = {
  value: ([x]) => x * x,
  gradient([x], g) {
    g[0] = 2 * x;
  },
};

const natural = (v: number) => Number.isSafeInteger(v) && v >= 0;
const count = (v: number) => Number.isSafeInteger(v) && v >= 1;
const orInfinite = (contains: (v: number) => boolean) => (v: number) => contains(v) || v === Infinity;
const tolerance = (v: number) => v >= 0 && v < Infinity;
const betweenOpen = (v: number) => v > 0 && v < 1;
const none = () => false;

/** The numbers that an option takes, or "flag" where it takes true and false. */
type Takes = ((value: number) => boolean) | "flag";

const calls: readonly [owner: string, (options: object) => unknown, Readonly<Record<string, Takes>>][] = [
  ["createOptimizer", (o) => createOptimizer(rule, initial, o), { precision: none, guard: "flag" }],
  [
    "minimize",
    (o) => minimize(rosenbrock, { rule, start: [1, 2], steps: 1, ...o }),
    {
      precision: none,
      steps: natural,
      gradientTolerance: tolerance,
      relativeGradientTolerance: tolerance,
      valueTolerance: tolerance,
      relativeValueTolerance: tolerance,
      timeLimit: (v) => v >= 0,
      callback: none,
      patience: count,
      monitor: none,
    },
  ],
  [
    "descend",
    (o) => descend(rosenbrock, { rule, start: [1, 2], ...o }),
    { precision: none, steps: orInfinite(natural) },
  ],
  [
    "curvature",
    (o) => curvature(bowl, o),
    { precision: none, seed: natural, maxSteps: count, tolerance: betweenOpen, probability: betweenOpen },
  ],
  [
    "powerIteration",
    (o) => powerIteration(bowl, o),
    { precision: none, seed: natural, steps: count, tolerance: betweenOpen },
  ],
  [
    "checkGradient",
    (o) => checkGradient(rosenbrock, { at: [1, 2], ...o }),
    { tolerance: (v) => v > 0 && v < Infinity },
  ],
  [
    "leastSquares",
    (o) => leastSquares([[1], [2]], [1, 2], o),
    { columns: count, l2: tolerance, intercept: "flag" },
  ],
];

describe.each(calls)("%s", (owner, call, takes) => {
  test.each(Object.entries(takes))("[errors] refuses every bad %s by name", (option, contains) => {
    const bad =
      contains === "flag"
        ? noNumbers.filter(([, value]) => typeof value !== "boolean")
        : badNumbers(contains);
    for (const [shown, value] of bad) {
      expectRefusal(() => call({ [option]: value }), `${owner}: `, option, `got ${shown}`);
    }
  });

  test("[errors] refuses options that are no object, and names that it does not know", () => {
    expectRefusal(
      () => call({ precisoin: "f32", columms: 1, toleranse: 1 }),
      `${owner}: unknown option "precisoin"`,
    );
  });
});

test("[errors] functions that take options refuse what is no object", () => {
  for (const value of [null, 1, "x", 1n, true, [], Symbol("x")] as never[]) {
    expectRefusal(() => createOptimizer(rule, initial, value), "createOptimizer: options must be an object");
    expectRefusal(() => minimize(rosenbrock, value), "minimize: options must be an object");
    expectRefusal(() => descend(rosenbrock, value), "descend: options must be an object");
    expectRefusal(() => curvature(bowl, value), "curvature: options must be an object");
    expectRefusal(() => powerIteration(bowl, value), "powerIteration: options must be an object");
    expectRefusal(() => checkGradient(rosenbrock, value), "checkGradient: options must be an object");
    expectRefusal(() => leastSquares([[1]], [1], value), "leastSquares: options must be an object");
  }
});

/** Arguments that are objects of some structure, and how each call names them. */
const structured: readonly [owner: string, argument: string, (value: never) => unknown][] = [
  ["createOptimizer", "rule", (value) => createOptimizer(value, [1])],
  ["createOptimizer", "initial", (value) => createOptimizer(rule, value)],
  ["createOptimizer", "groups", (value) => createOptimizer(rule, initial, { groups: value })],
  ["createOptimizer", "block", (blocks) => createOptimizer(rule, initial, { groups: [{ blocks }] })],
  [
    "createOptimizer",
    "rule",
    (own) => createOptimizer(rule, initial, { groups: [{ blocks: "w", rule: own }] }),
  ],
  [
    "createOptimizer",
    "scale",
    (scale) => createOptimizer(rule, initial, { groups: [{ blocks: "w", scale }] }),
  ],
  [
    "createOptimizer",
    "frozen",
    (frozen) => createOptimizer(rule, initial, { groups: [{ blocks: "w", frozen }] }),
  ],
  ["createOptimizer", "w", (w) => createOptimizer(rule, { w })],
  ["createOptimizer", "w.values", (values) => createOptimizer(rule, { w: { values } })],
  ["createOptimizer", "w.shape", (shape) => createOptimizer(rule, { w: { values: [1, 2], shape } })],
  ["minimize", "problem", (value) => minimize(value, { rule, start: [1] })],
  ["minimize", "rule", (value) => minimize(rosenbrock, { rule: value, start: [1, 2] })],
  ["minimize", "start", (value) => minimize(line, { rule, start: value, steps: 1 })],
  ["minimize", "groups", (value) => minimize(rosenbrock, { rule, start: [1, 2], groups: value })],
  ["descend", "problem", (value) => descend(value, { rule, start: [1] })],
  ["descend", "rule", (value) => descend(rosenbrock, { rule: value, start: [1, 2] })],
  ["descend", "start", (value) => descend(line, { rule, start: value })],
  ["descend", "signal", (value) => descend(rosenbrock, { rule, start: [1, 2], signal: value })],
  ["curvature", "problem", (value) => curvature(value, { at: [1] })],
  ["curvature", "at", (value) => curvature(line, { at: value })],
  ["powerIteration", "problem", (value) => powerIteration(value, { at: [1] })],
  ["powerIteration", "at", (value) => powerIteration(line, { at: value })],
  ["checkGradient", "at", (value) => checkGradient(line, { at: value })],
  ["quadratic", "matrix", (value) => quadratic(value)],
  [
    "quadratic",
    "linear",
    (value) =>
      quadratic(
        [
          [1, 0],
          [0, 1],
        ],
        value,
      ),
  ],
  ["quadratic", "constant", (value) => quadratic([[1]], [1], value)],
  ["leastSquares", "features", (value) => leastSquares(value, [1])],
  ["leastSquares", "targets", (value) => leastSquares([[1], [2]], value)],
];

/** What is bad for one is good for another: numbers in arrays, switches, empty patterns. */
const isGood = (argument: string, value: unknown): boolean =>
  value === undefined ||
  (["initial", "start", "at", "w", "w.values"].includes(argument) && isNumbers(value)) ||
  (argument === "frozen" && typeof value === "boolean") ||
  (argument === "constant" && value === -1) ||
  (argument === "groups" && Array.isArray(value) && value.length === 0) ||
  (argument === "matrix" && isNumbers(value));
const isNumbers = (value: unknown) =>
  (Array.isArray(value) || ArrayBuffer.isView(value)) && (value as ArrayLike<unknown>).length > 0;

test.each(structured)("[errors] %s refuses every bad %s by name", (owner, argument, call) => {
  for (const [, value] of [...noNumbers, ["NaN", Number.NaN], ["-1", -1], ["a function", () => 1]] as const) {
    if (looksBack.has(value)) {
      // Its own error passes through: whoever reads an object's fields cannot do otherwise.
      expect(thrownBy(() => call(value as never))).toBeInstanceOf(Error);
    } else if (!isGood(argument, value)) {
      const inside = typeof value === "object" && value !== null ? [] : [argument];
      expectRefusal(() => call(value as never), argument === "problem" ? "problem" : `${owner}: `, ...inside);
    }
  }
});

test("[errors] a problem's value that is no number is refused by name, and one that is not finite is a result", () => {
  for (const [shown, value] of noNumbers) {
    if (looksBack.has(value) || value instanceof Promise) continue;
    expectRefusal(
      () => minimize({ value: () => value as number }, { rule, start: [1] }),
      "problem: value must return a number",
      `got ${shown}`,
    );
  }
  for (const value of [Number.NaN, Infinity, -Infinity]) {
    expect(minimize({ value: () => value }, { rule, start: [1] }).reason).toBe("diverged");
  }
});
