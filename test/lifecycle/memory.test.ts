import { expect, test } from "vitest";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import { adam, gradientDescent, rules, sgd } from "../../src/rules/index.ts";
import { chain, clipByGlobalNorm, ema } from "../../src/wrappers/index.ts";
import { anyInputs } from "../rules/inputs.ts";

const MiB = 2 ** 20;

/** Rules that need memory of different sizes: none, two slots, a copy of the gradient and an average. */
const kinds = [
  gradientDescent({ learningRate: 0.1 }),
  adam(),
  chain(clipByGlobalNorm(), sgd({ momentum: 0.9 }), ema()),
];

/** From a part of a page to five pages. */
const sizes = [1, 10, 100, 1000, 5000, 20_000].map((length) => new Float64Array(length).fill(1));

test("[lifecycle] 10⁵ optimizers that come and go leave memory as it was", { timeout: 30_000 }, () => {
  const cycle = (from: number, to: number) => {
    for (let i = from; i < to; i++) {
      // Most are small, as they are in use.
      const initial = sizes[i % 16 === 0 ? (i / 16) % sizes.length : i % 3];
      const optimizer = createOptimizer(kinds[i % 3], initial, { precision: i % 2 ? "f64" : "f32" });
      optimizer.gradient[0] = i;
      optimizer.step();
      optimizer.dispose();
    }
  };
  const used = () => process.memoryUsage();
  cycle(0, 20_000);
  const before = used();
  const began = performance.now();
  cycle(20_000, 100_000);
  const seconds = (performance.now() - began) / 1000;
  const after = used();
  // Memories of WebAssembly count as external: one lost in a thousand cycles would be 5 MiB.
  expect(after.external - before.external).toBeLessThan(4 * MiB);
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(4 * MiB);
  // What lives between two collections of garbage comes and goes.
  expect(after.rss - before.rss).toBeLessThan(64 * MiB);
  expect(seconds).toBeLessThan(15);
});

test("[lifecycle] as many memories as live at once are made, and no more", () => {
  const { Memory } = WebAssembly;
  let made = 0;
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      made++;
    }
  };
  try {
    // A size that no other test has had.
    const initial = new Float64Array(70_001);
    for (let i = 0; i < 200; i++) {
      const pair = [createOptimizer(adam(), initial), createOptimizer(adam(), initial)];
      for (const optimizer of pair) optimizer.dispose();
    }
    expect(made).toBe(2);
    // What fails while it is made gives its memory back.
    let asked = 0;
    const learningRate = () => {
      if (asked++ > 0) throw new Error("mine");
      return 0.1;
    };
    for (let i = 0; i < 200; i++) {
      asked = 0;
      const rule = adam({ learningRate });
      expect(() => createOptimizer(rule, initial)).toThrow("mine");
    }
    expect(made).toBe(2);
  } finally {
    WebAssembly.Memory = Memory;
  }
});

test("[lifecycle] 1,000 live optimizers of mixed sizes step each by itself", () => {
  const makers = Object.values(rules);
  const optimizers = Array.from({ length: 1000 }, (_, i) => {
    const length = 1 + ((i * 37) % 400) + (i % 50 === 0 ? 10_000 : 0);
    const initial = Float64Array.from({ length }, (_, j) => 1 + i / 7 + j);
    const make = () =>
      createOptimizer(makers[i % makers.length]({ learningRate: 0.01 }), initial, {
        precision: i % 2 ? "f64" : "f32",
      });
    return { live: make(), make };
  });
  try {
    for (let t = 0; t < 3; t++) {
      for (const [i, { live }] of optimizers.entries()) {
        live.gradient.fill(i - t);
        live.step(anyInputs);
      }
    }
    for (const [i, { live, make }] of optimizers.entries()) {
      const alone = make();
      for (let t = 0; t < 3; t++) {
        alone.gradient.fill(i - t);
        alone.step(anyInputs);
      }
      expect(Buffer.from(live.save()).equals(alone.save())).toBe(true);
      alone.dispose();
    }
  } finally {
    for (const { live } of optimizers) live.dispose();
  }
});
