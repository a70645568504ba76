import { describe, expect, test } from "vitest";
import { descend } from "../../src/descent/descend.ts";
import { minimize } from "../../src/descent/minimize.ts";
import { createOptimizer, type Optimizer } from "../../src/descent/optimizer.ts";
import { rosenbrock } from "../../src/objectives/index.ts";
import { adam, gradientDescent, sgd } from "../../src/rules/index.ts";
import { chain, ema } from "../../src/wrappers/index.ts";
import { defineWrapper } from "../../src/wrappers/wrapper.ts";
import { thrownBy } from "./bad-values.ts";

/** Every call on an optimizer of named block `w` that reads or writes its memory. */
const calls: Readonly<Record<string, (optimizer: Optimizer<{ w: number[] }>) => unknown>> = {
  step: (optimizer) => optimizer.step(),
  setSparseGradient: (optimizer) => optimizer.setSparseGradient("w", [0], [1]),
  averaged: (optimizer) => optimizer.averaged(),
  report: (optimizer) => optimizer.report(),
  save: (optimizer) => optimizer.save(),
  load: (optimizer) => optimizer.load(new Uint8Array(0)),
  learningRate: (optimizer) => optimizer.learningRate,
};

/** What a call within a step of an optimizer throws; the step itself goes on. */
function thrownWithin(
  call: (optimizer: Optimizer<{ w: number[] }>) => unknown,
  ask: "step" | "learningRate",
): unknown {
  let thrown: unknown;
  let reenter = false;
  const learningRate = () => {
    if (reenter) thrown = thrownBy(() => call(optimizer));
    return 0.1;
  };
  const optimizer = createOptimizer(chain(sgd({ learningRate }), ema({ decay: 0.5 })), { w: [1, 2] });
  const plain = createOptimizer(chain(sgd({ learningRate: () => 0.1 }), ema({ decay: 0.5 })), { w: [1, 2] });
  optimizer.gradient.w.fill(1);
  plain.gradient.w.fill(1);
  reenter = true;
  if (ask === "step") optimizer.step();
  else expect(optimizer.learningRate).toBe(0.1);
  reenter = false;
  if (ask === "learningRate") optimizer.step();
  plain.step();
  expect(optimizer.save()).toEqual(plain.save());
  return thrown;
}

describe("an optimizer that is called from within a step", () => {
  test.each([
    ...Object.entries(calls),
    ["dispose", (optimizer: Optimizer<{ w: number[] }>) => optimizer.dispose()] as const,
  ])("[errors] refuses %s by a schedule, and the step goes on", (name, call) => {
    for (const ask of ["step", "learningRate"] as const) {
      expect(thrownWithin(call, ask)).toEqual(
        new Error(`optimizer.${name}: called from within a step (by a schedule?)`),
      );
    }
  });

  test("[errors] refuses step by a wrapper", () => {
    let thrown: unknown;
    const calling = defineWrapper({
      name: "calling",
      summary: "calls step",
      source: "none",
      place: "before",
      options: {},
      before() {
        thrown = thrownBy(() => optimizer.step());
        return true;
      },
    });
    const optimizer = createOptimizer(chain(calling(), sgd({ learningRate: 1 })), [1]);
    optimizer.gradient[0] = 1;
    optimizer.step();
    expect(thrown).toEqual(new Error("optimizer.step: called from within a step (by a schedule?)"));
    expect(optimizer.parameters[0]).toBe(0);
    expect(optimizer.stepCount).toBe(1);
  });

  test("[errors] passes the refusal on where the schedule does not catch it, and changes nothing", () => {
    let reenter = false;
    const optimizer: Optimizer<number[]> = createOptimizer(
      adam({
        learningRate: () => {
          if (reenter) optimizer.step();
          return 0.1;
        },
      }),
      [1, 2],
    );
    const before = optimizer.save();
    reenter = true;
    expect(() => optimizer.step()).toThrow("called from within a step");
    reenter = false;
    expect(optimizer.save()).toEqual(before);
    optimizer.step();
    expect(optimizer.stepCount).toBe(1);
  });

  test("lets one of its own objective's making step, which is another", () => {
    const inner = createOptimizer(sgd({ learningRate: 0.5 }), [1]);
    const result = minimize(
      {
        value([x]) {
          inner.gradient[0] = 1;
          inner.step();
          return x * x;
        },
        gradient([x], g) {
          g[0] = 2 * x;
        },
      },
      { rule: gradientDescent({ learningRate: 0.25 }), start: [1], steps: 3, gradientTolerance: 0 },
    );
    expect(result.x[0]).toBe(0.125);
    expect(inner.stepCount).toBe(4);
  });
});

