// Aggregated momentum: vₖ ← βₖvₖ + g for several βₖ, x ← x − η·(g + Σ vₖ), where the gradient itself is the velocity of β = 0.
import { bytes, inFours, mulAdd, scalar } from "../lanes";

// @ts-ignore: decorator
@inline
const BETAS: i32 = 3;

// @ts-ignore: decorator
@inline
function keepOn(velocity: usize, beta: v128, gradient: v128): v128 {
  const kept = mulAdd(beta, v128.load(velocity), gradient);
  v128.store(velocity, kept);
  return kept;
}

// @ts-ignore: decorator
@inline
function step(x: usize, rate: v128, sum: v128): void {
  v128.store(x, v128.sub<real>(v128.load(x), v128.mul<real>(rate, sum)));
}

export function aggmo(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  const rate = scalar(scalars, 0);
  const decay = scalar(scalars, 1);
  const betas = scalars + bytes(BETAS);
  const lastBeta = betas + bytes(<i32>load<real>(scalars + bytes(2)));
  const size = bytes(n);
  const end = x + size;
  for (const fours = x + inFours(size); x < fours; x += 64, g += 64, state += 64) {
    const ga = mulAdd(decay, v128.load(x), v128.load(g));
    const gb = mulAdd(decay, v128.load(x + 16), v128.load(g + 16));
    const gc = mulAdd(decay, v128.load(x + 32), v128.load(g + 32));
    const gd = mulAdd(decay, v128.load(x + 48), v128.load(g + 48));
    let a = ga, b = gb, c = gc, d = gd;
    let velocity = state;
    for (let beta = betas; beta < lastBeta; beta += sizeof<real>(), velocity += size) {
      const keep = v128.load_splat<real>(beta);
      a = v128.add<real>(a, keepOn(velocity, keep, ga));
      b = v128.add<real>(b, keepOn(velocity + 16, keep, gb));
      c = v128.add<real>(c, keepOn(velocity + 32, keep, gc));
      d = v128.add<real>(d, keepOn(velocity + 48, keep, gd));
    }
    step(x, rate, a);
    step(x + 16, rate, b);
    step(x + 32, rate, c);
    step(x + 48, rate, d);
  }
  for (; x < end; x += 16, g += 16, state += 16) {
    const gradient = mulAdd(decay, v128.load(x), v128.load(g));
    let sum = gradient;
    let velocity = state;
    for (let beta = betas; beta < lastBeta; beta += sizeof<real>(), velocity += size) {
      sum = v128.add<real>(sum, keepOn(velocity, v128.load_splat<real>(beta), gradient));
    }
    step(x, rate, sum);
  }
}
