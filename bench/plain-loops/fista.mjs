import { zeros } from "./shared.mjs";

export const options = { lower: -0.5, upper: 2, restart: true };

export function loop(x, g, { learningRate, lower, upper }) {
  const n = x.length;
  const next = zeros(x);
  const point = x.slice();
  let t = 1;
  return () => {
    const rate = learningRate;
    const low = lower;
    const high = upper;
    let turn = 0;
    for (let i = 0; i < n; i++) {
      const stepped = x[i] - rate * g[i];
      const inside = stepped < low ? low : stepped > high ? high : stepped;
      next[i] = inside;
      turn += (x[i] - inside) * (inside - point[i]);
    }
    const following = (1 + Math.sqrt(1 + 4 * t * t)) / 2;
    const momentum = turn > 0 ? 0 : (t - 1) / following;
    t = turn > 0 ? 1 : following;
    for (let i = 0; i < n; i++) {
      const p = next[i];
      x[i] = p + momentum * (p - point[i]);
      point[i] = p;
    }
  };
}
