// What a careful programmer would write in plain JavaScript for each rule: one loop over typed
// arrays, with everything that does not change hoisted out of it, and βᵗ as a running product. Such a
// product becomes 0 before it is denormal, since denormal numbers cost a hundred cycles each.
//
// Arithmetic is f64 whatever the storage: with Float32Array it was three times faster than
// Math.fround after each operation (see `adamFround`), because V8 has no f32 arithmetic.

const DENORMAL_SOON = 1e-200;

/** The next power of a coefficient. */
function nextPower(power, coefficient) {
  const next = power * coefficient;
  return next < DENORMAL_SOON ? 0 : next;
}

/** Slots like `x`, all zero. */
const zeros = (x) => new x.constructor(x.length);

function gradientDescent(x, g, { learningRate }) {
  const n = x.length;
  return () => {
    const rate = learningRate;
    for (let i = 0; i < n; i++) x[i] -= rate * g[i];
  };
}

function sgd(x, g, { learningRate, momentum: keep }) {
  const n = x.length;
  const buffer = zeros(x);
  return () => {
    const rate = learningRate;
    const kept = keep;
    for (let i = 0; i < n; i++) {
      const b = kept * buffer[i] + g[i];
      buffer[i] = b;
      x[i] -= rate * b;
    }
  };
}

function momentum(x, g, { learningRate, beta }) {
  const n = x.length;
  const average = zeros(x);
  return () => {
    const rate = learningRate;
    const kept = beta;
    const taken = 1 - beta;
    for (let i = 0; i < n; i++) {
      const v = kept * average[i] + taken * g[i];
      average[i] = v;
      x[i] -= rate * v;
    }
  };
}

function normalizedGradient(x, g, { learningRate }) {
  const n = x.length;
  const fours = n & ~3;
  return () => {
    // Four sums: one would wait for each addition before the next.
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    let i = 0;
    for (; i < fours; i += 4) {
      a += g[i] * g[i];
      b += g[i + 1] * g[i + 1];
      c += g[i + 2] * g[i + 2];
      d += g[i + 3] * g[i + 3];
    }
    for (; i < n; i++) a += g[i] * g[i];
    const rate = learningRate / Math.sqrt(a + b + (c + d));
    for (i = 0; i < n; i++) x[i] -= rate * g[i];
  };
}

// c/|c| takes a third of the time of Math.sign, whose branches are mispredicted.
function signDescent(x, g, { learningRate }) {
  const n = x.length;
  return () => {
    const rate = learningRate;
    for (let i = 0; i < n; i++) {
      const c = g[i];
      if (c !== 0) x[i] -= rate * (c / Math.abs(c));
    }
  };
}

function adagrad(x, g, { learningRate, epsilon }) {
  const n = x.length;
  const sum = zeros(x);
  return () => {
    const rate = learningRate;
    const small = epsilon;
    for (let i = 0; i < n; i++) {
      const gradient = g[i];
      const s = sum[i] + gradient * gradient;
      sum[i] = s;
      x[i] -= (rate * gradient) / (Math.sqrt(s) + small);
    }
  };
}

function rmsprop(x, g, { learningRate, decay, epsilon }) {
  const n = x.length;
  const second = zeros(x);
  return () => {
    const rate = learningRate;
    const kept = decay;
    const taken = 1 - decay;
    const small = epsilon;
    for (let i = 0; i < n; i++) {
      const gradient = g[i];
      const v = kept * second[i] + taken * gradient * gradient;
      second[i] = v;
      x[i] -= (rate * gradient) / (Math.sqrt(v) + small);
    }
  };
}

function lion(x, g, { learningRate, beta1, beta2 }) {
  const n = x.length;
  const average = zeros(x);
  return () => {
    const rate = learningRate;
    const kept1 = beta1;
    const taken1 = 1 - beta1;
    const kept2 = beta2;
    const taken2 = 1 - beta2;
    for (let i = 0; i < n; i++) {
      const gradient = g[i];
      const m = average[i];
      const c = kept1 * m + taken1 * gradient;
      average[i] = kept2 * m + taken2 * gradient;
      if (c !== 0) x[i] -= rate * (c / Math.abs(c));
    }
  };
}

