import { describe } from "../core/describe.ts";
import type { Precision, RealArray } from "../core/precision.ts";
import {
  decodeState,
  dtypeOf,
  encodeState,
  headerSize,
  type StoredState,
  type StoredTensor,
  type Tensor,
} from "../state/container.ts";
import { differenceOf, plain } from "../state/description.ts";
import { type JsonRecord, readJson, writeJson } from "../state/json.ts";
import { wrappersOf } from "../wrappers/wrapper.ts";
import type { Pipeline, PipelineSpec } from "./pipeline.ts";

/** Options of `optimizer.save`. */
export interface SaveOptions {
  /** What is to be saved along, such as a sampler's state; `load` returns it. JSON of at most 64 KiB. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** What an optimizer is made of. */
export interface OptimizerParts {
  readonly spec: PipelineSpec;
  readonly pipeline: Pipeline;
  /** All parameters, as the frame places them. */
  readonly x: RealArray;
  readonly precision: Precision;
}

/** Steps so far: calls, and those that the rule of each group that is not frozen took. */
interface Steps {
  readonly calls: number;
  readonly groups: readonly number[];
}

/** What stays the same as long as an optimizer lives. */
interface Contents {
  readonly description: Readonly<Record<string, string>>;
  readonly tensors: readonly Tensor[];
  /** Twice its own, so that the state of another optimizer is told by what differs, not by its size. */
  readonly headerLimit: number;
}

const format = "thalweg-state";
const version = "1";

/** Bytes of `extra` in the header. Parsing as much takes some milliseconds, whatever it is. */
const MAX_EXTRA = 2 ** 16;

/** The arrays of the state, as views of where they live: they are saved from there and loaded to there. */
function tensorsOf({ spec, pipeline, x }: OptimizerParts): Tensor[] {
  const tensor = (path: readonly string[], shape: readonly number[], values: RealArray): Tensor => ({
    name: path.filter((part) => part !== "").join("/"),
    shape,
    values,
  });
  const carried = (name: string, values: Float64Array) =>
    values.length > 0 ? [tensor(["carried", name], [values.length], values)] : [];
  const watched = (name: string, watching: Pipeline["steppers"][number]["watching"]) =>
    watching.map(([option, { state }]) => tensor(["watching", name, option], [state.length], state));
  const { steppers, wrappers } = pipeline;
  // Wrappers' slots hold all blocks that are not frozen, also those that a wrapper leaves alone.
  const active = spec.groups.flatMap(({ blocks, frozen }) =>
    frozen ? [] : blocks.map((i) => spec.frame.blocks[i]),
  );
  return [
    // Always f64, and first: whatever follows, they lie on 8 bytes.
    ...steppers.flatMap((stepper, k) => carried(`group${k}`, stepper.carried)),
    ...wrappers.flatMap(({ context }, k) => carried(`wrapper${k}`, context.carried)),
    ...steppers.flatMap(({ watching }, k) => watched(`group${k}`, watching)),
    ...wrappers.flatMap(({ live }, k) => watched(`wrapper${k}`, live.watching)),
    ...spec.frame.blocks.map(({ name, shape, offset, length }) =>
      tensor(["parameters", name], shape, x.subarray(offset, offset + length)),
    ),
    ...steppers.flatMap(({ rule, blocks }, k) => {
      const transient: readonly string[] = rule.declaration.transient ?? [];
      return blocks.flatMap((block) =>
        block.slots
          .filter((slot) => !transient.includes(slot.name))
          .map((slot) =>
            tensor(
              [`group${k}`, block.name, slot.name],
              slot.shape,
              pipeline.view(block.slotsAt[slot.name], slot.length),
            ),
          ),
      );
    }),
    ...wrappers.flatMap(({ wrapper, context }, k) => {
      const slots = wrapper.declaration.slots?.(wrapper.options) ?? [];
      return slots.flatMap((slot: string, i: number) =>
        active.map(({ name, shape, offset, length }) =>
          tensor([`wrapper${k}`, slot, name], shape, context.slotViews[i].subarray(offset, offset + length)),
        ),
      );
    }),
  ];
}

/** What has to be alike in the optimizers that save and load, as JSON by the metadata's keys. */
function descriptionOf({ spec, precision }: OptimizerParts): Record<string, string> {
  const { frame, groups, rule } = spec;
  const { before, after } = wrappersOf(rule);
  const chained = [
    ...before.map((wrapper) => ({ wrapper, place: "before" })),
    ...after.map((wrapper) => ({ wrapper, place: "after" })),
  ];
  return {
    format,
    version,
    precision,
    blocks: JSON.stringify(frame.blocks.map(({ name, shape }) => ({ name, shape }))),
    groups: JSON.stringify(
      groups.map(({ rule: { name, options }, blocks, scale, frozen }) => ({
        rule: name,
        options: plain(options),
        blocks: blocks.map((i) => frame.blocks[i].name),
        scale,
        frozen,
      })),
    ),
    wrappers: JSON.stringify(
      chained.map(({ wrapper: { name, options, settings }, place }) => ({
        wrapper: name,
        place,
        options: plain(options),
        settings: plain(settings),
      })),
    ),
  };
}

const stepsOf = ({ calls, steppers }: Pipeline): Steps => ({
  calls,
  groups: steppers.map(({ stepCount }) => stepCount),
});

/** Saves and loads everything that an optimizer's coming steps depend on, but for the gradient. */
export class OptimizerState {
  readonly #parts: OptimizerParts;
  #contents: Contents | undefined;

