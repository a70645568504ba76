import { zeros } from "./shared.mjs";

export function loop(x, g, { alpha }) {
  const n = x.length;
  const start = x.slice();
  const sum = zeros(x);
  const largest = zeros(x);
  const total = zeros(x);
  const reward = zeros(x);
  return () => {
    const bound = alpha;
    for (let i = 0; i < n; i++) {
      const gradient = g[i];
      const size = Math.abs(gradient);
      const first = start[i];
      const top = largest[i] > size ? largest[i] : size;
      const all = total[i] + size;
      const gain = reward[i] - (x[i] - first) * gradient;
      const won = gain > 0 ? gain : 0;
      const outcome = sum[i] - gradient;
      largest[i] = top;
      total[i] = all;
      reward[i] = won;
      sum[i] = outcome;
      const stake = all + top > bound * top ? all + top : bound * top;
      x[i] = first + (outcome * (top + won)) / (top * stake);
    }
  };
}
