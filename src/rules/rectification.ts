/**
 * RAdam's rectification of the variance of an adaptive rate after t steps: ρ∞ = 2/(1−β₂) − 1, ρₜ = ρ∞ − 2tβ₂ᵗ/(1−β₂ᵗ),
 * r = √((ρₜ−4)(ρₜ−2)ρ∞/((ρ∞−4)(ρ∞−2)ρₜ)) where ρₜ exceeds the threshold; 0 where it does not.
 *
 * ρₜ is a difference of large numbers: its operations stand in PyTorch's order, so that both pass the threshold at the
 * same step.
 *
 * @param power - β₂ᵗ
 */
export function rectification(t: number, beta2: number, power: number, threshold: number): number {
  const last = 2 / (1 - beta2) - 1;
  const length = last - (2 * t * power) / (1 - power);
  if (!(length > threshold)) return 0;
  return Math.sqrt(((length - 4) * (length - 2) * last) / ((last - 4) * (last - 2) * length));
}
