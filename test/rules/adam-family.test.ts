import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.ts";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import {
  adabelief,
  adadelta,
  adam,
  adamax,
  adamw,
  adan,
  ademamix,
  adopt,
  amsgrad,
  laprop,
  nadam,
  nadamw,
  radam,
  yogi,
} from "../../src/rules/index.ts";
import { rectification } from "../../src/rules/rectification.ts";
import type { Rule } from "../../src/rules/rule.ts";
import { schedule } from "../../src/schedules/schedule.ts";
import { speedLimit } from "../../src/stepsize/speed-limit.ts";
import { Driver } from "./drive.ts";
import { type Algorithm, expectClose, expectPath, path, steady, walk } from "./paths.ts";

// Each algorithm is written from the paper's pseudo-code, or the framework's documentation where that is named, with its
// own bookkeeping.

const [learningRate, beta1, beta2, epsilon] = [0.05, 0.8, 0.95, 1e-3];
const common = { learningRate, beta1, beta2, epsilon };
const lambda = 0.2;
const falling = schedule((t) => 0.1 / (1 + t), { schedule: "falling" });

describe("adadelta", () => {
  test("takes the path of Zeiler's algorithm 1", () => {
    const [rho, eps] = [0.9, 1e-2];
    expectPath(adadelta({ decay: rho, epsilon: eps }), () => {
      let [ofGradient, ofStep] = [0, 0];
      return (x, g) => {
        ofGradient = rho * ofGradient + (1 - rho) * g ** 2;
        const step = (-Math.sqrt(ofStep + eps) / Math.sqrt(ofGradient + eps)) * g;
        ofStep = rho * ofStep + (1 - rho) * step ** 2;
        return x + step;
      };
    });
  });

  test("begins with steps of √(ε/(1 − ρ)), whatever the gradient's size", () => {
    for (const g of [-1e-2, 3, 1e6]) {
      const [[x]] = path(adadelta({ decay: 0.75, epsilon: 1e-8 }), [0], [[g]]);
      expect(-x * Math.sign(g)).toBeCloseTo(2e-4, 7);
    }
  });

  test("has steps in the parameters' units: scaling the gradient does not scale them, once ε is small beside both", () => {
    const gradients = [3, -1, 2, 0.5, -2];
    const of = (scale: number) =>
      path(
        adadelta({ epsilon: 1e-30 }),
        [0],
        gradients.map((g) => [scale * g]),
      ).flat();
    const [one, other] = [of(1), of(1024)];
    for (const [i, x] of one.entries()) expect(other[i] / x).toBeCloseTo(1, 12);
  });

  test("never moves at ε = 0, and takes any ρ from 0 to 1", () => {
    expect(
      path(
        adadelta({ epsilon: 0 }),
        [1, 2],
        [
          [3, 0],
          [0, -4],
        ],
      ),
    ).toEqual([
      [1, 2],
      [1, 2],
    ]);
    // At ρ = 1 nothing is ever taken in, so that δ = g.
    expect(path(adadelta({ decay: 1 }), [0], [[3], [2]])).toEqual([[-3], [-5]]);
    // At ρ = 0 the squares are those of the last gradient and step: √(0 + 1)/√(3 + 1)·√3, then √(¾ + 1)/√(8 + 1)·√8.
    expectClose(path(adadelta({ decay: 0, epsilon: 1 }), [0], [[Math.sqrt(3)], [Math.sqrt(8)]]).flat(), [
      -Math.sqrt(3) / 2,
      -Math.sqrt(3) / 2 - (Math.sqrt(1.75) / 3) * Math.sqrt(8),
    ]);
  });
});

describe("adamax", () => {
  test("takes the path of PyTorch's and Optax's form of algorithm 2", () => {
    expectPath(adamax(common), () => {
      let [m, u] = [0, 0];
      return (x, g, t) => {
        m = beta1 * m + (1 - beta1) * g;
        u = Math.max(beta2 * u, Math.abs(g) + epsilon);
        return x - (learningRate / (1 - beta1 ** t)) * (m / u);
      };
    });
  });

  test("divides by the largest gradient of the past, shrunk by β₂ a step", () => {
    // u = 4, then max(2, 1) = 2, then max(1, 3) = 3; β₁ = 0.
    const rule = adamax({ learningRate: 1, beta1: 0, beta2: 0.5, epsilon: 0 });
    expectClose(path(rule, [0], [[4], [1], [-3]]).flat(), [-1, -1.5, -0.5]);
  });
});

