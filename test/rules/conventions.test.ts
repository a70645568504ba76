import { expect, test } from "vitest";
import { adagrad, adam, adamax, adamw, amsgrad, momentum, rmsprop, sgd } from "../../src/rules/index.ts";
import { schedule } from "../../src/schedules/schedule.ts";
import { expectClose, expectPath, path } from "./paths.ts";

// Each algorithm below is written from what the framework documents, with its own bookkeeping: keras.optimizers (3),
// tf.compat.v1.train, optax (transform.py), torch.optim, and the papers.

const beta1 = 0.8;
const beta2 = 0.95;
const falling = schedule((t) => 0.1 / (1 + t), { schedule: "falling" });
const fallingAt = (t: number) => 0.1 / t;

test("adam and adamw with epsilonHat are Keras' and TensorFlow's: ε beside √v, corrections in the rate", () => {
  const learningRate = 0.05;
  const epsilon = 0.01;
  const keras = (decay: number) => () => {
    let [m, v] = [0, 0];
    return (x: number, g: number, t: number) => {
      const alpha = (learningRate * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t);
      m += (g - m) * (1 - beta1);
      v += (g * g - v) * (1 - beta2);
      return x - x * decay * learningRate - (m * alpha) / (Math.sqrt(v) + epsilon);
    };
  };
  const options = { learningRate, beta1, beta2, epsilon, epsilonHat: true };
  expectPath(adam(options), keras(0));
  expectPath(adamw({ ...options, weightDecay: 0.3 }), keras(0.3));
});

test("amsgrad with epsilonHat is Keras': the largest v, and ε beside its root", () => {
  const [learningRate, epsilon] = [0.05, 0.01];
  const options = { learningRate, beta1, beta2, epsilon, epsilonHat: true };
  for (const rule of [amsgrad(options), adam({ ...options, amsgrad: true })]) {
    expectPath(rule, () => {
      let [m, v, largest] = [0, 0, 0];
      return (x, g, t) => {
        const alpha = (learningRate * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t);
        m += (g - m) * (1 - beta1);
        v += (g * g - v) * (1 - beta2);
        largest = Math.max(largest, v);
        return x - (m * alpha) / (Math.sqrt(largest) + epsilon);
      };
    });
  }
});

test("adam and adamw with epsilonRoot are Optax's: ε inside the root of what is corrected, and one outside", () => {
  const [learningRate, epsilon, epsilonRoot] = [0.05, 1e-3, 0.02];
  const optax = (decay: number) => () => {
    let [mu, nu] = [0, 0];
    return (x: number, g: number, t: number) => {
      mu = (1 - beta1) * g + beta1 * mu;
      nu = (1 - beta2) * g * g + beta2 * nu;
      const update = mu / (1 - beta1 ** t) / (Math.sqrt(nu / (1 - beta2 ** t) + epsilonRoot) + epsilon);
      return x - learningRate * (update + decay * x);
    };
  };
  const options = { learningRate, beta1, beta2, epsilon, epsilonRoot };
  expectPath(adam(options), optax(0));
  expectPath(adamw({ ...options, weightDecay: 0.2 }), optax(0.2));
});

test("amsgrad with correctionFirst is Optax's: the largest of what is corrected", () => {
  const [learningRate, epsilon, epsilonRoot] = [0.05, 1e-3, 0.02];
  const options = { learningRate, beta1, beta2, epsilon, epsilonRoot, correctionFirst: true };
  for (const rule of [amsgrad(options), adam({ ...options, amsgrad: true })]) {
    expectPath(rule, () => {
      let [mu, nu, most] = [0, 0, 0];
      return (x, g, t) => {
        mu = (1 - beta1) * g + beta1 * mu;
        nu = (1 - beta2) * g * g + beta2 * nu;
        most = Math.max(most, nu / (1 - beta2 ** t));
        return x - (learningRate * mu) / (1 - beta1 ** t) / (Math.sqrt(most + epsilonRoot) + epsilon);
      };
    });
  }
});

