// LAMB, LARS, NovoGrad and Fromage, written down from the papers with bookkeeping of their own, and by hand.
import { describe, expect, test } from "vitest";
import { fromage, lamb, lars, novograd } from "../../src/rules/index.ts";
import type { Rule } from "../../src/rules/rule.ts";
import { type Blocks, distance, normalBlocks, path } from "./blocks.ts";

const shapes = { w: [3, 2], b: [4] };
const STEPS = 60;
const [start] = normalBlocks(shapes, 1, 1);
const gradients = normalBlocks(shapes, STEPS, 2);
const norm = (values: readonly number[]) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

/** Runs a paper's algorithm block by block: `layer` makes the step of one, given its own state. */
function byPaper(layer: () => (x: number[], g: readonly number[], t: number) => number[]): Blocks[] {
  const layers = Object.fromEntries(Object.keys(shapes).map((name) => [name, layer()]));
  let x: Record<string, number[]> = Object.fromEntries(
    Object.entries(start).map(([name, values]) => [name, [...values]]),
  );
  return gradients.map((g, k) => {
    x = Object.fromEntries(
      Object.entries(x).map(([name, values]) => [name, layers[name](values, g[name], k + 1)]),
    );
    return x;
  });
}

const follows = (rule: Rule, layer: Parameters<typeof byPaper>[0]) =>
  expect(distance(path(rule, shapes, start, gradients), byPaper(layer))).toBeLessThan(1e-13);

/** The parameters after one step of one block. */
const once = (rule: Rule, x: readonly number[], g: readonly number[]) =>
  path(rule, { w: [x.length] }, { w: x }, [{ w: g }])[0].w;

const close = (actual: readonly number[], expected: readonly number[]) =>
  expected.forEach((value, i) => {
    expect(Math.abs(actual[i] - value)).toBeLessThanOrEqual(1e-14 * Math.max(1, Math.abs(value)));
  });

describe("lamb", () => {
  const options = { learningRate: 0.02, beta1: 0.8, beta2: 0.95, epsilon: 1e-3, weightDecay: 0.1 };

  test.each([
    { biasCorrection: true, trustAtMostOne: false },
    { biasCorrection: false, trustAtMostOne: true },
  ])("is algorithm 2 of You et al. with %j", (switches) => {
    follows(lamb({ ...options, ...switches }), () => {
      const m: number[] = [];
      const v: number[] = [];
      return (x, g, t) => {
        const r = g.map((gi, i) => {
          m[i] = 0.8 * (m[i] ?? 0) + 0.2 * gi;
          v[i] = 0.95 * (v[i] ?? 0) + 0.05 * gi * gi;
          const [first, second] = switches.biasCorrection
            ? [m[i] / (1 - 0.8 ** t), v[i] / (1 - 0.95 ** t)]
            : [m[i], v[i]];
          return first / (Math.sqrt(second) + 1e-3);
        });
        const u = r.map((ri, i) => ri + 0.1 * x[i]);
        const ratio = norm(x) / norm(u);
        return x.map((xi, i) => xi - 0.02 * (switches.trustAtMostOne ? Math.min(ratio, 1) : ratio) * u[i]);
      };
    });
  });

  test("moves a block by a share η of its length, however large its gradient is", () => {
    for (const size of [1e-6, 1, 1e6]) {
      // Without ε Adam's first step is the signs, of length √2; and ‖x‖ is 5.
      close(once(lamb({ learningRate: 0.1, epsilon: 0 }), [3, 4], [2 * size, -size]), [
        3 - 0.5 / Math.SQRT2,
        4 + 0.5 / Math.SQRT2,
      ]);
    }
  });

  test("takes Adam's own step from a block of zeros, and none where there is no gradient", () => {
    close(once(lamb({ learningRate: 0.1, epsilon: 0 }), [0, 0], [5, -7]), [-0.1, 0.1]);
    expect(once(lamb({ learningRate: 0.1 }), [3, 4], [0, 0])).toEqual([3, 4]);
  });
});

