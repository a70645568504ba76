import { nextPower, zeros } from "./shared.mjs";

export function loop(x, g, { learningRate, beta1, beta2, epsilon }) {
  const n = x.length;
  const iterate = x.slice();
  const average = x.slice();
  const second = zeros(x);
  const powers = new Float64Array([1]);
  let steps = 0;
  return () => {
    powers[0] = nextPower(powers[0], beta2);
    // At a constant rate all weigh the same.
    const share = 1 / ++steps;
    const rate = learningRate;
    const towards = beta1;
    const scale = 1 / Math.sqrt(1 - powers[0]);
    const kept = beta2;
    const taken = 1 - beta2;
    const small = epsilon;
    for (let i = 0; i < n; i++) {
      const gradient = g[i];
      const v = kept * second[i] + taken * gradient * gradient;
      const z = iterate[i] - (rate * gradient) / (scale * Math.sqrt(v) + small);
      const mean = average[i] + share * (z - average[i]);
      second[i] = v;
      iterate[i] = z;
      average[i] = mean;
      x[i] = z + towards * (mean - z);
    }
  };
}
