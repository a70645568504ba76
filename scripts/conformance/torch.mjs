// How PyTorch's names are said in thalweg. Sources: torch/optim/*.py and torch/optim/lr_scheduler.py.
import { MalformedFile, show } from "./document.mjs";

/** A case that has no counterpart in the library, and what it is that has none. */
export class Unknown extends Error {}

const isNumber = (value) => typeof value === "number";
const isCount = (value) => Number.isInteger(value) && value >= 0;
const kinds = {
  number: { words: "a number", contains: isNumber },
  flag: { words: "true or false", contains: (value) => typeof value === "boolean" },
  pair: {
    words: "two numbers",
    contains: (value) => Array.isArray(value) && value.length === 2 && value.every(isNumber),
  },
  count: { words: "a number of steps", contains: isCount },
  counts: { words: "a list of steps", contains: (value) => Array.isArray(value) && value.every(isCount) },
};

const number = (preset) => ({ kind: kinds.number, default: preset });
const flag = { kind: kinds.flag, default: false };
const count = (preset) => ({ kind: kinds.count, default: preset });
const counts = { kind: kinds.counts };
const betas = { kind: kinds.pair, default: [0.9, 0.999] };

/** Options that choose PyTorch's implementation, or what it prints, and change no number. */
const withoutEffect = {
  optimizer: ["foreach", "capturable", "differentiable", "fused"],
  schedule: ["verbose"],
};

const adam = {
  lr: number(1e-3),
  betas,
  eps: number(1e-8),
  weight_decay: number(0),
  amsgrad: flag,
  maximize: flag,
};

/** Optimizers by PyTorch's name, which is the rule's too: their options with PyTorch's defaults. */
export const optimizers = {
  sgd: {
    lr: number(1e-3),
    momentum: number(0),
    dampening: number(0),
    weight_decay: number(0),
    nesterov: flag,
    maximize: flag,
  },
  adagrad: {
    lr: number(1e-2),
    lr_decay: number(0),
    weight_decay: number(0),
    initial_accumulator_value: number(0),
    eps: number(1e-10),
    maximize: flag,
  },
  rmsprop: {
    lr: number(1e-2),
    alpha: number(0.99),
    eps: number(1e-8),
    weight_decay: number(0),
    momentum: number(0),
    centered: flag,
    maximize: flag,
  },
  adam,
  adamw: { ...adam, weight_decay: number(1e-2) },
};

/** What the rules call PyTorch's options, where the name differs. */
const ruleOptions = {
  lr: "learningRate",
  weight_decay: "weightDecay",
  eps: "epsilon",
  lr_decay: "learningRateDecay",
  initial_accumulator_value: "initialAccumulator",
  alpha: "decay",
};

/**
 * Schedulers by PyTorch's name: options with PyTorch's defaults (none where one must be given), and
 * the schedule that gives the same rates from a base rate.
 */
export const schedulers = {
  StepLR: {
    options: { step_size: count(), gamma: number(0.1) },
    make: ({ stepDecay }, from, { step_size, gamma }) => stepDecay({ from, factor: gamma, every: step_size }),
  },
  MultiStepLR: {
    options: { milestones: counts, gamma: number(0.1) },
    make({ constant, join }, base, { milestones, gamma }) {
      const parts = [];
      let rate = base;
      let start = 0;
      for (const milestone of [...milestones].sort((a, b) => a - b)) {
        if (milestone > start) parts.push({ steps: milestone - start, schedule: constant(rate) });
        start = milestone;
        rate *= gamma;
      }
      return join([...parts, constant(rate)]);
    },
  },
  ConstantLR: {
    options: { factor: number(1 / 3), total_iters: count(5) },
    make({ constant, join }, base, { factor, total_iters }) {
      const scaled = constant(base * factor);
      // PyTorch undoes the factor on reaching step total_iters > 0; with 0 it never does.
      return total_iters === 0 ? scaled : join([{ steps: total_iters, schedule: scaled }, constant(base)]);
    },
  },
  LinearLR: {
    options: { start_factor: number(1 / 3), end_factor: number(1), total_iters: count(5) },
    make: ({ constant, linear }, base, { start_factor, end_factor, total_iters }) =>
      total_iters === 0
        ? constant(base * start_factor)
        : linear({ from: base * start_factor, to: base * end_factor, steps: total_iters }),
  },
  ExponentialLR: {
    options: { gamma: number() },
    make: ({ exponential }, from, { gamma }) => exponential({ from, factor: gamma }),
  },
  PolynomialLR: {
    options: { total_iters: count(5), power: number(1) },
    make: ({ constant, polynomial }, from, { total_iters, power }) =>
      // PyTorch multiplies by a ratio to the power, and 0⁰ is 1: with power 0 the rate stays at its base.
      total_iters === 0 || power === 0 ? constant(from) : polynomial({ from, steps: total_iters, power }),
  },
  CosineAnnealingLR: {
    options: { T_max: count(), eta_min: number(0) },
    // PyTorch's cosine does not stop at T_max: it rises again and goes on for ever.
    make({ cosine, join, repeat }, base, { T_max, eta_min }) {
      const down = cosine({ from: base, to: eta_min, steps: T_max });
      const up = cosine({ from: eta_min, to: base, steps: T_max });
      return repeat(2 * T_max, join([{ steps: T_max, schedule: down }, up]));
    },
  },
};

