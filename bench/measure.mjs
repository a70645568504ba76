// Times two or more ways of doing the same work against one another: in rounds that alternate between
// them, so that whatever slows the machine for a while slows all of them.
import { Bench } from "tinybench";

const ROUNDS = 21;
/** Milliseconds per side and round, and of warm-up: the optimising compilers have done their work by then. */
const ROUND_TIME = 5;
const WARM_UP = 80;
/** A sample lasts this long at least, in milliseconds, so that reading the clock does not count. */
const SAMPLE = 0.05;

/** The value at share `p` of the sorted values, interpolated. */
function quantile(values, p) {
  const sorted = Float64Array.from(values).sort();
  const at = p * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

/** How often `run` has to repeat its work to fill a sample. */
function repeatsOf(run) {
  const from = performance.now();
  while (performance.now() - from < WARM_UP) run(1);
  for (let times = 1; ; times *= 2) {
    const start = performance.now();
    run(times);
    if (performance.now() - start >= SAMPLE) return times;
  }
}

/**
 * How many times as long the fastest of `peers` takes as `ours`: the median over the rounds of the
 * ratio of the two median times within a round, and its quartiles. Each side is a function
 * `run(times)` that does the work so many times.
 */
export function compare(ours, peers) {
  const names = ["ours", ...Object.keys(peers)];
  const bench = new Bench({
    iterations: 1,
    time: ROUND_TIME,
    warmup: false,
    warmupIterations: 1,
    warmupTime: WARM_UP,
    throws: true,
  });
  const sides = names.map((name, i) => {
    const run = i === 0 ? ours : peers[name];
    const repeats = repeatsOf(run);
    bench.add(name, () => run(repeats), { async: false });
    const task = bench.getTask(name);
    task.warmupSync();
    return { task, repeats, times: [] };
  });
  for (let round = 0; round < ROUNDS; round++) {
    for (let turn = 0; turn < sides.length; turn++) {
      const { task, repeats, times } = sides[(round + turn) % sides.length];
      task.reset();
      task.runSync();
      times.push(task.result.latency.p50 / repeats);
    }
  }
  const [own, ...others] = sides.map(({ times }) => times);
  const medians = others.map((times) => quantile(times, 0.5));
  const fastest = medians.indexOf(Math.min(...medians));
  const ratios = others[fastest].map((time, round) => time / own[round]);
  return {
    peer: names[fastest + 1],
    ratio: quantile(ratios, 0.5),
    low: quantile(ratios, 0.25),
    high: quantile(ratios, 0.75),
  };
}
