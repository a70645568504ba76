import { checkNumber } from "../core/check.ts";
import { formatNumber } from "../core/format.ts";
import type { Pointer } from "../core/kernels.ts";
import { elementBytes, type Precision, paddedLength, type RealArray } from "../core/precision.ts";
import { pow } from "../core/scalar.ts";
import { Workspace } from "../core/workspace.ts";
import {
  errorWeights,
  nodes,
  STABILITY_LIMIT,
  STAGES,
  shapes,
  shapesAt,
  weights,
} from "./flow/dormand-prince.ts";
import type { FlowOptions } from "./flow/flow-options.ts";
import type { BoundField, RightHandSide } from "./flow/right-hand-side.ts";

/**
 * Why a flow ended: its time was over, it came to rest, as many steps as were allowed were taken, the step that the
 * tolerance asks for became smaller than rounding, or it left the finite numbers at the start.
 */
export type FlowReason = "time" | "rest" | "steps" | "step size" | "diverged";

/** What limits an explicit method where the solution itself would allow larger steps. */
export interface Stiffness {
  /** From when on. */
  readonly time: number;
  /** About how fast the fastest mode decays: |λ|. */
  readonly lambda: number;
}

/** A solution that was followed. Point i of `points` belongs to entry i of `times` and `values`. */
export interface Flow {
  /** Where it ended; of named blocks, one behind the other. */
  readonly x: RealArray;
  /** When. */
  readonly time: number;
  /** The times of the points. */
  readonly times: Float64Array;
  /** The points, likewise. */
  readonly points: readonly RealArray[];
  /** The values there, of a problem that has them; else empty. */
  readonly values: Float64Array;
  /** ‖f‖₂ where it ended; of a problem that is ‖gradient‖₂. */
  readonly speed: number;
  /** Why it ended. */
  readonly reason: FlowReason;
  /** One sentence that a person can act on. */
  readonly message: string;
  /** Steps taken. */
  readonly steps: number;
  /** Steps that were tried, found too large, and taken back. */
  readonly rejected: number;
  /** Evaluations of the right-hand side. */
  readonly evaluations: number;
  /** Set where stability and not accuracy limits the steps. */
  readonly stiff?: Stiffness;
  /** With the option `dense`: the point at a time in [0, time], to order 4. Throws a RangeError outside. */
  at?(time: number): Float64Array;
}

const DEFAULT_STEPS = 100_000;

// The controller: a step is the last one times SAFETY·err^−α·err₋^β, within bounds (Hairer and Wanner, "Solving
// ordinary differential equations II", §IV.2, with their constants for this pair).
const SAFETY = 0.9;
const INTEGRAL = 0.2 - 0.75 * 0.04;
const PROPORTIONAL = 0.04;
const LARGEST_GROWTH = 10;
const LARGEST_CUT = 0.2;
const LEAST_ERROR = 1e-4;

/** Steps of a run before it is asked whether it is stiff, and steps in a row at the edge of stability that say so. */
const STIFF_AFTER = 500;
const STIFF_STEPS = 15;

/** Follows a right-hand side; the options were checked. */
export function follow(side: RightHandSide, options: FlowOptions, rest: number): Flow {
  const { precision = "f64" } = options;
  const { dimension } = side;
  const pitch = paddedLength(dimension, precision);
  const blocks = ["x", "next", "argument", "error"].map((name) => ({
    name: `flow.${name}`,
    length: dimension,
  }));
  const workspace = new Workspace(
    [
      ...blocks,
      { name: "flow.stages", length: STAGES * pitch },
      { name: "flow.weights", length: STAGES, kind: "f64" },
      ...side.memory(precision),
    ],
    precision,
  );
  try {
    workspace.real("flow.x").set(side.start);
    return new Follower(side, options, rest, workspace, precision).run();
  } finally {
    workspace.dispose();
  }
}

/** A step of the continuous extension: x and four shapes, all of `dimension` entries. */
interface Segment {
  readonly from: number;
  readonly to: number;
  readonly x: RealArray;
  readonly shapes: readonly RealArray[];
}

