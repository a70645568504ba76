import { describe } from "vitest";
import {
  adabelief,
  adadelta,
  adafactor,
  adagrad,
  adam,
  adamax,
  adamw,
  adan,
  ademamix,
  adopt,
  amsgrad,
  chain,
  cocob,
  dAdaptAdam,
  dog,
  dowg,
  exponentialDecay,
  fromage,
  lamb,
  lars,
  linear,
  lion,
  madgrad,
  mechanic,
  momo,
  momoAdam,
  muon,
  nadam,
  nadamw,
  novograd,
  polyakStep,
  prodigy,
  radam,
  rmsprop,
  rprop,
  scheduleFreeAdamw,
  scheduleFreeSgd,
  sgd,
  signDescent,
  signum,
  sm3,
  sophia,
  yogi,
} from "../../src/index.ts";
import { type Claim, decaying, type Given, holdTo, scheduled } from "./paths.ts";

const rateOf = ({ learning_rate }: Given) =>
  scheduled(learning_rate, ({ init_value, transition_steps, decay_rate }) =>
    exponentialDecay({ from: init_value, factor: decay_rate, every: transition_steps }),
  );

/** Options that most rules have. */
const moments = (o: Given) => ({ learningRate: rateOf(o), beta1: o.b1, beta2: o.b2, epsilon: o.eps });
const withRoot = (o: Given) => ({ ...moments(o), epsilonRoot: o.eps_root });
const pair = ({ betas }: Given) => ({ beta1: betas?.[0], beta2: betas?.[1] });

const rmspropOf = (o: Given) =>
  rmsprop({
    learningRate: rateOf(o),
    decay: o.decay ?? 0.9,
    epsilon: o.eps_in_sqrt === false ? o.eps : 0,
    epsilonRoot: o.eps_in_sqrt === false ? 0 : (o.eps ?? 1e-8),
    initialAccumulator: o.initial_scale,
    momentum: o.momentum,
    rateInside: true,
    centered: o.centered,
    biasCorrection: o.bias_correction,
  });
const momoOf = (o: Given) => ({
  lowerBound: o.lower_bound,
  estimateBound: o.adapt_lower_bound,
  weightDecay: o.weight_decay,
});
const prodigyOf = (o: Given) =>
  prodigy({
    ...pair(o),
    learningRate: o.learning_rate,
    beta3: o.beta3,
    epsilon: o.eps,
    initialDistance: o.estim_lr0,
    distanceFactor: o.estim_lr_coef,
    weightDecay: o.weight_decay,
    biasCorrection: true,
    safeguardWarmup: o.safeguard_warmup,
  });
const freeSgdOf = (o: Given) =>
  scheduleFreeSgd({
    learningRate: o.learning_rate,
    beta: o.b1,
    weightDecay: o.weight_decay,
    warmupSteps: o.warmup_steps,
    weightPower: o.weight_lr_power,
  });