describe("nadam", () => {
  const muAt = (t: number, decay: number) => beta1 * (1 - 0.5 * 0.96 ** (t * decay));
  const dozat =
    (decay: number, twice = false): Algorithm =>
    () => {
      let [m, v, product] = [0, 0, 1];
      return (x, g, t) => {
        const [now, next] = [muAt(t, decay), muAt(t + 1, decay)];
        product *= now;
        m = beta1 * m + (1 - beta1) * g;
        v = beta2 * v + (1 - beta2) * g ** 2;
        const ahead = product * next * (twice ? now : 1);
        const bar = ((1 - now) * g) / (1 - product) + (next * m) / (1 - ahead);
        return x - (learningRate * bar) / (Math.sqrt(v / (1 - beta2 ** t)) + epsilon);
      };
    };

  test("takes Dozat's path with PyTorch's momentum decay, and Keras' with a decay of 1", () => {
    for (const momentumDecay of [0, 4e-3, 1]) {
      expectPath(nadam({ ...common, momentumDecay }), dozat(momentumDecay));
    }
  });

  test("counts µ twice in the product up to the next one, as PyTorch did before 2.0, only if told to", () => {
    expectPath(nadam({ ...common, repeatedMu: true }), dozat(4e-3, true));
    const gradients = [[1], [2], [-1]];
    const [plain, old] = [nadam(common), nadam({ ...common, repeatedMu: true })].map((r) =>
      path(r, [0], gradients),
    );
    expect(Math.abs(plain[0][0] - old[0][0])).toBeGreaterThan(1e-4);
  });

  test("keeps the product in f32, as PyTorch does, only if told to: a difference of some 1e-8 of a step", () => {
    const gradients = [[1], [2], [-1], [4]];
    for (const repeatedMu of [false, true]) {
      const x = [false, true].map((roundedProduct) =>
        path(nadam({ ...common, repeatedMu, roundedProduct }), [0], gradients).flat(),
      );
      const apart = Math.max(...x[0].map((value, i) => Math.abs(value - x[1][i]))) / learningRate;
      expect(apart).toBeGreaterThan(1e-10);
      expect(apart).toBeLessThan(1e-6);
    }
  });

  test("with an endless momentum decay is Optax's, and with decoupled decay nadamw", () => {
    const optax =
      (decay: number): Algorithm =>
      () => {
        let [mu, nu] = [0, 0];
        return (x, g, t) => {
          mu = beta1 * mu + (1 - beta1) * g;
          nu = beta2 * nu + (1 - beta2) * g ** 2;
          const ahead = (beta1 * mu) / (1 - beta1 ** (t + 1)) + ((1 - beta1) * g) / (1 - beta1 ** t);
          const root = Math.sqrt(nu / (1 - beta2 ** t) + 0.01) + epsilon;
          return x - learningRate * (ahead / root + decay * x);
        };
      };
    const options = { ...common, epsilonRoot: 0.01, momentumDecay: Infinity };
    expectPath(nadam(options), optax(0));
    expectPath(nadamw({ ...options, weightDecay: lambda }), optax(lambda));
    expectPath(nadam({ ...options, weightDecay: lambda, decoupledDecay: true }), optax(lambda));
    expect(nadamw().options.momentumDecay).toBe(Infinity);
  });

  test("begins with the step η(1 + µ₂(1 − β₁)/(1 − µ₁µ₂))", () => {
    const [first, second] = [muAt(1, 4e-3), muAt(2, 4e-3)];
    const [[x]] = path(nadam({ ...common, epsilon: 0 }), [0], [[7]]);
    expect(-x / learningRate).toBeCloseTo(1 + (second * (1 - beta1)) / (1 - first * second), 13);
  });
});

