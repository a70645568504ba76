import type { Curvature } from "../curvature/curvature.ts";
import type { MinimizeResult } from "../descent/run.ts";
import type { Audit } from "./audit.ts";
import type { RunHistory } from "./descend.ts";
import type { quality } from "./model.ts";
import type { DataProblem } from "./problem.ts";
import type { Separation } from "./separation.ts";

/** Everything that a fit came to. */
export interface Fit {
  readonly problem: DataProblem;
  readonly result: MinimizeResult;
  /** Why the rule or its rate are what they are, where they were not given. */
  readonly choice?: string;
  readonly history: RunHistory;
  readonly separation?: Separation;
  /** Curvature where the run began, and where it ended unless it diverged. */
  readonly atStart: Curvature;
  readonly atEnd?: Curvature;
  readonly audit: Audit;
  readonly coefficients: Float64Array;
  readonly training: ReturnType<typeof quality>;
  readonly test?: { n: number } & ReturnType<typeof quality>;
}
