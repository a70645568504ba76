import { describe, expect, test } from "vitest";
import { minimize } from "../../src/descent/minimize.ts";
import { createOptimizer, type Optimizer } from "../../src/descent/optimizer.ts";
import { rosenbrock } from "../../src/objectives/index.ts";
import { adagrad, adam, gradientDescent, rules, sgd } from "../../src/rules/index.ts";
import type { OptionDeclarations } from "../../src/rules/options.ts";
import type { Rule } from "../../src/rules/rule.ts";
import { chain, type Wrapper, wrappers } from "../../src/wrappers/index.ts";
import { anyInputs } from "../rules/inputs.ts";
import { noNumbers, thrownBy } from "./bad-values.ts";

type Make = (options: Readonly<Record<string, unknown>>) => Rule;

const ruleMakers: readonly [string, OptionDeclarations, Make][] = Object.entries(rules).map(
  ([name, rule]) => [name, rule.declaration.options, rule as Make],
);
const wrapperMakers: readonly [string, OptionDeclarations, Make][] = Object.entries(wrappers).map(
  ([name, wrapper]) => {
    const { options, place } = wrapper.declaration;
    const wrap = wrapper as (options: unknown) => Wrapper;
    const rule = sgd({ learningRate: 0.01 });
    return [
      name,
      options,
      (given) => (place === "after" ? chain(rule, wrap(given)) : chain(wrap(given), rule)),
    ];
  },
);

/** Every option that may follow a function, of every rule and wrapper. */
const scheduled = [...ruleMakers, ...wrapperMakers].flatMap(([name, options, make]) =>
  Object.entries(options).flatMap(([option, declared]) =>
    declared.kind === "number" && !("constant" in declared) ? [{ name, option, declared, make }] : [],
  ),
);

/** What a fault must leave as it was: parameters, state, counters, and the gradient. */
const stateOf = (optimizer: Optimizer): string =>
  [Buffer.from(optimizer.save()).toString("hex"), [...optimizer.gradient].join(), optimizer.stepCount].join(
    "/",
  );

function writeGradient({ gradient, parameters }: Optimizer): void {
  gradient.set(parameters.map((x, i) => x * (i + 1)));
}

describe("a bare function as an option", () => {
  test("[schedules] is a schedule: it is asked once a step", () => {
    const asked: number[] = [];
    const learningRate = (t: number) => {
      asked.push(t);
      return 0.1 / (t + 1);
    };
    const optimizer = createOptimizer(gradientDescent({ learningRate }), [1]);
    asked.length = 0;
    let x = 1;
    for (let t = 0; t < 3; t++) {
      writeGradient(optimizer);
      optimizer.step();
      x -= (0.1 / (t + 1)) * x;
      expect(optimizer.parameters[0]).toBe(x);
    }
    expect(asked).toEqual([0, 1, 2]);
    optimizer.dispose();
  });

  test("[schedules] gives the bits that its values give as numbers", () => {
    const options = { start: [-1.2, 1], steps: 50 } as const;
    const asFunction = minimize(rosenbrock, { rule: adam({ learningRate: () => 0.02 }), ...options });
    const asNumber = minimize(rosenbrock, { rule: adam({ learningRate: 0.02 }), ...options });
    expect([...asFunction.x]).toEqual([...asNumber.x]);
  });

  test("[errors] is refused where the number is fixed when the rule is made", () => {
    const make = () => adagrad({ initialAccumulator: (() => 0.1) as never });
    expect(make).toThrow("adagrad: initialAccumulator must be a number in [0, ∞), got a function");
  });

  test("[errors] that throws when the rule is made throws its own error", () => {
    const mine = new Error("mine");
    const learningRate = () => {
      throw mine;
    };
    for (const [, options, make] of ruleMakers) {
      if ("learningRate" in options) expect(thrownBy(() => make({ learningRate }))).toBe(mine);
    }
  });
});

test.each(scheduled.map((each) => [each.name, each.option, each] as const))(
  "[errors] %s refuses a bad value of the function %s at its step, and goes on as if it had not been",
  (name, option, { declared, make }) => {
    const faultyStep = 2;
    const usual = declared.default;
    const outside = [Number.NaN, Infinity, -Infinity, -1].find((value) => !declared.contains(value));
    const mine = new Error("mine");
    let fault: (() => unknown) | undefined;
    const faulty = make({ [option]: (t: number) => (t === faultyStep && fault ? fault() : usual) });
    const plain = make({ [option]: () => usual });
    const bad = [...noNumbers.filter(([, value]) => value !== "auto"), [String(outside), outside] as const];
    const optimizer = createOptimizer(faulty, [0.5, -0.2, 0.3]);
    const untouched = createOptimizer(plain, [0.5, -0.2, 0.3]);
    let calls = 0;
    while (untouched.stepCount < faultyStep) {
      writeGradient(optimizer);
      writeGradient(untouched);
      optimizer.step(anyInputs);
      untouched.step(anyInputs);
      // A wrapper that accumulates steps its rule less often than it is called.
      expect(++calls).toBeLessThan(50);
    }
    writeGradient(optimizer);
    const before = stateOf(optimizer);
    for (const [shown, value] of bad) {
      fault = () => value;
      for (const attempt of [1, 2]) {
        const error = thrownBy(() => optimizer.step(anyInputs)) as Error;
        expect(error.message, `attempt ${attempt}`).toContain(
          `${name}: ${option} (its schedule, at step ${faultyStep}) must`,
        );
        expect(error.message).toContain(`got ${shown}`);
      }
    }
    fault = () => {
      throw mine;
    };
    expect(thrownBy(() => optimizer.step(anyInputs))).toBe(mine);
    expect(stateOf(optimizer)).toBe(before);
    fault = undefined;
    for (let i = 0; i < 4; i++) {
      writeGradient(optimizer);
      writeGradient(untouched);
      optimizer.step(anyInputs);
      untouched.step(anyInputs);
    }
    expect(stateOf(optimizer)).toBe(stateOf(untouched));
    optimizer.dispose();
    untouched.dispose();
  },
);

test("[errors] a fault in one group's schedule leaves the others as they were", () => {
  let broken = true;
  const make = (faulty: boolean) =>
    createOptimizer(
      adam({ learningRate: (t) => 0.1 / (t + 1) }),
      { a: [1, 2], b: [3] },
      { groups: [{ blocks: "b", options: { beta1: (t) => (faulty && broken && t === 1 ? 1 : 0.5) } }] },
    );
  const optimizer = make(true);
  const plain = make(false);
  for (let t = 0; t < 3; t++) {
    for (const { gradient, parameters } of [optimizer, plain]) {
      gradient.a.set(parameters.a);
      gradient.b.set(parameters.b);
    }
    if (t === 1) {
      const before = optimizer.save();
      expect(() => optimizer.step()).toThrow(
        "adam: beta1 (its schedule, at step 1) must lie in [0, 1), got 1",
      );
      expect(optimizer.save()).toEqual(before);
      broken = false;
    }
    optimizer.step();
    plain.step();
  }
  expect(optimizer.save()).toEqual(plain.save());
});

test("[errors] minimize passes on what a function as an option does wrong, and the next run is as any other", () => {
  const run = (learningRate: (t: number) => number) =>
    minimize(rosenbrock, { rule: adam({ learningRate }), start: [-1.2, 1], steps: 20 });
  const before = run(() => 0.02);
  expect(() => run((t) => (t < 7 ? 0.02 : -1))).toThrow(
    "adam: learningRate (its schedule, at step 7) must lie in [0, ∞), got -1",
  );
  expect([...run(() => 0.02).x]).toEqual([...before.x]);
});
