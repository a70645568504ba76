import { instantiate } from "./compile.ts";
import type { Kernels } from "./kernels.ts";

let kernels: Kernels | undefined;

function core(): Kernels {
  return (kernels ??= instantiate("f64", new WebAssembly.Memory({ initial: 1, maximum: 1 })));
}

/** ∛x, with the same bits in every engine. */
export const cbrt = (x: number): number => core().cbrt(x);

/** The angle of (x, y) from the positive x-axis, in [−π, π], with the same bits in every engine. */
export const atan2 = (y: number, x: number): number => core().atan2(y, x);

/** cos x, with the same bits in every engine (`Math.cos` differs between them). */
export const cos = (x: number): number => core().cos(x);

/** eˣ, with the same bits in every engine. */
export const exp = (x: number): number => core().exp(x);

/** ln x, with the same bits in every engine. */
export const log = (x: number): number => core().log(x);

/** ln(1 + x), with the same bits in every engine. */
export const log1p = (x: number): number => core().log1p(x);

/** baseᵉˣᵖᵒⁿᵉⁿᵗ, with the same bits in every engine. */
export const pow = (base: number, exponent: number): number => core().pow(base, exponent);

/** sin x, with the same bits in every engine. */
export const sin = (x: number): number => core().sin(x);

/** tanh x, with the same bits in every engine. */
export const tanh = (x: number): number => core().tanh(x);
