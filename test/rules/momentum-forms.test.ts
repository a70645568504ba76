import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.ts";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import { aggmo, heavyBall, momentum, nesterov, qhadam, qhm, rules, sgd } from "../../src/rules/index.ts";
import { schedule } from "../../src/schedules/schedule.ts";
import { expectAlike, normals, walk } from "./walk.ts";

const STEPS = 60;
const scales = [1, 1e-3, 30];
const start = [1, -2, 0.5];
const gradients = normals(11, STEPS, scales);

/** Each coordinate by itself, as a paper's loop over t would have it: `make` keeps the loop's variables. */
function byHand(make: (x0: number) => (g: number, t: number) => number): number[][] {
  const loops = start.map(make);
  return gradients.map((gradient, k) => gradient.map((g, i) => loops[i](g, k + 1)));
}

describe("heavyBall", () => {
  test("is Polyak's x − ηg + β(x − x₋₁)", () => {
    const [eta, beta] = [0.05, 0.8];
    const expected = byHand((x0) => {
      let [x, last] = [x0, x0];
      return (g) => {
        [x, last] = [x - eta * g + beta * (x - last), x];
        return x;
      };
    });
    expectAlike(walk(heavyBall({ learningRate: eta, beta }), start, gradients), expected, 1e-13);
  });

  test("takes PyTorch's path at a constant rate, and not where the rate falls: what is under way keeps its rate", () => {
    const halved = schedule((t) => (t === 0 ? 1 : 0.5), { schedule: "halved" });
    const two = [[4], [0]];
    // v = −4, then ½·(−4): the rate of the second step multiplies its gradient alone.
    expect(walk(heavyBall({ learningRate: halved, beta: 0.5 }), [0], two)).toEqual([[-4], [-6]]);
    // b = 4, then 2, of which half is taken.
    expect(walk(sgd({ learningRate: halved, momentum: 0.5 }), [0], two)).toEqual([[-4], [-5]]);
    const rate = { learningRate: 0.1 };
    expectAlike(
      walk(heavyBall({ ...rate, beta: 0.9 }), start, gradients),
      walk(sgd({ ...rate, momentum: 0.9 }), start, gradients),
    );
  });
});

