import { hasRoom, sweepCompiled } from "./compiled-sweep.ts";
import type { Lanes, SweepOutcome, SweepRequest } from "./lanes.ts";
import type { DynamicalMap } from "./map.ts";
import { sweepPlainly } from "./plain-sweep.ts";

/** Numbers that a sweep may return: 8 GiB. */
const MOST_NUMBERS = 2 ** 30;

/**
 * Runs the lanes of a sweep: in the core where the map is compiled (but for bounds next to 0), else in JavaScript.
 *
 * @throws RangeError where more points are asked for than a memory holds
 */
export function sweepLanes(
  owner: string,
  map: DynamicalMap,
  lanes: Lanes,
  request: SweepRequest,
): SweepOutcome {
  const { keep = 0 } = request;
  if (lanes.count * keep * map.dimension > MOST_NUMBERS) {
    throw new RangeError(
      `${owner}: ${lanes.count} lanes of ${keep} points each are more than a memory holds; run fewer at a time`,
    );
  }
  const { compiled } = map;
  return compiled && hasRoom(compiled, lanes)
    ? sweepCompiled(compiled, lanes, request)
    : sweepPlainly(map, lanes, request);
}
