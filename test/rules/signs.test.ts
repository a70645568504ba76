import { describe, expect, test } from "vitest";
import { minimize } from "../../src/descent/minimize.ts";
import { quadratic } from "../../src/objectives/index.ts";
import { rprop, rules, signum } from "../../src/rules/index.ts";
import { expectAlike, normals, walk } from "./walk.ts";

const STEPS = 60;
const start = [1, -2, 0.5, 3];
// The last never has a gradient, and each of the others none at every fifth step.
const gradients = normals(12, STEPS, [1, 1e-9, 1e9, 0]).map((gradient, t) =>
  gradient.map((g, i) => (t % 5 === i ? 0 : g)),
);
const expectedOf = (make: (x0: number) => (g: number, t: number) => number): number[][] => {
  const loops = start.map(make);
  return gradients.map((gradient, k) => gradient.map((g, i) => loops[i](g, k + 1)));
};

describe("signum", () => {
  test("is the paper's m ← βm + (1−β)g, x ← x − η·sign(m)", () => {
    const [eta, beta] = [0.125, 0.75];
    const expected = expectedOf((x0) => {
      let [x, m] = [x0, 0];
      return (g) => {
        m = beta * m + (1 - beta) * g;
        x -= eta * Math.sign(m);
        return x;
      };
    });
    expect(walk(signum({ learningRate: eta, momentum: beta }), start, gradients)).toEqual(expected);
  });

  test("without momentum is sign descent", () => {
    expect(walk(signum({ learningRate: 0.3, momentum: 0 }), start, gradients)).toEqual(
      walk(rules.signDescent({ learningRate: 0.3 }), start, gradients),
    );
  });

  test("decays beside the sign, or within it; and ascends", () => {
    const one = (options: object) => walk(signum({ learningRate: 0.5, ...options }), [4], [[1]])[0][0];
    expect(one({ weightDecay: 0.5 })).toBe(4 - 0.5 * (1 + 0.5 * 4));
    expect(one({ weightDecay: 0.5, decoupled: false })).toBe(3.5);
    // 1 − ½·4 turns the sign.
    expect(walk(signum({ learningRate: 0.5, weightDecay: 0.5, decoupled: false }), [-4], [[1]])).toEqual([
      [-3.5],
    ]);
    expect(one({ maximize: true })).toBe(4.5);
  });
});

describe("rprop", () => {
  test("is iRprop−: the size by the product of two gradients, and none remembered where it is negative", () => {
    const [first, plus, minus, least, most] = [0.5, 1.25, 0.5, 0.01, 2];
    const expected = expectedOf((x0) => {
      let [x, size, last] = [x0, first, 0];
      return (gradient) => {
        let g = gradient;
        if (last * g > 0) size = Math.min(size * plus, most);
        else if (last * g < 0) {
          size = Math.max(size * minus, least);
          g = 0;
        }
        if (g > 0) x -= size;
        if (g < 0) x += size;
        last = g;
        return x;
      };
    });
    const rule = rprop({
      learningRate: first,
      etaPlus: plus,
      etaMinus: minus,
      smallestStep: least,
      largestStep: most,
    });
    expectAlike(walk(rule, start, gradients), expected, 1e-15);
  });

  test("goes 0.1, 0.12, 0.144 along one sign; where it turns it waits, and goes on at half the size", () => {
    const visited = walk(rprop({ learningRate: 0.1 }), [0], [[1], [7], [2], [-1], [-1], [-3]]);
    const expected = [0.1, 0.22, 0.364, 0.364, 0.364 - 0.072, 0.364 - 0.072 - 0.0864];
    visited.forEach(([x], t) => {
      expect(x).toBeCloseTo(-expected[t], 14);
    });
  });

  test("stays where there is no gradient, and takes what follows as a first one", () => {
    expect(walk(rprop({ learningRate: 0.5 }), [0], [[0], [1], [0], [-1]])).toEqual([
      [0],
      [-0.5],
      [-0.5],
      [0],
    ]);
  });

  test("looks at signs alone, however small the gradients: their product is never taken", () => {
    const tiny = [[1e-300], [1e-300], [-1e-300]];
    const usual = [[1], [1], [-1]];
    expect(walk(rprop(), [0], tiny)).toEqual(walk(rprop(), [0], usual));
    const tinyInF32 = tiny.map(([g]) => [Math.sign(g) * 1e-38]);
    expect(walk(rprop(), [0], tinyInF32, undefined, "f32")).toEqual(
      walk(rprop(), [0], usual, undefined, "f32"),
    );
  });

  test("brings a first size outside its bounds into them, and a learning rate of a schedule counts at the first step alone", () => {
    expect(walk(rprop({ learningRate: 1e3 }), [0], [[1]])).toEqual([[-50]]);
    expect(walk(rprop({ learningRate: 0 }), [0], [[1]])).toEqual([[-1e-6]]);
    const falling = (t: number) => 0.5 / (t + 1);
    expect(walk(rprop({ learningRate: falling }), start, gradients)).toEqual(
      walk(rprop({ learningRate: 0.5 }), start, gradients),
    );
  });

  test("does not mind scales that differ by 10¹² in curvature", () => {
    const valley = quadratic({ diagonal: [1e-6, 1, 1e6] });
    const { x } = minimize(valley, { rule: rprop(), start: [3, -2, 1], steps: 400 });
    for (const each of x) expect(Math.abs(each)).toBeLessThan(1e-5);
  });

  test("refuses a smallest step above the largest, and says what PyTorch's words are here", () => {
    expect(() => rprop({ smallestStep: 2, largestStep: 1 })).toThrow(
      new RangeError("rprop: smallestStep must be at most largestStep 1, got 2"),
    );
    expect(() => rprop({ etas: [0.5, 1.2] } as never)).toThrow(
      'unknown option "etas"; did you mean etaPlus?',
    );
    expect(() => rprop({ etaPlus: 1 })).toThrow("rprop: etaPlus must lie in (1, ∞), got 1");
  });
});
