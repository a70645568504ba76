import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { minimize } from "../../src/descent/minimize.ts";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import { quadratic } from "../../src/objectives/index.ts";
import { asgd } from "../../src/rules/index.ts";
import { schedule } from "../../src/schedules/schedule.ts";
import { expectAlike, normals, walk } from "./walk.ts";

/** Trajectories of torch.optim.ASGD 2.13: parameters after some steps, and the average at the end. */
interface Recorded {
  readonly x0: number[];
  readonly gradients: number[][];
  readonly cases: readonly {
    readonly optimizer: string;
    readonly options: Readonly<Record<string, number | boolean>>;
    readonly average_at_end?: Readonly<Record<"f64" | "f32", number[]>>;
  }[];
}
const recorded: Recorded = JSON.parse(
  readFileSync(new URL("../references/torch-rprop-asgd.json", import.meta.url), "utf8"),
);

describe("asgd", () => {
  const averaging = recorded.cases.filter(({ optimizer }) => optimizer === "asgd");
  test.each(averaging.map((each) => [JSON.stringify(each.options), each] as const))(
    "%s averages as PyTorch does",
    (_, { options, average_at_end }) => {
      const words: Readonly<Record<string, string>> = { lr: "learningRate", weight_decay: "weightDecay" };
      const named = Object.entries(options).map(([name, value]) => [words[name] ?? name, value]);
      const rule = asgd(Object.fromEntries(named));
      for (const precision of ["f64", "f32"] as const) {
        const optimizer = createOptimizer(rule, recorded.x0, { precision });
        for (const gradient of recorded.gradients) {
          optimizer.gradient.set(gradient);
          optimizer.step();
        }
        expectAlike(
          [Array.from(optimizer.averaged())],
          [average_at_end?.[precision] ?? []],
          precision === "f64" ? 1e-13 : 3e-6,
        );
        optimizer.dispose();
      }
    },
  );

  test("is Bottou's x ← (1 − λη)x − ηg with ηₜ = η/(1 + λη(t−1))^α, and the mean of the last points", () => {
    const [eta, lambda, alpha, t0] = [0.1, 0.05, 0.75, 20];
    const given = normals(13, 60, [1, 30]);
    const start = [1, -2];
    const expected = start.map((x0, i) => {
      let x = x0;
      return given.map((gradient, k) => {
        const rate = eta / (1 + lambda * eta * k) ** alpha;
        x = x - rate * (lambda * x + gradient[i]);
        return x;
      });
    });
    const rule = asgd({ learningRate: eta, lambd: lambda, alpha, t0, roundRates: false });
    const path = given.map((_, k) => expected.map((each) => each[k]));
    expectAlike(walk(rule, start, given), path);
    const optimizer = createOptimizer(rule, start);
    given.forEach((gradient, k) => {
      optimizer.gradient.set(gradient);
      optimizer.step();
      // Step t0 + 2 is the first with 1/(t − 1 − t0) = 1 that is a mean: of itself; from there on it is one of all later points.
      const from = k < t0 + 1 ? k : t0 + 1;
      const points = path.slice(from, k + 1);
      optimizer.averaged().forEach((mean, i) => {
        const own = points.reduce((sum, point) => sum + point[i], 0) / points.length;
        expect(Math.abs(mean - own)).toBeLessThan(1e-12 * Math.max(1, Math.abs(own)));
      });
    });
    optimizer.dispose();
  });

  test("holds its rate in f32 as PyTorch does, unless it is told not to", () => {
    const one = (roundRates: boolean) => walk(asgd({ learningRate: 0.1, roundRates }), [0], [[1]])[0][0];
    expect([one(true), one(false)]).toEqual([-Math.fround(0.1), -0.1]);
  });

  test("lets a schedule count at once", () => {
    const halved = schedule((t) => (t === 0 ? 1 : 0.5), { schedule: "halved" });
    expect(walk(asgd({ learningRate: halved, lambd: 0 }), [0], [[1], [1]])).toEqual([[-1], [-1.5]]);
  });

  test("gives its average as such from the beginning, and as the averaged result of a descent", () => {
    expect([...createOptimizer(asgd(), [3, 4]).averaged()]).toEqual([3, 4]);
    const { x, averaged } = minimize(quadratic([[1]]), {
      rule: asgd({ learningRate: 1.5, lambd: 0, t0: 0, roundRates: false }),
      start: [1],
      steps: 9,
    });
    // x is (−½)ᵗ: the mean of the points after the first.
    expect(x[0]).toBe(-(0.5 ** 9));
    const mean =
      Array.from({ length: 8 }, (_, k) => (-0.5) ** (k + 2)).reduce((sum, each) => sum + each, 0) / 8;
    expect(averaged?.[0]).toBeCloseTo(mean, 14);
  });
});