describe("nesterov", () => {
  test("is Sutskever's velocity, with the gradient taken where it leads: v ← μv − ηg(θ + μv), θ ← θ + v", () => {
    const [eta, mu] = [0.05, 0.8];
    const curvatures = [1, 3, 0.2];
    const optimizer = createOptimizer(nesterov({ learningRate: eta, momentum: mu }), start);
    const theta = [...start];
    const v = [0, 0, 0];
    for (let t = 0; t < STEPS; t++) {
      optimizer.gradient.set(optimizer.parameters.map((x, i) => curvatures[i] * x));
      optimizer.step();
      theta.forEach((_, i) => {
        const ahead = theta[i] + mu * v[i];
        v[i] = mu * v[i] - eta * curvatures[i] * ahead;
        theta[i] += v[i];
        expect(optimizer.parameters[i]).toBeCloseTo(theta[i] + mu * v[i], 13);
      });
    }
    optimizer.dispose();
  });

  test("is Keras' v ← μv − ηg, x ← x + μv − ηg, and PyTorch's at a constant rate", () => {
    const [eta, mu] = [0.05, 0.8];
    const expected = byHand((x0) => {
      let [x, v] = [x0, 0];
      return (g) => {
        v = mu * v - eta * g;
        x = x + mu * v - eta * g;
        return x;
      };
    });
    const ours = walk(nesterov({ learningRate: eta, momentum: mu }), start, gradients);
    expectAlike(ours, expected);
    expectAlike(
      ours,
      walk(sgd({ learningRate: eta, momentum: mu, nesterov: true }), start, gradients),
      1e-12,
    );
    const halved = schedule((t) => (t === 0 ? 1 : 0.5), { schedule: "halved" });
    const two = [[4], [0]];
    // v = −4, x = −2 − 4; then v = −2 and x − 1.
    expect(walk(nesterov({ learningRate: halved, momentum: 0.5 }), [0], two)).toEqual([[-6], [-7]]);
    // b = 4, x = −(4 + 2); then b = 2, and half of ½·2 is taken.
    expect(walk(sgd({ learningRate: halved, momentum: 0.5, nesterov: true }), [0], two)).toEqual([
      [-6],
      [-6.5],
    ]);
  });

  test("with its own sequence is FISTA: y ← x₊ + ((t − 1)/t₊)(x₊ − x), where x₊ = y − ηg(y)", () => {
    const eta = 0.05;
    const expected = byHand((x0) => {
      let [x, y, t] = [x0, x0, 1];
      return (g) => {
        const next = y - eta * g;
        const tNext = (1 + Math.sqrt(1 + 4 * t * t)) / 2;
        y = next + ((t - 1) / tNext) * (next - x);
        [x, t] = [next, tNext];
        return y;
      };
    });
    expectAlike(walk(nesterov({ learningRate: eta, sequence: true }), start, gradients), expected);
  });

  test("with its own sequence keeps FISTA's bound 2‖x₀ − x*‖²/(η(k + 1)²), on a chain of springs", () => {
    // A chain of 60 springs, the worst kind for first-order methods: λmax < 4.
    const n = 60;
    const gradient = (x: ArrayLike<number>, g: Float64Array) => {
      for (let i = 0; i < n; i++)
        g[i] = 2 * x[i] - (x[i - 1] ?? 0) - (i + 1 < n ? x[i + 1] : 0) - (i ? 0 : 1);
    };
    const solution = Array.from({ length: n }, (_, i) => 1 - (i + 1) / (n + 1));
    const value = (x: ArrayLike<number>) => {
      const g = new Float64Array(n);
      gradient(x, g);
      return solution.reduce((sum, s, i) => sum + 0.5 * (x[i] - s) * (g[i] as number), 0);
    };
    const eta = 0.25;
    const optimizer = createOptimizer(nesterov({ learningRate: eta, sequence: true }), new Float64Array(n));
    const distance = solution.reduce((sum, s) => sum + s * s, 0);
    let closest = 0;
    for (let k = 1; k <= 50; k++) {
      const g = optimizer.gradient as Float64Array;
      gradient(optimizer.parameters, g);
      // The point behind the one that looks ahead.
      const point = Array.from(optimizer.parameters, (y, i) => y - eta * g[i]);
      optimizer.step();
      const bound = (2 * distance) / (eta * (k + 1) ** 2);
      expect(value(point)).toBeLessThanOrEqual(bound);
      closest = Math.max(closest, value(point) / bound);
    }
    optimizer.dispose();
    // So that the bound is no empty one.
    expect(closest).toBeGreaterThan(0.02);
  });

  test("with a momentum that changes keeps x at the look-ahead point of this step's momentum", () => {
    const mus = [0.5, 0.75, 0.25, 0];
    const changing = schedule((t) => mus[t], { schedule: "changing" });
    const given = [[4], [1], [-2], [3]];
    // v₁ = −4, v₂ = ½v₁ − 1 = −3, v₃ = ¾v₂ + 2 = −¼, v₄ = ¼v₃ − 3 = −3.0625; θ sums them, x = θ + μv.
    const [v1, v2, v3, v4] = [-4, -3, -0.25, -3.0625];
    expect(walk(nesterov({ learningRate: 1, momentum: changing }), [0], given)).toEqual([
      [v1 + 0.5 * v1],
      [v1 + v2 + 0.75 * v2],
      [v1 + v2 + v3 + 0.25 * v3],
      [v1 + v2 + v3 + v4],
    ]);
  });
});

describe("qhm", () => {
  test("is the paper's g ← βg + (1−β)∇, θ ← θ − α((1−ν)∇ + νg)", () => {
    const [alpha, beta, nu] = [0.1, 0.95, 0.7];
    const expected = byHand((x0) => {
      let [theta, buffer] = [x0, 0];
      return (g) => {
        buffer = beta * buffer + (1 - beta) * g;
        theta -= alpha * ((1 - nu) * g + nu * buffer);
        return theta;
      };
    });
    expectAlike(walk(qhm({ learningRate: alpha, beta, nu }), start, gradients), expected);
  });

  test("at ν = 0 is gradient descent, at ν = 1 momentum, at ν = β Nesterov's form of it", () => {
    const rate = { learningRate: 0.1 };
    const plain = walk(rules.gradientDescent(rate), start, gradients);
    expectAlike(walk(qhm({ ...rate, nu: 0 }), start, gradients), plain);
    expectAlike(
      walk(qhm({ ...rate, beta: 0.9, nu: 1 }), start, gradients),
      walk(momentum({ ...rate, beta: 0.9 }), start, gradients),
    );
    expectAlike(
      walk(qhm({ ...rate, beta: 0.9, nu: 0.9 }), start, gradients),
      walk(nesterov({ learningRate: 0.1 * (1 - 0.9), momentum: 0.9 }), start, gradients),
      1e-12,
    );
  });

  test("decays through the gradient, or beside it", () => {
    const still = [[0], [0]];
    // g = ½x = 1; d = ½ then; the step is ½ + ¼.
    expect(walk(qhm({ learningRate: 1, beta: 0.5, nu: 0.5, weightDecay: 0.5 }), [2], [[0]])).toEqual([
      [1.25],
    ]);
    const beside = qhm({ learningRate: 0.5, beta: 0.5, nu: 0.5, weightDecay: 0.5, decoupled: true });
    expect(walk(beside, [4], still)).toEqual([[3], [2.25]]);
  });
});

