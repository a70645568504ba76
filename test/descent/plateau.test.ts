import { describe, expect, test } from "vitest";
import { Workspace } from "../../src/core/workspace.ts";
import { descend } from "../../src/descent/descend.ts";
import { minimize } from "../../src/descent/minimize.ts";
import { minimizeAsync } from "../../src/descent/minimize-async.ts";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import { Pipeline, pipelineMemory } from "../../src/descent/pipeline.ts";
import { leastSquares, quadratic, rosenbrock } from "../../src/objectives/index.ts";
import { paddedFrame, readParameters } from "../../src/parameters/frame.ts";
import { readGroups } from "../../src/parameters/groups.ts";
import { adam, gradientDescent, sgd } from "../../src/rules/index.ts";
import { shuffle } from "../../src/sampling/index.ts";
import { reduceOnPlateau, warmup } from "../../src/schedules/index.ts";
import { chain, ema, weightDecay } from "../../src/wrappers/index.ts";

const halving = (patience = 0, rate = 1) => reduceOnPlateau({ rate, factor: 0.5, patience });

describe("an optimizer of one's own loop", () => {
  test("[schedules] takes its rate from what it was told, from the coming step on", () => {
    const optimizer = createOptimizer(gradientDescent({ learningRate: halving() }), [0]);
    const steps = [5, 5, 4, 4].map((loss) => {
      const before = optimizer.parameters[0];
      optimizer.gradient.set([-1]);
      optimizer.step();
      optimizer.observe(loss);
      return optimizer.parameters[0] - before;
    });
    expect(steps).toEqual([1, 1, 0.5, 0.5]);
    expect(optimizer.learningRate).toBe(0.25);
    optimizer.dispose();
  });

  test("[schedules] shares nothing with another of the same rule, and a chain's rule nothing with its wrappers", () => {
    const rule = chain(
      sgd({ learningRate: halving(0), momentum: halving(1, 0.5) }),
      ema({ decay: halving(2, 0.8) }),
    );
    const [first, second] = [createOptimizer(rule, [0]), createOptimizer(rule, [0])];
    const momenta: number[] = [];
    for (let t = 0; t < 4; t++) {
      first.gradient.set([t === 0 ? 1 : 0]);
      const before = first.parameters[0];
      first.step();
      momenta.push(before - first.parameters[0]);
      first.observe(1);
    }
    // Rates 1, 1, 1/2, 1/4; momenta 1/2, 1/2, 1/2, 1/4 of a gradient of 1 at the first step.
    expect(momenta).toEqual([1, 0.5, 0.5 * 0.25, 0.25 * (0.25 * 0.25)]);
    expect([first.learningRate, second.learningRate]).toEqual([0.125, 1]);
    first.dispose();
    second.dispose();
  });

  test("[schedules] tells every group, which keep apart what they have seen, and scales what they make of it", () => {
    const optimizer = createOptimizer(
      gradientDescent({ learningRate: halving(0) }),
      { a: [0], b: [0], c: [0], d: [0] },
      {
        groups: [
          { blocks: "b", scale: 0.1 },
          { blocks: "c", options: { learningRate: warmup(2, halving(1)) } },
          { blocks: "d", frozen: true },
        ],
      },
    );
    for (const loss of [1, 1, 1]) optimizer.observe(loss);
    for (const block of Object.values(optimizer.gradient)) block.fill(-1);
    optimizer.step();
    const { a, b, c, d } = optimizer.parameters;
    // Two plateaus for a and b, one for c, which is halfway up its ramp.
    expect([a[0], b[0], c[0], d[0]]).toEqual([0.25, 0.025, 0.25, 0]);
    optimizer.dispose();
  });

  test("[schedules] saves what schedules have seen of rules and wrappers, and loads it also at the same step", () => {
    const make = () =>
      createOptimizer(
        chain(weightDecay({ weightDecay: halving(1, 0.25) }), adam({ learningRate: halving() })),
        [1],
        { precision: "f32" },
      );
    const [first, second] = [make(), make()];
    for (const optimizer of [first, second]) {
      optimizer.gradient.set([1]);
      optimizer.step();
      expect(optimizer.learningRate).toBe(1);
    }
    for (const loss of [3, 3, 3]) first.observe(loss);
    second.load(first.save());
    expect(second.learningRate).toBe(0.25);
    for (const optimizer of [first, second]) {
      optimizer.step();
      optimizer.observe(3);
      optimizer.step();
    }
    expect(second.save()).toEqual(first.save());
    // An optimizer whose rate is a plain number, or falls otherwise, is another one.
    const other = createOptimizer(
      chain(weightDecay({ weightDecay: halving(1, 0.25) }), adam({ learningRate: halving(5) })),
      [1],
      { precision: "f32" },
    );
    expect(() => other.load(first.save())).toThrow(
      "optimizer.load: groups[0].options.learningRate.patience: 0 in this state, 5 in this optimizer",
    );
    for (const optimizer of [first, second, other]) optimizer.dispose();
  });

  test("may be told values where nothing watches; refuses what is no number, and anything once it is disposed", () => {
    const optimizer = createOptimizer(sgd(), [1]);
    optimizer.observe(1);
    optimizer.observe(Number.NaN);
    expect(optimizer.learningRate).toBe(0.001);
    expect(() => optimizer.observe("1" as never)).toThrow(
      'optimizer.observe: value must be a number, got "1"',
    );
    expect(() => optimizer.observe(undefined as never)).toThrow(TypeError);
    optimizer.dispose();
    expect(() => optimizer.observe(1)).toThrow("optimizer.observe: this optimizer was disposed");
  });

  test("cannot be told anything from within a step", () => {
    const optimizer = createOptimizer(
      sgd({
        learningRate(t) {
          if (t > 0) optimizer.observe(1);
          return 0.1;
        },
      }),
      [1],
    );
    optimizer.step();
    expect(() => optimizer.step()).toThrow("optimizer.observe: called from within a step");
    optimizer.dispose();
  });
});

