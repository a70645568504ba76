// Noisy descents on a landscape of two valleys: thousands of runs, each with a random stream of its own. What a run does
// depends on its stream alone, not on which runs are under way beside it.
import { countLanes, mulAdd, scalar, splat } from "../lanes";
import { DRAWN, PER_BLOCK, ROW, STREAMS, drawStreams, setStreamKey } from "../random/streams";

/** The data in the workspace, as src/dynamics/noise/valley-runs.ts lays them out. */
// @ts-ignore: decorator
@unmanaged
class RunData {
  runs: u32;
  /** The most steps of a run. */
  steps: u32;
  /** Which part of its stream a run draws from, and the seed of the streams. */
  part: u32;
  seedLow: u32;
  seedHigh: u32;
  /** What the landscape, the noise and the rate are: see the indices below. */
  table: usize;
  /** The runs that are under way: where they are, which they are, the blocks of their streams and the steps that are used. */
  x: usize;
  streams: usize;
  blocks: usize;
  taken: usize;
  /** Per run under way, what was counted. */
  counts: usize;
  /** Random numbers. */
  noise: usize;
  /** Of all runs: the step of the first passage, or the steps on the right. */
  result: usize;
  /** Of all runs: where they end. */
  ends: usize;
}

// The table. Slopes are curvature·(x − centre) left of the first joint, between the joints, and right of the second.
// @ts-ignore: decorator
@inline const FIRST_JOINT: i32 = 0;
// @ts-ignore: decorator
@inline const SECOND_JOINT: i32 = 1;
// @ts-ignore: decorator
@inline const CURVATURES: i32 = 2;
// @ts-ignore: decorator
@inline const CENTRES: i32 = 5;
/** The deviation of the gradient left and right of the pass. */
// @ts-ignore: decorator
@inline const DEVIATIONS: i32 = 8;
// @ts-ignore: decorator
@inline const RATE: i32 = 10;
/** ±1, and the target times that: a run has arrived when x times the first is at least the second. */
// @ts-ignore: decorator
@inline const DIRECTION: i32 = 11;
// @ts-ignore: decorator
@inline const TARGET: i32 = 12;
// @ts-ignore: decorator
@inline const START: i32 = 13;
/** ∞. */
// @ts-ignore: decorator
@inline const INFINITE: i32 = 14;

/** The next x of noisy descent, x − η(g + deviation·ξ). */
// @ts-ignore: decorator
@inline
function next(x: v128, noise: v128, table: usize): v128 {
  const left = v128.lt<real>(x, scalar(table, FIRST_JOINT));
  const inner = v128.lt<real>(x, scalar(table, SECOND_JOINT));
  const curvature = v128.bitselect(
    scalar(table, CURVATURES),
    v128.bitselect(scalar(table, CURVATURES + 1), scalar(table, CURVATURES + 2), inner),
    left,
  );
  const centre = v128.bitselect(
    scalar(table, CENTRES),
    v128.bitselect(scalar(table, CENTRES + 1), scalar(table, CENTRES + 2), inner),
    left,
  );
  const before = v128.lt<real>(x, scalar(table, CENTRES + 1));
  const deviation = v128.bitselect(scalar(table, DEVIATIONS), scalar(table, DEVIATIONS + 1), before);
  const slope = v128.mul<real>(curvature, v128.sub<real>(x, centre));
  return v128.sub<real>(x, v128.mul<real>(scalar(table, RATE), mulAdd(deviation, noise, slope)));
}

/** Whether a run is at its target or beyond; one that has left the finite numbers is nowhere. */
// @ts-ignore: decorator
@inline
function isThere(x: v128, table: usize): v128 {
  const way = v128.mul<real>(x, scalar(table, DIRECTION));
  return v128.and(v128.ge<real>(way, scalar(table, TARGET)), v128.lt<real>(way, scalar(table, INFINITE)));
}

/** Whether a run is right of the pass. */
// @ts-ignore: decorator
@inline
function isRight(x: v128, table: usize): v128 {
  return v128.ge<real>(x, scalar(table, CENTRES + 1));
}

/** Stores the counters of a register's lanes as 32-bit words. */
// @ts-ignore: decorator
@inline
function storeCounts(counts: v128, out: usize): void {
  if (sizeof<real>() == 8) v128.store64_lane(out, v128.shuffle<i32>(counts, counts, 0, 2, 0, 2), 0);
  else v128.store(out, counts);
}

