import { chebyshevDeclaration } from "./chebyshev.ts";
import {
  joinDeclaration,
  productDeclaration,
  repeatDeclaration,
  warmupDeclaration,
  warmupFromDeclaration,
} from "./compose.ts";
import { cosineAnnealingDeclaration, cosineDecayDeclaration, cosineRestartsDeclaration } from "./cosines.ts";
import { rexDeclaration, sigmoidDecayDeclaration, tanhDecayDeclaration } from "./curves.ts";
import { cyclicDeclaration, oneCycleDeclaration } from "./cycles.ts";
import {
  constantDeclaration,
  cosineDeclaration,
  exponentialDeclaration,
  linearDeclaration,
  polynomialDeclaration,
  stepDecayDeclaration,
} from "./decay.ts";
import type { AnyScheduleDeclaration } from "./define.ts";
import { exponentialDecayDeclaration } from "./exponential-decay.ts";
import { inverseSquareRootDeclaration, inverseTimeDeclaration, noamDeclaration } from "./inverse.ts";
import {
  multiStepDeclaration,
  piecewiseConstantDeclaration,
  piecewiseInterpolateDeclaration,
} from "./piecewise.ts";
import { reduceOnPlateauDeclaration } from "./plateau.ts";
import { polynomialCycleDeclaration } from "./polynomial-cycle.ts";
import { silverDeclaration, silverStronglyConvexDeclaration } from "./silver.ts";
import { wsdDeclaration } from "./wsd.ts";

/**
 * Every kind of schedule by its name: what parsing, the command line, tables and tests loop over.
 *
 * @example
 * ```ts
 * import { schedules } from "thalweg";
 * Object.keys(schedules).includes("cosine"); // true
 * schedules.exponential.formula; // "from·factorᵗ"
 * ```
 */
export const schedules: Readonly<Record<string, AnyScheduleDeclaration>> = Object.freeze(
  Object.fromEntries(
    [
      constantDeclaration,
      exponentialDeclaration,
      exponentialDecayDeclaration,
      stepDecayDeclaration,
      multiStepDeclaration,
      piecewiseConstantDeclaration,
      piecewiseInterpolateDeclaration,
      linearDeclaration,
      polynomialDeclaration,
      polynomialCycleDeclaration,
      cosineDeclaration,
      cosineDecayDeclaration,
      cosineAnnealingDeclaration,
      cosineRestartsDeclaration,
      inverseTimeDeclaration,
      inverseSquareRootDeclaration,
      noamDeclaration,
      rexDeclaration,
      tanhDecayDeclaration,
      sigmoidDecayDeclaration,
      oneCycleDeclaration,
      cyclicDeclaration,
      wsdDeclaration,
      warmupDeclaration,
      warmupFromDeclaration,
      repeatDeclaration,
      joinDeclaration,
      productDeclaration,
      reduceOnPlateauDeclaration,
      chebyshevDeclaration,
      silverDeclaration,
      silverStronglyConvexDeclaration,
    ].map((declaration: AnyScheduleDeclaration) => [declaration.name, declaration]),
  ),
);