class Follower {
  readonly #side: RightHandSide;
  readonly #options: FlowOptions;
  readonly #rest: number;
  readonly #workspace: Workspace;
  readonly #field: BoundField;
  readonly #count: number;
  readonly #end: number;
  readonly #fixed: number | undefined;
  readonly #relative: number;
  readonly #absolute: number;
  readonly #weights: Float64Array;
  readonly #weightsAt: Pointer;
  readonly #stages: Pointer;
  #x: Pointer;
  #next: Pointer;
  readonly #argument: Pointer;
  readonly #error: Pointer;

  readonly #times: number[] = [];
  readonly #points: RealArray[] = [];
  readonly #values: number[] = [];
  readonly #segments: Segment[] = [];
  /** The next of the wanted times. */
  #wanted = 0;
  #time = 0;
  #steps = 0;
  #rejected = 0;
  #lastError = LEAST_ERROR;
  #edgy = 0;
  #calm = 0;
  #stiff: Stiffness | undefined;

  constructor(
    side: RightHandSide,
    options: FlowOptions,
    rest: number,
    workspace: Workspace,
    precision: Precision,
  ) {
    const { time = Infinity, timeStep, tolerance = precision === "f64" ? 1e-8 : 1e-4 } = options;
    this.#side = side;
    this.#options = options;
    this.#rest = rest;
    this.#workspace = workspace;
    this.#field = side.bind(workspace);
    this.#count = paddedLength(side.dimension, precision);
    this.#end = time;
    this.#fixed = timeStep;
    this.#relative = tolerance;
    this.#absolute = options.absoluteTolerance ?? tolerance;
    this.#weights = workspace.f64("flow.weights");
    this.#weightsAt = workspace.pointer("flow.weights");
    this.#stages = workspace.pointer("flow.stages");
    this.#x = workspace.pointer("flow.x");
    this.#next = workspace.pointer("flow.next");
    this.#argument = workspace.pointer("flow.argument");
    this.#error = workspace.pointer("flow.error");
  }

