// How PyTorch's schedulers are said in thalweg. Source: torch/optim/lr_scheduler.py, as its `step()` goes: where that
// computes a rate from the last one, here is what comes out.
import { MalformedFile, show } from "./document.mjs";
import { flag, number, readOptions, Unknown } from "./torch.mjs";

const isCount = (value) => Number.isInteger(value) && value >= 0;
const isOneOf = (words) => ({
  words: `one of ${words.join(", ")}`,
  contains: (value) => words.includes(value),
});
const listOf = (words, contains) => ({
  kind: { words, contains: (value) => Array.isArray(value) && value.every(contains) },
});
const counts = listOf("a list of steps", isCount);
const count = (preset) => ({
  kind: { words: "a number of steps", contains: isCount },
  default: preset,
});
const word = (words, preset) => ({ kind: isOneOf(words), default: preset });
/** The same, which may be left out or null. */
const optional = ({ kind: { words, contains } }) => ({
  kind: { words, contains: (value) => value === null || contains(value) },
  default: null,
});

/** Options that choose what is printed, or move the momentum, and change no rate. */
const withoutEffect = ["verbose", "cycle_momentum", "base_momentum", "max_momentum"];

/**
 * What a scheduler is to PyTorch: the options with their defaults, and how the schedule is made.
 *
 * - `make(library, from, options, base)`: the schedule of an optimizer whose rate is `from` when the scheduler begins and
 *   whose initial rate is `base`; they differ only inside sequences.
 * - `later`: the same where a sequence comes to it, and PyTorch asks its closed form; where that differs.
 * - `own(options)`: the initial rate that it gives the optimizer; `begins` where it gives it only if there is none yet.
 * - `overrides`: in a chain, whether it puts its own rate in place of what it finds.
 * - `step(library, options)`: in a chain, the rate at t from the one that it finds and the base; where that is no factor.
 */