describe("qhadam", () => {
  test("is the paper's algorithm with both averages corrected", () => {
    const [alpha, beta1, beta2, nu1, nu2, epsilon] = [0.01, 0.95, 0.98, 0.7, 0.8, 1e-6];
    const expected = byHand((x0) => {
      let [theta, g1, s1] = [x0, 0, 0];
      return (g, t) => {
        g1 = beta1 * g1 + (1 - beta1) * g;
        s1 = beta2 * s1 + (1 - beta2) * g * g;
        const gHat = g1 / (1 - beta1 ** t);
        const sHat = s1 / (1 - beta2 ** t);
        theta -=
          (alpha * ((1 - nu1) * g + nu1 * gHat)) / (Math.sqrt((1 - nu2) * g * g + nu2 * sHat) + epsilon);
        return theta;
      };
    });
    const rule = qhadam({ learningRate: alpha, beta1, beta2, nu1, nu2, epsilon });
    expectAlike(walk(rule, start, gradients), expected);
  });

  test("at ν₁ = ν₂ = 1 is Adam, decoupled AdamW, and at ν₁ = ν₂ = 0 the sign of the gradient", () => {
    const options = { learningRate: 0.01, beta1: 0.8, beta2: 0.95, weightDecay: 0.1 };
    expectAlike(walk(qhadam(options), start, gradients), walk(rules.adam(options), start, gradients));
    expectAlike(
      walk(qhadam({ ...options, decoupled: true }), start, gradients),
      walk(rules.adamw(options), start, gradients),
      1e-12,
    );
    expectAlike(
      walk(qhadam({ learningRate: 0.01, nu1: 0, nu2: 0, epsilon: 0 }), start, gradients),
      walk(rules.signDescent({ learningRate: 0.01 }), start, gradients),
    );
  });
});

describe("aggmo", () => {
  test("is the paper's K velocities, v ← βv − g, θ ← θ + (γ/K)Σv, with β = 1 − aᵏ⁻¹", () => {
    for (const [a, K] of [
      [0.1, 3],
      [0.5, 5],
      [0.25, 1],
    ]) {
      const gamma = 0.05;
      const betas = Array.from({ length: K }, (_, k) => 1 - a ** k);
      const expected = byHand((x0) => {
        let theta = x0;
        const v = betas.map(() => 0);
        return (g) => {
          betas.forEach((beta, k) => {
            v[k] = beta * v[k] - g;
          });
          theta += (gamma / K) * v.reduce((sum, each) => sum + each, 0);
          return theta;
        };
      });
      const rule = aggmo({ learningRate: gamma, damping: a, velocities: K });
      expectAlike(walk(rule, start, gradients), expected);
    }
  });

  test("has a slot for each velocity but the first, which is the gradient; with one alone it is gradient descent", () => {
    const slots = (velocities: number) => {
      const rule = aggmo({ velocities });
      return rule.declaration.slots(rule.options);
    };
    expect([slots(1), slots(3)]).toEqual([[], ["v2", "v3"]]);
    const rate = { learningRate: 0.1 };
    const plain = walk(rules.gradientDescent(rate), start, gradients);
    expect(walk(aggmo({ ...rate, velocities: 1 }), start, gradients)).toEqual(plain);
    // At a = 1 every velocity is the gradient.
    expectAlike(walk(aggmo({ ...rate, damping: 1, velocities: 4 }), start, gradients), plain);
  });

  test("has as many velocities as it says, up to 24, in every precision and at every place", () => {
    expect(() => aggmo({ velocities: 25 })).toThrow(
      new RangeError("aggmo: velocities must be at most 24, got 25"),
    );
    // @ts-expect-error the type refuses a schedule too
    expect(() => aggmo({ velocities: () => 3 })).toThrow("aggmo: velocities must be a number in");
    const random = new Random(3);
    const long = Array.from({ length: 37 }, () => random.normal());
    const given = normals(
      4,
      30,
      long.map(() => 1),
    );
    const rule = aggmo({ velocities: 24, damping: 0.75 });
    const betas = Array.from({ length: 24 }, (_, k) => 1 - 0.75 ** k);
    const v = long.map(() => betas.map(() => 0));
    const x = [...long];
    const expected = given.map((gradient) => {
      gradient.forEach((g, i) => {
        v[i] = v[i].map((each, k) => betas[k] * each + g);
        x[i] -= (0.01 / 24) * v[i].reduce((sum, each) => sum + each, 0);
      });
      return [...x];
    });
    expectAlike(walk(rule, long, given), expected, 1e-13);
    expectAlike(
      walk(
        rule,
        long.map(Math.fround),
        given.map((g) => g.map(Math.fround)),
        undefined,
        "f32",
      ),
      expected,
      3e-6,
    );
  });
});
