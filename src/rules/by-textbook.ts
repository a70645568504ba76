import { describe } from "../core/describe.ts";
import type { Numbers, RealArray } from "../core/precision.ts";
import { measurePlainly } from "./measure.ts";
import {
  type AnyRuleDeclaration,
  measuresOf,
  plainDivide,
  type Rule,
  type StepContext,
  type Store,
  type TextbookBlock,
  unrounded,
} from "./rule.ts";

/** A block of parameters to be stepped by a rule's textbook, in place. */
export interface PlainBlock {
  readonly rows: number;
  readonly columns: number;
  readonly x: RealArray;
  readonly g: Numbers;
  /** The estimate of the Hessian's diagonal, where the rule takes one. */
  readonly h?: Numbers;
  readonly slots: Readonly<Record<string, RealArray>>;
}

type OptionsNow = Readonly<Record<string, number | boolean>>;

/** Throws unless a textbook returned numbers for x and all slots that it has to renew. */
function checkStep({ name }: AnyRuleDeclaration, next: unknown, renewed: readonly string[]): void {
  const returned = typeof next === "object" && next !== null ? (next as Record<string, unknown>) : undefined;
  const missing = renewed.find((key) => typeof returned?.[key] !== "number");
  if (missing === undefined) return;
  const got = returned ? `${describe(returned[missing])} as ${missing}` : describe(next);
  throw new TypeError(`${name}: its textbook must return the new { ${renewed.join(", ")} }, got ${got}`);
}

/** Calls the textbook of one parameter for each, and writes what it returns; a step has to renew all that is `renewed`. */
function perParameter(
  textbook: (
    state: Record<string, unknown>,
    o: OptionsNow,
    divide: typeof plainDivide,
    store: Store,
  ) => unknown,
  { x, g, h, slots }: PlainBlock,
  o: OptionsNow,
  context: StepContext,
  store: Store,
  check?: (next: unknown) => void,
): void {
  const { t, value, measured, carried, length } = context;
  const state: Record<string, unknown> = { x: 0, g: 0, h: 0, t, value, carried, length, ...measured };
  const names = Object.keys(slots);
  for (let i = 0; i < x.length; i++) {
    state.x = x[i];
    state.g = g[i];
    if (h) state.h = h[i];
    for (const name of names) state[name] = slots[name][i];
    const next = textbook(state, o, plainDivide, store) as Record<string, number>;
    check?.(next);
    if (next.x !== undefined) x[i] = next.x;
    for (const name of names) if (next[name] !== undefined) slots[name][i] = next[name];
  }
}

/** Calls the textbook of a whole block on copies in f64, and writes them back. */
function wholeBlock(
  textbook: (block: TextbookBlock<string>, o: OptionsNow, store: Store) => void,
  { rows, columns, x, g, slots }: PlainBlock,
  o: OptionsNow,
  { t }: StepContext,
  store: Store,
): void {
  const copies = Object.fromEntries(
    Object.entries(slots).map(([name, slot]) => [name, Float64Array.from(slot)]),
  );
  const block = { t, rows, columns, x: Float64Array.from(x), g: Float64Array.from(g), slots: copies };
  textbook(block, o, store);
  x.set(block.x);
  for (const [name, slot] of Object.entries(slots)) slot.set(copies[name]);
}

/** An estimate of the Hessian's diagonal of a block as its rule takes it: averaged over runs of entries. */
export function averagedDiagonal(
  { needs }: AnyRuleDeclaration,
  diagonal: Numbers,
  o: OptionsNow,
): Float64Array {
  const run: number = needs?.diagonalRun?.(o) ?? 1;
  const averaged = Float64Array.from(diagonal);
  for (let first = 0; first < averaged.length; first += run) {
    const entries = averaged.subarray(first, first + run);
    entries.fill(entries.reduce((sum, entry) => sum + entry, 0) / entries.length);
  }
  return averaged;
}

/** The pass that the measures wait for, by the textbook. */
export function prepareByTextbook(
  { prepare }: AnyRuleDeclaration,
  block: PlainBlock,
  o: OptionsNow,
  context: StepContext,
): void {
  if (prepare) perParameter(prepare.textbook as never, block, o, context, unrounded);
}

/** The step itself, by the textbook; `store` does what storing does between two assignments of one step. */
export function stepByTextbook(
  declaration: AnyRuleDeclaration,
  block: PlainBlock,
  o: OptionsNow,
  context: StepContext,
  store: Store = unrounded,
): void {
  const { textbook, blockTextbook, transient = [], kernel } = declaration;
  if (!textbook) {
    wholeBlock(blockTextbook!, block, o, context, store);
    return;
  }
  // Those of the library are held to it by the parity tests.
  const renewed = ["x", ...Object.keys(block.slots).filter((slot) => !transient.includes(slot))];
  const check = kernel ? undefined : (next: unknown) => checkStep(declaration, next, renewed);
  perParameter(textbook as never, block, o, context, store, check);
}

/** All of a step on one block that is everything there is: prepares, measures, advances what is carried, and steps. */
export function wholeStepByTextbook(
  rule: Rule,
  block: PlainBlock,
  o: OptionsNow,
  context: StepContext,
  store: Store = unrounded,
): void {
  const { declaration } = rule;
  prepareByTextbook(declaration, block, o, context);
  const vectors = { x: block.x, g: block.g, ...block.slots };
  for (const [name, measure] of Object.entries(measuresOf(rule))) {
    if (measure.when && !measure.when(context.t, context.carried)) continue;
    context.measured[name] = measurePlainly(measure, [vectors]);
  }
  declaration.advance?.(o, context);
  stepByTextbook(declaration, block, o, context, store);
}