describe("lars", () => {
  test.each([false, true])(
    "is algorithm 1 of You, Gitman and Ginsburg, with Nesterov's step: %j",
    (nesterov) => {
      const rule = lars({
        learningRate: 0.5,
        momentum: 0.7,
        trustCoefficient: 0.05,
        weightDecay: 0.02,
        nesterov,
      });
      follows(rule, () => {
        let v: number[] = [];
        return (x, g) => {
          const local = (0.05 * norm(x)) / (norm(g) + 0.02 * norm(x));
          const step = x.map((xi, i) => 0.5 * local * (g[i] + 0.02 * xi));
          v = step.map((s, i) => 0.7 * (v[i] ?? 0) + s);
          return x.map((xi, i) => xi - (nesterov ? 0.7 * v[i] + step[i] : v[i]));
        };
      });
    },
  );

  test("moves a block by ηc of its length, however large its gradient is, and by ηc of its gradient from zeros", () => {
    for (const size of [1e-200, 1, 1e200]) {
      close(once(lars({ learningRate: 1, trustCoefficient: 0.1 }), [3, 4], [0, size]), [3, 3.5]);
    }
    close(once(lars({ learningRate: 0.5, trustCoefficient: 0.1 }), [0, 0], [2, -4]), [-0.1, 0.2]);
  });

  test("puts ε beside the norm of the gradient", () => {
    // 0.1·5·5/(5 + 5).
    close(once(lars({ learningRate: 1, trustCoefficient: 0.1, epsilon: 5 }), [3, 4], [0, 5]), [3, 3.75]);
  });

  test("refuses nesterov without momentum, by name", () => {
    expect(() => lars({ nesterov: true, momentum: 0 })).toThrow(
      new RangeError("lars: nesterov needs momentum above 0, got momentum 0"),
    );
  });
});

describe("novograd", () => {
  test.each([false, true])("is algorithm 1 of Ginsburg et al., as an average: %j", (averaged) => {
    const rule = novograd({
      learningRate: 0.05,
      beta1: 0.9,
      beta2: 0.6,
      epsilon: 1e-3,
      weightDecay: 0.01,
      averaged,
    });
    follows(rule, () => {
      let v = 0;
      const m: number[] = [];
      return (x, g, t) => {
        const square = norm(g) ** 2;
        v = t === 1 ? square : 0.6 * v + 0.4 * square;
        return x.map((xi, i) => {
          const taken = g[i] / (Math.sqrt(v) + 1e-3) + 0.01 * xi;
          m[i] = 0.9 * (m[i] ?? 0) + (averaged ? 0.1 : 1) * taken;
          return xi - 0.05 * m[i];
        });
      };
    });
  });

  test("takes a first step of length η in each block, at every scale", () => {
    for (const size of [1e-150, 1, 1e100]) {
      close(once(novograd({ learningRate: 0.1, epsilon: 0 }), [1, 1], [3 * size, -4 * size]), [0.94, 1.08]);
    }
  });
});

describe("fromage", () => {
  test("is algorithm 1 of Bernstein et al.", () => {
    follows(
      fromage({ learningRate: 0.05 }),
      () => (x, g) => x.map((xi, i) => (xi - 0.05 * (norm(x) / norm(g)) * g[i]) / Math.sqrt(1 + 0.05 ** 2)),
    );
  });

  test("turns a block by the angle atan η where its gradient is orthogonal, and keeps its length to the last digits", () => {
    let x: readonly number[] = [3, 4];
    for (let step = 1; step <= 100; step++) {
      x = once(fromage({ learningRate: 0.3 }), x, [-x[1] * step, x[0] * step]);
      expect(norm(x)).toBeCloseTo(5, 12);
      const turned = Math.atan2(4, 3) - step * Math.atan(0.3);
      expect(x[0] / 5).toBeCloseTo(Math.cos(turned), 12);
      expect(x[1] / 5).toBeCloseTo(Math.sin(turned), 12);
    }
  });

  test("leaves a block without a gradient as it is, and steps plainly from zeros", () => {
    expect(once(fromage({ learningRate: 0.1 }), [3, 4], [0, 0])).toEqual([3, 4]);
    close(once(fromage({ learningRate: 0.75 }), [0, 0], [5, -10]), [-3, 6]);
  });
});

test("each block is scaled by its own norms, whatever the others are", () => {
  for (const rule of [lamb(), lars(), novograd(), fromage()]) {
    const alone = path(rule, { w: [3, 2] }, start, gradients);
    const together = path(rule, shapes, { ...start, b: start.b.map((x) => 1e6 * x) }, gradients);
    expect(together.map(({ w }) => w)).toEqual(alone.map(({ w }) => w));
  }
});