describe("radam", () => {
  const liu =
    (threshold: number, hat: boolean, decay = 0): Algorithm =>
    () => {
      let [m, v] = [0, 0];
      const rhoInf = 2 / (1 - beta2) - 1;
      return (x, g, t) => {
        m = beta1 * m + (1 - beta1) * g;
        v = beta2 * v + (1 - beta2) * g ** 2;
        const mHat = m / (1 - beta1 ** t);
        const rho = rhoInf - (2 * t * beta2 ** t) / (1 - beta2 ** t);
        const kept = x - learningRate * decay * x;
        if (rho <= threshold) return kept - learningRate * mHat;
        const r = Math.sqrt(((rho - 4) * (rho - 2) * rhoInf) / ((rhoInf - 4) * (rhoInf - 2) * rho));
        const correction = Math.sqrt(1 - beta2 ** t);
        const length = hat
          ? correction / (Math.sqrt(v) + epsilon)
          : 1 / (Math.sqrt(v) / correction + epsilon);
        return kept - learningRate * mHat * r * length;
      };
    };

  test("takes PyTorch's path, Optax's with ε beside what is corrected, the paper's with a threshold of 4 and no ε", () => {
    expectPath(radam(common), liu(5, true));
    expectPath(radam({ ...common, epsilonHat: false }), liu(5, false));
    expectPath(radam({ ...common, threshold: 4 }), liu(4, true));
    expectPath(radam({ ...common, weightDecay: lambda, decoupledDecay: true }), liu(5, true, lambda));
  });

  test("at β₂ = 0.999 first divides at step 6, from the paper's threshold on at step 5, and for small β₂ never", () => {
    const first = (b2: number, threshold: number) =>
      Array.from({ length: 100 }, (_, i) => i + 1).find((t) => rectification(t, b2, threshold) > 0);
    expect(first(0.999, 5)).toBe(6);
    expect(first(0.999, 4)).toBe(5);
    // ρ∞ = 2/(1 − β₂) − 1 is 5 at β₂ = 2/3.
    expect(first(0.66, 5)).toBeUndefined();
    expect(first(0.67, 5)).toBeGreaterThan(6);
  });

  test("is momentum until then: its first steps are as long as the gradient", () => {
    expectClose(
      steady(radam({ learningRate: 0.1 }), 30, 5),
      walk(() => 3, 5),
    );
    const waiting = steady(radam({ learningRate: 0.1, skipUnrectified: true }), 30, 6);
    expect(waiting.slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
    expect(waiting[5]).toBeLessThan(0);
  });

  test("the factor goes to 1, so that late steps are Adam's", () => {
    for (const t of [10, 100, 1000, 10_000]) {
      expect(rectification(t, 0.999, 5)).toBeLessThan(rectification(t * 10, 0.999, 5));
    }
    expect(rectification(1e6, 0.999, 5)).toBe(1);
  });
});

describe("adabelief", () => {
  const zhuang =
    (inside: number, outside: number): Algorithm =>
    () => {
      let [m, s] = [0, 0];
      return (x, g, t) => {
        m = beta1 * m + (1 - beta1) * g;
        s = beta2 * s + (1 - beta2) * (g - m) ** 2 + inside;
        const [mHat, sHat] = [m / (1 - beta1 ** t), s / (1 - beta2 ** t)];
        return x - learningRate * (mHat / (Math.sqrt(sHat) + outside) + lambda * x);
      };
    };

  test("takes the path of algorithm 2, whose ε adds up in s, and of Optax's, which has two of them", () => {
    expectPath(adabelief({ ...common, epsilonRoot: epsilon, weightDecay: lambda }), zhuang(epsilon, epsilon));
    expectPath(adabelief({ ...common, epsilonRoot: 0.02, weightDecay: lambda }), zhuang(0.02, epsilon));
  });

  test("adds up an ε that follows a schedule", () => {
    const rising = schedule((t) => 0.01 * t, { schedule: "rising" });
    expectPath(adabelief({ ...common, epsilonRoot: rising }), () => {
      let [m, s] = [0, 0];
      return (x, g, t) => {
        m = beta1 * m + (1 - beta1) * g;
        s = beta2 * s + (1 - beta2) * (g - m) ** 2 + 0.01 * (t - 1);
        return x - (learningRate * m) / (1 - beta1 ** t) / (Math.sqrt(s / (1 - beta2 ** t)) + epsilon);
      };
    });
  });

  test("rectified begins as the authors' package does: with momentum, then shortened", () => {
    const options = { ...common, epsilonRoot: epsilon };
    const [plain, rectified] = [adabelief(options), adabelief({ ...options, rectified: true })];
    expectClose(
      steady(rectified, 30, 5),
      walk(() => 30 * learningRate, 5),
    );
    expectPath(rectified, () => {
      const other = zhuang(epsilon, epsilon)();
      let m = 0;
      return (x, g, t) => {
        m = beta1 * m + (1 - beta1) * g;
        // The other algorithm's step without its decay.
        const full = other(x, g, t) + learningRate * lambda * x - x;
        const r = rectification(t, beta2, 5);
        return r > 0 ? x + r * full : x - (learningRate * m) / (1 - beta1 ** t);
      };
    });
    expect(steady(plain, 30, 1)).not.toEqual(steady(rectified, 30, 1));
  });

  test("takes long steps where gradients agree, and Adam's where they do not (the paper's figure 1)", () => {
    const options = { learningRate: 1, beta1: 0.9, beta2: 0.9, epsilon: 0 };
    const last = (rule: Rule, gradient: (t: number) => number) => {
      const visited = path(
        rule,
        [0],
        Array.from({ length: 400 }, (_, t) => [gradient(t)]),
      ).flat();
      return Math.abs(visited[399] - visited[398]);
    };
    const belief = adabelief({ ...options, epsilonRoot: 1e-10 });
    // Steady: g − m dies away, and what stays is ε/(1 − β₂) = 1e-9 under the root.
    expect(last(belief, () => 1)).toBeCloseTo(1 / Math.sqrt(1e-9), 3);
    expect(last(adam(options), () => 1)).toBeCloseTo(1, 12);
    // ±1 in turn: m = ±1/19 and g − m = ±18/19, so that a step is 1/18; Adam's is 1/19.
    const turning = (t: number) => (t % 2 === 0 ? 1 : -1);
    expect(last(belief, turning)).toBeCloseTo(1 / 18, 8);
    expect(last(adam(options), turning)).toBeCloseTo(1 / 19, 8);
  });
});

describe("yogi", () => {
  const zaheer =
    (corrected: boolean): Algorithm =>
    () => {
      let [m, v] = [0, 0.01];
      return (x, g, t) => {
        m = beta1 * m + (1 - beta1) * g;
        v -= (1 - beta2) * Math.sign(v - g * g) * g * g;
        const [mHat, vHat] = corrected ? [m / (1 - beta1 ** t), v / (1 - beta2 ** t)] : [m, v];
        return x - learningRate * (mHat / (Math.sqrt(vHat) + epsilon) + lambda * x);
      };
    };

  test("takes the path of algorithm 2 without corrections, and Optax's with them", () => {
    const options = { ...common, initialAccumulator: 0.01, weightDecay: lambda };
    expectPath(yogi({ ...options, biasCorrection: false }), zaheer(false));
    expectPath(yogi(options), zaheer(true));
  });

  test("moves v towards g² by (1 − β₂)g², where Adam's moves by (1 − β₂) of the distance", () => {
    const driver = new Driver(yogi({ beta2: 0.75, initialAccumulator: 10 }), "f64", [0, 0, 0]);
    driver.step([2, 4, 0]);
    // Down by ¼·4, up by ¼·16, and still where the gradient is 0.
    expect(Array.from(driver.slots.v)).toEqual([9, 14, 10]);
    driver.step([3, 3, 0]);
    // v = g² = 9 stays.
    expect(Array.from(driver.slots.v)).toEqual([9, 14 - 9 / 4, 10]);
    driver.dispose();
  });

  test("lets the effective rate rise slowly after one large gradient, where Adam's shoots up", () => {
    const options = { learningRate: 1, beta1: 0, beta2: 0.9, epsilon: 0 };
    const gradients = [[100], ...Array.from({ length: 40 }, () => [1])];
    const step = (rule: Rule) => {
      const visited = path(rule, [0], gradients).flat();
      return visited[39] - visited[40];
    };
    // Yogi: v = 1000 − 0.1 a step. Adam: v = 1000·0.9⁴⁰ + 1 − 0.9⁴⁰.
    const corrected = 1 - 0.9 ** 41;
    expect(step(yogi({ ...options, initialAccumulator: 0 }))).toBeCloseTo(1 / Math.sqrt(996 / corrected), 12);
    expect(step(adam(options))).toBeCloseTo(1 / Math.sqrt((999 * 0.9 ** 40 + 1) / corrected), 12);
  });
});

describe("adan", () => {
  const beta3 = 0.9;
  const options = { ...common, beta3, weightDecay: lambda };
  /** Algorithm 1 with the paper's coefficients, which are 1 less ours, with bias corrections or without. */
  const xie =
    (corrected: boolean, weight = 1 - (1 - beta2)): Algorithm =>
    () => {
      const [b1, b2, b3] = [1 - beta1, 1 - beta2, 1 - beta3];
      let [m, v, n, last] = [0, 0, 0, Number.NaN];
      return (x, g, t) => {
        const change = t === 1 ? 0 : g - last;
        last = g;
        m = (1 - b1) * m + b1 * g;
        v = (1 - b2) * v + b2 * change;
        n = (1 - b3) * n + b3 * (g + weight * change) ** 2;
        const by = (b: number) => (corrected ? 1 - (1 - b) ** t : 1);
        const rate = learningRate / (Math.sqrt(n / by(b3)) + epsilon);
        return (x - rate * (m / by(b1) + (weight * v) / by(b2))) / (1 + lambda * learningRate);
      };
    };

  test("takes the path of algorithm 1 without its restart, of the authors' code, and of Optax with its weight of changes", () => {
    expectPath(adan({ ...options, biasCorrection: false }), xie(false));
    expectPath(adan(options), xie(true));
    expectPath(adan({ ...options, complementWeight: true }), xie(true, 1 - beta2));
  });

  test("with proximal: false takes the decay off first, as the authors' no_prox does", () => {
    const free = adan({ ...options, weightDecay: 0 });
    const [start, gradients] = [[3, -2], [[4, -1]]];
    const [[a, b]] = path(free, start, gradients);
    expectClose(path(adan({ ...options, proximal: false }), start, gradients)[0], [
      a - learningRate * lambda * 3,
      b + learningRate * lambda * 2,
    ]);
  });

  test("under a steady gradient has no changes to see, and steps as Adam does", () => {
    expectClose(
      steady(adan({ learningRate: 0.1, epsilon: 1 }), 3),
      walk(() => (0.1 * 3) / 4),
    );
  });

  test("steps ahead of a gradient that changes: m̂ + β₂v̂ = 2½ + ½·1⅓ after 2 and 4", () => {
    // β = ½: m = 1, then 2½, over ¾; v = 0, then 1, over ¾; n = (2² /2 + (4 + ½·2)²)/2 over ¾.
    const rule = adan({ learningRate: 1, beta1: 0.5, beta2: 0.5, beta3: 0.5, epsilon: 0 });
    const [[first], [second]] = path(rule, [0], [[2], [4]]);
    expect(first).toBe(-1);
    const root = Math.sqrt((2 / 2 + 25 / 2) / 0.75);
    expect(first - second).toBeCloseTo((2.5 / 0.75 + (0.5 * 1) / 0.75) / root, 14);
  });
});

describe("laprop", () => {
  const ziyin: Algorithm = () => {
    let [n, m] = [0, 0];
    return (x, g, t) => {
      n = beta2 * n + (1 - beta2) * g ** 2;
      const cn = 1 - beta2 ** t;
      m = beta1 * m + ((1 - beta1) * g) / (Math.sqrt(n / cn) + epsilon);
      return x - learningRate * (m / (1 - beta1 ** t) + lambda * x);
    };
  };

  test("takes the path of algorithm 1", () => {
    expectPath(laprop({ ...common, weightDecay: lambda }), ziyin);
    expectPath(laprop({ ...common, weightDecay: lambda, rateInside: true }), ziyin);
  });

  test("with the rate inside takes the path of the authors' code, which averages the rates too", () => {
    const rule = laprop({ ...common, learningRate: falling, rateInside: true });
    expectPath(rule, () => {
      let [v, m, rates, ones] = [0, 0, 0, 0];
      return (x, g, t) => {
        const rate = 0.1 / t;
        v = beta2 * v + (1 - beta2) * g ** 2;
        rates = rates * beta1 + (1 - beta1) * rate;
        ones = ones * beta2 + (1 - beta2);
        m = beta1 * m + ((1 - beta1) * rate * g) / (Math.sqrt(v / ones) + epsilon);
        return x - m / (rates / rate);
      };
    });
  });

  test("stays where it is while the rate is 0", () => {
    const off = schedule((t) => (t < 2 ? 0 : 0.1), { schedule: "late" });
    for (const rateInside of [false, true]) {
      const visited = path(laprop({ learningRate: off, rateInside }), [1], [[2], [3], [4]]).flat();
      expect(visited.slice(0, 2)).toEqual([1, 1]);
      expect(visited[2]).toBeLessThan(1);
    }
  });

  test("has steps of at most η/√(1 − β₂), whatever the gradients, where Adam's pass any bound once β₁² > β₂", () => {
    const share = fc.double({ min: 0, max: 0.99, noNaN: true });
    const gradient = fc.integer({ min: -1e6, max: 1e6 });
    fc.assert(
      fc.property(share, share, fc.array(gradient, { minLength: 1, maxLength: 40 }), (b1, b2, gradients) => {
        const rule = laprop({ learningRate: 1, beta1: b1, beta2: b2, epsilon: 0 });
        const visited = [
          0,
          ...path(
            rule,
            [0],
            gradients.map((g) => [g]),
          ).flat(),
        ];
        const bound = (1 + 1e-9) / Math.sqrt(1 - b2);
        for (let i = 1; i < visited.length; i++) {
          expect(Math.abs(visited[i] - visited[i - 1])).toBeLessThanOrEqual(bound);
        }
      }),
      { numRuns: 200, seed: 3 },
    );
    // Gradients that fall by √β₂ a step keep Adam's momentum large and its root small.
    const options = { learningRate: 1, beta1: 0.99, beta2: 0.5, epsilon: 0 };
    const gradients = Array.from({ length: 60 }, (_, t) => [0.7 ** t]);
    const visited = path(adam(options), [0], gradients).flat();
    expect(visited[58] - visited[59]).toBeGreaterThan(100 / Math.sqrt(0.5));
  });
});

describe("adopt", () => {
  const taniguchi =
    (clip: (t: number) => number, decay = lambda): Algorithm =>
    () => {
      let [m, v] = [0, 0];
      return (x, g, k) => {
        if (k === 1) {
          v = g ** 2;
          return x;
        }
        const bound = clip(k - 1);
        const quotient = g / Math.max(Math.sqrt(v), epsilon);
        m = beta1 * m + (1 - beta1) * Math.min(Math.max(quotient, -bound), bound);
        v = beta2 * v + (1 - beta2) * g ** 2;
        return x - learningRate * (m + decay * x);
      };
    };

  test("takes the paper's path, clipped by t^¼, by other bounds, and not clipped", () => {
    const options = { ...common, weightDecay: lambda };
    expectPath(
      adopt(options),
      taniguchi((t) => t ** 0.25),
    );
    expectPath(
      adopt({ ...options, clip: 0.5, clipExponent: 0.1 }),
      taniguchi((t) => 0.5 * t ** 0.1),
    );
    expectPath(
      adopt({ ...options, clip: Infinity }),
      taniguchi(() => Infinity),
    );
    const clip = schedule((t) => 2 / (t + 1), { schedule: "falling" });
    expectPath(
      adopt({ ...options, clip, clipExponent: 0 }),
      taniguchi((t) => 2 / (t + 1)),
    );
  });

  test("moves nothing at its first step, decay included, and leaves no trace of it in m", () => {
    for (const clip of [1, Infinity]) {
      const driver = new Driver(adopt({ clip, weightDecay: 1 }), "f64", [1, 2, 3]);
      driver.step([4, 0, 1e150]);
      expect(Array.from(driver.x)).toEqual([1, 2, 3]);
      expect(Array.from(driver.slots.m)).toEqual([0, 0, 0]);
      expect(Array.from(driver.slots.v)).toEqual([16, 0, 1e150 ** 2]);
      driver.dispose();
    }
  });

  test("clips what the past does not know: a gradient after zeros moves by η(1 − β₁)cₜ", () => {
    const rule = adopt({ learningRate: 1, beta1: 0.5, epsilon: 0 });
    const visited = path(rule, [0], [[0], [0], [5]]).flat();
    // The third step has t = 2 in the paper's count.
    expectClose(visited, [0, 0, -0.5 * 2 ** 0.25]);
    expect(path(adopt({ learningRate: 1, clip: 0 }), [1], [[1], [2]])).toEqual([[1], [1]]);
  });
});

describe("ademamix", () => {
  const [beta3, alpha] = [0.99, 3];
  const pagliardini =
    (alphaWarmup: number, betaWarmup: number): Algorithm =>
    () => {
      let [m1, m2, nu] = [0, 0, 0];
      return (x, g, t) => {
        const alphaNow = alphaWarmup === 0 ? alpha : Math.min((t * alpha) / alphaWarmup, alpha);
        const share = t / betaWarmup;
        const [start, end] = [Math.log(beta1), Math.log(beta3)];
        const grown = Math.exp((start * end) / ((1 - share) * end + share * start));
        const beta = betaWarmup === 0 || share >= 1 ? beta3 : Math.min(grown, beta3);
        m1 = beta1 * m1 + (1 - beta1) * g;
        m2 = beta * m2 + (1 - beta) * g;
        nu = beta2 * nu + (1 - beta2) * g ** 2;
        const along = m1 / (1 - beta1 ** t) + alphaNow * m2;
        return x - learningRate * (along / (Math.sqrt(nu / (1 - beta2 ** t)) + epsilon) + lambda * x);
      };
    };

  test("takes the path of algorithm 1, with its warm-ups of α and β₃ and without", () => {
    const options = { ...common, beta3, alpha, weightDecay: lambda };
    expectPath(ademamix(options), pagliardini(0, 0));
    expectPath(ademamix({ ...options, alphaWarmup: 50, beta3Warmup: 60 }), pagliardini(50, 60));
    expectPath(ademamix({ ...options, alphaWarmup: 1000, beta3Warmup: 1000 }), pagliardini(1000, 1000));
  });

  test("warms β₃ up so that its half-life grows in proportion to the step", () => {
    // m₂ of one gradient of 1 is 1 − β₃ at that step.
    const takenAt = (t: number) => {
      const rule = ademamix({ beta1: 0.5, beta3: 0.9999, beta3Warmup: 1000 });
      const driver = new Driver(rule, "f64", [0]);
      for (let k = 1; k < t; k++) driver.step([0]);
      driver.step([1]);
      const [m2] = driver.slots.m2;
      driver.dispose();
      return 1 - m2;
    };
    const halfLife = (beta: number) => Math.log(0.5) / Math.log(beta);
    const [start, end] = [halfLife(0.5), halfLife(0.9999)];
    for (const t of [1, 250, 500, 999, 1000, 1001]) {
      const share = Math.min(t / 1000, 1);
      expect(halfLife(takenAt(t))).toBeCloseTo(start + share * (end - start), 6);
    }
  });

  test("is Adam, to the last bit, at α = 0", () => {
    const gradients = [
      [3, -1e-3],
      [0, 2],
      [-7, 1e5],
      [0.5, 0],
    ];
    const options = { learningRate: 0.01, beta1: 0.9, beta2: 0.99, epsilon: 1e-6 };
    const start = [1, -2];
    const mixed = path(ademamix({ ...options, alpha: 0 }), start, gradients);
    expect(mixed).toEqual(path(adam(options), start, gradients));
    expect(mixed).toEqual(path(adamw({ ...options, weightDecay: 0 }), start, gradients));
  });

  test("takes schedules for α and β₃, as Optax does", () => {
    const rising = schedule((t) => Math.min(t + 1, 4), { schedule: "rising" });
    const growing = schedule((t) => 1 - 1 / (t + 2), { schedule: "growing" });
    expectPath(ademamix({ ...common, alpha: rising, beta3: growing }), () => {
      let [m1, m2, nu] = [0, 0, 0];
      return (x, g, t) => {
        const b3 = 1 - 1 / (t + 1);
        m1 = beta1 * m1 + (1 - beta1) * g;
        m2 = b3 * m2 + (1 - b3) * g;
        nu = beta2 * nu + (1 - beta2) * g ** 2;
        const along = m1 / (1 - beta1 ** t) + Math.min(t, 4) * m2;
        return x - (learningRate * along) / (Math.sqrt(nu / (1 - beta2 ** t)) + epsilon);
      };
    });
  });
});

test("[speed-limit] NAdam's limit is that of Nesterov's momentum as an average, the others' Adam's, where no second momentum shortens it", () => {
  // (2 + 2β)/((1 − β)(1 + 2β)λ): Nesterov's (2 + 2β)/((1 + 2β)λ) of truths.md, row 1, with a buffer that is 1 − β times as long.
  const beta = 0.9;
  const ahead = (2 + 2 * beta) / ((1 - beta) * (1 + 2 * beta));
  const limit = (rule: Rule) => speedLimit(rule, { lambdaMax: 4 }) * 4;
  expect(limit(nadam({ beta1: beta }))).toBeCloseTo(ahead, 9);
  expect(limit(nadamw({ beta1: beta, weightDecay: 0 }))).toBeCloseTo(ahead, 9);
  for (const make of [adamax, radam, adabelief, yogi, laprop, adopt]) {
    expect(limit(make({ beta1: beta })), make.declaration.name).toBeCloseTo(38, 9);
  }
  expect(limit(ademamix({ beta1: beta, alpha: 0 }))).toBeCloseTo(38, 9);
  // Adadelta's denominator √(v + ε)/√(u + ε) is frozen as a whole.
  expect(limit(adadelta())).toBeCloseTo(2, 9);
});

test("in f32 an average over 100 steps is not off as a whole: it moves by a share of the difference", () => {
  // 0.99 and 0.01, each held by itself, come to 1 + 9e-9, and such an average to 1 + 9e-7 of itself.
  const options = { learningRate: 0.5, beta1: 0.99, beta2: 0, epsilon: 0, weightDecay: 0 };
  for (const make of [adam, amsgrad, adamw, adamax, nadam]) {
    const random = new Random(7);
    const [f32, f64] = (["f32", "f64"] as const).map((precision) =>
      createOptimizer(make(options), [0], { precision }),
    );
    let sum = 0;
    for (let t = 0; t < 4000; t++) {
      f32.gradient[0] = 0.5 + random.uniform();
      f64.gradient[0] = f32.gradient[0];
      for (const optimizer of [f32, f64]) {
        optimizer.parameters[0] = 0;
        optimizer.step();
      }
      if (t >= 1000) sum += f32.parameters[0] / f64.parameters[0] - 1;
    }
    expect(Math.abs(sum / 3000), make.declaration.name).toBeLessThan(2e-7);
    f32.dispose();
    f64.dispose();
  }
});

test("each of them ascends where it is told to: the mirror image of the descent", () => {
  const rules = { adadelta, adamax, nadam, nadamw, radam, adabelief, yogi, adan, laprop, adopt, ademamix };
  const gradients = [
    [3, -1],
    [0.5, 2],
    [-1, 0],
    [4, 4],
  ];
  const mirrored = gradients.map((gradient) => gradient.map((g) => -g));
  for (const [name, make] of Object.entries(rules)) {
    expect(path(make({ maximize: true }), [1, 2], gradients), name).toEqual(path(make(), [1, 2], mirrored));
  }
});