export const schedulers = {
  StepLR: {
    options: { step_size: count(), gamma: number(0.1) },
    make: ({ stepDecay }, from, { step_size, gamma }) => stepDecay({ from, factor: gamma, every: step_size }),
  },
  MultiStepLR: {
    options: { milestones: listOf("a list of integers", Number.isInteger), gamma: number(0.1) },
    make({ multiStep }, from, { milestones, gamma }) {
      // One before the start is never reached.
      return multiStep({ from, factor: gamma, milestones: milestones.filter(isCount) });
    },
  },
  ConstantLR: {
    options: { factor: number(1 / 3), total_iters: count(5) },
    make({ constant, join }, from, { factor, total_iters }) {
      const scaled = constant(from * factor);
      // PyTorch undoes the factor on reaching step total_iters > 0; with 0 it never does.
      return total_iters === 0 ? scaled : join([{ steps: total_iters, schedule: scaled }, constant(from)]);
    },
    later: ({ constant }, from, { total_iters }) => (total_iters === 0 ? constant(from) : undefined),
  },
  LinearLR: {
    options: { start_factor: number(1 / 3), end_factor: number(1), total_iters: count(5) },
    make: ({ constant, linear }, from, { start_factor, end_factor, total_iters }) =>
      total_iters === 0
        ? constant(from * start_factor)
        : linear({ from: from * start_factor, to: from * end_factor, steps: total_iters }),
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
    make({ cosine, cosineAnnealing, join }, from, { T_max, eta_min }, base) {
      if (from === base) return cosineAnnealing({ from, to: eta_min, steps: T_max });
      // Down it scales the rate that it found; up again, from eta_min, it adds what follows from the base.
      const down = cosine({ from, to: eta_min, steps: T_max });
      const up = cosineAnnealing({ from: eta_min, to: base, steps: T_max });
      return join([{ steps: T_max, schedule: down }, up]);
    },
    step({ cosineAnnealing }, { T_max, eta_min }) {
      const wave = cosineAnnealing({ from: 1, steps: T_max });
      return (t, last, base) =>
        (t - 1 - T_max) % (2 * T_max) === 0
          ? last + (base - eta_min) * wave(T_max + 1)
          : (wave(t) / wave(t - 1)) * (last - eta_min) + eta_min;
    },
  },
  CosineAnnealingWarmRestarts: {
    options: { T_0: count(), T_mult: count(1), eta_min: number(0) },
    make: ({ cosineRestarts }, _, { T_0, T_mult, eta_min }, base) =>
      cosineRestarts({ from: base, to: eta_min, steps: T_0, lengthFactor: T_mult }),
    overrides: true,
  },
  OneCycleLR: {
    options: {
      max_lr: number(),
      total_steps: optional(count()),
      epochs: optional(count()),
      steps_per_epoch: optional(count()),
      pct_start: number(0.3),
      anneal_strategy: word(["cos", "linear"], "cos"),
      div_factor: number(25),
      final_div_factor: number(1e4),
      three_phase: flag,
    },
    make({ constant, join, oneCycle }, _, options) {
      const steps = options.total_steps ?? options.epochs * options.steps_per_epoch;
      const cycle = oneCycle({
        peak: options.max_lr,
        steps,
        rise: options.pct_start,
        initialDivisor: options.div_factor,
        finalDivisor: options.final_div_factor,
        shape: options.anneal_strategy === "cos" ? "cosine" : "linear",
        threePhases: options.three_phase,
      });
      return join([{ steps, schedule: cycle }, constant(beyondCycle(options, steps))]);
    },
    own: ({ max_lr, div_factor }) => max_lr / div_factor,
    overrides: true,
  },
  CyclicLR: {
    options: {
      base_lr: number(),
      max_lr: number(),
      step_size_up: number(2000),
      step_size_down: optional(number()),
      mode: word(["triangular", "triangular2", "exp_range"], "triangular"),
      gamma: number(1),
      // Only a scale_fn, which no file can hold, makes use of it.
      scale_mode: word(["cycle", "iterations"], "cycle"),
      scale_fn: optional({ kind: { words: "null", contains: () => false } }),
    },
    make: ({ cyclic }, _, { base_lr, max_lr, step_size_up, step_size_down, mode, gamma }) =>
      cyclic({
        from: base_lr,
        peak: max_lr,
        up: step_size_up,
        down: step_size_down ?? step_size_up,
        mode: mode === "exp_range" ? "expRange" : mode,
        factor: gamma,
      }),
    own: ({ base_lr }) => base_lr,
    begins: true,
    overrides: true,
  },
};

/** The one rate that PyTorch gives past the last step of a cycle, where its last phase goes on. */
function beyondCycle(
  { max_lr, pct_start, anneal_strategy, div_factor, final_div_factor, three_phase },
  steps,
) {
  const initial = max_lr / div_factor;
  const ends = [pct_start * steps - 1, ...(three_phase ? [2 * pct_start * steps - 2] : []), steps - 1];
  const levels = [initial, max_lr, ...(three_phase ? [initial] : []), initial / final_div_factor];
  const found = ends.findIndex((end) => steps <= end);
  const phase = found < 0 ? ends.length - 1 : found;
  const start = phase === 0 ? 0 : ends[phase - 1];
  const share = (steps - start) / (ends[phase] - start);
  const [from, to] = [levels[phase], levels[phase + 1]];
  // Where the last phase has no length PyTorch divides by 0 and stops.
  if (!Number.isFinite(share)) return to;
  return anneal_strategy === "linear"
    ? from + (to - from) * share
    : to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2;
}

function scheduler(name) {
  if (!Object.hasOwn(schedulers, name)) throw new Unknown(`schedule ${name}`);
  return schedulers[name];
}

/** A scheduler of PyTorch's with checked options. */
function configured(name, given, place) {
  const declared = scheduler(name);
  const { last_epoch, ...rest } = given;
  if (last_epoch !== undefined && last_epoch !== -1) throw new Unknown("a scheduler that resumes");
  const options = readOptions(place, declared.options, rest, withoutEffect);
  if (name === "OneCycleLR" && options.total_steps === null) {
    const { epochs, steps_per_epoch } = options;
    if (epochs === null || steps_per_epoch === null) {
      throw new MalformedFile(place, "total_steps, or epochs and steps_per_epoch, are missing");
    }
  }
  return { ...declared, options };
}

