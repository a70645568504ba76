import { randomSigns, zeros } from "./shared.mjs";

export const options = { weightDecay: 0 };

export function loop(x, g, { learningRate, beta1, beta2, gamma, epsilon, interval }) {
  const n = x.length;
  const first = zeros(x);
  const curvature = zeros(x);
  const probe = zeros(x);
  const product = zeros(x);
  let t = 0;
  return ({ hessianVectorProduct }) => {
    if (t % interval === 0) {
      randomSigns(probe, t);
      hessianVectorProduct(probe, product);
      const kept = beta2;
      const taken = 1 - beta2;
      for (let i = 0; i < n; i++) curvature[i] = kept * curvature[i] + taken * probe[i] * product[i];
    }
    t++;
    const rate = learningRate;
    const kept = beta1;
    const taken = 1 - beta1;
    const share = gamma;
    const small = epsilon;
    for (let i = 0; i < n; i++) {
      const m = kept * first[i] + taken * g[i];
      first[i] = m;
      const scaled = share * curvature[i];
      const least = scaled > small ? scaled : small;
      x[i] -= m >= least ? rate : m <= -least ? -rate : (rate * m) / least;
    }
  };
}
