import { sweepCompiled } from "./compiled-sweep.ts";
import type { Lanes, SweepOutcome, SweepRequest } from "./lanes.ts";
import type { DynamicalMap } from "./map.ts";
import { sweepPlainly } from "./plain-sweep.ts";

/** Runs the lanes of a sweep: in the core where the map is compiled, else in JavaScript. */
export function sweepLanes(map: DynamicalMap, lanes: Lanes, request: SweepRequest): SweepOutcome {
  return map.compiled ? sweepCompiled(map.compiled, lanes, request) : sweepPlainly(map, lanes, request);
}
