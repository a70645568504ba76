import type { Kernels, Pointer } from "../../core/kernels.ts";
import { elementBytes, type Precision, type RealArray } from "../../core/precision.ts";
import { Workspace } from "../../core/workspace.ts";
import {
  derivativeOf,
  isMonic,
  type PolynomialSlope,
  type SineSlope,
  type Slope,
} from "../../objectives/slope.ts";
import type { Lanes, SweepOutcome, SweepRequest } from "./lanes.ts";
import type { CompiledMap, MomentumForm } from "./map.ts";

/** What the kernels know a map by: assembly/dynamics/slope.ts, step.ts and chunk.ts are the other side. */
const kinds = { quadratic: 0, cubic: 1, polynomial: 2, sine: 3, product: 4 } as const;
const methods = { descent: 0, affine: 1, heavyBall: 2, momentum: 3 } as const;
const TABLE = { derivative: 8, keep: 16, offset: 17, one: 18, length: 19 } as const;
const CHUNK_BYTES = 6144;
const ARRAY_BYTES = 512;
const CHUNK_ARRAYS = CHUNK_BYTES / ARRAY_BYTES;
const arrays = {
  x: 0,
  y: 1,
  a: 2,
  b: 3,
  c: 4,
  d: 5,
  exponent: 6,
  rate: 7,
  keep: 8,
  take: 9,
  along: 10,
  direct: 11,
} as const;

/** Bytes of kept points that a workspace has room for, or a chunk's at one step. */
const MOST_BYTES = 2 ** 24;

/** A map in coordinates y = x·2ᵖ, such that a lane at the bound is at 2 or more. */
interface ScaledMap {
  readonly kind: number;
  readonly method: number;
  readonly table: Float64Array;
  /** x / y. */
  readonly unit: number;
  /** What rates are multiplied by. */
  readonly rateFactor: number;
  /** The least rate, multiplied by its factor, from which on whoever is at 2 or more is at least twice as far out after each step. */
  readonly absorbingRate: number;
  readonly form?: (momentum: number) => MomentumForm;
}

/** Exponents of 2 that powers of scaled coordinates may reach without leaving the range of normal numbers by far. */
const roomyExponent = { f64: 400, f32: 60 } as const;

/** 2ᵖ with the largest p such that 2ᵖ ≤ bound, unless `power` powers of it would not fit into the precision. */
function unitOf(bound: number, power: number, precision: Precision): number {
  const largest = 2 ** Math.floor(roomyExponent[precision] / power);
  let unit = 1;
  while (unit * 2 <= bound && unit < largest) unit *= 2;
  while (unit > bound && unit > 1 / largest) unit /= 2;
  return unit / 2;
}

function scaleSlope(slope: Slope, bound: number, precision: Precision) {
  const table = new Float64Array(TABLE.length);
  table[TABLE.one] = 1;
  switch (slope.kind) {
    case "polynomial":
      return scalePolynomial(slope, unitOf(bound, slope.coefficients.length - 1, precision), table);
    case "sine":
      return scaleSine(slope, unitOf(bound, 1, precision), table);
    default: {
      const unit = unitOf(bound, 3, precision);
      table[0] = slope.target / unit ** 2;
      return { kind: kinds.product, table, unit, rateFactor: unit ** 2 };
    }
  }
}

/** d(x)/unit as a polynomial in y = x/unit; of two or three powers with its leading coefficient in the rate. */
function scalePolynomial({ coefficients }: PolynomialSlope, unit: number, table: Float64Array) {
  const degree = coefficients.length - 1;
  if (!isMonic(coefficients)) {
    const scaled = coefficients.map((c, k) => c * unit ** (k - 1));
    table.set(scaled);
    table.set(derivativeOf(scaled), TABLE.derivative);
    return { kind: kinds.polynomial, table, unit, rateFactor: 1 };
  }
  const lead = coefficients[degree];
  const monic = coefficients.slice(0, degree).map((c, k) => (c / lead) * unit ** (k - degree));
  table.set(degree === 2 ? [...monic, 2, 3] : [...monic, 2 * monic[2], 3]);
  return {
    kind: degree === 2 ? kinds.quadratic : kinds.cubic,
    table,
    unit,
    rateFactor: lead * unit ** (degree - 1),
  };
}

/** d(x)/unit in y = x/unit with its amplitude in the rate. */
function scaleSine(
  { amplitude, frequency, coefficients: [c0, c1] }: SineSlope,
  unit: number,
  table: Float64Array,
) {
  const turns = (frequency * unit) / Math.PI;
  table.set([c0 / amplitude, (c1 / amplitude) * unit, turns, frequency * unit]);
  return { kind: kinds.sine, table, unit, rateFactor: amplitude / unit };
}