/** A value that never falls, however x moves. */
const flat = { value: () => 1, gradient: (_: ArrayLike<number>, g: { fill(v: number): void }) => g.fill(1) };

describe("minimize and descend", () => {
  const rule = gradientDescent({ learningRate: halving(1) });
  const falling = [1, 1, 0.5, 0.5, 0.25, 0.25, 0.125];

  test("[schedules] tell the value at every point, before the step from there", () => {
    const rates: number[] = [];
    const callback = ({ learningRate }: { learningRate: number }) => void rates.push(learningRate);
    const { x, learningRate } = minimize(flat, { rule, start: [0], steps: 6, callback });
    expect(rates).toEqual(falling);
    expect(learningRate).toBe(0.125);
    expect(x[0]).toBe(-falling.slice(0, 6).reduce((sum, rate) => sum + rate, 0));
    const pulled = [...descend(flat, { rule, start: [0], steps: 6 })].length;
    expect(pulled).toBe(7);
    const steps = Array.from({ length: 7 }, () => 0);
    for (const { index, learningRate } of descend(flat, { rule, start: [0], steps: 6 }))
      steps[index] = learningRate;
    expect(steps).toEqual(falling);
  });

  test("[schedules] do so without holding up the page, too", async () => {
    const { learningRate } = await minimizeAsync(flat, { rule, start: [0], steps: 6 });
    expect(learningRate).toBe(0.125);
    let last = 0;
    for await (const step of descend(flat, { rule, start: [0], steps: 6 })) last = step.learningRate;
    expect(last).toBe(0.125);
  });

  test("[schedules] a rate that is too high for gradient descent falls until the descent is stable", () => {
    const problem = quadratic({ diagonal: [10, 1] });
    const options = { start: [1, 1], steps: 200, gradientTolerance: 1e-10 };
    const high = { rate: 0.25, factor: 0.5, patience: 0 };
    expect(minimize(problem, { ...options, rule: gradientDescent({ learningRate: 0.25 }) }).converged).toBe(
      false,
    );
    const watched = gradientDescent({ learningRate: reduceOnPlateau(high) });
    const { converged, learningRate } = minimize(problem, { ...options, rule: watched });
    expect(converged).toBe(true);
    expect(learningRate).toBe(0.125);
  });

  test("[schedules] tell what is monitored in place of the value, as often as it is monitored", () => {
    const seen: number[] = [];
    const options = {
      rule,
      start: [0],
      steps: 9,
      monitorEvery: 3,
      monitor: () => {
        seen.push(1);
        return 7;
      },
    };
    const rates: number[] = [];
    minimize(
      { ...flat, value: (x: ArrayLike<number>) => x[0] },
      { ...options, callback: ({ learningRate }) => void rates.push(learningRate) },
    );
    // At points 0, 3, 6 and 9: the third 7 is the second without an improvement.
    expect(rates).toEqual([1, 1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5]);
    expect(seen).toHaveLength(4);
    // Where the value itself is watched for patience, it is told as ever.
    const { learningRate } = minimize(flat, { rule, start: [0], steps: 6, patience: 100 });
    expect(learningRate).toBe(0.125);
  });

  test("[schedules] with batches tell the mean over each epoch, before the first step of the next", () => {
    const rows = Array.from({ length: 12 }, (_, i) => [i % 4]);
    const problem = leastSquares(
      rows,
      rows.map(([a]) => (a === 0 ? 2 : 0)),
    );
    const learningRate = reduceOnPlateau({
      rate: 1e-9,
      factor: 0.5,
      patience: 0,
      threshold: 1e-3,
      epsilon: 0,
    });
    const batches = () => shuffle({ rows: 12, batchSize: 4, seed: 3 });
    const rates: number[] = [];
    const values: number[] = [];
    const { learningRate: last } = minimize(problem, {
      rule: gradientDescent({ learningRate }),
      start: [0.5],
      batches: batches(),
      epochs: 3,
      callback(step) {
        rates.push(step.learningRate / 1e-9);
        values.push(step.value);
      },
    });
    // The parameter all but stands: every epoch has the same mean, though its batches have different values.
    expect(new Set(values.slice(0, 3)).size).toBeGreaterThan(1);
    const mean = (epoch: number) => values.slice(3 * epoch, 3 * epoch + 3).reduce((a, b) => a + b, 0) / 3;
    expect(mean(1)).toBeCloseTo(mean(0), 6);
    expect(rates).toEqual([...[1, 1, 1], ...[1, 1, 1], ...[0.5, 0.5, 0.5], 0.25]);
    expect(last).toBe(0.25e-9);
    const pulled: number[] = [];
    const stream = descend(problem, {
      rule: gradientDescent({ learningRate }),
      start: [0.5],
      batches: batches(),
      epochs: 3,
    });
    for (const step of stream) pulled.push(step.learningRate / 1e-9);
    expect(pulled).toEqual(rates);
  });

  test("[schedules] a value that is not finite is not told; the descent ends there", () => {
    const wild = { ...flat, value: (x: ArrayLike<number>) => (x[0] < -1.5 ? Number.NaN : 1) };
    const { reason, learningRate } = minimize(wild, {
      rule: gradientDescent({ learningRate: halving(1) }),
      start: [0],
    });
    expect(reason).toBe("diverged");
    expect(learningRate).toBe(1);
  });

  test("[schedules] what schedules have seen is taken back with a step that is taken back", () => {
    const chained = chain(gradientDescent({ learningRate: halving() }), ema({ decay: halving(0, 0.5) }));
    const parameters = readParameters("test", "start", [0], "f64");
    const groups = readGroups("test", chained, parameters, undefined);
    const frame = paddedFrame(parameters, "f64", [0]);
    const spec = { rule: chained, frame, groups };
    const workspace = new Workspace(pipelineMemory(spec, "f64"), "f64");
    const pipeline = new Pipeline(spec, workspace);
    const rates = () => [pipeline.learningRate, pipeline.wrappers[0].live.watching[0][1](0)];
    for (const loss of [1, 1]) pipeline.observe(loss);
    const mark = pipeline.mark();
    expect(rates()).toEqual([0.5, 0.25]);
    for (const loss of [1, 1, 1]) pipeline.observe(loss);
    expect(rates()).toEqual([0.0625, 0.03125]);
    pipeline.back(mark);
    expect(rates()).toEqual([0.5, 0.25]);
    // A mark is good for more than one time.
    pipeline.observe(1);
    pipeline.back(mark);
    pipeline.observe(1);
    expect(rates()).toEqual([0.25, 0.125]);
    workspace.dispose();
  });

  test('[schedules] stand beside a rate of "auto", which takes back steps that lead upwards', () => {
    const learningRate = "auto";
    const options = { start: [-1.2, 1], steps: 300 };
    const plain = minimize(rosenbrock, { ...options, rule: sgd({ learningRate, momentum: 0.5 }) });
    const momentum = reduceOnPlateau({ rate: 0.5, factor: 0.5, patience: 1e6 });
    const watched = minimize(rosenbrock, { ...options, rule: sgd({ learningRate, momentum }) });
    expect(watched.x).toEqual(plain.x);
    const falling = reduceOnPlateau({ rate: 0.5, factor: 0, patience: 0, threshold: 1 });
    const fallen = minimize(rosenbrock, { ...options, rule: sgd({ learningRate, momentum: falling }) });
    expect(fallen.x).not.toEqual(plain.x);
    expect(fallen.value).toBeLessThan(rosenbrock.value([-1.2, 1]));
  });
});