  constructor(parts: OptimizerParts) {
    this.#parts = parts;
  }

  /**
   * The state as the bytes of a file.
   *
   * @throws TypeError or RangeError where `extra` is not JSON or too long
   */
  save(owner: string, extra: unknown = {}): Uint8Array {
    const extraText = writeJson(owner, "extra", extra);
    if (!extraText.startsWith("{")) {
      throw new TypeError(`${owner}: extra must be a record, got ${describe(extra)}`);
    }
    const extraBytes = new TextEncoder().encode(JSON.stringify(extraText)).length;
    if (extraBytes > MAX_EXTRA) {
      throw new RangeError(`${owner}: extra must have at most ${MAX_EXTRA} bytes as JSON, got ${extraBytes}`);
    }
    const { tensors, description } = this.#whole();
    const steps = JSON.stringify(stepsOf(this.#parts.pipeline));
    return encodeState(tensors, { ...description, steps, extra: extraText });
  }

  /**
   * Puts a saved state in place of the optimizer's own. Nothing is changed before everything has been checked.
   *
   * @returns what was saved along
   * @throws TypeError if `bytes` is no Uint8Array; RangeError naming what is wrong with the file, or in
   * what its optimizer differs
   */
  load(owner: string, bytes: unknown): JsonRecord {
    const { pipeline } = this.#parts;
    const { tensors, description, headerLimit } = this.#whole();
    const dataBytes = tensors.reduce((sum, { values }) => sum + values.byteLength, 0);
    const state = decodeState(owner, bytes, headerLimit, dataBytes);
    checkDescription(owner, description, state.metadata);
    const stored = tensors.map((tensor) => findTensor(owner, tensor, state));
    const steps = readSteps(pipeline, state.metadata.get("steps") ?? "");
    const extra = readJson(state.metadata.get("extra") ?? "");
    const expected = [...Object.keys(description), "steps", "extra"];
    const isInOrder =
      expected.join() === [...state.metadata.keys()].join() &&
      state.tensors.size === tensors.length &&
      [...state.tensors.keys()].every((name, i) => name === tensors[i].name);
    if (!state.intact || !isInOrder || !steps || !isJsonRecord(extra)) {
      throw new RangeError(`${owner}: this state's header is not as it should be`);
    }
    tensors.forEach(({ values }, i) => {
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength).set(stored[i].bytes);
    });
    pipeline.renew();
    pipeline.calls = steps.calls;
    pipeline.steppers.forEach((stepper, k) => {
      stepper.stepCount = steps.groups[k];
    });
    return extra;
  }

  #whole(): Contents {
    if (this.#contents) return this.#contents;
    const description = descriptionOf(this.#parts);
    const tensors = tensorsOf(this.#parts);
    const headerLimit = 2 * headerSize(tensors, description) + MAX_EXTRA;
    return (this.#contents = { description, tensors, headerLimit });
  }
}

const isJsonRecord = (value: unknown): value is JsonRecord =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Throws, naming what differs, unless the saved description is the optimizer's own. */
function checkDescription(
  owner: string,
  own: Readonly<Record<string, string>>,
  saved: ReadonlyMap<string, string>,
): void {
  for (const [key, text] of Object.entries(own)) {
    const other = saved.get(key);
    if (other !== text) throw new RangeError(`${owner}: ${difference(key, other ?? "", text)}`);
  }
}

function difference(key: string, saved: string, own: string): string {
  if (key === "format") return `these bytes are of the format ${describe(saved)}, not ${own}`;
  if (key === "version") return `this state is of version ${describe(saved)}; this library reads "${own}"`;
  if (key === "precision") return `this state is in precision ${describe(saved)}, this optimizer in "${own}"`;
  let parsed: unknown;
  try {
    parsed = JSON.parse(saved);
  } catch {
    return `this state's ${key} are not as they should be`;
  }
  return differenceOf(key, parsed, JSON.parse(own)) ?? `this state's ${key} are not as they should be`;
}

/** The stored tensor of a name, if it has the kind and the shape that are needed. */
function findTensor(owner: string, { name, shape, values }: Tensor, { tensors }: StoredState): StoredTensor {
  const stored = tensors.get(name);
  const expected = `${dtypeOf(values)} [${shape.join(", ")}]`;
  if (!stored) throw new RangeError(`${owner}: this state lacks ${name}, ${expected}`);
  const difference = differenceOf(name, [stored.dtype, ...stored.shape], [dtypeOf(values), ...shape]);
  if (difference !== undefined) throw new RangeError(`${owner}: ${difference}`);
  return stored;
}

/** The counts of steps in a text of the metadata; undefined where the pipeline can have none such. */
function readSteps({ steppers }: Pipeline, text: string): Steps | undefined {
  const steps = readJson(text);
  if (!isJsonRecord(steps)) return undefined;
  const { calls, groups } = steps as { calls?: unknown; groups?: unknown };
  if (!isCount(calls) || !Array.isArray(groups)) return undefined;
  const isPossible = groups.every((t) => isCount(t) && t <= calls);
  if (!isPossible || groups.length !== steppers.length) return undefined;
  return JSON.stringify({ calls, groups }) === text ? { calls, groups } : undefined;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
