import type { MinimizeResult } from "../descent/run.ts";
import type { BlurInput, BlurOperator, Boundary } from "../imaging/index.ts";
import type { Picture } from "./picture.ts";

/** How an image may be descended to. */
export const deblurMethods = ["fista", "gradient-descent"] as const;

/** What pixels may be: from 0 to 1, from 0 on, anything. */
export const boundKinds = ["range", "non-negative", "none"] as const;

/** What a channel's descent came to. */
export interface ChannelRun {
  readonly channel: string;
  readonly steps: number;
  readonly reason: MinimizeResult["reason"] | "noise";
  /** ‖Ax − b‖/√n: what is left a pixel. */
  readonly residual: number;
}

/** Everything that a deblurring came to. */
export interface Deblurring {
  readonly file: string;
  readonly picture: Picture;
  readonly text: string;
  readonly input: BlurInput;
  readonly operator: BlurOperator;
  readonly boundary: Boundary;
  readonly tikhonov: number;
  readonly method: (typeof deblurMethods)[number];
  readonly bounds: (typeof boundKinds)[number];
  /** ‖A‖², and where it comes from. */
  readonly lambdaMax: number;
  readonly lambdaMaxFrom: "transform" | "power iteration";
  readonly learningRate: number;
  /** The noise's deviation, where it is known. */
  readonly noise?: number;
  readonly runs: readonly ChannelRun[];
  /** Against the sharp image, where that was given. */
  readonly psnr?: { readonly before: number; readonly after: number };
  readonly save?: string;
}
