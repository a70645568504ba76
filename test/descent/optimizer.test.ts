import { describe, expect, test } from "vitest";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import { adagrad, adam, gradientDescent, rules, sgd } from "../../src/rules/index.ts";
import { schedule } from "../../src/schedules/schedule.ts";
import { anyInputs } from "../rules/inputs.ts";

describe("an optimizer", () => {
  test("steps from the gradient that is written to it", () => {
    const optimizer = createOptimizer(sgd({ learningRate: 0.1 }), [3, -2]);
    for (let i = 0; i < 100; i++) {
      optimizer.gradient.set(optimizer.parameters);
      optimizer.step();
    }
    expect(Math.abs(optimizer.parameters[0])).toBeLessThan(1e-3);
    expect(optimizer.stepCount).toBe(100);
    optimizer.dispose();
  });

  test("keeps its views and its numbers while a hundred others come and go", () => {
    const optimizer = createOptimizer(adam({ learningRate: 0.1 }), [1, 2, 3], { precision: "f32" });
    const { parameters, gradient } = optimizer;
    gradient.fill(1);
    for (let i = 0; i < 100; i++) {
      const other = createOptimizer(adam(), new Float64Array(1 + (i % 7) * 1000).fill(5));
      other.gradient.fill(Number.NaN);
      other.step();
      if (i % 2) other.dispose();
    }
    optimizer.step();
    expect(optimizer.parameters).toBe(parameters);
    expect(optimizer.gradient).toBe(gradient);
    expect(parameters[0]).toBeCloseTo(0.9, 6);
  });

  test("fills the accumulator of AdaGrad before the first step, but not its padding", () => {
    const optimizer = createOptimizer(adagrad({ learningRate: 1, initialAccumulator: 3, epsilon: 0 }), [1]);
    optimizer.gradient[0] = 1;
    optimizer.step();
    expect(optimizer.parameters[0]).toBeCloseTo(1 - 1 / 2, 12);
  });

  test("a schedule that leaves its domain throws at that step and changes nothing", () => {
    for (const make of Object.values(rules)) {
      const learningRate = schedule((t) => (t < 3 ? 0.1 : Number.NaN), { schedule: "broken" });
      const optimizer = createOptimizer(make({ learningRate }), [1, 2, 3]);
      optimizer.gradient.set([1, 2, 3]);
      for (let i = 0; i < 3; i++) optimizer.step(anyInputs);
      const before = [...optimizer.parameters];
      expect(() => optimizer.step(anyInputs)).toThrow(
        /learningRate \(its schedule, at step 3\) must lie in \[0, ∞\), got NaN/,
      );
      expect(() => optimizer.step(anyInputs)).toThrow(/at step 3/);
      expect([...optimizer.parameters]).toEqual(before);
      expect(optimizer.stepCount).toBe(3);
      optimizer.dispose();
    }
  });

  test("a schedule that throws leaves the state as it was: the run goes on as one without the fault", () => {
    let broken = true;
    const faulty = schedule(
      (t) => {
        if (t === 2 && broken) throw new Error("mine");
        return 0.1;
      },
      { schedule: "faulty" },
    );
    const run = (rule: ReturnType<typeof adam>) => {
      const optimizer = createOptimizer(rule, [1, 2]);
      for (let i = 0; i < 5; i++) {
        optimizer.gradient.set(optimizer.parameters);
        try {
          optimizer.step();
        } catch (error) {
          expect((error as Error).message).toBe("mine");
          broken = false;
          optimizer.step();
        }
      }
      return [...optimizer.parameters];
    };
    expect(run(adam({ learningRate: faulty }))).toEqual(run(adam({ learningRate: 0.1 })));
    expect(broken).toBe(false);
  });

  test("with guard refuses a gradient that is not finite, and changes nothing", () => {
    const optimizer = createOptimizer(adam(), [1, 2, 3], { guard: true });
    optimizer.gradient.set([1, Number.NaN, 3]);
    expect(() => optimizer.step()).toThrow(/optimizer\.step: gradient\[1\] must be finite, got NaN/);
    expect([...optimizer.parameters]).toEqual([1, 2, 3]);
    optimizer.gradient.set([1, 2, 3]);
    optimizer.step();
    expect(optimizer.stepCount).toBe(1);
  });

  test("refuses bad input by name", () => {
    expect(() => createOptimizer(adam(), [])).toThrow(/initial must not be empty/);
    expect(() => createOptimizer(adam(), [1, Number.NaN])).toThrow(/initial\[1\] must be finite/);
    expect(() => createOptimizer(adam(), ["1"] as never)).toThrow(/initial\[0\] must be a number, got "1"/);
    expect(() => createOptimizer({} as never, [1])).toThrow(/rule must be a rule/);
    expect(() => createOptimizer(adam(), [1], { precison: "f32" } as never)).toThrow(
      /did you mean precision/,
    );
    expect(() => createOptimizer(adam(), [1], { guard: 1 } as never)).toThrow(/guard must be true or false/);
    const optimizer = createOptimizer(gradientDescent(), [1]);
    optimizer.dispose();
    expect(() => optimizer.step()).toThrow(/was disposed/);
  });
});
