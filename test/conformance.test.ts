import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { conformance } from "../scripts/conformance/command.mjs";
import { largestError } from "../scripts/conformance/compare.mjs";
import { createOptimizer, type Optimizer } from "../src/descent/optimizer.ts";
import * as rules from "../src/rules/index.ts";
import * as schedules from "../src/schedules/index.ts";

const library = { ...rules, ...schedules, createOptimizer };
const directory = mkdtempSync(join(tmpdir(), "thalweg-conformance-"));
afterAll(() => rmSync(directory, { recursive: true }));

let written = 0;
/** A file with this text, or this value as JSON. */
function file(content: unknown): string {
  const path = join(directory, `${written++}.json`);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

/** Runs the command on the sources. */
function run(args: string[], over: object = {}) {
  const lines: string[] = [];
  const complaints: string[] = [];
  const code = conformance(
    args,
    { ...library, ...over },
    (line) => lines.push(line),
    (line) => complaints.push(line),
  );
  return { code, output: lines.join("\n"), complaints: complaints.join("\n") };
}

// Gradient descent by hand: x ← x − 0.5·g, exact in both precisions.
const case1 = {
  optimizer: "sgd",
  options: { lr: 0.5 },
  params_after_step: { f64: { "1": [0.5, -2], "2": [0.25, -1.5] }, f32: { "2": [0.25, -1.5] } },
};
const halving = {
  x0: [1, -2],
  gradients: [
    [1, 0],
    [0.5, -1],
    [9, 9],
  ],
};
const good = { ...halving, source: "by hand", note: "extra keys are notes", cases: [case1] };
const changed = (change: object) => file({ ...good, cases: [{ ...case1, ...change }] });
const staircase = {
  schedule: "StepLR",
  base: 1,
  options: { step_size: 2, gamma: 0.5 },
  rates: [1, 1, 0.5, 0.5],
};

test("reads Adafactor's options as PyTorch means them, and its eps where that is the precision's own", () => {
  // On a vector V = g² at the first step: U is the signs, of RMS 1, and α = min(lr, 1)·max(ε₂, RMS(x)) with RMS(x) = √2.5.
  const step = 0.01 * Math.sqrt(2.5);
  const adafactor = {
    optimizer: "adafactor",
    options: { eps: [1e-16, 1e-3], beta2_decay: -0.5, d: 2, weight_decay: 0.1 },
    params_after_step: { f64: { "1": [0.999 - step, -2 * 0.999 + step] } },
  };
  const cases = (one: object, gradient = [3, -0.25]) =>
    file({ ...good, gradients: [gradient], cases: [one] });
  expect(run([cases(adafactor)]).code).toBe(0);
  // A gradient of half of 2⁻⁵² is divided by that, and by 2⁻²³ in f32, which leaves next to nothing.
  const ofRounding = { f64: { "1": [1 - step / 2, -2 + step / 2] }, f32: { "1": [1, -2] } };
  const preset = { ...adafactor, options: {}, params_after_step: ofRounding };
  expect(run([cases(preset, [2 ** -53, -(2 ** -53)])]).code).toBe(0);
});

test("reads Muon's options as PyTorch means them, of matrices, and says what it has not", () => {
  // A single row has one singular value, 1 once it is divided by its length, on which the quintic works.
  let length = 1;
  for (let k = 0; k < 5; k++) length *= 3.4445 - 4.775 * length ** 2 + 2.0315 * length ** 4;
  const x = (scale: number) => [
    1 - 0.01 - 0.1 * scale * length * 0.6,
    -2 * (1 - 0.01) - 0.1 * scale * length * 0.8,
  ];
  const options = { lr: 0.1, momentum: 0.5, nesterov: false, ns_coefficients: [3.4445, -4.775, 2.0315] };
  const verdict = (scale: number, more: object, shape: unknown = [1, 2]) => {
    const one = { optimizer: "muon", options: { ...options, ...more }, shape };
    const params_after_step = { f64: { "1": x(scale) } };
    return run([file({ ...good, gradients: [[3, 4]], cases: [{ ...one, params_after_step }] })]);
  };
  expect(verdict(1, {}).code).toBe(0);
  expect(verdict(1, { adjust_lr_fn: "original" }).code).toBe(0);
  expect(verdict(0.2 * Math.SQRT2, { adjust_lr_fn: "match_rms_adamw" }).code).toBe(0);
  expect(verdict(1, { adjust_lr_fn: "none" }).output).toContain("adjust_lr_fn none");
  expect(verdict(1, { ns_coefficients: [1.5, -0.5, 0] }).output).toContain("other ns_coefficients");
  for (const shape of [[1, 3], [2, 1.0000001], [-1, -2], "1 × 2", []]) {
    expect(verdict(1, {}, shape).complaints).toContain("cases[0].shape: expected");
  }
});

describe("the measure", () => {
  test("is relative to the largest recorded |reference|, the start included, parameter by parameter", () => {
    expect(largestError([1], [[2.5]], [[2]])).toBe(0.25);
    expect(largestError([10], [[2.5]], [[2]])).toBe(0.05);
    expect(largestError([0], [[0.5], [4]], [[0], [4]])).toBe(0.125);
    expect(largestError([0, 100], [[1.5, 100]], [[1, 100]])).toBe(0.5);
  });

  test("is absolute where the reference is 0 throughout", () => {
    expect(largestError([0], [[1e-9]], [[0]])).toBe(1e-9);
  });

  test("is NaN where anything is, however many good figures follow", () => {
    expect(
      largestError(
        [1, 1],
        [
          [Number.NaN, 1],
          [1, 1],
        ],
        [
          [1, 1],
          [1, 1],
        ],
      ),
    ).toBeNaN();
    expect(largestError([1], [[Infinity]], [[Infinity]])).toBeNaN();
  });
});

describe("the command", () => {
  test("passes on right values, prints a row a case and a closing line", () => {
    const { code, output, complaints } = run([file(good), file({ cases: [staircase] })]);
    expect(output).toMatch(/sgd +lr=0\.5 +0\.0e\+0 +0\.0e\+0 +pass/);
    expect(output).toMatch(/StepLR +step_size=2 gamma=0\.5 +0\.0e\+0 +0\.0e\+0 +pass/);
    expect(output).toMatch(/\nconforms: 2 ran, 2 passed, 0 failed$/);
    expect([code, complaints]).toEqual([0, ""]);
  });

  test("fails on a wrong value, at any recorded step, in either precision", () => {
    const { f64, f32 } = case1.params_after_step;
    for (const params_after_step of [
      { f64: { ...f64, "1": [0.5, -2.000000000001] }, f32 },
      { f64: { ...f64, "2": [0.25, -1.5000000000004] } },
      { f64, f32: { "2": [0.250002, -1.5] } },
    ]) {
      const { code, output } = run([changed({ params_after_step })]);
      expect(output).toMatch(/fail: f(64|32) above/);
      expect(output).toContain("DOES NOT CONFORM: 1 ran, 0 passed, 1 failed");
      expect(code).toBe(1);
    }
  });

  test("fails on a wrong rate and passes within the tolerance", () => {
    const rates = (last: number) => file({ cases: [{ ...staircase, rates: [1, 1, 0.5, last] }] });
    expect(run([rates(0.5 + 2e-13)]).code).toBe(1);
    expect(run([rates(0.5 + 5e-14)]).code).toBe(0);
  });

  test("fails where the library's values are NaN", () => {
    const broken = (...args: Parameters<typeof createOptimizer>) => {
      const optimizer = createOptimizer(...args) as Optimizer<number[]>;
      optimizer.parameters[0] = Number.NaN;
      return optimizer;
    };
    const { code, output } = run([file(good)], { createOptimizer: broken });
    expect(output).toMatch(/NaN +NaN +fail: f64 above 1e-13, f32 above 0\.000001/);
    expect(code).toBe(1);
  });

  test("fails where the library's rule is another one", () => {
    const { code } = run([file(good)], { sgd: () => library.adam({ learningRate: 0.5 }) });
    expect(code).toBe(1);
  });

  test("fails where the library refuses an option's value, and says its words", () => {
    const { code, output } = run(["--allow-unknown", changed({ options: { lr: -1 } })]);
    expect(output).toMatch(/fail: RangeError: sgd: learningRate must lie in/);
    expect(code).toBe(1);
  });

  test("fails when no case ran, allowed or not", () => {
    const unknown = { ...case1, optimizer: "nowhere" };
    expect(run([file({ ...halving, cases: [] })]).code).toBe(1);
    expect(run([file({ cases: [] })]).code).toBe(1);
    expect(run(["--allow-unknown", file({ ...halving, cases: [unknown] })]).code).toBe(1);
    expect(run([changed({ params_after_step: {} }), file(good)]).output).toContain(
      "fail: no step is recorded",
    );
    expect(run([changed({ params_after_step: { f64: {} } }), file(good)]).code).toBe(1);
  });

  test("fails on what is unknown, unless that is allowed; then it is listed and not counted", () => {
    const unknown = [
      [{ ...case1, optimizer: "nowhere" }, "optimizer nowhere"],
      [{ ...case1, optimizer: "constructor" }, "optimizer constructor"],
      [{ ...case1, options: { lr: 0.5, lookahead: 3 } }, "option lookahead"],
      [{ ...case1, params_after_step: { f16: { "1": [0.5, -2] } } }, "precision f16"],
      [{ ...staircase, schedule: "LambdaLR" }, "schedule LambdaLR"],
      [
        { ...staircase, schedule: "SequentialLR(StepLR, ExponentialLR)", options: { gamma: 0.5, warmup: 1 } },
        "option gamma, which several schedules have",
      ],
      [
        { ...staircase, schedule: "SequentialLR(StepLR, LinearLR)", options: { step_size: 1 } },
        "a sequence without warmup",
      ],
      [{ ...staircase, options: { step_size: 2, last_epoch: 4 } }, "a scheduler that resumes"],
      [{ ...staircase, schedule: "SequentialLR(LinearLR, LambdaLR)" }, "schedule LambdaLR"],
      [{ ...staircase, options: { step_size: 2, warmup: 3 } }, "option warmup"],
    ] as const;
    for (const [one, reason] of unknown) {
      const path = file({ ...halving, cases: [case1, one] });
      const strict = run([path]);
      expect(strict.output).toContain(`unknown: ${reason}`);
      expect(strict.code, reason).toBe(1);
      const lenient = run(["--allow-unknown", path]);
      expect(lenient.output).toContain(`unknown: ${reason}`);
      expect(lenient.output).toContain("conforms: 1 ran, 1 passed, 0 failed; 1 unknown, not run");
      expect(lenient.code, reason).toBe(0);
    }
  });

  test("a rule that the library does not have is unknown", () => {
    const { sgd: _, ...without } = library;
    const lines: string[] = [];
    const code = conformance([file(good)], without, (line) => lines.push(line), console.error);
    expect(lines.join("\n")).toContain("unknown: optimizer sgd");
    expect(code).toBe(1);
  });

  test("runs the one precision that a case gives, and ignores options that change no number", () => {
    const { f64 } = case1.params_after_step;
    const options = { lr: 0.5, foreach: null, fused: false, differentiable: false, capturable: true };
    const { code, output } = run([changed({ options, params_after_step: { f64 } })]);
    expect(output).toMatch(/0\.0e\+0 +- +pass/);
    expect(code).toBe(0);
  });

  test("compares the start itself where step 0 is recorded", () => {
    const recorded = (x: number) =>
      changed({ params_after_step: { f64: { "0": [x, -2], "2": [0.25, -1.5] } } });
    expect(run([recorded(1)]).code).toBe(0);
    expect(run([recorded(1.5)]).code).toBe(1);
  });

  test("unusable files give code 2 and name file and place, and the others still run", () => {
    const { f64 } = case1.params_after_step;
    const malformed: readonly [unknown, string][] = [
      ["{", "is not JSON"],
      ['{"cases":[{"schedule":"StepLR","base":NaN}]}', "is not JSON"],
      [[], "the document: expected an object, got []"],
      [{}, "cases: expected a list, got undefined"],
      [{ cases: [3] }, "cases[0]: expected an object, got 3"],
      [{ cases: [{}] }, 'cases[0]: expected one of "optimizer" and "schedule"'],
      [{ cases: [case1] }, "x0: expected a list of numbers, got undefined"],
      [{ ...good, x0: [] }, "x0: expected a list of numbers, got []"],
      [{ ...good, x0: [1, null] }, "x0[1]: expected a number, got null"],
      [{ ...good, gradients: undefined }, "gradients: expected a list, got undefined"],
      [{ ...good, gradients: [[1, 0], [1]] }, "gradients[1]: expected 2 numbers, as in x0, got 1"],
      [{ ...good, cases: [{ ...case1, options: [] }] }, "cases[0].options: expected an object, got []"],
      [
        { ...good, cases: [{ ...case1, options: { lr: "1" } }] },
        'cases[0].options.lr: expected a number, got "1"',
      ],
      [
        { ...good, cases: [{ ...case1, options: { nesterov: 1 } }] },
        "cases[0].options.nesterov: expected true or false",
      ],
      [
        { ...good, cases: [{ ...case1, optimizer: "adam", options: { betas: 0.9 } }] },
        "cases[0].options.betas: expected two numbers, got 0.9",
      ],
      [
        { ...good, cases: [{ ...case1, params_after_step: undefined }] },
        "cases[0].params_after_step: expected an object, got undefined",
      ],
      [
        { ...good, cases: [{ ...case1, params_after_step: { f64: { ...f64, "4": [1, 1] } } }] },
        'cases[0].params_after_step.f64["4"]: there are only 3 gradients',
      ],
      [
        { ...good, cases: [{ ...case1, params_after_step: { f64: { last: [1, 1] } } }] },
        'cases[0].params_after_step.f64["last"]: expected a number of steps',
      ],
      [
        { ...good, cases: [{ ...case1, params_after_step: { f32: { "1": [1] } } }] },
        'cases[0].params_after_step.f32["1"]: expected 2 numbers, as in x0, got 1',
      ],
      [{ cases: [{ ...staircase, base: undefined }] }, "cases[0].base: expected a number, got undefined"],
      [{ cases: [{ ...staircase, rates: [] }] }, "cases[0].rates: expected a list of numbers, got []"],
      [{ cases: [{ ...staircase, rates: [1, "1"] }] }, 'cases[0].rates[1]: expected a number, got "1"'],
      [{ cases: [staircase, { ...staircase, options: {} }] }, "cases[1].options: step_size is missing"],
    ];
    for (const [content, message] of malformed) {
      const path = file(content);
      const { code, output, complaints } = run(["--allow-unknown", path, file(good)]);
      expect(complaints).toContain(`conformance: ${path}: `);
      expect(complaints).toContain(message);
      expect(output).toContain("DOES NOT CONFORM: 1 ran, 1 passed, 0 failed; unusable files: 1");
      expect(code, message).toBe(2);
    }
    const missing = join(directory, "missing.json");
    expect(run([missing]).complaints).toContain(`conformance: ${missing}: cannot be read`);
    expect(run([missing]).code).toBe(2);
  });

  test("arguments that make no sense give code 2 and the usage", () => {
    for (const args of [[], ["--allow-unknown"], ["--force", file(good)]]) {
      const { code, complaints } = run(args);
      expect(complaints).toContain("usage: npm run --silent conformance -- [--allow-unknown] FILE…");
      expect(code).toBe(2);
    }
  });
});

describe("PyTorch's schedulers", () => {
  const recorded = fileURLToPath(new URL("references/torch-schedules.json", import.meta.url));

  test("[schedules] the rates that PyTorch 1.13 recorded are ours, for every scheduler that it has", () => {
    const { code, output } = run([recorded]);
    expect(output).toContain("conforms: 16 ran, 16 passed, 0 failed");
    expect(code).toBe(0);
  });

  test("[schedules] a plateau is told a loss after each step; the last need not be there", () => {
    const plateau = { schedule: "ReduceLROnPlateau", base: 1, options: { patience: 0, factor: 0.5 } };
    const cases = [
      { ...plateau, losses: [3, 3, 2, 2], rates: [1, 1, 0.5, 0.5] },
      { ...plateau, losses: [3, 3, 2], rates: [1, 1, 0.5, 0.5] },
      { ...plateau, losses: [], rates: [1] },
    ];
    expect(run([file({ cases })]).output).toContain("conforms: 3 ran, 3 passed, 0 failed");
    const malformed: readonly [object, string][] = [
      [{ rates: [1, 1] }, "a plateau needs losses"],
      [{ losses: [1], rates: [1, 1, 1] }, "losses: expected a loss for each of 3 rates, got 1"],
      [{ losses: [1, null], rates: [1, 1] }, "losses[1]: expected a number, got null"],
      [{ losses: "1", rates: [1] }, 'losses: expected a list of numbers, got "1"'],
    ];
    for (const [change, message] of malformed) {
      expect(run([file({ cases: [{ ...plateau, ...change }] })]).complaints).toContain(message);
    }
  });

  test("[schedules] with options left out they are PyTorch's own, and phases of no steps never end", () => {
    const rates = (n: number, at: (t: number) => number) => Array.from({ length: n }, (_, t) => at(t));
    // By PyTorch's documentation and the recurrences in torch/optim/lr_scheduler.py.
    const cases = [
      { schedule: "StepLR", options: { step_size: 3 }, rates: rates(9, (t) => 0.1 ** Math.floor(t / 3)) },
      { schedule: "MultiStepLR", options: { milestones: [4, 2, 4] }, rates: [1, 1, 0.1, 0.1, 1e-3, 1e-3] },
      { schedule: "MultiStepLR", options: { milestones: [0, 1] }, rates: [0.1, 0.01, 0.01] },
      { schedule: "MultiStepLR", options: { milestones: [] }, rates: [1, 1] },
      { schedule: "ConstantLR", rates: rates(8, (t) => (t < 5 ? 1 / 3 : 1)) },
      { schedule: "ConstantLR", options: { total_iters: 0, factor: 0.5 }, rates: [0.5, 0.5, 0.5] },
      {
        schedule: "MultiStepLR",
        options: { milestones: [3, -1, 1, 3, 0], gamma: 0.5 },
        rates: [0.5, 0.25, 0.25, 0.0625, 0.0625],
      },
      { schedule: "LinearLR", rates: rates(8, (t) => 1 / 3 + (2 / 3) * Math.min(1, t / 5)) },
      { schedule: "LinearLR", options: { total_iters: 0, start_factor: 0.5 }, rates: [0.5, 0.5, 0.5] },
      { schedule: "PolynomialLR", rates: rates(8, (t) => 1 - Math.min(1, t / 5)) },
      { schedule: "PolynomialLR", options: { total_iters: 2, power: 0 }, rates: [1, 1, 1, 1] },
      { schedule: "PolynomialLR", options: { total_iters: 0 }, rates: [1, 1] },
      {
        schedule: "SequentialLR(ConstantLR, ExponentialLR)",
        options: { warmup: 2, factor: 0.5, gamma: 0.9, verbose: false },
        rates: [0.5, 0.5, 1, 0.9, 0.81],
      },
      {
        schedule: "SequentialLR(LinearLR, StepLR)",
        options: { warmup: 3, total_iters: 2, start_factor: 0.5, step_size: 1 },
        rates: [0.5, 0.75, 1, 1, 0.1, 0.01],
      },
    ];
    const { code, output } = run([file({ cases: cases.map((one) => ({ base: 1, ...one })) })]);
    expect(output).toContain(`conforms: ${cases.length} ran, ${cases.length} passed`);
    expect(code).toBe(0);
  });

  test("[schedules] sequences of any schedulers go as PyTorch's step() goes, also where that is odd", () => {
    const exponential = { schedule: "ExponentialLR", options: { gamma: 0.5 } };
    const constant = { schedule: "ConstantLR", options: { factor: 0.25, total_iters: 9 } };
    const cycle = { schedule: "OneCycleLR", options: { max_lr: 5, total_steps: 2, div_factor: 10 } };
    const cyclic = { schedule: "CyclicLR", options: { base_lr: 0.5, max_lr: 1, step_size_up: 2 } };
    const sequence = (milestones: number[], ...schedulers: object[]) => ({
      schedule: "SequentialLR",
      options: { schedulers, milestones },
    });
    const cases = [
      // The example of its documentation.
      {
        schedule: "SequentialLR(ConstantLR, ExponentialLR)",
        options: { factor: 0.1, total_iters: 2, gamma: 0.9, milestones: [2] },
        rates: [0.1, 0.1, 1, 0.9, 0.81],
      },
      { ...sequence([2, 4], constant, exponential, constant), rates: [0.25, 0.25, 1, 0.5, 0.25, 0.25] },
      // Of two milestones at one step the first is never seen.
      { ...sequence([2, 2], constant, exponential, constant), rates: [0.25, 0.25, 0.25, 0.25] },
      // A milestone at 0 is passed before it is looked at: the second goes on from the rate of the first.
      { ...sequence([0], constant, exponential), rates: [0.25, 0.25, 0.125, 0.0625] },
      { ...sequence([1], constant, exponential), rates: [0.25, 1, 0.5, 0.25] },
      // A sequence that comes to a ConstantLR of no steps asks its closed form, which has ended.
      {
        ...sequence([1], constant, { schedule: "ConstantLR", options: { total_iters: 0 } }),
        rates: [0.25, 1, 1],
      },
      // A one-cycle policy, and a cyclic one that comes first, set the initial rate of the others.
      { ...sequence([2], constant, cycle), rates: [0.125, 0.125] },
      { ...sequence([2], cyclic, exponential), rates: [0.5, 0.75, 0.5, 0.25] },
      { ...sequence([2], exponential, cyclic), rates: [1, 0.5, 0.5, 0.75, 1, 0.75] },
      { ...sequence([9], constant, exponential), rates: [0.25, 0.25, 0.25] },
      // total_iters of the second: that of the first is warmup.
      {
        schedule: "SequentialLR(LinearLR, PolynomialLR)",
        options: { start_factor: 0.5, warmup: 2, total_iters: 4 },
        rates: [0.5, 0.75, 1, 0.75, 0.5, 0.25, 0, 0],
      },
      // From the initial rate that the one-cycle policy has set it falls to 0, and rises again to its own base.
      {
        ...sequence([4], { schedule: "CosineAnnealingLR", options: { T_max: 2 } }, cycle),
        rates: [0.5, 0.25, 0, 0.5],
      },
    ];
    const { code, output } = run([file({ cases: cases.map((one) => ({ base: 1, ...one })) })]);
    expect(output).toContain(`conforms: ${cases.length} ran, ${cases.length} passed`);
    expect(code).toBe(0);
  });

  test("[schedules] chains multiply, and go on from what a scheduler has put in their place", () => {
    const exponential = { schedule: "ExponentialLR", options: { gamma: 0.5 } };
    const linear = { schedule: "LinearLR", options: { start_factor: 0.5, total_iters: 2 } };
    const cosine = (eta_min: number) => ({ schedule: "CosineAnnealingLR", options: { T_max: 2, eta_min } });
    const chain = (...schedulers: object[]) => ({ schedule: "ChainedScheduler", options: { schedulers } });
    const cyclic = { schedule: "CyclicLR", options: { base_lr: 0.5, max_lr: 1, step_size_up: 2 } };
    const cases = [
      { ...chain(exponential), rates: [1, 0.5, 0.25] },
      { ...chain(linear, exponential), rates: [0.5, 0.375, 0.25, 0.125] },
      {
        schedule: "ChainedScheduler(ConstantLR, ExponentialLR)",
        options: { factor: 0.1, total_iters: 2, gamma: 0.9 },
        rates: [0.1, 0.09, 0.81, 0.729, 0.6561],
      },
      // Each step the cycle's rate is put in place, and halved once.
      { ...chain(cyclic, exponential), rates: [0.5, 0.375, 0.5, 0.375, 0.25] },
      { ...chain(exponential, cyclic), rates: [1, 0.75, 1, 0.75, 0.5] },
      // A cosine that turns adds to what is there: what was multiplied before is forgotten.
      { ...chain(cosine(0), exponential), rates: [1, 0.25, 0, 0.25, 0.25] },
      // (1/2)·(1/2 − 1/4) + 1/4, and half of that; then 1/4, and half of that.
      { ...chain(exponential, cosine(0.25)), rates: [1, 0.375, 0.25, 0.5] },
      {
        ...chain({ schedule: "PolynomialLR", options: { total_iters: 2 } }, exponential),
        rates: [1, 0.25, 0, 0, 0],
      },
    ];
    const { code, output } = run([file({ cases: cases.map((one) => ({ base: 1, ...one })) })]);
    expect(output).toContain(`conforms: ${cases.length} ran, ${cases.length} passed`);
    expect(code).toBe(0);
  });

  test("[schedules] a one-cycle policy goes on for the one step that PyTorch allows past its last", () => {
    // Down from 1 to 1/100 at step 3, a third of the way a step; at step 4 the line has gone on.
    const options = {
      max_lr: 1,
      epochs: 2,
      steps_per_epoch: 2,
      pct_start: 0.25,
      anneal_strategy: "linear",
      div_factor: 10,
      final_div_factor: 10,
      total_steps: null,
      base_momentum: 0.8,
    };
    // pct_start 0 begins a step's length after the peak.
    const late = { max_lr: 1, total_steps: 4, pct_start: 0, anneal_strategy: "linear", div_factor: 1 };
    const fall = (1 - 1e-4) / 4;
    const cases = [
      { options: { ...options, pct_start: 0.5 }, rates: [0.1, 1, 0.505, 0.01, -0.485] },
      { options: late, rates: [1, 2, 3, 4, 5].map((k) => 1 - k * fall) },
      { options: { max_lr: 3, total_steps: 1 }, rates: [3 / 25e4] },
    ].map((one) => ({ schedule: "OneCycleLR", base: 7, ...one }));
    expect(run([file({ cases })]).output).toContain("conforms: 3 ran, 3 passed");
  });

  test("malformed sequences and chains are named", () => {
    const step = { schedule: "StepLR", options: { step_size: 2 } };
    const malformed: readonly [object, string][] = [
      [{ schedule: "SequentialLR" }, "options.schedulers: expected a list of schedulers, got undefined"],
      [
        { schedule: "ChainedScheduler", options: { schedulers: [] } },
        "expected a list of schedulers, got []",
      ],
      [
        { schedule: "ChainedScheduler", options: { schedulers: [{ name: "StepLR" }] } },
        "options.schedulers[0].schedule: expected a name",
      ],
      [
        { schedule: "SequentialLR", options: { schedulers: [step, step], milestones: [1, 2] } },
        "options.milestones: expected 1 for 2 schedulers, got 2",
      ],
      [
        { schedule: "SequentialLR", options: { schedulers: [step, step], milestones: [-1] } },
        "options.milestones: expected a list of steps, got [-1]",
      ],
      [
        { schedule: "SequentialLR(StepLR, LinearLR)", options: { step_size: 1, warmup: 0.5 } },
        "options.warmup: expected a number of steps, got 0.5",
      ],
      [
        { schedule: "OneCycleLR", options: { max_lr: 1, epochs: 3 } },
        "options: total_steps, or epochs and steps_per_epoch, are missing",
      ],
      [
        { schedule: "CyclicLR", options: { base_lr: 1, max_lr: 2, mode: "square" } },
        "options.mode: expected one of triangular, triangular2, exp_range",
      ],
    ];
    for (const [one, message] of malformed) {
      const { code, complaints } = run([file({ cases: [{ base: 1, rates: [1], ...one }] })]);
      expect(complaints).toContain(message);
      expect(code).toBe(2);
    }
  });

  // CosineAnnealingLR.get_lr of torch/optim/lr_scheduler.py, which computes each rate from the last.
  function annealed(base: number, end: number, period: number, count: number): number[] {
    const rates = [base];
    for (let t = 1; t < count; t++) {
      const last = rates[t - 1];
      const wave = (k: number) => 1 + Math.cos((Math.PI * k) / period);
      rates.push(
        (t - 1 - period) % (2 * period) === 0
          ? last + ((base - end) * (1 - Math.cos(Math.PI / period))) / 2
          : (wave(t) / wave(t - 1)) * (last - end) + end,
      );
    }
    return rates;
  }

  test("[schedules] the cosine goes on after T_max as PyTorch's recurrence does, up again and down again", () => {
    const cases = [1, 2, 5, 10, 25, 60, 100].map((T_max) => ({
      schedule: "CosineAnnealingLR",
      base: 0.2,
      options: { T_max, eta_min: 0.001 },
      rates: annealed(0.2, 0.001, T_max, 5 * T_max + 3),
    }));
    const { code, output } = run([file({ cases })]);
    expect(output).toContain("conforms: 7 ran, 7 passed");
    expect(code).toBe(0);
  });
});

describe("PyTorch's Adam family", () => {
  const recorded = ["torch-optimizers.json", "torch-adam-family.json"].map((name) =>
    fileURLToPath(new URL(`references/${name}`, import.meta.url)),
  );

  test("Adadelta, AdaMax, NAdam and RAdam take the paths that PyTorch 1.13 recorded, with zeros in the gradients too", () => {
    for (const path of recorded) {
      const document = JSON.parse(readFileSync(path, "utf8")) as { cases: { optimizer: string }[] };
      const family = ["adadelta", "adamax", "nadam", "radam"];
      const cases = document.cases.filter(({ optimizer }) => family.includes(optimizer));
      expect(new Set(cases.map(({ optimizer }) => optimizer)).size).toBe(4);
      const { code, output } = run([file({ ...document, cases })]);
      expect(output).toContain(`conforms: ${cases.length} ran, ${cases.length} passed, 0 failed`);
      expect(code).toBe(0);
    }
  });

  const x0 = [1, -2];
  const gradients = Array.from({ length: 12 }, (_, t) => [Math.sin(t + 1), Math.cos(3 * t)]);

  // _single_tensor_nadam of torch/optim/nadam.py as it is in PyTorch 2 (and, told so, in 1.13), with the product in f32.
  function nadamPath({ decay = 0, decoupled = 0, sign = 1, repeated = false }): number[] {
    const [lr, beta1, beta2, eps] = [0.002, 0.9, 0.999, 1e-8];
    const mu = (t: number) => beta1 * (1 - 0.5 * 0.96 ** (t * 0.004));
    const f32 = Math.fround;
    const [x, m, v] = [x0.slice(), [0, 0], [0, 0]];
    let product = 1;
    gradients.forEach((gradient, k) => {
      const t = k + 1;
      product = f32(product * f32(mu(t)));
      const next = repeated ? f32(f32(product * f32(mu(t))) * f32(mu(t + 1))) : product * mu(t + 1);
      gradient.forEach((given, i) => {
        const g = sign * given + decay * x[i];
        x[i] *= 1 - lr * decoupled;
        m[i] = beta1 * m[i] + (1 - beta1) * g;
        v[i] = beta2 * v[i] + (1 - beta2) * g * g;
        const root = Math.sqrt(v[i] / (1 - beta2 ** t)) + eps;
        x[i] -= (lr * (1 - mu(t)) * g) / (1 - product) / root;
        x[i] -= (lr * mu(t + 1) * m[i]) / (1 - next) / root;
      });
    });
    return x;
  }

  const verdictOf = (optimizer: string, options: object, x: number[], source?: string) =>
    run([
      file({
        x0,
        gradients,
        source,
        cases: [{ optimizer, options, params_after_step: { f64: { "12": x } } }],
      }),
    ]).code;

  test("NAdam is that of the PyTorch that the source names; of 1.13 where none is named and no option is newer", () => {
    const [one, two] = [nadamPath({ repeated: true }), nadamPath({})];
    expect(verdictOf("nadam", {}, one)).toBe(0);
    expect(verdictOf("nadam", {}, one, "torch.optim 1.13.0a0, CPU")).toBe(0);
    expect(verdictOf("nadam", {}, one, "torch.optim 2.1.0")).toBe(1);
    expect(verdictOf("nadam", {}, two, "torch.optim 2.1.0")).toBe(0);
    expect(verdictOf("nadam", {}, two)).toBe(1);
    expect(verdictOf("nadam", { maximize: true }, nadamPath({ sign: -1 }))).toBe(0);
    expect(verdictOf("nadam", { capturable: false, weight_decay: 0.1 }, nadamPath({ decay: 0.1 }))).toBe(0);
    const decoupled = { weight_decay: 0.1, decoupled_weight_decay: true };
    expect(verdictOf("nadam", decoupled, nadamPath({ decoupled: 0.1 }))).toBe(0);
  });

  test("decoupled decay makes AdamW of Adam, and acts ahead of RAdam's step", () => {
    const [lr, beta1, beta2, eps] = [0.01, 0.9, 0.999, 1e-8];
    const rho = 2 / (1 - beta2) - 1;
    const decayed = (rectified: boolean) => {
      const [x, m, v] = [x0.slice(), [0, 0], [0, 0]];
      gradients.forEach((gradient, k) => {
        const t = k + 1;
        const [c1, c2] = [1 - beta1 ** t, 1 - beta2 ** t];
        const rhoT = rho - (2 * t * beta2 ** t) / c2;
        const factor = Math.sqrt(((rhoT - 4) * (rhoT - 2) * rho) / ((rho - 4) * (rho - 2) * rhoT));
        gradient.forEach((g, i) => {
          x[i] *= 1 - lr * 0.1;
          m[i] = beta1 * m[i] + (1 - beta1) * g;
          v[i] = beta2 * v[i] + (1 - beta2) * g * g;
          const adaptive = rectified
            ? (factor * Math.sqrt(c2)) / (Math.sqrt(v[i]) + eps)
            : 1 / (Math.sqrt(v[i] / c2) + eps);
          x[i] -= ((lr * m[i]) / c1) * (rectified && !(rhoT > 5) ? 1 : adaptive);
        });
      });
      return x;
    };
    const options = { lr, weight_decay: 0.1, decoupled_weight_decay: true };
    expect(verdictOf("adam", options, decayed(false))).toBe(0);
    expect(verdictOf("radam", options, decayed(true))).toBe(0);
    expect(verdictOf("adam", { ...options, decoupled_weight_decay: false }, decayed(false))).toBe(1);
  });
});

describe("the npm script", () => {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const command = (path: string) =>
    spawnSync(process.execPath, [join(root, "scripts/conformance.mjs"), path], { encoding: "utf8" });

  test("is this command on the built package: its exit codes are 0, 1 and 2", () => {
    expect(existsSync(join(root, "dist/index.js")), "npm run build makes dist").toBe(true);
    const passes = command(file(good));
    expect([passes.status, passes.stderr]).toEqual([0, ""]);
    expect(passes.stdout).toContain("conforms: 1 ran, 1 passed, 0 failed");
    expect(command(changed({ options: { lr: 0.25 } })).status).toBe(1);
    const unusable = command(file("{"));
    expect([unusable.status, unusable.stdout.includes("unusable files: 1")]).toEqual([2, true]);
  });
});
