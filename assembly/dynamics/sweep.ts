// Sweeps: thousands of lanes, each with a rate and a start of its own, advance together. No lane's result depends
// on the others: what they share are blocks of steps, and those give the same bits as steps one by one.
import { splat } from "../lanes";
import { advance, advanceUnwatched } from "./advance";
import { A, ARRAY, B, C, CHUNK, D, EXPONENT, RATE, STATE, STATE_AND_PRODUCT, X, Y } from "./chunk";
import { PRODUCT } from "./slope";
import { HEAVY_BALL } from "./step";

/** The data in the workspace, as src/dynamics/maps/compiled-sweep.ts lays them out. */
// @ts-ignore: decorator
@unmanaged
class SweepData {
  kind: i32;
  method: i32;
  chunks: i32;
  /** Not 0 where a lane that is at 2 or more may come back, so that every step has to be watched. */
  watched: i32;
  /** Coefficients of the slope: see slope.ts and step.ts. */
  table: usize;
  /** The chunks, one behind the other. */
  lanes: usize;
  /** Per lane, the step at which it passed the bound, or −1. */
  escapes: usize;
}

/** Steps between looks at whether a lane has passed the bound. */
// @ts-ignore: decorator
@inline const BLOCK: i32 = 128;
/** Steps between renormalisations of the Jacobians: their factors may go up to 2^±29 (f32) and 2^±126 (f64). */
// @ts-ignore: decorator
@inline const RUN: i32 = sizeof<real>() == 8 ? 8 : 4;
/** Lanes of a chunk. */
// @ts-ignore: decorator
@inline const LANES_OF_CHUNK: i32 = <i32>(ARRAY / sizeof<real>());

const SAVED = memory.data(3584, 16);
const MASK = memory.data(16, 16);

/** Whether a coordinate was 2 or more in magnitude, or not finite: exactly those numbers have the exponent's highest bit. */
// @ts-ignore: decorator
@inline
function reachedTwo(seen: v128): bool {
  const bit = sizeof<real>() == 8 ? i64x2.splat(0x4000000000000000) : i32x4.splat(0x40000000);
  return v128.any_true(v128.and(seen, bit));
}

/** Where the escapes of a chunk's lanes are. */
// @ts-ignore: decorator
@inline
function escapesOf(data: SweepData, index: i32): usize {
  return data.escapes + ((<usize>(index * LANES_OF_CHUNK)) << 2);
}

/** Whether any lane of a chunk has not escaped. */
function isUnderWay(data: SweepData, index: i32): bool {
  const escapes = escapesOf(data, index);
  for (let lane = 0; lane < LANES_OF_CHUNK; lane++) {
    if (load<i32>(escapes + ((<usize>lane) << 2)) < 0) return true;
  }
  return false;
}

/**
 * Notes the lanes of a chunk that are beyond the bound after `taken` steps, and lets them rest at 0 with a rate of
 * 0. Returns whether there were any.
 */
function mark(data: SweepData, index: i32, bound: f64, taken: i32): bool {
  const chunk = data.lanes + (<usize>index) * CHUNK;
  const limit = splat(bound);
  let found = false;
  for (let i: usize = 0; i < ARRAY; i += 16) {
    const p = chunk + i;
    let inside = v128.le<real>(v128.abs<real>(v128.load(p, X)), limit);
    if (data.kind == PRODUCT) inside = v128.and(inside, v128.le<real>(v128.abs<real>(v128.load(p, Y)), limit));
    if (sizeof<real>() == 8 ? i64x2.all_true(inside) : i32x4.all_true(inside)) continue;
    found = true;
    v128.store(MASK, inside);
    for (let at: usize = 0; at < 16; at += sizeof<real>()) {
      if (load<i32>(MASK + at) != 0) continue;
      const escape = escapesOf(data, index) + (((i + at) / sizeof<real>()) << 2);
      if (load<i32>(escape) < 0) store<i32>(escape, taken);
      store<real>(p + at, 0, X);
      store<real>(p + at, 0, Y);
      store<real>(p + at, 0, RATE);
    }
  }
  return found;
}

/** Takes the powers of two out of the products of a chunk: exactly, and steps of 8, so that no exponent overflows. */
function renormalize(chunk: usize, square: bool): void {
  const f64s = sizeof<real>() == 8;
  const mask = f64s ? i64x2.splat(0x7f80000000000000) : i32x4.splat(0x7c000000);
  const twice = f64s ? i64x2.splat(0x7fe0000000000000) : i32x4.splat(0x7f000000);
  const bias = f64s ? i64x2.splat(1023) : i32x4.splat(127);
  for (let p = chunk, end = chunk + ARRAY; p < end; p += 16) {
    const a = v128.load(p, A);
    let largest = v128.abs<real>(a);
    if (square) {
      largest = v128.pmax<real>(largest, v128.abs<real>(v128.load(p, B)));
      largest = v128.pmax<real>(largest, v128.abs<real>(v128.load(p, C)));
      largest = v128.pmax<real>(largest, v128.abs<real>(v128.load(p, D)));
    }
    const exponent = v128.and(largest, mask);
    const factor = f64s ? v128.sub<i64>(twice, exponent) : v128.sub<i32>(twice, exponent);
    const taken = f64s
      ? v128.sub<i64>(v128.shr<u64>(exponent, 52), bias)
      : v128.sub<i32>(v128.shr<u32>(exponent, 23), bias);
    const sum = v128.load(p, EXPONENT);
    v128.store(p, f64s ? v128.add<i64>(sum, taken) : v128.add<i32>(sum, taken), EXPONENT);
    v128.store(p, v128.mul<real>(a, factor), A);
    if (square) {
      v128.store(p, v128.mul<real>(v128.load(p, B), factor), B);
      v128.store(p, v128.mul<real>(v128.load(p, C), factor), C);
      v128.store(p, v128.mul<real>(v128.load(p, D), factor), D);
    }
  }
}

