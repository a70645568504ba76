/**
 * The gradient as PyTorch's rules take it in: negated to ascend, and with the pull of the weight
 * decay added (L2: the gradient of weightDecay·‖x‖²/2).
 */
export function effectiveGradient(
  { x, g }: { readonly x: number; readonly g: number },
  { weightDecay, maximize }: { readonly weightDecay: number; readonly maximize: boolean },
): number {
  return (maximize ? -g : g) + weightDecay * x;
}
