import { describe } from "vitest";
import {
  adadelta,
  adafactor,
  adagrad,
  adam,
  adamax,
  adamw,
  exponentialDecay,
  ftrl,
  lamb,
  lion,
  muon,
  nadam,
  type Rule,
  rmsprop,
  scheduleFreeAdamw,
  sgd,
} from "../../src/index.ts";
import { type Claim, decaying, type Given, holdTo, scheduled } from "./paths.ts";

const rateOf = ({ learning_rate }: Given, preset = 1e-3) =>
  scheduled(learning_rate ?? preset, ({ initial_learning_rate, decay_steps, decay_rate }) =>
    exponentialDecay({ from: initial_learning_rate, factor: decay_rate, every: decay_steps }),
  );

/** Options that most optimizers have. */
const moments = ({ epsilon = 1e-7, ...o }: Given) => ({
  learningRate: rateOf(o),
  beta1: o.beta_1,
  beta2: o.beta_2,
  epsilon,
});

/** Keras' weight decay, which acts on the parameters ahead of the step, whatever the optimizer. */
const decayed = (rule: (options: Given) => Rule) => (o: Given) => decaying(o.weight_decay, true, rule(o));

const claims: readonly Claim[] = [
  {
    title: "sgd with the rate inside is Keras', with momentum of both kinds and schedules",
    of: "SGD",
    rule: decayed((o) =>
      sgd({ learningRate: rateOf(o, 0.01), momentum: o.momentum, nesterov: o.nesterov, rateInside: true }),
    ),
  },
  {
    title: "rmsprop with epsilon and the rate inside is Keras', with momentum, a schedule, and centred",
    of: "RMSprop",
    rule: decayed((o) =>
      rmsprop({
        learningRate: rateOf(o),
        decay: o.rho ?? 0.9,
        epsilon: 0,
        epsilonRoot: o.epsilon ?? 1e-7,
        momentum: o.momentum,
        rateInside: true,
        centered: o.centered,
      }),
    ),
  },
  {
    title: "adam with epsilon beside the uncorrected root is Keras', with amsgrad too",
    of: "Adam",
    rule: decayed((o) => adam({ ...moments(o), epsilonHat: true, amsgrad: o.amsgrad })),
  },
  {
    title: "adamw with epsilon beside the uncorrected root is Keras', with amsgrad too",
    of: "AdamW",
    rule: (o) =>
      adamw({ ...moments(o), epsilonHat: true, amsgrad: o.amsgrad, weightDecay: o.weight_decay ?? 0.004 }),
  },
  {
    title: "adadelta is Keras'",
    of: "Adadelta",
    rule: decayed(({ rho = 0.95, epsilon = 1e-7, ...o }) =>
      adadelta({ learningRate: rateOf(o), decay: rho, epsilon }),
    ),
  },
  {
    title: "adagrad with epsilon inside the root is Keras'",
    of: "Adagrad",
    rule: decayed(({ initial_accumulator_value: initial = 0.1, epsilon = 1e-7, ...o }) =>
      adagrad({ learningRate: rateOf(o), initialAccumulator: initial, epsilon: 0, epsilonRoot: epsilon }),
    ),
  },
  {
    title: "adamax with epsilon outside the maximum is Keras'",
    of: "Adamax",
    rule: decayed((o) => adamax({ ...moments(o), epsilonOutside: true })),
  },
  {
    title: "nadam with a momentum decay of 1 is Keras'",
    of: "Nadam",
    rule: decayed((o) => nadam({ ...moments(o), momentumDecay: 1 })),
  },
  {
    title: "ftrl is Keras' from 0, with its powers, beta, l1, and twice its l2 and shrinkage",
    of: "Ftrl",
    rule: ({ learning_rate_power: power = -0.5, ...o }) =>
      ftrl({
        learningRate: o.learning_rate,
        power: -power,
        initialAccumulator: o.initial_accumulator_value,
        beta: o.beta,
        l1: o.l1_regularization_strength,
        l2: 2 * (o.l2_regularization_strength ?? 0),
        weightDecay: 2 * (o.l2_shrinkage_regularization_strength ?? 0),
      }),
    setting: () => ({ fromZero: true }),
  },
  {
    title: "lion is Keras'",
    of: "Lion",
    rule: decayed((o) => lion({ learningRate: rateOf(o), beta1: o.beta_1, beta2: o.beta_2 })),
  },
  {
    title: "lamb is Keras', whose weight decay comes ahead of it",
    of: "Lamb",
    rule: decayed((o) => lamb(moments(o))),
  },
  {
    title: "adafactor is Keras', whose rate falls also where relative_step is false",
    of: "Adafactor",
    rule: decayed(({ beta_2_decay: power = -0.8, ...o }) =>
      adafactor({
        learningRate: rateOf(o),
        decayPower: -power,
        epsilon1: o.epsilon_1,
        epsilon2: o.epsilon_2,
        clipThreshold: o.clip_threshold,
      }),
    ),
  },
  {
    title: "muon that adds epsilon and matches AdamW's steps is Keras', which gives vectors to Adam",
    of: "Muon",
    rule: ({ learning_rate, momentum = 0.95, ns_steps, weight_decay = 0.004, ...o }) =>
      muon({
        learningRate: learning_rate,
        momentum,
        weightDecay: weight_decay,
        iterations: ns_steps,
        nesterov: o.nesterov,
        epsilon: 1e-7 * (1 - momentum),
        epsilonAdded: true,
        matchRms: true,
      }),
    setting: ({ learning_rate, adam_lr_ratio: ratio = 1 }) => ({
      b: adamw({
        learningRate: ratio * learning_rate,
        epsilon: 1e-7,
        epsilonHat: true,
        weightDecay: 0.004 / ratio,
      }),
    }),
  },
  {
    title: "scheduleFreeAdamw whose average weighs all alike is Keras', with its warm-up",
    of: "ScheduleFreeAdamW",
    rule: (o) =>
      scheduleFreeAdamw({
        ...moments({ learning_rate: 0.0025, epsilon: 1e-8, ...o }),
        warmupSteps: o.warmup_steps,
        weightPower: 0,
      }),
  },
];

describe("Keras' optimizers", () => {
  holdTo("keras-rules.json", claims);
});
