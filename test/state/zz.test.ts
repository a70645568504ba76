import { test } from "vitest";
import { hammer } from "../../scripts/fuzz/hammer.mjs";
import { fuzzTargets } from "../../scripts/fuzz/targets.mjs";
import * as thalweg from "../../src/index.ts";
import { seal } from "../../src/state/checksum.ts";
test("x", () => {
  for (const limit of [10, 0, 10, 0]) {
    Error.stackTraceLimit = limit;
    const c = process.cpuUsage();
    hammer({ targets: fuzzTargets(thalweg), random: new thalweg.Random(2), seal, count: 100000 });
    console.log(limit, process.cpuUsage(c).user / 1e6);
  }
});