test("the two orders part where the largest second moment is an early one", () => {
  const options = { learningRate: 1, beta1: 0, beta2: 0.5, epsilon: 0 };
  const gradients = [[4], [2]];
  // v = 8, then 6; corrected 16, then 8: the largest is 8/(1 − ¼) in PyTorch's order, 16 in Optax's.
  expectClose(path(amsgrad(options), [0], gradients).flat(), [-1, -1 - 2 / Math.sqrt(8 / 0.75)]);
  expectClose(path(amsgrad({ ...options, correctionFirst: true }), [0], gradients).flat(), [
    -1,
    -1 - 2 / Math.sqrt(16),
  ]);
  // What is corrected already is not corrected once more.
  expectClose(path(adam(options), [0], gradients).flat(), [-1, -1 - 2 / Math.sqrt(6 / 0.75)]);
});

test("amsgrad without bias correction and ε is the paper's", () => {
  const rule = amsgrad({ learningRate: 0.05, beta1, beta2, epsilon: 0, biasCorrection: false });
  expectPath(rule, () => {
    let [m, v, vHat] = [0, 0, 0];
    return (x, g) => {
      m = beta1 * m + (1 - beta1) * g;
      v = beta2 * v + (1 - beta2) * g * g;
      vHat = Math.max(vHat, v);
      return m === 0 ? x : x - (0.05 * m) / Math.sqrt(vHat);
    };
  });
});

test("adamw with independentDecay is the paper's, with a schedule's multiplier of 1: decay does not know the rate", () => {
  const [alpha, lambda] = [0.05, 0.03];
  const paper = (rate: (t: number) => number, decay: (t: number) => number) => () => {
    let [m, v] = [0, 0];
    return (x: number, g: number, t: number) => {
      m = beta1 * m + (1 - beta1) * g;
      v = beta2 * v + (1 - beta2) * g ** 2;
      const step = (rate(t) * m) / (1 - beta1 ** t) / (Math.sqrt(v / (1 - beta2 ** t)) + 1e-8);
      return x - (step + decay(t) * x);
    };
  };
  const options = { beta1, beta2, weightDecay: lambda, independentDecay: true };
  expectPath(
    adamw({ ...options, learningRate: alpha }),
    paper(
      () => alpha,
      () => lambda,
    ),
  );
  // At a falling rate PyTorch's decay falls too, the paper's only by its own schedule.
  expectPath(
    adamw({ ...options, learningRate: falling }),
    paper(fallingAt, () => lambda),
  );
  expectPath(
    adamw({ ...options, learningRate: falling, independentDecay: false }),
    paper(fallingAt, (t) => fallingAt(t) * lambda),
  );
});

test("what says what comes before the largest v is refused where there is none", () => {
  for (const make of [adam, adamw]) {
    const { name } = make.declaration;
    expect(() => make({ correctionFirst: true })).toThrow(
      new RangeError(`${name}: correctionFirst needs amsgrad: it says what comes before the largest v`),
    );
  }
});

test("an ε inside the root may follow a schedule, and be 0 at some steps", () => {
  const at = (t: number) => (t % 3 === 0 ? 0 : 0.1 * t);
  const epsilonRoot = schedule(at, { schedule: "threes" });
  expectPath(adam({ learningRate: 0.05, beta1, beta2, epsilonRoot }), () => {
    let [m, v] = [0, 0];
    return (x, g, t) => {
      m = beta1 * m + (1 - beta1) * g;
      v = beta2 * v + (1 - beta2) * g ** 2;
      const root = Math.sqrt(v / (1 - beta2 ** t) + at(t - 1)) + 1e-8;
      return x - (0.05 * m) / (1 - beta1 ** t) / root;
    };
  });
});

test("rmsprop with an ε inside the root and the rate inside the buffer is Keras', centred and not", () => {
  const [rho, mu, epsilon] = [0.9, 0.7, 1e-3];
  for (const centered of [false, true]) {
    for (const inertia of [0, mu]) {
      const rule = rmsprop({
        ...{ learningRate: falling, decay: rho, momentum: inertia, centered },
        ...{ epsilonRoot: epsilon, epsilon: 0, rateInside: true },
      });
      expectPath(rule, () => {
        let [velocity, average, moved] = [0, 0, 0];
        return (x, g, t) => {
          velocity = rho * velocity + (1 - rho) * g ** 2;
          average = rho * average + (1 - rho) * g;
          const denominator = velocity - (centered ? average ** 2 : 0) + epsilon;
          moved = inertia * moved + (fallingAt(t) * g) / Math.sqrt(denominator);
          return x - moved;
        };
      });
    }
  }
});

