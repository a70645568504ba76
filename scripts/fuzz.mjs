// Loads changed state files by the million: npm run fuzz -- [count] [seed]. See scripts/fuzz/hammer.mjs for what is held to.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import * as thalweg from "thalweg";
import { hammer } from "./fuzz/hammer.mjs";
import { fuzzTargets } from "./fuzz/targets.mjs";

const [count = 1_000_000, seed = 0] = process.argv.slice(2).map(Number);

// What seals a file is not public: it is taken from the source.
const bundle = await build({
  entryPoints: [fileURLToPath(new URL("../src/state/checksum.ts", import.meta.url))],
  bundle: true,
  write: false,
  format: "esm",
});
const { seal } = await import(`data:text/javascript,${encodeURIComponent(bundle.outputFiles[0].text)}`);

const begin = performance.now();
const targets = fuzzTargets(thalweg);
const random = new thalweg.Random(seed);
const { accepted, refused, sentences, longest } = hammer({ targets, random, seal, count });
const seconds = (performance.now() - begin) / 1000;

console.table(
  Object.fromEntries(
    Object.keys(refused).map((way) => [way, { refused: refused[way], accepted: accepted[way] }]),
  ),
);
for (const [sentence, times] of [...sentences].sort(([, a], [, b]) => b - a).slice(0, 20)) {
  console.log(String(times).padStart(8), sentence);
}
console.log(
  `${count} changed files (seed ${seed}) in ${seconds.toFixed(1)} s; the longest load took ${longest.toFixed(2)} ms`,
);