function scaleMap(map: CompiledMap, lanes: Lanes): ScaledMap {
  const scaled = scaleSlope(map.slope, lanes.bound, lanes.precision);
  const { table, unit } = scaled;
  table[TABLE.keep] = 1;
  switch (map.method) {
    case "descent":
      return { ...scaled, method: methods.descent, absorbingRate: absorbingRate(scaled) };
    case "affine":
      table[TABLE.keep] = map.keep;
      table[TABLE.offset] = map.offset / unit;
      return { ...scaled, method: methods.affine, absorbingRate: absorbingRate(scaled) };
    default: {
      const { take, along, direct } = map.form(0.5);
      const isPlain = take === 1 && along === 1 && direct === 0;
      const method = isPlain ? methods.heavyBall : methods.momentum;
      return { ...scaled, method, absorbingRate: Infinity, form: map.form };
    }
  }
}

/**
 * Of wy + u + r·(yⁿ + bₙ₋₁yⁿ⁻¹ + … + b₀), for |y| ≥ 2: its size is at least |y|·(|r|·(2ⁿ⁻¹ − Σ|bₖ|2ᵏ⁻¹) − |w| − |u|/2), since the
 * sum in the middle grows with |y| where it is positive.
 */
function absorbingRate({ kind, table }: Pick<ScaledMap, "kind" | "table">): number {
  if (kind !== kinds.quadratic && kind !== kinds.cubic) return Infinity;
  const degree = kind === kinds.quadratic ? 2 : 3;
  let growth = 2 ** (degree - 1);
  for (let k = 0; k < degree; k++) growth -= Math.abs(table[k]) * 2 ** (k - 1);
  const against = Math.abs(table[TABLE.keep]) + Math.abs(table[TABLE.offset]) / 2;
  return growth > 0 ? (2 + against) / growth : Infinity;
}

/** Lanes in the memory of a workspace, as many at a time as it has room for. */
class CompiledLanes {
  readonly #workspace: Workspace;
  readonly #kernels: Kernels;
  readonly #data: Pointer;
  readonly #map: ScaledMap;
  readonly #lanes: Lanes;
  readonly #width: number;
  readonly #perChunk: number;
  /** Lanes that it has room for. */
  readonly room: number;
  /** Points of each that it can keep at a time. */
  readonly most: number;
  readonly #bound: number;

