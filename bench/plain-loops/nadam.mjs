import { nextPower, zeros } from "./shared.mjs";

export function loop(x, g, { learningRate, beta1, beta2, epsilon, momentumDecay }) {
  const n = x.length;
  const first = zeros(x);
  const second = zeros(x);
  const powers = new Float64Array([1, 1, 0]);
  const mu = (t) => beta1 * (1 - 0.5 * 0.96 ** (t * momentumDecay));
  return () => {
    const t = ++powers[2];
    powers[0] = nextPower(powers[0], mu(t));
    powers[1] = nextPower(powers[1], beta2);
    const alongGradient = (learningRate * (1 - mu(t))) / (1 - powers[0]);
    const alongMoment = (learningRate * mu(t + 1)) / (1 - powers[0] * mu(t + 1));
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
      x[i] -= (alongGradient * gradient + alongMoment * m) / (scale * Math.sqrt(v) + small);
    }
  };
}