  run(): Flow {
    const first = this.#stage(0);
    const value = this.#field.arrive(0, this.#x, first);
    let speed = this.#norm(first);
    if (!Number.isFinite(speed)) return this.#result("diverged", speed);
    this.#emit(0, this.#x, value);
    let step = this.#fixed ?? this.#firstStep(speed);
    const { steps: most = DEFAULT_STEPS } = this.#options;
    let shrunk = false;
    for (;;) {
      if (this.#rest > 0 && speed <= this.#rest) return this.#result("rest", speed);
      if (this.#time >= this.#end) return this.#result("time", speed);
      if (this.#steps >= most) return this.#result("steps", speed);
      // The last step ends where the time does, and takes a little too much along rather than leave it.
      const last = this.#time + 1.01 * step >= this.#end;
      const h = last ? this.#end - this.#time : step;
      if (this.#time + h === this.#time) return this.#result("step size", speed);
      const arrival = last ? this.#end : this.#time + h;
      const reached = this.#take(h, arrival);
      const error = this.#fixed === undefined ? this.#errorOf(h) : 0;
      const newSpeed = this.#norm(this.#stage(STAGES - 1));
      if (!Number.isFinite(error) || !Number.isFinite(newSpeed)) {
        if (this.#fixed !== undefined) return this.#result("diverged", newSpeed);
        this.#rejected++;
        shrunk = true;
        step = LARGEST_CUT * h;
        continue;
      }
      const factor = SAFETY * pow(Math.max(error, 1e-16), -INTEGRAL);
      if (error > 1) {
        this.#rejected++;
        shrunk = true;
        step = h * Math.max(LARGEST_CUT, factor);
        continue;
      }
      this.#watchStiffness(h);
      this.#give(h, arrival, reached);
      this.#swap();
      this.#time = arrival;
      this.#steps++;
      speed = newSpeed;
      if (this.#fixed !== undefined) continue;
      const growth = factor * pow(this.#lastError, PROPORTIONAL);
      this.#lastError = Math.max(error, LEAST_ERROR);
      step = h * Math.min(shrunk ? 1 : LARGEST_GROWTH, Math.max(LARGEST_CUT, growth));
      shrunk = false;
    }
  }

  #stage(k: number): Pointer {
    return this.#stages + k * this.#count * elementBytes[this.#workspace.precision];
  }

  #norm(block: Pointer): number {
    return this.#workspace.kernels.norm(this.#count, block);
  }

  /** out ← x + h Σ weightsₖ·stageₖ; without x where it is 0. */
  #sum(h: number, parts: readonly number[], x: Pointer, out: Pointer): void {
    for (let k = 0; k < parts.length; k++) this.#weights[k] = h * parts[k];
    const { kernels } = this.#workspace;
    kernels.weightedSum(this.#count, parts.length, this.#weightsAt, this.#stages, x, out);
  }

  /** Evaluates the stages of a step; the point that it comes to lies at `next`. Returns the value there. */
  #take(h: number, arrival: number): number {
    const last = STAGES - 1;
    for (let k = 1; k < last; k++) {
      this.#sum(h, weights[k], this.#x, this.#argument);
      this.#field.evaluate(this.#time + nodes[k] * h, this.#argument, this.#stage(k));
    }
    this.#sum(h, weights[last], this.#x, this.#next);
    return this.#field.arrive(arrival, this.#next, this.#stage(last));
  }

  /** The error of the step, in units of what is allowed: the root of the mean over the entries. */
  #errorOf(h: number): number {
    this.#sum(h, errorWeights, 0, this.#error);
    return this.#size(this.#error, this.#next);
  }

  #size(block: Pointer, other: Pointer): number {
    const { kernels } = this.#workspace;
    const squares = kernels.scaledSquares(this.#count, block, this.#x, other, this.#absolute, this.#relative);
    return Math.sqrt(squares / this.#side.dimension);
  }

  /**
   * A step whose error a first and a second derivative let expect to be small (Hairer, Nørsett, Wanner, "Solving
   * ordinary differential equations I", §II.4).
   */
  #firstStep(speed: number): number {
    if (speed === 0) return this.#end === Infinity ? 1 : this.#end;
    const { kernels } = this.#workspace;
    const [first, second] = [this.#stage(0), this.#stage(1)];
    const extent = this.#size(this.#x, this.#x);
    const slope = this.#size(first, this.#x);
    const guess = extent < 1e-5 || slope < 1e-5 ? 1e-6 : 0.01 * (extent / slope);
    const h = Math.min(guess, this.#end);
    kernels.combine(this.#count, 1, this.#x, h, first, this.#argument);
    this.#field.evaluate(h, this.#argument, second);
    kernels.combine(this.#count, 1, second, -1, first, this.#error);
    const bend = this.#size(this.#error, this.#x) / h;
    const steepest = Math.max(slope, bend);
    const next = steepest <= 1e-15 ? Math.max(1e-6, 1e-3 * h) : pow(0.01 / steepest, 1 / 5);
    const chosen = Math.min(100 * h, next, this.#end);
    return Number.isFinite(chosen) ? chosen : h;
  }

  /**
   * Whether the steps are as long as stability allows: h|λ|, with |λ| from the last two stages, which are evaluated at
   * the same time from arguments that differ along the fastest mode.
   */
  #watchStiffness(h: number): void {
    if (this.#steps < STIFF_AFTER || this.#stiff || this.#fixed !== undefined) return;
    const { kernels } = this.#workspace;
    const [late, last] = [this.#stage(STAGES - 2), this.#stage(STAGES - 1)];
    kernels.combine(this.#count, 1, last, -1, late, this.#error);
    const apart = this.#norm(this.#error);
    kernels.combine(this.#count, 1, this.#next, -1, this.#argument, this.#error);
    const lambda = apart / this.#norm(this.#error);
    if (h * lambda > 0.98 * STABILITY_LIMIT) {
      this.#calm = 0;
      if (++this.#edgy === STIFF_STEPS) this.#stiff = { time: this.#time, lambda };
    } else if (++this.#calm === 6) this.#edgy = 0;
  }

  /** Gives the points that are wanted of a step that was accepted, and keeps it if all times are to be had. */
  #give(h: number, arrival: number, value: number): void {
    const { times, dense } = this.#options;
    if (dense) this.#keep(h, arrival);
    if (times === undefined) {
      this.#emit(arrival, this.#next, value);
      return;
    }
    for (; this.#wanted < times.length && times[this.#wanted] <= arrival; this.#wanted++) {
      const time = times[this.#wanted];
      if (time === arrival) {
        this.#store(time, this.#next, value);
        continue;
      }
      const polynomials = shapesAt((time - this.#time) / h);
      const parts = shapes[0].map((_, k) =>
        shapes.reduce((sum, shape, j) => sum + polynomials[j] * shape[k], 0),
      );
      this.#sum(h, parts, this.#x, this.#argument);
      const between = this.#side.hasValue
        ? this.#field.arrive(time, this.#argument, this.#error)
        : Number.NaN;
      this.#store(time, this.#argument, between);
    }
  }

  /** Gives the first point, where it is wanted, and each that a step comes to. */
  #emit(time: number, x: Pointer, value: number): void {
    const { times } = this.#options;
    if (times === undefined) this.#store(time, x, value);
    else for (; times[this.#wanted] === time; this.#wanted++) this.#store(time, x, value);
  }

  #store(time: number, x: Pointer, value: number): void {
    this.#times.push(time);
    this.#points.push(this.#copy(x));
    if (this.#side.hasValue) this.#values.push(value);
  }

  #copy(x: Pointer): RealArray {
    return this.#workspace.realAt(x, this.#side.dimension).slice();
  }

  #keep(h: number, arrival: number): void {
    const x = this.#copy(this.#x);
    const kept = shapes.map((shape) => {
      this.#sum(h, shape, 0, this.#error);
      return this.#copy(this.#error);
    });
    this.#segments.push({ from: this.#time, to: arrival, x, shapes: kept });
  }

  /** What was reached becomes where the next step starts; its last stage is the next one's first. */
  #swap(): void {
    [this.#x, this.#next] = [this.#next, this.#x];
    const { kernels } = this.#workspace;
    const last = this.#stage(STAGES - 1);
    kernels.combine(this.#count, 1, last, 0, last, this.#stage(0));
  }

  #result(reason: FlowReason, speed: number): Flow {
    const x = this.#copy(this.#x);
    const segments = this.#segments;
    const time = this.#time;
    return {
      x,
      time,
      times: Float64Array.from(this.#times),
      points: this.#points,
      values: Float64Array.from(this.#values),
      speed,
      reason,
      message: this.#sentence(reason, speed),
      steps: this.#steps,
      rejected: this.#rejected,
      evaluations: this.#field.evaluations,
      ...(this.#stiff ? { stiff: this.#stiff } : {}),
      ...(this.#options.dense ? { at: (when: number) => pointAt(segments, x, time, when) } : {}),
    };
  }

  #sentence(reason: FlowReason, speed: number): string {
    const when = `t = ${formatNumber(this.#time, 6)}`;
    const steps = `${this.#steps} step${this.#steps === 1 ? "" : "s"}`;
    const stiff = this.#stiff
      ? ` It is stiff: from t = ${formatNumber(this.#stiff.time)} on its fastest mode, which decays like exp(−${formatNumber(this.#stiff.lambda)}t), and not the tolerance, limits the steps; only an implicit method or another scaling of the variables would take longer ones.`
      : "";
    switch (reason) {
      case "time":
        return `Followed to ${when} in ${steps}.${stiff}`;
      case "rest":
        return `Came to rest at ${when} after ${steps}: the speed ${formatNumber(speed)} is within ${formatNumber(this.#rest)}.${stiff}`;
      case "steps":
        return `Stopped at ${when} after ${steps}; allow more steps, or a larger tolerance.${stiff}`;
      case "step size":
        return `Stopped at ${when} after ${steps}: steps there would be smaller than the rounding of t. The solution may leave every bound at that time, or f may jump.`;
      default:
        return this.#steps === 0 && this.#fixed === undefined
          ? `There is nothing to follow: f at the start is not finite.`
          : `Diverged at ${when} after ${steps}: f became ${speed}${this.#fixed === undefined ? "" : "; take a smaller timeStep"}.`;
    }
  }
}

/** The point at a time, from the steps that were kept. */
function pointAt(segments: readonly Segment[], end: RealArray, last: number, time: number): Float64Array {
  checkNumber("flow.at", "time", time, `[0, ${last}]`, (t) => t >= 0 && t <= last);
  if (time === last || segments.length === 0) return Float64Array.from(end);
  let [low, high] = [0, segments.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (segments[middle].to <= time) low = middle + 1;
    else high = middle;
  }
  const { from, to, x, shapes: kept } = segments[low];
  const polynomials = shapesAt((time - from) / (to - from));
  return Float64Array.from(x, (value, i) =>
    kept.reduce((sum, shape, j) => sum + polynomials[j] * shape[i], value),
  );
}