test("rmsprop with a first accumulator and bias correction is Optax's", () => {
  const [decay, first, epsilon] = [0.9, 0.5, 1e-3];
  const rule = rmsprop({
    ...{ learningRate: 0.1, decay, initialAccumulator: first, biasCorrection: true },
    ...{ epsilonRoot: epsilon, epsilon: 0 },
  });
  expectPath(rule, () => {
    let nu = first;
    return (x, g, t) => {
      nu = (1 - decay) * g ** 2 + decay * nu;
      return x - (0.1 * g) / Math.sqrt(nu / (1 - decay ** t) + epsilon);
    };
  });
  expect(() => rmsprop({ centered: true, biasCorrection: true })).toThrow(
    "rmsprop: biasCorrection does not go with centered: the corrected variance of one gradient is 0",
  );
});

test("adagrad with a first accumulator and ε inside the root alone is Keras' and Optax's", () => {
  const rule = adagrad({ learningRate: 0.1, initialAccumulator: 0.1, epsilonRoot: 1e-2, epsilon: 0 });
  expectPath(rule, () => {
    let accumulator = 0.1;
    return (x, g) => {
      accumulator += g ** 2;
      return x - (0.1 * g) / Math.sqrt(accumulator + 1e-2);
    };
  });
});

test("sgd with the rate inside the buffer is Keras', with Nesterov's look ahead and without", () => {
  const mu = 0.7;
  for (const nesterov of [false, true]) {
    const rule = sgd({ learningRate: falling, momentum: mu, nesterov, rateInside: true });
    expectPath(rule, () => {
      let m = 0;
      return (x, g, t) => {
        m = mu * m - g * fallingAt(t);
        return x + (nesterov ? mu * m - g * fallingAt(t) : m);
      };
    });
  }
  const decayed = sgd({
    learningRate: falling,
    momentum: mu,
    rateInside: true,
    weightDecay: 0.1,
    maximize: true,
  });
  expectPath(decayed, () => {
    let m = 0;
    return (x, g, t) => {
      m = mu * m - (0.1 * x - g) * fallingAt(t);
      return x + m;
    };
  });
});

test("where the rate stays it does not matter where it stands", () => {
  const options = { learningRate: 0.25, momentum: 0.5 };
  const gradients = [
    [4, 1],
    [-2, 0],
    [1, 8],
  ];
  expect(path(sgd({ ...options, rateInside: true }), [1, 2], gradients)).toEqual(
    path(sgd(options), [1, 2], gradients),
  );
});

test("sgd dampened from the first gradient on, by the momentum, is the moving average", () => {
  const gradients = [[4], [8], [-3], [0.5]];
  const rule = sgd({ learningRate: 1, momentum: 0.5, dampening: 0.5, dampenFirst: true });
  expect(path(rule, [0], gradients)).toEqual(path(momentum({ learningRate: 1, beta: 0.5 }), [0], gradients));
  // Without it b = 4 at first, and x = −4.
  expect(path(sgd({ learningRate: 1, momentum: 0.5, dampening: 0.5 }), [0], gradients)[0]).toEqual([-4]);
});

test("adamax with ε outside the maximum is Keras', with none the paper's", () => {
  const form = (epsilon: number) => () => {
    let [m, u] = [0, 0];
    return (x: number, g: number, t: number) => {
      m += (g - m) * (1 - beta1);
      u = Math.max(beta2 * u, Math.abs(g));
      return u === 0 ? x : x - (0.05 * m) / ((1 - beta1 ** t) * (u + epsilon));
    };
  };
  expectPath(adamax({ learningRate: 0.05, beta1, beta2, epsilon: 0.3, epsilonOutside: true }), form(0.3));
  expectPath(adamax({ learningRate: 0.05, beta1, beta2, epsilon: 0 }), form(0));
});
