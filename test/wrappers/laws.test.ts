import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Precision, paddedLength } from "../../src/core/precision.ts";
import { Random } from "../../src/core/random.ts";
import { Workspace } from "../../src/core/workspace.ts";
import { createOptimizer, type Optimizer } from "../../src/descent/optimizer.ts";
import { Pipeline, pipelineMemory } from "../../src/descent/pipeline.ts";
import { fill, type NamedBlocks, paddedFrame, readParameters } from "../../src/parameters/frame.ts";
import { type GroupInput, readGroups } from "../../src/parameters/groups.ts";
import { rules } from "../../src/rules/index.ts";
import type { Rule } from "../../src/rules/rule.ts";
import {
  accumulate,
  chain,
  clipByGlobalNorm,
  clipByNorm,
  clipByValue,
  gradientNoise,
  lookahead,
  projectBall,
  projectBox,
  skipNonFinite,
  type Wrapper,
  weightDecay,
  wrappers,
} from "../../src/wrappers/index.ts";
import { anyInputs } from "../rules/inputs.ts";

const names = ["w", "b", "k"] as const;
const shape = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 });
const shapes = fc.record({ w: shape, b: shape, k: shape });
type Shapes = Readonly<Record<(typeof names)[number], readonly number[]>>;

/** Options that make each wrapper do something to gradients of size 1, on all blocks or on some. */
const options: Readonly<Record<string, readonly object[]>> = {
  weightDecay: [{ weightDecay: 0.5 }, { weightDecay: 0.5, decoupled: true, blocks: ["w", "k"] }],
  clipByValue: [{ value: 0.3 }, { value: 0.3, except: "w" }],
  clipByNorm: [{ norm: 0.5 }],
  clipByGlobalNorm: [{ norm: 0.5 }],
  adaptiveClip: [{ ratio: 0.1 }],
  gradientNoise: [{ eta: 1 }, { eta: 1, blocks: "b" }],
  accumulate: [{ steps: 1 }, { steps: 3 }],
  lookahead: [{ steps: 2 }],
  projectBox: [{ lower: 0.1, upper: 0.5 }, { upper: -0.2 }],
  projectBall: [{ radius: 0.5 }],
  swa: [{ start: 2, every: 2 }],
  ema: [{ decay: 0.5 }, { decay: 0.5, debias: true }],
};

const made = Object.entries(wrappers).flatMap(([name, make]) =>
  (options[name] ?? [{}]).map((each): Wrapper => (make as (options: object) => Wrapper)(each)),
);
const placed = (place: string) => made.filter(({ declaration }) => declaration.place === place);
const averages = ({ declaration }: Wrapper) => declaration.averagedSlot !== undefined;
const behind = placed("after").filter((wrapper) => !averages(wrapper));

/** Any chain of wrappers around any rule. */
const chains: fc.Arbitrary<Rule> = fc
  .record({
    first: fc.subarray(placed("first")),
    before: fc.array(fc.constantFrom(...placed("before")), { maxLength: 4 }),
    rule: fc.constantFrom(...Object.values(rules)),
    after: fc.array(fc.constantFrom(...behind), { maxLength: 3 }),
    average: fc.option(fc.constantFrom(...placed("after").filter(averages)), { nil: undefined }),
    at: fc.nat(3),
  })
  .map(({ first, before, rule, after, average, at }) => {
    const tail = average ? [...after.slice(0, at), average, ...after.slice(at)] : after;
    return chain(...first, ...before, (rule as () => Rule)(), ...tail);
  });

const sizeOf = (dimensions: readonly number[]) => dimensions.reduce((product, side) => product * side, 1);

const blocksOf = (given: Shapes, random: Random): NamedBlocks =>
  Object.fromEntries(
    names.map((name) => {
      const values = Array.from({ length: sizeOf(given[name]) }, () => random.normal());
      return [name, { shape: given[name], values }];
    }),
  );

const groupings: readonly (readonly GroupInput[] | undefined)[] = [
  undefined,
  [{ blocks: "b", frozen: true }],
  [{ blocks: ["k", "w"], scale: 2 }],
];

const precisions = fc.constantFrom<Precision>("f64", "f32");