/** Whether a state has two numbers a lane. */
// @ts-ignore: decorator
@inline
function isSquare(data: SweepData): bool {
  return data.kind == PRODUCT || data.method >= HEAVY_BALL;
}

/** Takes `steps` (≤ BLOCK) steps of a chunk; with Jacobians in runs, each followed by a renormalisation. */
function block(data: SweepData, tangent: bool, chunk: usize, steps: i32): v128 {
  const kind = data.kind, method = data.method, table = data.table;
  if (!tangent) {
    return data.watched
      ? advance(kind, method, false, chunk, steps, table)
      : advanceUnwatched(kind, method, chunk, steps, table);
  }
  let seen = splat(0);
  for (; steps > 0; steps -= RUN) {
    seen = v128.or(seen, advance(kind, method, true, chunk, min(steps, RUN), table));
    renormalize(chunk, isSquare(data));
  }
  return seen;
}

/**
 * Takes `steps` steps of every lane, after `taken` before; with `tangent` the product of the Jacobians goes along.
 * Coordinates are scaled by a power of two, such that the bound is 2 or more. A block in which a lane got there
 * is taken again, step by step.
 */
export function sweep(address: usize, tangent: bool, bound: f64, taken: i32, steps: i32): void {
  const data = changetype<SweepData>(address);
  const size = tangent ? STATE_AND_PRODUCT : STATE;
  for (let index = 0; index < data.chunks; index++) {
    const chunk = data.lanes + (<usize>index) * CHUNK;
    mark(data, index, bound, taken);
    if (!isUnderWay(data, index)) continue;
    for (let done = 0; done < steps; ) {
      const next = min(BLOCK, steps - done);
      memory.copy(SAVED, chunk, size);
      if (!reachedTwo(block(data, tangent, chunk, next))) {
        done += next;
        continue;
      }
      memory.copy(chunk, SAVED, size);
      let found = false;
      for (let step = 1; step <= next; step++) {
        advance(data.kind, data.method, tangent, chunk, 1, data.table);
        // After the same steps as in a block, since what is lost below the range must not depend on other lanes.
        if (tangent && (step % RUN == 0 || step == next)) renormalize(chunk, isSquare(data));
        if (mark(data, index, bound, taken + done + step)) found = true;
      }
      if (found && !isUnderWay(data, index)) break;
      done += next;
    }
  }
}

/**
 * Takes `steps` steps of every lane, after `taken` before, and writes where it is after each, times `unit`:
 * `steps` entries a lane, or as many pairs, one lane behind the other.
 */
export function sweepInto(
  address: usize, bound: f64, unit: f64, taken: i32, steps: i32, out: usize,
): void {
  const data = changetype<SweepData>(address);
  const pairs = data.kind == PRODUCT;
  const size = sizeof<real>() << (pairs ? 1 : 0);
  const row = (<usize>steps) * size;
  const factor = splat(unit);
  for (let index = 0; index < data.chunks; index++) {
    const chunk = data.lanes + (<usize>index) * CHUNK;
    const first = out + (<usize>(index * LANES_OF_CHUNK)) * row;
    mark(data, index, bound, taken);
    if (!isUnderWay(data, index)) continue;
    for (let done = 0; done < steps; done++) {
      if (reachedTwo(advance(data.kind, data.method, false, chunk, 1, data.table))) {
        mark(data, index, bound, taken + done + 1);
      }
      let to = first + (<usize>done) * size;
      for (let p = chunk, end = chunk + ARRAY; p < end; p += 16) {
        v128.store(MASK, v128.mul<real>(v128.load(p, X), factor));
        for (let at: usize = 0; at < 16; at += sizeof<real>()) {
          store<real>(to + at / sizeof<real>() * row, load<real>(MASK + at));
        }
        if (pairs) {
          v128.store(MASK, v128.mul<real>(v128.load(p, Y), factor));
          for (let at: usize = 0; at < 16; at += sizeof<real>()) {
            store<real>(to + at / sizeof<real>() * row + sizeof<real>(), load<real>(MASK + at));
          }
        }
        to += row * (16 / sizeof<real>());
      }
    }
  }
}

// @ts-ignore: decorator
@inline const LN2: f64 = 0.6931471805599453;

/** Writes ln ‖product of the Jacobians‖ / steps of every lane as f64; the norm is Frobenius', of the identity 1. */
export function lyapunovInto(address: usize, steps: i32, out: usize): void {
  const data = changetype<SweepData>(address);
  const square = isSquare(data);
  for (let index = 0; index < data.chunks; index++) {
    const chunk = data.lanes + (<usize>index) * CHUNK;
    for (let p = chunk, end = chunk + ARRAY; p < end; p += sizeof<real>()) {
      const a = <f64>load<real>(p, A);
      let size = Math.abs(a);
      if (square) {
        const b = <f64>load<real>(p, B), c = <f64>load<real>(p, C), d = <f64>load<real>(p, D);
        size = Math.sqrt((a * a + b * b + (c * c + d * d)) / 2);
      }
      const exponent = sizeof<real>() == 8 ? <f64>load<i64>(p, EXPONENT) : <f64>load<i32>(p, EXPONENT);
      store<f64>(out, (NativeMath.log(size) + LN2 * exponent) / <f64>steps);
      out += 8;
    }
  }
}
