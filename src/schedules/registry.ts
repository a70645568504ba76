import { joinDeclaration, repeatDeclaration, warmupDeclaration } from "./compose.ts";
import {
  constantDeclaration,
  cosineDeclaration,
  exponentialDeclaration,
  linearDeclaration,
  polynomialDeclaration,
  stepDecayDeclaration,
} from "./decay.ts";
import type { AnyScheduleDeclaration } from "./define.ts";

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
      stepDecayDeclaration,
      linearDeclaration,
      polynomialDeclaration,
      cosineDeclaration,
      warmupDeclaration,
      repeatDeclaration,
      joinDeclaration,
    ].map((declaration: AnyScheduleDeclaration) => [declaration.name, declaration]),
  ),
);