test("[groups] any chain of wrappers keeps the padding zero, and frozen blocks as they are", () => {
  fc.assert(
    fc.property(
      ...[chains, shapes, precisions, fc.constantFrom(...groupings), fc.nat(1000)],
      (rule, given, precision, input, seed) => {
        const random = new Random(seed);
        const parameters = readParameters("test", "start", blocksOf(given, random), precision);
        const groups = readGroups("test", rule, parameters, input);
        const frame = paddedFrame(
          parameters,
          precision,
          groups.flatMap(({ blocks }) => blocks),
        );
        const spec = { rule, frame, groups };
        const workspace = new Workspace(pipelineMemory(spec, precision), precision);
        const x = workspace.real("x");
        const gradient = workspace.real("gradient");
        fill(frame, parameters, x);
        const start = x.slice();
        const pipeline = new Pipeline(spec, workspace);
        pipeline.start();
        for (let t = 0; t < 4; t++) {
          for (const { offset, length } of frame.blocks) {
            for (let i = offset; i < offset + length; i++) gradient[i] = random.normal();
          }
          pipeline.step(anyInputs.value);
        }
        const views = [x, gradient, ...pipeline.wrappers.flatMap(({ context }) => context.slotViews)];
        if (pipeline.rewritesGradient) views.push(workspace.real("effectiveGradient"));
        for (const { name, offset, length } of frame.blocks) {
          const end = offset + paddedLength(length, precision);
          for (const view of views) {
            for (let i = offset + length; i < Math.min(end, view.length); i++) expect(view[i]).toBe(0);
          }
          const frozen = input?.some(({ blocks, frozen }) => frozen && blocks === name);
          if (frozen) expect(x.slice(offset, end)).toEqual(start.slice(offset, end));
          for (let i = offset; i < offset + length; i++) expect(x[i]).not.toBeNaN();
        }
        workspace.dispose();
      },
    ),
    { numRuns: 300, seed: 1 },
  );
});

test("random interleavings of calls never change another optimizer", () => {
  const spec = fc.record({ rule: chains, given: shapes, precision: precisions, seed: fc.nat(1000) });
  const call = fc.record({ which: fc.nat(2), what: fc.constantFrom("step", "step", "report", "averaged") });
  fc.assert(
    fc.property(fc.tuple(spec, spec, spec), fc.array(call, { maxLength: 24 }), (specs, calls) => {
      const start = () =>
        specs.map(({ rule, given, precision, seed }) => {
          const random = new Random(seed);
          return { optimizer: createOptimizer(rule, blocksOf(given, random), { precision }), random };
        });
      const take = ({ optimizer, random }: ReturnType<typeof start>[number], what: string) => {
        if (what === "report") optimizer.report();
        else if (what === "averaged") averagedOf(optimizer);
        else {
          for (const view of Object.values(optimizer.gradient)) {
            for (let i = 0; i < view.length; i++) view[i] = random.normal();
          }
          optimizer.step(anyInputs);
        }
      };
      const together = start();
      for (const { which, what } of calls) take(together[which], what);
      const apart = start();
      apart.forEach((each, which) => {
        for (const { what } of calls.filter((made) => made.which === which)) take(each, what);
      });
      together.forEach(({ optimizer }, which) => {
        const alone = apart[which].optimizer;
        expect(optimizer.parameters).toEqual(alone.parameters);
        expect(optimizer.report()).toEqual(alone.report());
        expect(averagedOf(optimizer)).toEqual(averagedOf(alone));
        optimizer.dispose();
        alone.dispose();
      });
    }),
    { numRuns: 60, seed: 4 },
  );
});

function averagedOf(optimizer: Optimizer<NamedBlocks>) {
  const { after } = optimizer.rule as ReturnType<typeof chain>;
  return after.some(averages) ? optimizer.averaged() : undefined;
}

describe("a wrapper at its neutral setting changes nothing", () => {
  const before = [
    skipNonFinite(),
    weightDecay({ weightDecay: 0 }),
    weightDecay({ weightDecay: 0, decoupled: true }),
    clipByValue({ value: 1e30 }),
    clipByNorm({ norm: 1e30 }),
    clipByGlobalNorm({ norm: 1e30 }),
    wrappers.adaptiveClip({ ratio: 1e30 }),
    gradientNoise({ eta: 0 }),
    accumulate({ steps: 1 }),
    wrappers.centralizeGradient({ blocks: "b" }),
  ];
  const after = [
    lookahead({ steps: 2, rate: 1 }),
    projectBox(),
    projectBall({ radius: 1e30 }),
    wrappers.projectSimplex({ blocks: [] }),
    wrappers.cautious({ blocks: [] }),
    wrappers.ema(),
    wrappers.swa(),
    wrappers.polyakAverage(),
  ];
  const cases = [
    ...before.map((wrapper) => [wrapper.name, (rule: Rule) => chain(wrapper, rule)] as const),
    ...after.map((wrapper) => [wrapper.name, (rule: Rule) => chain(rule, wrapper)] as const),
  ];

  test.each(cases)("%s", (_, wrap) => {
    for (const make of Object.values(rules)) {
      for (const precision of ["f64", "f32"] as const) {
        const rule = (make as () => Rule)();
        const random = new Random(6);
        const start = {
          w: { shape: [3, 3], values: Array.from({ length: 9 }, () => random.normal()) },
          b: [1, 2, 3],
        };
        const bare = createOptimizer(rule, start, { precision });
        const wrapped = createOptimizer(wrap(rule), start, { precision });
        for (let t = 0; t < 5; t++) {
          for (const name of ["w", "b"] as const) {
            const gradient = Array.from(bare.gradient[name], () => random.normal());
            bare.gradient[name].set(gradient);
            wrapped.gradient[name].set(gradient);
          }
          bare.step(anyInputs);
          wrapped.step(anyInputs);
        }
        expect(wrapped.parameters).toEqual(bare.parameters);
        bare.dispose();
        wrapped.dispose();
      }
    }
  });
});
