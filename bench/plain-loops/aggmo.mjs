import { zeros } from "./shared.mjs";

/** With the two velocities of the defaults that are not the gradient itself. */
export function loop(x, g, { learningRate, damping }) {
  const n = x.length;
  const slow = zeros(x);
  const slower = zeros(x);
  return () => {
    const rate = learningRate / 3;
    const kept = 1 - damping;
    const keptMore = 1 - damping * damping;
    for (let i = 0; i < n; i++) {
      const gradient = g[i];
      const v = kept * slow[i] + gradient;
      const w = keptMore * slower[i] + gradient;
      slow[i] = v;
      slower[i] = w;
      x[i] -= rate * (gradient + v + w);
    }
  };
}