/**
 * Takes `steps` steps of the runs under way and counts, of each, those before it arrived (`escaping`), or those after which it is
 * right of the pass. Two registers a turn hide what each waits for.
 */
// @ts-ignore: decorator
@inline
function walk(escaping: bool, data: RunData, steps: i32): void {
  const table = data.table;
  const rows = data.noise + (<usize>steps) * ROW;
  for (let i: usize = 0; i < ROW; i += 32) {
    let x = v128.load(data.x + i), y = v128.load(data.x + i, 16);
    let countX = splat(0), countY = splat(0);
    let waysX = v128.eq<i32>(countX, countX), waysY = waysX;
    for (let noise = data.noise + i, last = rows + i; noise < last; noise += ROW) {
      x = next(x, v128.load(noise), table);
      y = next(y, v128.load(noise, 16), table);
      if (escaping) {
        waysX = v128.andnot(waysX, isThere(x, table));
        waysY = v128.andnot(waysY, isThere(y, table));
        countX = countLanes(countX, waysX);
        countY = countLanes(countY, waysY);
      } else {
        countX = countLanes(countX, isRight(x, table));
        countY = countLanes(countY, isRight(y, table));
      }
    }
    v128.store(data.x + i, x);
    v128.store(data.x + i, y, 16);
    const lane = data.counts + i / sizeof<real>() * 4;
    storeCounts(countX, lane);
    storeCounts(countY, lane + 64 / sizeof<real>());
  }
}

/** Puts run `run` at its start in a lane. */
function begin(data: RunData, lane: i32, run: u32): void {
  const word = (<usize>lane) << 2;
  store<real>(data.x + (<usize>lane) * sizeof<real>(), load<real>(data.table + <usize>START * sizeof<real>()));
  store<u32>(data.streams + word, run);
  store<u32>(data.blocks + word, 0);
  store<u32>(data.taken + word, 0);
}

/**
 * Writes the step at which each run first arrives at its target, 0 where it does not within its steps. A run that has
 * ended gives its lane to the next one.
 */
export function firstPassages(address: usize): void {
  const data = changetype<RunData>(address);
  setStreamKey(data.seedLow, data.seedHigh);
  const runs = data.runs, steps = data.steps;
  let started: u32 = 0, ended: u32 = 0;
  for (let lane = 0; lane < STREAMS; lane++) begin(data, lane, started++);
  while (ended < runs) {
    drawStreams(data.streams, data.blocks, data.part, data.noise);
    walk(true, data, DRAWN);
    for (let lane = 0; lane < STREAMS; lane++) {
      const word = (<usize>lane) << 2;
      const run = load<u32>(data.streams + word);
      if (run >= runs) continue;
      const before = load<u32>(data.taken + word);
      const now = before + load<u32>(data.counts + word);
      if (now == before + DRAWN && now < steps) {
        store<u32>(data.taken + word, now);
        store<u32>(data.blocks + word, load<u32>(data.blocks + word) + DRAWN / PER_BLOCK);
        continue;
      }
      store<u32>(data.result + ((<usize>run) << 2), now < steps ? now + 1 : 0);
      ended++;
      begin(data, lane, started++);
    }
  }
}

/** Takes all steps of every run; writes how many of them ended right of the pass, and where the last one did. */
export function stepsOnTheRight(address: usize): void {
  const data = changetype<RunData>(address);
  setStreamKey(data.seedLow, data.seedHigh);
  const runs = data.runs, steps = data.steps;
  for (let first: u32 = 0; first < runs; first += STREAMS) {
    const used = <i32>min<u32>(STREAMS, runs - first);
    for (let lane = 0; lane < STREAMS; lane++) begin(data, lane, first + lane);
    for (let taken: u32 = 0; taken < steps; taken += DRAWN) {
      drawStreams(data.streams, data.blocks, data.part, data.noise);
      walk(false, data, <i32>min<u32>(DRAWN, steps - taken));
      for (let lane = 0; lane < STREAMS; lane++) {
        const word = (<usize>lane) << 2;
        store<u32>(data.taken + word, load<u32>(data.taken + word) + load<u32>(data.counts + word));
        store<u32>(data.blocks + word, load<u32>(data.blocks + word) + DRAWN / PER_BLOCK);
      }
    }
    memory.copy(data.result + ((<usize>first) << 2), data.taken, (<usize>used) << 2);
    memory.copy(data.ends + (<usize>first) * sizeof<real>(), data.x, (<usize>used) * sizeof<real>());
  }
}