/** Checks `given` against the options and fills in PyTorch's defaults. */
function readOptions(place, declared, given, ignored) {
  for (const [name, value] of Object.entries(given)) {
    if (ignored.includes(name)) continue;
    if (!Object.hasOwn(declared, name)) throw new Unknown(`option ${name}`);
    const { kind } = declared[name];
    if (!kind.contains(value)) {
      throw new MalformedFile(`${place}.${name}`, `expected ${kind.words}, got ${show(value)}`);
    }
  }
  const options = {};
  for (const name of Object.keys(declared)) {
    options[name] = given[name] ?? declared[name].default;
    if (options[name] === undefined) throw new MalformedFile(place, `${name} is missing`);
  }
  return options;
}

/** The library's rule for a case of a PyTorch optimizer. */
export function ruleOf(library, { optimizer, options = {} }, place) {
  if (!Object.hasOwn(optimizers, optimizer) || !(optimizer in library)) {
    throw new Unknown(`optimizer ${optimizer}`);
  }
  const { betas, ...rest } = readOptions(
    `${place}.options`,
    optimizers[optimizer],
    options,
    withoutEffect.optimizer,
  );
  const ours = betas ? { beta1: betas[0], beta2: betas[1] } : {};
  for (const [name, value] of Object.entries(rest)) ours[ruleOptions[name] ?? name] = value;
  return library[optimizer](ours);
}

function scheduler(name) {
  if (!Object.hasOwn(schedulers, name)) throw new Unknown(`schedule ${name}`);
  return schedulers[name];
}

/** The library's schedule for a case of a PyTorch scheduler. */
export function scheduleOf(library, { schedule, base, options = {} }, place) {
  const at = `${place}.options`;
  const make = (declared, given) =>
    declared.make(library, base, readOptions(at, declared.options, given, withoutEffect.schedule));
  const pair = /^SequentialLR\(\s*(\w+)\s*,\s*(\w+)\s*\)$/.exec(schedule);
  if (!pair) return make(scheduler(schedule), options);

  // The options of both stand side by side with `warmup`, the step at which the second takes over;
  // a first scheduler that has an end ends there unless it says otherwise.
  const first = scheduler(pair[1]);
  const second = scheduler(pair[2]);
  const { warmup, ...rest } = options;
  if (warmup === undefined) throw new Unknown("a sequence without warmup");
  if (!kinds.count.contains(warmup)) {
    throw new MalformedFile(`${at}.warmup`, `expected ${kinds.count.words}, got ${show(warmup)}`);
  }
  const ofFirst = "total_iters" in first.options ? { total_iters: warmup } : {};
  const ofSecond = {};
  for (const [name, value] of Object.entries(rest)) {
    const isFirst = Object.hasOwn(first.options, name);
    if (isFirst && Object.hasOwn(second.options, name)) {
      throw new Unknown(`option ${name}, which both schedules have`);
    }
    (isFirst ? ofFirst : ofSecond)[name] = value;
  }
  const later = make(second, ofSecond);
  return warmup === 0 ? later : library.join([{ steps: warmup, schedule: make(first, ofFirst) }, later]);
}
