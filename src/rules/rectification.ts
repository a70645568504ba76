import { pow } from "../core/scalar.ts";

/**
 * RAdam's rectification of the variance of an adaptive rate after t steps: ρ∞ = 2/(1−β₂) − 1, ρₜ = ρ∞ − 2tβ₂ᵗ/(1−β₂ᵗ),
 * r = √((ρₜ−4)(ρₜ−2)ρ∞/((ρ∞−4)(ρ∞−2)ρₜ)) where ρₜ exceeds the threshold; 0 where it does not.
 *
 * ρₜ is a difference of large numbers, and one bit of β₂ᵗ decides at which step it passes the threshold where β₂ is close to 1:
 * the operations stand in PyTorch's order, and the power is `pow`'s, whose bits are those of the C library that it calls.
 */
export function rectification(t: number, beta2: number, threshold: number): number {
  const power = pow(beta2, t);
  const last = 2 / (1 - beta2) - 1;
  const length = last - (2 * t * power) / (1 - power);
  if (!(length > threshold)) return 0;
  return Math.sqrt(((length - 4) * (length - 2) * last) / ((last - 4) * (last - 2) * length));
}
