import { zeros } from "./shared.mjs";

export function loop(x, g, { learningRate, decay, epsilon }) {
  const n = x.length;
  const squares = zeros(x);
  const steps = zeros(x);
  return () => {
    const rate = learningRate;
    const kept = decay;
    const taken = 1 - decay;
    const small = epsilon;
    for (let i = 0; i < n; i++) {
      const gradient = g[i];
      const v = kept * squares[i] + taken * gradient * gradient;
      const u = steps[i];
      squares[i] = v;
      // One root of the quotient: in f64 arithmetic nothing under- or overflows.
      const delta = Math.sqrt((u + small) / (v + small)) * gradient;
      steps[i] = kept * u + taken * delta * delta;
      x[i] -= rate * delta;
    }
  };
}
