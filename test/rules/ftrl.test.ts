import { describe, expect, test } from "vitest";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import { adagrad, ftrl, gradientDescent } from "../../src/rules/index.ts";
import { schedule } from "../../src/schedules/schedule.ts";
import { speedLimit } from "../../src/stepsize/speed-limit.ts";
import { Driver } from "./drive.ts";
import { expectAlike, normals, walk } from "./walk.ts";

const STEPS = 80;
const gradients = normals(14, STEPS, [1, 0.05, 3, 0.3]);

interface Keras {
  readonly alpha: number;
  readonly beta: number;
  readonly l1: number;
  readonly l2: number;
  readonly power: number;
  readonly n0: number;
  readonly shrinkage: number;
}

/** Algorithm 1 of the paper on one weight, with Keras' power and shrinkage; z begins as it is given. */
function leader({ alpha, beta, l1, l2, power, n0, shrinkage }: Keras, w0: number, z0: number) {
  let [w, z, n] = [w0, z0, n0];
  return (g: number) => {
    const nNext = n + g * g;
    const sigma = (nNext ** power - n ** power) / alpha;
    z += g + shrinkage * w - sigma * w;
    n = nNext;
    w = Math.abs(z) <= l1 ? 0 : -(z - Math.sign(z) * l1) / ((beta + n ** power) / alpha + l2);
    return w;
  };
}

const sets: Readonly<Record<string, Partial<Keras>>> = {
  "as the paper has it": { beta: 1, n0: 0 },
  "with L1": { l1: 2 },
  "with L1 and L2": { l1: 2, l2: 2, beta: 1 },
  "with a power of 0.8": { l1: 2, power: 0.8 },
  "with a rate that does not fall": { l1: 2, power: 0, n0: 0 },
  "with shrinkage": { l1: 2, l2: 1, shrinkage: 0.2 },
};

