import { zeros } from "./shared.mjs";

export function loop(x, g, { learningRate, etaPlus, etaMinus, smallestStep, largestStep }) {
  const n = x.length;
  const previous = zeros(x);
  const sizes = zeros(x).fill(learningRate);
  return () => {
    const longer = etaPlus;
    const shorter = etaMinus;
    const least = smallestStep;
    const most = largestStep;
    for (let i = 0; i < n; i++) {
      const gradient = g[i];
      const agreement = gradient * previous[i];
      let size = sizes[i];
      if (agreement < 0) {
        size *= shorter;
        sizes[i] = size < least ? least : size > most ? most : size;
        previous[i] = 0;
        continue;
      }
      if (agreement > 0) size *= longer;
      size = size < least ? least : size > most ? most : size;
      sizes[i] = size;
      previous[i] = gradient;
      x[i] -= gradient > 0 ? size : gradient < 0 ? -size : 0;
    }
  };
}
