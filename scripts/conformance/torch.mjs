// How PyTorch's names are said in thalweg. Source: torch/optim/*.py. Its schedulers are in torch-schedules.mjs.
import { MalformedFile, show } from "./document.mjs";

/** A case that has no counterpart in the library, and what it is that has none. */
export class Unknown extends Error {}

const isNumber = (value) => typeof value === "number";
/** What an option may be. */
export const kinds = {
  number: { words: "a number", contains: isNumber },
  flag: { words: "true or false", contains: (value) => typeof value === "boolean" },
  pair: {
    words: "two numbers",
    contains: (value) => Array.isArray(value) && value.length === 2 && value.every(isNumber),
  },
  triple: {
    words: "three numbers",
    contains: (value) => Array.isArray(value) && value.length === 3 && value.every(isNumber),
  },
  epsilons: {
    words: "a number or null, and a number",
    contains: (value) =>
      Array.isArray(value) &&
      value.length === 2 &&
      (value[0] === null || isNumber(value[0])) &&
      isNumber(value[1]),
  },
};

/** An option that is a number, with PyTorch's default. */
export const number = (preset) => ({ kind: kinds.number, default: preset });

/** An option that is off unless it is set. */
export const flag = { kind: kinds.flag, default: false };

const betas = { kind: kinds.pair, default: [0.9, 0.999] };

/** Options that choose PyTorch's implementation and change no number. */
const withoutEffect = ["foreach", "capturable", "differentiable", "fused"];

const moments = {
  lr: number(1e-3),
  betas,
  eps: number(1e-8),
  weight_decay: number(0),
  maximize: flag,
};
/** The coefficients of Muon's iteration, which the rule has no others of. */
const quintic = [3.4445, -4.775, 2.0315];

const adam = { ...moments, amsgrad: flag, decoupled_weight_decay: flag };

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
  adafactor: {
    lr: number(1e-2),
    beta2_decay: number(-0.8),
    eps: { kind: kinds.epsilons, default: [null, 1e-3] },
    d: number(1),
    weight_decay: number(0),
    maximize: flag,
  },
  muon: {
    lr: number(1e-3),
    weight_decay: number(0.1),
    momentum: { ...number(0.95), ours: "momentum" },
    nesterov: { ...flag, default: true },
    ns_coefficients: { kind: kinds.triple, default: quintic },
    eps: number(1e-7),
    ns_steps: { ...number(5), ours: "iterations" },
    adjust_lr_fn: {
      kind: {
        words: "null or the name of an adjustment",
        contains: (value) => value === null || typeof value === "string",
      },
      default: null,
    },
  },
  adam,
  adamw: { ...moments, amsgrad: flag, weight_decay: number(1e-2) },
  adadelta: {
    lr: number(1),
    rho: number(0.9),
    eps: number(1e-6),
    weight_decay: number(0),
    maximize: flag,
  },
  adamax: { ...moments, lr: number(2e-3) },
  nadam: {
    ...moments,
    lr: number(2e-3),
    momentum_decay: number(4e-3),
    decoupled_weight_decay: flag,
  },
  radam: { ...moments, decoupled_weight_decay: flag },
  rprop: {
    lr: number(1e-2),
    etas: { kind: kinds.pair, default: [0.5, 1.2] },
    step_sizes: { kind: kinds.pair, default: [1e-6, 50] },
    maximize: flag,
  },
  asgd: {
    lr: number(1e-2),
    lambd: number(1e-4),
    alpha: { ...number(0.75), ours: "alpha" },
    t0: number(1e6),
    weight_decay: number(0),
    maximize: flag,
  },
};

/** Options that NAdam has had since PyTorch 2. */
const sinceTwo = ["decoupled_weight_decay", "maximize", "capturable", "differentiable"];

/**
 * The rule for an optimizer where its name does not say it all: the name, and options that PyTorch does not have.
 * NAdam's forms differ between PyTorch 1 and 2; a document that does not say its `source` is of PyTorch 1.13, as those
 * that are kept here, unless it has options of PyTorch 2.
 */
const forms = {
  adam: ({ decoupled_weight_decay }) => ({ name: decoupled_weight_decay ? "adamw" : "adam" }),
  nadam(given, source) {
    const [, major] = /\btorch\S* (\d+)\./.exec(source) ?? [];
    const isTwo = major === undefined ? sinceTwo.some((name) => name in given) : Number(major) >= 2;
    return { more: { roundedProduct: true, repeatedMu: !isTwo } };
  },
};

/** What the rules call PyTorch's options, where the name differs and the optimizer does not say so itself (`ours`). */
const ruleOptions = {
  lr: "learningRate",
  weight_decay: "weightDecay",
  lr_decay: "learningRateDecay",
  initial_accumulator_value: "initialAccumulator",
  alpha: "decay",
  rho: "decay",
  momentum_decay: "momentumDecay",
  decoupled_weight_decay: "decoupledDecay",
  d: "clipThreshold",
};

/** The distance from 1 to the next number. */
const roundings = { f64: 2 ** -52, f32: 2 ** -23 };

/** The rules' options for those of PyTorch's that are more than another name; some depend on the precision. */
const translations = {
  betas: ([beta1, beta2]) => ({ beta1, beta2 }),
  etas: ([etaMinus, etaPlus]) => ({ etaMinus, etaPlus }),
  step_sizes: ([smallestStep, largestStep]) => ({ smallestStep, largestStep }),
  beta2_decay: (power) => ({ decayPower: -power }),
  eps(value, precision) {
    if (!Array.isArray(value)) return { epsilon: value };
    return { epsilon1: value[0] ?? roundings[precision], epsilon2: value[1], clampVariance: true };
  },
  ns_coefficients(value) {
    if (value.some((coefficient, i) => coefficient !== quintic[i]))
      throw new Unknown("other ns_coefficients");
    return {};
  },
  adjust_lr_fn(value) {
    if (value !== null && !["original", "match_rms_adamw"].includes(value)) {
      throw new Unknown(`adjust_lr_fn ${value}`);
    }
    return { matchRms: value === "match_rms_adamw" };
  },
};

/**
 * Checks `given` against the options and fills in PyTorch's defaults: none where an option must be given, null where it
 * may be left out.
 */
export function readOptions(place, declared, given, ignored) {
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

/**
 * The library's rule for a case of a PyTorch optimizer.
 *
 * @param precision - of the parameters: "f64" or "f32"
 * @param source - which PyTorch the case is of, as in "torch.optim 2.1"
 */
export function ruleOf(library, { optimizer, options = {} }, place, precision, source = "") {
  if (!Object.hasOwn(optimizers, optimizer) || !(optimizer in library)) {
    throw new Unknown(`optimizer ${optimizer}`);
  }
  const declared = optimizers[optimizer];
  const given = readOptions(`${place}.options`, declared, options, withoutEffect);
  const ours = {};
  for (const [name, value] of Object.entries(given)) {
    const named = declared[name].ours ?? ruleOptions[name] ?? name;
    Object.assign(ours, translations[name]?.(value, precision) ?? { [named]: value });
  }
  const { name = optimizer, more = {} } = forms[optimizer]?.(options, source) ?? {};
  if (optimizer === "adam") delete ours.decoupledDecay;
  return library[name]({ ...ours, ...more });
}