const claims: readonly Claim[] = [
  {
    title: "sgd is Optax's, with momentum of both kinds, which a schedule of the rate stands outside of",
    of: "sgd",
    rule: (o) => sgd({ learningRate: rateOf(o), momentum: o.momentum, nesterov: o.nesterov }),
  },
  {
    title: "adabelief is Optax's, with eps_root too",
    of: "adabelief",
    rule: (o) => adabelief(withRoot(o)),
  },
  {
    title: "adadelta is Optax's, whose weight decay is part of the gradient",
    of: "adadelta",
    rule: (o) =>
      adadelta({ learningRate: o.learning_rate, decay: o.rho, epsilon: o.eps, weightDecay: o.weight_decay }),
  },
  {
    title: "adafactor is Optax's, factored and not, with its weight decay over the rate",
    of: "adafactor",
    rule: (o) =>
      adafactor({
        learningRate: o.learning_rate,
        relativeStep: false,
        scaleParameter: o.multiply_by_parameter_scale,
        decayPower: o.decay_rate,
        clipThreshold: o.clipping_threshold,
        epsilon1: o.eps,
        beta1: o.momentum,
        weightDecay: (o.weight_decay_rate ?? 0) / o.learning_rate,
      }),
    setting: ({ min_dim_size_to_factor = 128 }) => ({ flat: min_dim_size_to_factor > 6 }),
  },
  {
    title: "adagrad is Optax's, with its epsilon inside the root",
    of: "adagrad",
    rule: ({ learning_rate, initial_accumulator_value = 0.1, eps = 1e-7 }) =>
      adagrad({
        learningRate: learning_rate,
        initialAccumulator: initial_accumulator_value,
        epsilon: 0,
        epsilonRoot: eps,
      }),
  },
  {
    title: "nadam whose µ is β₁ throughout is Optax's adam with nesterov",
    of: "adam",
    where: (o) => o.nesterov,
    rule: (o) => nadam({ ...withRoot(o), momentumDecay: Infinity }),
  },
  { title: "adam is Optax's, with eps_root too", of: "adam", rule: (o) => adam(withRoot(o)) },
  { title: "adamax is Optax's", of: "adamax", rule: (o) => adamax(moments(o)) },
  {
    title: "adamax behind a decoupled weight decay is Optax's adamaxw",
    of: "adamaxw",
    rule: (o) => decaying(o.weight_decay ?? 1e-4, true, adamax(moments(o))),
  },
  {
    title: "nadamw is Optax's adamw with nesterov",
    of: "adamw",
    where: (o) => o.nesterov,
    rule: (o) => nadamw({ ...withRoot(o), weightDecay: o.weight_decay }),
  },
  {
    title: "adamw is Optax's, with eps_root too",
    of: "adamw",
    rule: (o) => adamw({ ...withRoot(o), weightDecay: o.weight_decay ?? 1e-4 }),
  },
  {
    title: "amsgrad that corrects first is Optax's, with and without its bias corrections",
    of: "amsgrad",
    rule: (o) => amsgrad({ ...withRoot(o), correctionFirst: true, biasCorrection: o.bias_correction_mu }),
  },
  {
    title: "adan that weighs changes by 1 − β₂ and is not proximal is Optax's",
    of: "adan",
    rule: (o) =>
      adan({
        ...moments(o),
        epsilonRoot: o.eps_root ?? 1e-8,
        beta3: o.b3,
        weightDecay: o.weight_decay,
        complementWeight: true,
        proximal: false,
      }),
  },
  { title: "fromage is Optax's", of: "fromage", rule: (o) => fromage({ learningRate: o.learning_rate }) },
  {
    title: "lamb is Optax's, with eps_root too",
    of: "lamb",
    rule: (o) => lamb({ ...withRoot(o), weightDecay: o.weight_decay }),
  },
  {
    title: "lars is Optax's, where weight decay comes ahead of it",
    of: "lars",
    rule: (o) =>
      decaying(
        o.weight_decay,
        false,
        lars({
          learningRate: o.learning_rate,
          momentum: o.momentum,
          trustCoefficient: o.trust_coefficient,
          epsilon: o.eps,
          nesterov: o.nesterov,
        }),
      ),
  },
  {
    title: "lion is Optax's",
    of: "lion",
    rule: (o) =>
      lion({ learningRate: o.learning_rate, beta1: o.b1, beta2: o.b2, weightDecay: o.weight_decay ?? 1e-3 }),
  },
  {
    title: "nadam whose µ is β₁ throughout is Optax's",
    of: "nadam",
    rule: (o) => nadam({ ...withRoot(o), momentumDecay: Infinity }),
  },
  {
    title: "nadamw is Optax's",
    of: "nadamw",
    rule: (o) => nadamw({ ...withRoot(o), weightDecay: o.weight_decay }),
  },
  {
    title: "novograd is Optax's, with eps_root too",
    of: "novograd",
    rule: ({ b1 = 0.9, b2 = 0.25, eps = 1e-6, ...o }) =>
      novograd({ ...withRoot({ ...o, b1, b2, eps }), weightDecay: o.weight_decay }),
  },
  {
    title: "radam with epsilon beside the corrected root is Optax's, with its threshold",
    of: "radam",
    rule: (o) => radam({ ...withRoot(o), epsilonHat: false, threshold: o.threshold }),
  },
  {
    title: "rmsprop does not look ahead as Optax's can",
    of: "rmsprop",
    where: (o) => o.nesterov,
    rule: rmspropOf,
    departs: true,
  },
  {
    title:
      "rmsprop with the rate inside is Optax's: epsilon in either place, momentum, bias correction, centred",
    of: "rmsprop",
    rule: rmspropOf,
  },
  {
    title: "rprop takes the step of each gradient at once, and Optax's that of the gradient before",
    of: "rprop",
    rule: (o) => rprop({ learningRate: o.learning_rate }),
    departs: true,
  },
  {
    title: "signDescent is Optax's sign_sgd",
    of: "sign_sgd",
    rule: (o) => signDescent({ learningRate: o.learning_rate }),
  },
  {
    title: "signum is Optax's",
    of: "signum",
    rule: (o) => signum({ learningRate: o.learning_rate, momentum: o.beta }),
  },
  {
    title: "sm3 is Optax's, of vectors and matrices",
    of: "sm3",
    rule: (o) => sm3({ learningRate: o.learning_rate, momentum: o.momentum ?? 0.9, epsilon: 1e-8 }),
  },
  {
    title: "sm3 with averages is Optax's scale_by_sm3",
    of: "scale_by_sm3",
    rule: (o) => sm3({ learningRate: o.learning_rate, momentum: o.b1, decay: o.b2, epsilon: o.eps }),
  },
  {
    title: "yogi that begins with a moment is Optax's",
    of: "yogi",
    rule: (o) => yogi({ ...moments(o), initialMoment: 1e-6 }),
  },
  {
    title: "yogi is Optax's scale_by_yogi, with eps_root and its first accumulator",
    of: "scale_by_yogi",
    rule: ({ initial_accumulator_value: initial, ...o }) =>
      yogi({ ...withRoot(o), initialAccumulator: initial, initialMoment: initial }),
  },
  {
    title: "polyakStep is Optax's polyak_sgd, whose scaling divides the step",
    of: "polyak_sgd",
    rule: ({ max_learning_rate = 1, scaling = 1, f_min, eps = 0 }) =>
      polyakStep({
        learningRate: 1 / scaling,
        maxRate: scaling * max_learning_rate,
        lowerBound: f_min,
        epsilon: eps / scaling ** 2,
      }),
  },
  {
    title: "ademamix is Optax's, with a schedule for alpha",
    of: "contrib.ademamix",
    rule: (o) =>
      ademamix({
        ...withRoot(o),
        beta3: o.b3,
        alpha: scheduled(o.alpha, ({ init_value, end_value, transition_steps }) =>
          linear({ from: init_value, to: end_value, steps: transition_steps }),
        ),
        weightDecay: o.weight_decay,
      }),
  },
  {
    title: "adopt does not look ahead as Optax's can",
    of: "contrib.adopt",
    where: (o) => o.nesterov,
    rule: (o) => adopt(moments(o)),
    departs: true,
  },
  {
    title: "adopt is Optax's, clipped and not",
    of: "contrib.adopt",
    rule: ({ use_clipping = true, ...o }) => adopt({ ...moments(o), clip: use_clipping ? 1 : Infinity }),
  },
  {
    title: "cocob is Optax's, whose learning rate changes nothing",
    of: "contrib.cocob",
    rule: (o) => decaying(o.weight_decay, false, cocob({ alpha: o.alpha })),
  },
  {
    title: "dAdaptAdam, corrected and decoupled, is Optax's dadapt_adamw",
    of: "contrib.dadapt_adamw",
    rule: (o) =>
      dAdaptAdam({
        ...pair(o),
        learningRate: o.learning_rate,
        epsilon: o.eps,
        initialDistance: o.estim_lr0,
        weightDecay: o.weight_decay,
        decoupled: true,
        biasCorrection: true,
      }),
  },
  {
    title: "dog is Optax's, with either kind of first distance",
    of: "contrib.dog",
    rule: ({ learning_rate, init_step: [kind, first] = ["heuristic", 1e-6], eps, weight_decay }, length) =>
      decaying(
        weight_decay,
        false,
        dog({
          learningRate: learning_rate,
          initialDistance: kind === "heuristic" ? first : first / (1 + length),
          epsilon: eps,
        }),
      ),
  },
  {
    title: "dowg is Optax's, whose first distance is that of a square",
    of: "contrib.dowg",
    rule: ({ learning_rate, eps = 1e-4, init_estim_sq_dist = eps }, length) =>
      dowg({
        learningRate: learning_rate,
        initialDistance: Math.sqrt(init_estim_sq_dist) / (1 + length),
        epsilon: eps,
      }),
  },
  {
    title: "madgrad is Optax's, which adds epsilon to the rate",
    of: "contrib.madgrad",
    rule: ({ learning_rate, momentum, eps = 1e-6, weight_decay }) =>
      madgrad({ learningRate: learning_rate + eps, momentum, epsilon: eps, weightDecay: weight_decay }),
  },
  {
    title: "mechanic is the paper's, of which Optax's mechanize departs",
    of: "contrib.mechanize",
    rule: (o) => chain(sgd({ learningRate: o.learning_rate }), mechanic({ initialScale: 1e-6 })),
    departs: true,
  },
  {
    title: "momo divides the step by 1 + ηλ too, and Optax's does not",
    of: "contrib.momo",
    where: (o) => o.weight_decay,
    rule: (o) => momo({ ...momoOf(o), learningRate: o.learning_rate }),
    departs: true,
  },
  {
    title: "momo is Optax's, with a bound that is estimated",
    of: "contrib.momo",
    rule: (o) => momo({ ...momoOf(o), learningRate: o.learning_rate, beta: o.beta }),
  },
  {
    title: "momoAdam divides the step by 1 + ηλ too, and Optax's does not",
    of: "contrib.momo_adam",
    where: (o) => o.weight_decay,
    rule: (o) => momoAdam(momoOf(o)),
    departs: true,
  },
  {
    title: "momoAdam is Optax's, with a bound that is estimated",
    of: "contrib.momo_adam",
    rule: ({ learning_rate = 0.01, ...o }) =>
      momoAdam({ ...momoOf(o), learningRate: learning_rate, beta1: o.b1, beta2: o.b2, epsilon: o.eps }),
  },
  {
    title:
      "muon that corrects the bias and adds epsilon is Optax's of the transposes, which gives vectors to Adam",
    of: "contrib.muon",
    rule: (o) =>
      muon({
        learningRate: o.learning_rate,
        momentum: o.beta,
        nesterov: o.nesterov,
        weightDecay: o.weight_decay,
        iterations: o.ns_steps,
        epsilon: o.eps ?? 1e-8,
        epsilonAdded: true,
        biasCorrection: true,
        matchRms: o.consistent_rms === 0.2,
      }),
    setting: ({ learning_rate: learningRate, eps: epsilon, nesterov = true }) => ({
      b: nesterov
        ? nadamw({ learningRate, epsilon, weightDecay: 0 })
        : adamw({ learningRate, epsilon, weightDecay: 0 }),
    }),
  },
  {
    title: "prodigy multiplies epsilon by the distance of the step, and Optax's by that of the next one",
    of: "contrib.prodigy",
    where: ({ eps = 1e-8 }) => eps > 1e-20,
    rule: prodigyOf,
    departs: true,
  },
  {
    title: "prodigy is Optax's where epsilon is next to nothing",
    of: "contrib.prodigy",
    rule: prodigyOf,
  },
  {
    title: "scheduleFreeSgd takes the rate of a warm-up at once, and Optax's that of the step before",
    of: "contrib.schedule_free_sgd",
    where: (o) => o.warmup_steps,
    rule: freeSgdOf,
    departs: true,
  },
  {
    title: "scheduleFreeSgd is Optax's, and so is its average",
    of: "contrib.schedule_free_sgd",
    rule: freeSgdOf,
  },
  {
    title: "scheduleFreeAdamw is Optax's, and so is its average",
    of: "contrib.schedule_free_adamw",
    rule: ({ learning_rate = 0.0025, ...o }) =>
      scheduleFreeAdamw({ ...moments({ ...o, learning_rate }), weightDecay: o.weight_decay }),
  },
  {
    title: "sophia that corrects the bias and takes curvatures a step later is Optax's",
    of: "contrib.sophia",
    rule: (o) =>
      sophia({
        ...moments(o),
        gamma: o.gamma,
        weightDecay: o.weight_decay,
        interval: o.update_interval,
        biasCorrection: true,
        delayed: true,
      }),
  },
];

describe("Optax's rules", () => {
  holdTo("optax-rules.json", claims);
});
