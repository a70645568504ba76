import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.ts";
import { descend } from "../../src/descent/descend.ts";
import { minimize } from "../../src/descent/minimize.ts";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import { adagrad, adam, gradientDescent, ruleNames, rules, sgd, signDescent } from "../../src/rules/index.ts";
import type { AnyRuleDeclaration } from "../../src/rules/rule.ts";
import { linear } from "../../src/schedules/index.ts";
import { chain, clipByGlobalNorm, ema } from "../../src/wrappers/index.ts";

type Blocks = Readonly<Record<"a" | "b" | "c", Float64Array | Float32Array>>;

describe("named blocks", () => {
  test("are views by name, of their own lengths, and step as one vector does", () => {
    for (const precision of ["f64", "f32"] as const) {
      const blocks = { w: { shape: [3, 2], values: [1, 2, 3, 4, 5, 6] }, b: [7, 8, 9], s: [10] };
      const named = createOptimizer(adam({ learningRate: 0.1 }), blocks, { precision });
      const bare = createOptimizer(adam({ learningRate: 0.1 }), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], {
        precision,
      });
      expect(Object.keys(named.parameters)).toEqual(["w", "b", "s"]);
      for (let t = 0; t < 20; t++) {
        bare.gradient.set(bare.parameters.map((x, i) => x * (i + 1)));
        named.gradient.w.set(bare.gradient.subarray(0, 6));
        named.gradient.b.set(bare.gradient.subarray(6, 9));
        named.gradient.s.set(bare.gradient.subarray(9));
        bare.step();
        named.step();
      }
      const { w, b, s } = named.parameters;
      expect([...w, ...b, ...s]).toEqual([...bare.parameters]);
    }
  });

  test("[groups] over a partition of the blocks are one group, for every rule", () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(rules)), fc.nat(100), (make, seed) => {
        const random = new Random(seed);
        const values = (n: number) => Array.from({ length: n }, () => random.normal());
        const blocks = { a: values(1 + (seed % 5)), b: values(3), c: values(6) };
        const whole = createOptimizer(make(), blocks);
        const parts = createOptimizer(make(), blocks, { groups: [{ blocks: "c" }, { blocks: ["a", "b"] }] });
        for (let t = 0; t < 5; t++) {
          for (const name of ["a", "b", "c"] as const) {
            const gradient = values(blocks[name].length);
            whole.gradient[name].set(gradient);
            parts.gradient[name].set(gradient);
          }
          const inputs = {
            value: 1 + random.uniform(),
            hessianVectorProduct(v: Blocks, product: Blocks) {
              for (const name of ["a", "b", "c"] as const) {
                v[name].forEach((entry, i) => {
                  product[name][i] = (i + 1) * entry;
                });
              }
            },
          };
          whole.step(inputs);
          parts.step(inputs);
        }
        for (const name of ["a", "b", "c"] as const) {
          // The norm over all blocks is summed in the order of the groups.
          const close = make.declaration.measures ? 12 : 16;
          parts.parameters[name].forEach((x, i) => {
            expect(x).toBeCloseTo(whole.parameters[name][i], close);
          });
        }
      }),
      { numRuns: 60, seed: 2 },
    );
  });

  test("[groups] have options, schedules, scale factors and rules of their own, or are frozen", () => {
    const optimizer = createOptimizer(
      gradientDescent({ learningRate: 0.1 }),
      { "embed.w": [0], "layer1.w": [0], "layer2.w": [0], head: [0], bias: [0] },
      {
        groups: [
          { blocks: "embed.*", frozen: true },
          { blocks: /^layer1/, options: { learningRate: linear({ from: 1, to: 0, steps: 2 }) } },
          { blocks: "layer*", scale: 3 },
          { blocks: "head", rule: signDescent({ learningRate: 0.5 }) },
        ],
      },
    );
    for (let t = 0; t < 2; t++) {
      for (const gradient of Object.values(optimizer.gradient)) gradient.fill(2);
      optimizer.step();
    }
    const { parameters } = optimizer;
    expect(parameters["embed.w"][0]).toBe(0);
    expect(parameters["layer1.w"][0]).toBeCloseTo(-2 * (1 + 0.5), 12);
    expect(parameters["layer2.w"][0]).toBeCloseTo(-2 * 2 * 0.3, 12);
    expect(parameters.head[0]).toBeCloseTo(-1, 12);
    expect(parameters.bias[0]).toBeCloseTo(-2 * 2 * 0.1, 12);
  });

  test("sparse gradients step some rows, as a dense gradient of zeros elsewhere does", () => {
    for (const precision of ["f64", "f32"] as const) {
      for (const rule of [
        sgd({ learningRate: 0.1 }),
        adagrad({ learningRate: 0.1 }),
        signDescent(),
        gradientDescent(),
      ]) {
        const table = { shape: [7, 3], values: Array.from({ length: 21 }, (_, i) => i) };
        const sparse = createOptimizer(rule, { table, b: [1, 2] }, { precision });
        const dense = createOptimizer(rule, { table, b: [1, 2] }, { precision });
        for (let t = 0; t < 6; t++) {
          const rows = [t % 7, (3 * t) % 7, t % 7];
          const gradients = rows.map((row, i) => [row + 1, i, -t]);
          sparse.setSparseGradient("table", rows, gradients);
          sparse.gradient.b.fill(t);
          dense.gradient.b.fill(t);
          dense.gradient.table.fill(0);
          for (const [i, row] of rows.entries()) {
            for (const [j, g] of gradients[i].entries()) dense.gradient.table[3 * row + j] += g;
          }
          sparse.step();
          dense.step();
        }
        expect([...sparse.parameters.table]).toEqual([...dense.parameters.table]);
        expect([...sparse.parameters.b]).toEqual([...dense.parameters.b]);
        sparse.dispose();
      }
    }
  });

  test("sparse gradients are refused where the rule moves sleeping parameters, or the rows are wrong", () => {
    const table = { shape: [2, 2], values: [1, 2, 3, 4] };
    const dense = createOptimizer(adam(), { table });
    const able = ruleNames.filter((name) => {
      const { sparse } = rules[name].declaration as AnyRuleDeclaration;
      return sparse?.(rules[name]().options);
    });
    expect(() => dense.setSparseGradient("table", [0], [[1, 1]])).toThrow(
      new RegExp(`adam with these options moves parameters.*; rules that can: ${able.join(", ")}$`),
    );
    const plain = createOptimizer(sgd(), { table });
    expect(() => plain.setSparseGradient("tabel", [0], [[1, 1]])).toThrow(
      /no block .* "tabel"; known: table/,
    );
    expect(() => plain.setSparseGradient("table", [2], [[1, 1]])).toThrow(
      /rows\[0\] must be an integer in \[0, 2\), got 2/,
    );
    expect(() => plain.setSparseGradient("table", [0], [[1]])).toThrow(/1 × 2 entries, got 1/);
    const clipped = createOptimizer(chain(clipByGlobalNorm(), sgd()), { table });
    expect(() => clipped.setSparseGradient("table", [0], [[1, 1]])).toThrow(/wrappers before the rule/);
  });

  test("groups that are wrong are refused by name", () => {
    const make = (groups: unknown) => () =>
      createOptimizer(adam(), { w: [1], b: [2] }, { groups: groups as never });
    expect(make([{ blocks: "w", learningRate: 1 }])).toThrow(
      "createOptimizer: groups[0]: learningRate is an option of adam: give it as options: { learningRate }",
    );
    expect(make([{ blocks: "wv" }])).toThrow(/groups\[0\]: no block is named "wv"; did you mean w\?/);
    expect(make([{ blocks: "w" }, { blocks: "w" }])).toThrow(
      /groups\[1\]: its blocks all belong to earlier groups/,
    );
    expect(make([{ blocks: "w", options: { lr: 1 } }])).toThrow(
      /adam: unknown option "lr"; did you mean learningRate\?/,
    );
    expect(make([{ blocks: "w", scale: 0 }])).toThrow(/groups\[0\]: scale must lie in \(0, ∞\), got 0/);
    expect(make([{ blocks: "w", frozn: true }])).toThrow(/did you mean frozen/);
    expect(make({})).toThrow(/groups must be an array/);
    expect(() => createOptimizer(adam(), [1, 2], { groups: [{ blocks: "w" }] })).toThrow(/need named blocks/);
  });

  test("blocks that are wrong are refused by name", () => {
    const make = (initial: unknown) => () => createOptimizer(adam(), initial as never);
    expect(make({ w: { shape: [2, 2], values: [1, 2, 3] } })).toThrow(/w must have 2 × 2 = 4 entries, got 3/);
    expect(make({ w: { shap: [1], values: [1] } })).toThrow(/block "w" has an unknown field "shap"/);
    expect(make({ w: [1, Number.NaN] })).toThrow(/w\[1\] must be finite/);
    expect(make({})).toThrow(/initial must not be empty/);
    expect(make("ab")).toThrow(/initial must be an array of numbers or a record of named blocks/);
  });

  test("names such as __proto__ and constructor are names like any other", () => {
    const initial = JSON.parse('{"__proto__": [1], "constructor": [2]}');
    const { parameters } = createOptimizer(adam(), initial);
    expect(Object.keys(parameters)).toEqual(["__proto__", "constructor"]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe("descending on named blocks", () => {
  const line = {
    value: ({ w, b }: { w: ArrayLike<number>; b: ArrayLike<number> }) =>
      (w[0] + 2 * w[1] - 3) ** 2 + (w[0] - 1) ** 2 + (b[0] - 5) ** 2,
  };

  test("reaches the minimum from values alone, and shows x by name", () => {
    const result = minimize(line, {
      rule: gradientDescent({ learningRate: 0.1 }),
      start: { w: [0, 0], b: [0] },
      gradientTolerance: 1e-7,
    });
    expect(result.converged).toBe(true);
    expect(result.x.w[0]).toBeCloseTo(1, 5);
    expect(result.x.w[1]).toBeCloseTo(1, 5);
    expect(result.x.b[0]).toBeCloseTo(5, 5);
    expect(result.x.w.length).toBe(2);
  });

  test("leaves a frozen block where it is, and counts the gradient of the others only", () => {
    const options = {
      rule: gradientDescent({ learningRate: 0.1 }),
      start: { w: [0, 0], b: [0] },
      groups: [{ blocks: "b", frozen: true }],
    };
    const result = minimize(line, { ...options, gradientTolerance: 1e-7 });
    expect(result.converged).toBe(true);
    expect(result.x.b[0]).toBe(0);
    for (const step of descend(line, { ...options, steps: 1 })) expect(step.x.b[0]).toBe(0);
  });

  test("returns the averaged parameters of a chain", () => {
    const rule = chain(gradientDescent({ learningRate: 0.1 }), ema({ decay: 0.9 }));
    const result = minimize(line, { rule, start: { w: [0, 0], b: [0] }, steps: 500, gradientTolerance: 0 });
    expect(result.averaged!.w[0]).toBeCloseTo(1, 6);
    expect(result.averaged!.b.length).toBe(1);
  });
});