function adam(x, g, { learningRate, beta1, beta2, epsilon }) {
  const n = x.length;
  const first = zeros(x);
  const second = zeros(x);
  const powers = new Float64Array([1, 1]);
  return () => {
    powers[0] = nextPower(powers[0], beta1);
    powers[1] = nextPower(powers[1], beta2);
    const rate = learningRate / (1 - powers[0]);
    const scale = 1 / Math.sqrt(1 - powers[1]);
    const kept1 = beta1;
    const taken1 = 1 - beta1;
    const kept2 = beta2;
    const taken2 = 1 - beta2;
    const small = epsilon;
    for (let i = 0; i < n; i++) {
      const gradient = g[i];
      const m = kept1 * first[i] + taken1 * gradient;
      const v = kept2 * second[i] + taken2 * gradient * gradient;
      first[i] = m;
      second[i] = v;
      x[i] -= (rate * m) / (scale * Math.sqrt(v) + small);
    }
  };
}

function amsgrad(x, g, { learningRate, beta1, beta2, epsilon }) {
  const n = x.length;
  const first = zeros(x);
  const second = zeros(x);
  const largest = zeros(x);
  const powers = new Float64Array([1, 1]);
  return () => {
    powers[0] = nextPower(powers[0], beta1);
    powers[1] = nextPower(powers[1], beta2);
    const rate = learningRate / (1 - powers[0]);
    const scale = 1 / Math.sqrt(1 - powers[1]);
    const kept1 = beta1;
    const taken1 = 1 - beta1;
    const kept2 = beta2;
    const taken2 = 1 - beta2;
    const small = epsilon;
    for (let i = 0; i < n; i++) {
      const gradient = g[i];
      const m = kept1 * first[i] + taken1 * gradient;
      const v = kept2 * second[i] + taken2 * gradient * gradient;
      const most = Math.max(largest[i], v);
      first[i] = m;
      second[i] = v;
      largest[i] = most;
      x[i] -= (rate * m) / (scale * Math.sqrt(most) + small);
    }
  };
}

function adamw(x, g, { learningRate, beta1, beta2, epsilon, weightDecay }) {
  const n = x.length;
  const first = zeros(x);
  const second = zeros(x);
  const powers = new Float64Array([1, 1]);
  return () => {
    powers[0] = nextPower(powers[0], beta1);
    powers[1] = nextPower(powers[1], beta2);
    const rate = learningRate / (1 - powers[0]);
    const scale = 1 / Math.sqrt(1 - powers[1]);
    const shrink = 1 - learningRate * weightDecay;
    const kept1 = beta1;
    const taken1 = 1 - beta1;
    const kept2 = beta2;
    const taken2 = 1 - beta2;
    const small = epsilon;
    for (let i = 0; i < n; i++) {
      const gradient = g[i];
      const m = kept1 * first[i] + taken1 * gradient;
      const v = kept2 * second[i] + taken2 * gradient * gradient;
      first[i] = m;
      second[i] = v;
      x[i] = shrink * x[i] - (rate * m) / (scale * Math.sqrt(v) + small);
    }
  };
}

/**
 * By rule: the options that the loop is written for, and the loop: given parameters, gradient and
 * the rule's options it returns a function that takes one step.
 */
export const plainLoops = {
  gradientDescent: { options: {}, loop: gradientDescent },
  sgd: { options: { momentum: 0.9 }, loop: sgd },
  momentum: { options: {}, loop: momentum },
  normalizedGradient: { options: {}, loop: normalizedGradient },
  signDescent: { options: {}, loop: signDescent },
  adagrad: { options: {}, loop: adagrad },
  rmsprop: { options: {}, loop: rmsprop },
  lion: { options: {}, loop: lion },
  adam: { options: {}, loop: adam },
  amsgrad: { options: {}, loop: amsgrad },
  adamw: { options: {}, loop: adamw },
};

/** Adam with each operation rounded to f32: the other way to write the loop for Float32Array. */
export function adamFround(x, g, { learningRate, beta1, beta2, epsilon }) {
  const { fround } = Math;
  const n = x.length;
  const first = zeros(x);
  const second = zeros(x);
  const powers = new Float64Array([1, 1]);
  return () => {
    powers[0] = nextPower(powers[0], beta1);
    powers[1] = nextPower(powers[1], beta2);
    const rate = fround(learningRate / (1 - powers[0]));
    const scale = fround(1 / Math.sqrt(1 - powers[1]));
    const kept1 = fround(beta1);
    const taken1 = fround(1 - beta1);
    const kept2 = fround(beta2);
    const taken2 = fround(1 - beta2);
    const small = fround(epsilon);
    for (let i = 0; i < n; i++) {
      const gradient = g[i];
      const m = fround(fround(kept1 * first[i]) + fround(taken1 * gradient));
      const v = fround(fround(kept2 * second[i]) + fround(fround(taken2 * gradient) * gradient));
      first[i] = m;
      second[i] = v;
      const root = fround(fround(scale * fround(Math.sqrt(v))) + small);
      x[i] = fround(x[i] - fround(fround(rate * m) / root));
    }
  };
}