/** The base rate of each of some schedulers, made one after another, and the initial rate after all. */
function basesOf(members, rate) {
  let initial;
  const bases = members.map(({ own, begins, options }) => {
    if (own && !begins) initial = own(options);
    else initial ??= own ? own(options) : rate;
    return initial;
  });
  return { bases, initial };
}

/** One-cycle schedulers keep their levels in the optimizer: all of them go between those of the last. */
function withSharedLevels(members) {
  const last = members.findLast(({ options }) => "div_factor" in options);
  if (!last) return members;
  const { max_lr, div_factor, final_div_factor } = last.options;
  return members.map((member) =>
    "div_factor" in member.options
      ? { ...member, options: { ...member.options, max_lr, div_factor, final_div_factor } }
      : member,
  );
}

/** SequentialLR: each scheduler from its milestone on. */
function sequence(library, rate, made, milestones) {
  const { bases, initial } = basesOf(made, rate);
  const members = withSharedLevels(made);
  const first = members[0].make(library, initial, members[0].options, bases[0]);
  const starts = [];
  for (let i = 1; i < members.length; i++) {
    const { make, later, options } = members[i];
    const base = bases[i];
    // At milestone 0 PyTorch has taken the first scheduler's first rate, and goes on from it at step 1.
    const schedule =
      milestones[i - 1] === 0
        ? make(library, first(0), options, base)
        : (later?.(library, base, options) ?? make(library, base, options, base));
    starts.push({ start: Math.max(1, milestones[i - 1]), schedule });
  }
  const parts = [];
  let [current, since] = [first, 0];
  for (const { start, schedule } of starts) {
    if (start > since) parts.push({ steps: start - since, schedule: current });
    [current, since] = [schedule, start];
  }
  return library.join([...parts, current]);
}

/** ChainedScheduler: at each step every scheduler works on the rate that those before it have left. */
function chain(library, rate, members) {
  const { bases } = basesOf(members, rate);
  if (members.every(({ step, overrides }) => !step && !overrides)) {
    const factors = members.map(({ make, options }) => make(library, 1, options, 1));
    return library.product([rate, ...factors]);
  }
  const later = withSharedLevels(members);
  const updates = members.map(({ make, step, overrides, begins, options }, i) => {
    const base = bases[i];
    if (overrides) {
      const first = begins ? base : make(library, base, options, base)(0);
      const schedule = make(library, base, later[i].options, base);
      return (t) => (t === 0 ? first : schedule(t));
    }
    if (step) {
      const update = step(library, options);
      return (t, last) => (t === 0 ? last : update(t, last, base));
    }
    const factor = make(library, 1, options, 1);
    // What has come to 0 stays as it is.
    return (t, last) => {
      if (t === 0) return last * factor(0);
      return factor(t - 1) === 0 ? last : last * (factor(t) / factor(t - 1));
    };
  });
  const rates = [];
  return library.schedule(
    (t) => {
      while (rates.length <= t) {
        const step = rates.length;
        rates.push(updates.reduce((last, update) => update(step, last), step === 0 ? rate : rates[step - 1]));
      }
      return rates[t];
    },
    { schedule: "chain" },
  );
}

/** ReduceLROnPlateau, which is told a loss after each step. */
function plateau({ reduceOnPlateau }, rate, given, place) {
  const declared = {
    mode: word(["min", "max"], "min"),
    factor: number(0.1),
    patience: count(10),
    threshold: number(1e-4),
    threshold_mode: word(["rel", "abs"], "rel"),
    cooldown: count(0),
    min_lr: number(0),
    eps: number(1e-8),
  };
  const { threshold_mode, min_lr, eps, ...same } = readOptions(place, declared, given, withoutEffect);
  return reduceOnPlateau({ ...same, rate, thresholdMode: threshold_mode, minimum: min_lr, epsilon: eps });
}