  constructor(map: ScaledMap, lanes: Lanes, keep: number) {
    const { count, precision, bound } = lanes;
    this.#map = map;
    this.#lanes = lanes;
    this.#width = map.kind === kinds.product ? 2 : 1;
    this.#perChunk = ARRAY_BYTES / elementBytes[precision];
    const point = this.#perChunk * this.#width * elementBytes[precision];
    this.most = Math.min(keep, Math.floor(MOST_BYTES / point));
    const affordable = Math.floor(MOST_BYTES / (point * Math.max(1, this.most)));
    const chunks = Math.min(Math.ceil(count / this.#perChunk), affordable);
    this.room = chunks * this.#perChunk;
    this.#workspace = new Workspace(
      [
        { name: "data", length: 7, kind: "u32" },
        { name: "table", length: TABLE.length },
        { name: "lanes", length: (chunks * CHUNK_BYTES) / elementBytes[precision] },
        { name: "escapes", length: this.room, kind: "u32" },
        { name: "exponents", length: this.room, kind: "f64" },
        { name: "values", length: this.room * this.most * this.#width },
      ],
      precision,
    );
    this.#kernels = this.#workspace.kernels;
    this.#data = this.#workspace.pointer("data");
    this.#bound = bound / map.unit;
    this.#workspace.real("table").set(map.table);
  }

  dispose(): void {
    this.#workspace.dispose();
  }

  /** Puts `count` lanes from `first` on at their starts. */
  begin(first: number, count: number): void {
    const workspace = this.#workspace;
    const { kind, method, rateFactor, absorbingRate } = this.#map;
    const chunks = Math.ceil(count / this.#perChunk);
    const rates = this.#lanes.rates.subarray(first, first + count);
    const isAbsorbed = rates.every((rate) => Math.abs(rate * rateFactor) >= absorbingRate);
    const addresses = ["table", "lanes", "escapes"].map((name) => workspace.pointer(name));
    workspace.u32("data").set([kind, method, chunks, isAbsorbed ? 0 : 1, ...addresses]);
    workspace.real("lanes").fill(0);
    // Lanes that fill the last chunk up count as escaped.
    workspace.u32("escapes").fill(0).fill(-1, 0, count);
    for (let chunk = 0; chunk < chunks; chunk++) {
      const from = first + chunk * this.#perChunk;
      this.#fillChunk(chunk, from, Math.min(this.#perChunk, first + count - from));
    }
  }

  /** Puts `used` lanes from `from` on into a chunk of zeros. */
  #fillChunk(chunk: number, from: number, used: number): void {
    const { unit, rateFactor, form } = this.#map;
    const { rates, momenta, starts } = this.#lanes;
    const width = this.#width;
    const room = this.#perChunk;
    const at = this.#workspace.pointer("lanes") + chunk * CHUNK_BYTES;
    // One view of all arrays: making a view takes as long as filling twenty lanes.
    const lanes = this.#workspace.realAt(at, room * CHUNK_ARRAYS);
    const perUnit = 1 / unit;
    for (let i = 0; i < used; i++) {
      lanes[arrays.x * room + i] = starts[(from + i) * width] * perUnit;
      if (width === 2) lanes[arrays.y * room + i] = starts[(from + i) * 2 + 1] * perUnit;
      lanes[arrays.rate * room + i] = rates[from + i] * rateFactor;
      if (!form) continue;
      const { keep, take, along, direct } = form(momenta[from + i]);
      lanes[arrays.keep * room + i] = keep;
      lanes[arrays.take * room + i] = take;
      lanes[arrays.along * room + i] = along;
      lanes[arrays.direct * room + i] = direct;
    }
    lanes.fill(1, arrays.a * room, (arrays.a + 1) * room);
    lanes.fill(1, arrays.d * room, (arrays.d + 1) * room);
  }

  advance(tangent: boolean, taken: number, steps: number): void {
    this.#kernels.sweep(this.#data, tangent, this.#bound, taken, steps);
  }

  /** Takes `steps` (≤ most) steps and returns a row of points a lane. */
  record(taken: number, steps: number): RealArray {
    const out = this.#workspace.pointer("values");
    this.#kernels.sweepInto(this.#data, this.#bound, this.#map.unit, taken, steps, out);
    return this.#workspace.real("values");
  }

  exponents(steps: number): Float64Array {
    this.#kernels.lyapunovInto(this.#data, steps, this.#workspace.pointer("exponents"));
    return this.#workspace.f64("exponents");
  }

  escapes(): Uint32Array {
    return this.#workspace.u32("escapes");
  }
}

/** Copies `count` rows of `part` numbers to `at` in rows of `row` numbers. */
function placeRows(
  parts: RealArray,
  part: number,
  count: number,
  rows: RealArray,
  row: number,
  at: number,
): void {
  if (part === row) rows.set(parts.subarray(0, count * row));
  else for (let i = 0; i < count; i++) rows.set(parts.subarray(i * part, (i + 1) * part), i * row + at);
}

/** Whether coordinates can be scaled such that the bound is 2 or more; not where it is so small that their powers would vanish. */
export const hasRoom = (map: CompiledMap, lanes: Lanes): boolean =>
  lanes.bound >= 2 * scaleMap(map, lanes).unit;

/** Runs the lanes of a sweep in the core. */
export function sweepCompiled(
  map: CompiledMap,
  lanes: Lanes,
  { keep = 0, multiply = 0 }: SweepRequest,
): SweepOutcome {
  const { count, burnIn, precision } = lanes;
  const width = map.slope.kind === "product" ? 2 : 1;
  const row = keep * width;
  const values = precision === "f64" ? new Float64Array(count * row) : new Float32Array(count * row);
  const escapes = new Int32Array(count);
  const exponents = new Float64Array(multiply > 0 ? count : 0);
  const work = new CompiledLanes(scaleMap(map, lanes), lanes, keep);
  try {
    for (let first = 0; first < count; first += work.room) {
      const used = Math.min(work.room, count - first);
      work.begin(first, used);
      work.advance(false, 0, burnIn);
      if (multiply > 0) {
        work.advance(true, burnIn, multiply);
        exponents.set(work.exponents(multiply).subarray(0, used), first);
      }
      for (let kept = 0; kept < keep; kept += work.most) {
        const steps = Math.min(work.most, keep - kept);
        const points = work.record(burnIn + multiply + kept, steps);
        placeRows(points, steps * width, used, values.subarray(first * row), row, kept * width);
      }
      escapes.set(work.escapes().subarray(0, used), first);
    }
  } finally {
    work.dispose();
  }
  for (let i = 0; i < count; i++) {
    if (escapes[i] < 0) continue;
    if (multiply > 0) exponents[i] = Number.NaN;
    const kept = Math.max(0, escapes[i] - 1 - burnIn - multiply);
    values.fill(Number.NaN, i * row + Math.min(keep, kept) * width, (i + 1) * row);
  }
  return { values, escapes, exponents };
}
