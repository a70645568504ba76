import fc from "fast-check";
import { expect, test } from "vitest";
import type { Precision } from "../../src/core/precision.ts";
import { createOptimizer, type Optimizer } from "../../src/descent/optimizer.ts";
import { adam, sgd } from "../../src/rules/index.ts";
import { chain, clipByValue, ema } from "../../src/wrappers/index.ts";

const learningRate = 0.1;
const momentum = 0.9;
const decay = 0.5;

/** A rule in plain numbers: what each optimizer must do, whatever the others do. */
interface Replica {
  readonly x: number[];
  readonly gradient: number[];
  steps: number;
  step(): void;
  /** What else it remembers. */
  readonly memory: number[][];
  averaged?(): number[];
}

/** x ← x − ηb with b ← μb + g. */
function heavyBall(initial: readonly number[], round: (x: number) => number): Replica {
  const x = initial.map(round);
  const gradient = x.map(() => 0);
  const buffer = x.map(() => 0);
  const [eta, mu] = [round(learningRate), round(momentum)];
  return {
    x,
    gradient,
    memory: [buffer],
    steps: 0,
    step() {
      for (let i = 0; i < x.length; i++) {
        buffer[i] = round(round(mu * buffer[i]) + gradient[i]);
        x[i] = round(x[i] - round(eta * buffer[i]));
      }
      this.steps++;
    },
  };
}

/** Gradients clipped to [−1, 1], plain descent, and an average behind it. */
function clippedAverage(initial: readonly number[], round: (x: number) => number): Replica {
  const x = initial.map(round);
  const gradient = x.map(() => 0);
  const average = [...x];
  return {
    x,
    gradient,
    memory: [average],
    steps: 0,
    step() {
      for (let i = 0; i < x.length; i++) {
        const clipped = Math.max(-1, Math.min(1, gradient[i]));
        x[i] = round(x[i] - round(round(learningRate) * clipped));
        average[i] = round(round(decay * average[i]) + round(decay * x[i]));
      }
      this.steps++;
    },
    averaged: () => average,
  };
}

const kinds = [
  { rule: sgd({ learningRate, momentum }), replica: heavyBall },
  { rule: chain(clipByValue({ value: 1 }), sgd({ learningRate }), ema({ decay })), replica: clippedAverage },
] as const;

interface Live {
  readonly optimizer: Optimizer<number[]>;
  readonly replica: Replica;
}

type World = { readonly live: (Live | undefined)[] };

/** Every optimizer that lives is as its replica is, to the bit. */
function compare({ live }: World): void {
  for (const one of live) {
    if (!one) continue;
    const { optimizer, replica } = one;
    expect([...optimizer.parameters]).toEqual(replica.x);
    expect([...optimizer.gradient]).toEqual(replica.gradient);
    expect(optimizer.stepCount).toBe(replica.steps);
    if (replica.averaged) expect([...optimizer.averaged()]).toEqual(replica.averaged());
  }
}

const numbers = fc.array(
  fc.integer({ min: -8, max: 8 }).map((n) => n / 4),
  { minLength: 1, maxLength: 9 },
);

const calls = fc.oneof(
  fc.record({
    call: fc.constant("create" as const),
    at: fc.nat(5),
    kind: fc.nat(kinds.length - 1),
    initial: numbers,
    precision: fc.constantFrom<Precision>("f64", "f32"),
  }),
  fc.record({ call: fc.constant("gradient" as const), at: fc.nat(5), values: numbers }),
  fc.record({ call: fc.constant("step" as const), at: fc.nat(5) }),
  fc.record({ call: fc.constant("fault" as const), at: fc.nat(5) }),
  fc.record({ call: fc.constant("copy" as const), at: fc.nat(5), to: fc.nat(5) }),
  fc.record({ call: fc.constant("dispose" as const), at: fc.nat(5) }),
  fc.record({ call: fc.constant("litter" as const), length: fc.integer({ min: 1, max: 4000 }) }),
);
type Call = typeof calls extends fc.Arbitrary<infer T> ? T : never;

function perform(world: World, call: Call): void {
  const { live } = world;
  if (call.call === "litter") {
    // One that fills its memory and leaves it to the next.
    const optimizer = createOptimizer(adam(), new Float64Array(call.length).fill(7));
    optimizer.gradient.fill(Number.NaN);
    optimizer.step();
    optimizer.dispose();
    return;
  }
  if (call.call === "create") {
    live[call.at]?.optimizer.dispose();
    const { rule, replica } = kinds[call.kind];
    const round = call.precision === "f64" ? (x: number) => x : Math.fround;
    live[call.at] = {
      optimizer: createOptimizer(rule, call.initial, { precision: call.precision }),
      replica: replica(call.initial, round),
    };
    return;
  }
  const one = live[call.at];
  if (!one) return;
  const { optimizer, replica } = one;
  switch (call.call) {
    case "gradient":
      for (let i = 0; i < replica.x.length; i++) {
        optimizer.gradient[i] = replica.gradient[i] = call.values[i % call.values.length];
      }
      break;
    case "step":
      optimizer.step();
      replica.step();
      break;
    case "fault":
      expect(() => optimizer.load(new Uint8Array(3))).toThrow(RangeError);
      expect(() => optimizer.setSparseGradient("", [99], [[1]])).toThrow();
      break;
    case "copy": {
      const other = live[call.to];
      if (!other) break;
      const alike =
        other.optimizer.rule === optimizer.rule &&
        other.optimizer.precision === optimizer.precision &&
        other.replica.x.length === replica.x.length;
      if (!alike) {
        expect(() => other.optimizer.load(optimizer.save())).toThrow();
        break;
      }
      other.optimizer.load(optimizer.save());
      other.replica.x.splice(0, Infinity, ...replica.x);
      for (const [i, values] of other.replica.memory.entries()) {
        values.splice(0, Infinity, ...replica.memory[i]);
      }
      other.replica.steps = replica.steps;
      break;
    }
    case "dispose":
      optimizer.dispose();
      live[call.at] = undefined;
      expect(() => optimizer.step()).toThrow("was disposed");
      break;
  }
}

test("[lifecycle] calls on optimizers in any order never change another", () => {
  fc.assert(
    fc.property(fc.array(calls, { minLength: 20, maxLength: 120 }), (sequence) => {
      const world: World = { live: [] };
      try {
        for (const call of sequence) {
          perform(world, call);
          compare(world);
        }
      } finally {
        for (const one of world.live) one?.optimizer.dispose();
      }
    }),
    { numRuns: 150, seed: 7 },
  );
});
