// What is measured. A case prepares two sides or more on the same numbers: `run(times)` does the work,
// `result()` says what came of it, which has to agree before anything is timed. Every case runs in a
// process of its own, since V8 compiles for the types that a function has met so far.
import { escapeCases } from "./cases/escapes.mjs";
import { blurCases } from "./cases/images.mjs";
import { eigenCases, matrixCases } from "./cases/matrices.mjs";
import { objectiveCases } from "./cases/objectives.mjs";
import { adamCases, registryCases } from "./cases/rules.mjs";
import { bifurcationCases, rateSweepCases } from "./cases/sweeps.mjs";

/** Every case, in the order of the table. */
export const cases = [
  ...adamCases(),
  ...registryCases(),
  ...objectiveCases(),
  ...matrixCases(),
  ...eigenCases(),
  ...rateSweepCases(),
  ...bifurcationCases(),
  ...blurCases(),
  ...escapeCases(),
];