/** Members that are listed each with its options. */
function listed({ schedulers: list }, place) {
  if (!Array.isArray(list) || list.length === 0) {
    throw new MalformedFile(`${place}.schedulers`, `expected a list of schedulers, got ${show(list)}`);
  }
  return list.map((one, i) => {
    const at = `${place}.schedulers[${i}]`;
    if (typeof one?.schedule !== "string") throw new MalformedFile(`${at}.schedule`, "expected a name");
    return configured(one.schedule, one.options ?? {}, `${at}.options`);
  });
}

/**
 * Members whose options stand side by side. An option goes to the scheduler that has it; where `warmup` says how long the
 * first lasts, that is its total_iters unless it says otherwise.
 */
function sideBySide(names, given, warmup, place) {
  const own = names.map(() => ({}));
  const declared = names.map((name) => scheduler(name).options);
  for (const [name, value] of Object.entries(given)) {
    let having = [...names.keys()].filter((i) => Object.hasOwn(declared[i], name));
    if (name === "total_iters" && warmup !== undefined && having.length > 1) having = having.slice(1);
    if (having.length > 1) throw new Unknown(`option ${name}, which several schedules have`);
    own[having[0] ?? names.length - 1][name] = value;
  }
  if (warmup !== undefined && "total_iters" in declared[0]) own[0] = { total_iters: warmup, ...own[0] };
  return names.map((name, i) => configured(name, own[i], place));
}

function checkMilestones(place, milestones, members) {
  if (!counts.kind.contains(milestones)) {
    throw new MalformedFile(place, `expected ${counts.kind.words}, got ${show(milestones)}`);
  }
  if (milestones.length !== members - 1) {
    throw new MalformedFile(
      place,
      `expected ${members - 1} for ${members} schedulers, got ${milestones.length}`,
    );
  }
  if (milestones.some((milestone, i) => i > 0 && milestone < milestones[i - 1])) {
    throw new Unknown("a sequence whose milestones fall");
  }
  return milestones;
}

/** A sequence whose options stand side by side with `warmup` (of two schedulers) or `milestones`. */
function flatSequence(library, base, names, options, place) {
  for (const name of names) scheduler(name);
  const { warmup, milestones, ...rest } = options;
  if (names.length === 2 && warmup !== undefined) {
    const given = milestones === undefined ? rest : { ...rest, milestones };
    if (!isCount(warmup)) {
      throw new MalformedFile(`${place}.warmup`, `expected a number of steps, got ${show(warmup)}`);
    }
    return sequence(library, base, sideBySide(names, given, warmup, place), [warmup]);
  }
  if (milestones === undefined) throw new Unknown("a sequence without warmup");
  const members = sideBySide(names, rest, undefined, place);
  return sequence(library, base, members, checkMilestones(`${place}.milestones`, milestones, names.length));
}

/** The library's schedule for a case of a PyTorch scheduler. */
export function scheduleOf(library, { schedule, base, options = {}, losses }, place) {
  const at = `${place}.options`;
  const [, outer, inside] = /^(\w+)(?:\(([\w\s,]*)\))?$/.exec(schedule.trim()) ?? [];
  const names = inside?.split(",").map((name) => name.trim());
  if (outer === "SequentialLR") {
    if (names) return flatSequence(library, base, names, options, at);
    const members = listed(options, at);
    const milestones = checkMilestones(`${at}.milestones`, options.milestones, members.length);
    return sequence(library, base, members, milestones);
  }
  if (outer === "ChainedScheduler") {
    return chain(library, base, names ? sideBySide(names, options, undefined, at) : listed(options, at));
  }
  if (names) throw new Unknown(`schedule ${schedule}`);
  if (outer === "ReduceLROnPlateau") {
    if (losses === undefined) throw new MalformedFile(place, "a plateau needs losses");
    return plateau(library, base, options, at);
  }
  const member = configured(schedule, options, at);
  return member.make(library, base, member.options, base);
}
