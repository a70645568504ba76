// Schedule-Free: z goes down the gradient at y, x̄ averages z, and y lies between the two. y is in the parameters.
import { between, bytes, mulAdd, ratio, scalar, splat } from "../lanes";

// The decay is of y, or of z: one of its two factors is 0.
// @ts-ignore: decorator
@inline
function scheduleFree(adaptive: bool, n: i32, y: usize, g: usize, state: usize, scalars: usize): void {
  const rate = scalar(scalars, 0);
  const beta = scalar(scalars, 1);
  const share = scalar(scalars, 2);
  const decayY = scalar(scalars, 3);
  const decayZ = scalar(scalars, 4);
  const keep = scalar(scalars, 5);
  const take = scalar(scalars, 6);
  const rootScale = scalar(scalars, 7);
  const epsilon = scalar(scalars, 8);
  const zero = splat(0);
  const size = bytes(n);
  const z = state;
  const average = z + size;
  const v = average + size;
  for (let i: usize = 0; i < size; i += 16) {
    const last = v128.load(z + i);
    let gradient = v128.load(g + i);
    if (adaptive) {
      const taken = v128.mul<real>(take, gradient);
      const second = mulAdd(keep, v128.load(v + i), v128.mul<real>(taken, gradient));
      v128.store(v + i, second);
      gradient = ratio(gradient, mulAdd(rootScale, v128.sqrt<real>(second), epsilon), zero);
    }
    gradient = mulAdd(decayY, v128.load(y + i), mulAdd(decayZ, last, gradient));
    const next = v128.sub<real>(last, v128.mul<real>(rate, gradient));
    const mean = between(v128.load(average + i), next, share);
    v128.store(z + i, next);
    v128.store(average + i, mean);
    v128.store(y + i, between(next, mean, beta));
  }
}

export function scheduleFreeSgd(n: i32, y: usize, g: usize, state: usize, scalars: usize): void {
  scheduleFree(false, n, y, g, state, scalars);
}

export function scheduleFreeAdamw(n: i32, y: usize, g: usize, state: usize, scalars: usize): void {
  scheduleFree(true, n, y, g, state, scalars);
}