describe("ftrl", () => {
  test.each(Object.entries(sets))("%s is algorithm 1, from 0 and from elsewhere", (_, given) => {
    const o: Keras = { alpha: 0.3, beta: 0, l1: 0, l2: 0, power: 0.5, n0: 0.1, shrinkage: 0, ...given };
    const rule = ftrl({
      learningRate: o.alpha,
      beta: o.beta,
      l1: o.l1,
      l2: o.l2,
      power: o.power,
      initialAccumulator: o.n0,
      weightDecay: o.shrinkage,
    });
    const first = (o.beta + o.n0 ** o.power) / o.alpha + o.l2;
    for (const start of [
      [0, 0, 0, 0],
      [1, -0.3, 0, 5],
    ]) {
      // The z whose w is the start, by the paper's own formula solved for z.
      const loops = start.map((w) => leader(o, w, w === 0 ? 0 : -(w * first + Math.sign(w) * o.l1)));
      const expected = gradients.map((gradient) => gradient.map((g, i) => loops[i](g)));
      const actual = walk(rule, start, gradients);
      expectAlike(actual, expected, 1e-12);
      // What is 0 is exactly so, on both sides at once.
      expected.forEach((w, t) => {
        w.forEach((each, i) => {
          expect(actual[t][i] === 0, `${t} ${i}`).toBe(each === 0);
        });
      });
      if (o.l1 > 0) expect(expected.flat().filter((w) => w === 0).length).toBeGreaterThan(3);
    }
  });

  // tensorflow/python/training/ftrl_test.py, in f32: rate 3, first accumulator 0.1, gradients (0.1, 0.2) and (0.01, 0.02).
  const tensorflow = { learningRate: 3, initialAccumulator: 0.1 };
  const steady = (times: number) => Array.from({ length: times }, () => [0.1, 0.2, 0.01, 0.02]);

  test("comes to the figures of TensorFlow's own test from 0", () => {
    const [last] = walk(ftrl(tensorflow), [0, 0, 0, 0], steady(3)).slice(-1);
    const expected = [-2.60260963, -4.29698515, -0.28432083, -0.56694895];
    last.forEach((w, i) => {
      expect(w).toBeCloseTo(expected[i], 5);
    });
  });

  test.each([
    ["nothing", 3, {}, [-2.55607247, -3.98729396, -0.28232238, -0.56096673]],
    ["L1", 10, { l1: 0.001 }, [-7.66718769, -10.91273689, -0.93460727, -1.86147261]],
    ["L1 and L2", 10, { l1: 0.001, l2: 4 }, [-0.24059935, -0.46829352, -0.02406147, -0.04830509]],
    [
      "L1, L2 and shrinkage",
      10,
      { l1: 0.001, l2: 4, weightDecay: 0.2 },
      [-0.22578995, -0.44345796, -0.14378493, -0.13229476],
    ],
  ] as const)(
    "comes to them with %s from 1, 2, 4, 3, once TensorFlow has forgotten these",
    (_, times, more, expected) => {
      const { l1, l2, weightDecay } = { l1: 0, l2: 0, weightDecay: 0, ...more };
      const start = [1, 2, 4, 3];
      const [gradient] = steady(1);
      // TensorFlow begins with z = 0, of which w would be 0: its first step is taken by the paper's formula.
      const o = { alpha: 3, beta: 0, l1, l2, power: 0.5, n0: 0.1, shrinkage: weightDecay };
      const driver = new Driver(ftrl({ ...tensorflow, ...more }), "f64", start);
      driver.x.set(start.map((w, i) => leader(o, w, 0)(gradient[i])));
      driver.slots.sum.set(gradient.map((g) => 0.1 + g * g));
      for (const g of steady(times - 1)) driver.step(g);
      driver.x.forEach((w, i) => {
        expect(w).toBeCloseTo(expected[i], 5);
      });
      driver.dispose();
    },
  );

  test("counts a start that is not 0, where a z of 0 forgets it", () => {
    const rule = ftrl({ learningRate: 0.1, beta: 1, l1: 0.5, l2: 1 });
    const start = [3, -2, 0.01, 0];
    expect(walk(rule, start, [[0, 0, 0, 0]])).toEqual([start]);
    // With no accumulator and no β, η is the size of the first step, wherever it starts: 5 − 0.1.
    expect(walk(ftrl({ learningRate: 0.1, initialAccumulator: 0 }), [5], [[0.3]])[0][0]).toBeCloseTo(4.9, 14);
    expect(
      leader({ alpha: 0.1, beta: 1, l1: 0, l2: 0, power: 0.5, n0: 0, shrinkage: 0 }, 5, 0)(0),
    ).toBeCloseTo(0);
  });

  test("without regularisation is Adagrad, and with power 0 gradient descent", () => {
    const start = [1, -2, 3, 0.5];
    expectAlike(
      walk(ftrl({ learningRate: 0.2 }), start, gradients),
      walk(adagrad({ learningRate: 0.2, initialAccumulator: 0.1, epsilon: 0 }), start, gradients),
    );
    expectAlike(
      walk(ftrl({ learningRate: 0.2, power: 0 }), start, gradients),
      walk(gradientDescent({ learningRate: 0.2 }), start, gradients),
    );
  });

  test("keeps parameters at 0 until the sum of their gradients outweighs l1, and lets them back", () => {
    const rule = ftrl({ learningRate: 1, l1: 1, initialAccumulator: 1 });
    // z: 0.6, 1.2, 0.7, −0.3, then ….
    const visited = walk(rule, [0], [[0.6], [0.6], [-0.5], [-1], [-1]]).flat();
    expect(visited.map((w) => w !== 0)).toEqual([false, true, false, false, true]);
    const root = Math.sqrt(1 + 2 * 0.36);
    expect(visited[1]).toBeCloseTo(-0.2 / root, 14);
  });

  test("does not move without a gradient when its rate changes, and stops where the rate is 0", () => {
    const rates = [1, 0.5, 0.25, 0, 2];
    const changing = schedule((t) => rates[t], { schedule: "changing" });
    const rule = ftrl({ learningRate: changing, l1: 0.1 });
    const [first, ...later] = walk(
      rule,
      [1, 0],
      [
        [0.5, 0.3],
        [0, 0],
        [0, 0],
        [7, 5],
        [0, 0],
      ],
    );
    expect(later.slice(0, 3)).toEqual([first, first, first]);
    expect(later[3].every(Number.isFinite)).toBe(true);
  });

  test("takes the gradients of some rows alone, and has a limit unless l1 bends it", () => {
    const table = { shape: [3, 2], values: [1, 2, 0, 4, 5, 0] } as const;
    const rule = ftrl({ learningRate: 0.5, l1: 0.2 });
    const [dense, sparse] = [createOptimizer(rule, { table }), createOptimizer(rule, { table })];
    for (let t = 0; t < 4; t++) {
      dense.gradient.table.set([0, 0, 0.3, -0.1, 0, 0]);
      dense.step();
      sparse.setSparseGradient("table", [1], [[0.3, -0.1]]);
      sparse.step();
      expect([...sparse.parameters.table]).toEqual([...dense.parameters.table]);
    }
    expect(speedLimit(ftrl({ beta: 1, l2: 3 }), { lambdaMax: 2 })).toBeCloseTo(1, 10);
    expect(() => speedLimit(rule, { lambdaMax: 2 })).toThrow("ftrl has no limit of this kind");
  });

  test("says what Keras' words are here", () => {
    expect(() => ftrl({ l1_regularization_strength: 1 } as never)).toThrow("did you mean l1?");
    expect(() => ftrl({ learning_rate_power: -0.5 } as never)).toThrow("did you mean power?");
    expect(() => ftrl({ l2_shrinkage_regularization_strength: 1 } as never)).toThrow(
      "did you mean weightDecay?",
    );
  });
});
