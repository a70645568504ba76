import { expect, test } from "vitest";
import { hammer } from "../../scripts/fuzz/hammer.mjs";
import { fuzzTargets } from "../../scripts/fuzz/targets.mjs";
import * as thalweg from "../../src/index.ts";
import { seal } from "../../src/state/checksum.ts";

test("[state] a hundred thousand changed files are refused, changing nothing, or are the state that they say", () => {
  const random = new thalweg.Random(2);
  const targets = fuzzTargets(thalweg);
  const { accepted, refused, sentences } = hammer({ targets, random, seal, count: 100_000 });
  expect(Object.values(refused).reduce((sum, times) => sum + times)).toBeGreaterThan(80_000);
  // Files get past the checksum to what is looked at behind it, and some are states as good as any.
  expect(sentences.size).toBeGreaterThan(20);
  for (const way of ["otherData", "number", "sealedFlip"]) expect(accepted[way]).toBeGreaterThan(0);
});