describe("an optimizer that was disposed", () => {
  test.each(Object.entries(calls))("[errors] refuses %s", (name, call) => {
    const optimizer = createOptimizer(chain(sgd(), ema()), { w: [1, 2] });
    optimizer.dispose();
    expect(() => call(optimizer)).toThrow(new Error(`optimizer.${name}: this optimizer was disposed`));
  });

  test("still tells its steps, and may be disposed again", () => {
    const optimizer = createOptimizer(sgd(), [1]);
    optimizer.step();
    optimizer.dispose();
    optimizer.dispose();
    const next = createOptimizer(sgd({ learningRate: 1 }), [5]);
    optimizer.dispose();
    next.gradient[0] = 1;
    next.step();
    expect(next.parameters[0]).toBe(4);
    expect(optimizer.stepCount).toBe(1);
  });

  test("is, at the end of its block, what `using` holds", () => {
    let kept: Optimizer<number[]>;
    {
      using optimizer = createOptimizer(sgd({ learningRate: 1 }), [1]);
      optimizer.gradient[0] = 1;
      optimizer.step();
      expect(optimizer.parameters[0]).toBe(0);
      kept = optimizer;
    }
    expect(() => kept.step()).toThrow("optimizer.step: this optimizer was disposed");
  });
});

describe("a descent that is pulled from within its own problem", () => {
  /** What the iterator's own functions do when the problem calls them at its third evaluation. */
  function thrownWithin(method: "next" | "return"): { thrown: unknown; last: number; index: number } {
    let thrown: unknown;
    let evaluations = 0;
    const steps = descend(
      {
        value([x]) {
          if (++evaluations === 3) thrown = thrownBy(() => steps[method]?.());
          return x * x;
        },
        gradient([x], g) {
          g[0] = 2 * x;
        },
      },
      { rule: gradientDescent({ learningRate: 0.25 }), start: [1], steps: 4 },
    );
    let [last, index] = [0, 0];
    for (const step of steps) [last, index] = [step.value, step.index];
    return { thrown, last, index };
  }

  test.each(["next", "return"] as const)("[errors] refuses %s(), and goes on", (method) => {
    const { thrown, last, index } = thrownWithin(method);
    expect(thrown).toEqual(
      new Error(`descend: ${method}() called from within a step (by the problem or a schedule?)`),
    );
    expect(index).toBe(4);
    expect(last).toBe(0.0625 ** 2);
  });

  test("is left alone by descents and minimisations of the same problem within it", () => {
    let depth = 0;
    const nested = {
      value(x: ArrayLike<number>): number {
        if (depth++ === 0) {
          minimize(nested, { rule: adam({ learningRate: 0.1 }), start: [5, 5], steps: 3 });
          for (const step of descend(nested, { rule: adam(), start: [7, 7] })) if (step.index === 2) break;
        }
        depth--;
        return rosenbrock.value!(x as Float64Array);
      },
      gradient: rosenbrock.gradient!,
    };
    const options = { rule: adam({ learningRate: 0.02 }), start: [-1.2, 1], steps: 30 };
    expect([...minimize(nested, options).x]).toEqual([...minimize(rosenbrock, options).x]);
  });
});
