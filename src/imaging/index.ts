// What the package exports of the room of images.
export { type BlurOperator, type BlurOptions, type BlurProductOptions, blur } from "./blur.ts";
export type { BlurInput, DefocusBlur, GaussianBlur, KernelBlur, MotionBlur } from "./blur-kernel.ts";
export type { Boundary } from "./bound-blur.ts";
export { type DeblurringOptions, deblurring } from "./deblurring.ts";
export { type PsnrOptions, psnr } from "./psnr.ts";
