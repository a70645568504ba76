import { nextPower, zeros } from "./shared.mjs";

export function loop(x, g, { learningRate, beta1, beta2, epsilon }) {
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
