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
};

/** An option that is a number, with PyTorch's default. */
export const number = (preset) => ({ kind: kinds.number, default: preset });

/** An option that is off unless it is set. */
export const flag = { kind: kinds.flag, default: false };

const betas = { kind: kinds.pair, default: [0.9, 0.999] };

/** Options that choose PyTorch's implementation and change no number. */
const withoutEffect = ["foreach", "capturable", "differentiable", "fused"];

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

/** The library's rule for a case of a PyTorch optimizer. */
export function ruleOf(library, { optimizer, options = {} }, place) {
  if (!Object.hasOwn(optimizers, optimizer) || !(optimizer in library)) {
    throw new Unknown(`optimizer ${optimizer}`);
  }
  const { betas, ...rest } = readOptions(`${place}.options`, optimizers[optimizer], options, withoutEffect);
  const ours = betas ? { beta1: betas[0], beta2: betas[1] } : {};
  for (const [name, value] of Object.entries(rest)) ours[ruleOptions[name] ?? name] = value;
  return library[optimizer](ours);
}
