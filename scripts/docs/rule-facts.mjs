// What follows from a rule's declaration: its family, memory, cost and limit, in words.
import { speedLimit } from "thalweg";

const ROWS = 101;
const COLUMNS = 203;
/** Carried numbers of a rule that has taken steps. */
const ONES = new Float64Array(64).fill(1);
const extents = new Map([
  [ROWS, "rows"],
  [COLUMNS, "columns"],
  [1, "1"],
]);

const shapeOf = ({ slotShapes = {} }, slot, options) => slotShapes[slot]?.(ROWS, COLUMNS, options);

/** What a rule measures with its options at every step. */
const measuresOf = ({ declaration: { measures = {} }, options }) =>
  Object.entries(typeof measures === "function" ? measures(options) : measures);

/** The families of the rules, in the order in which they are listed, and who belongs to them. */
export const families = [
  ["Without a rate to guess", ({ declaration }) => declaration.effectiveRate !== undefined],
  ["With the curvature's diagonal", ({ declaration }) => declaration.needs?.hessianDiagonal !== undefined],
  ["For matrices", ({ declaration }) => declaration.blockTextbook !== undefined],
  ["Scaled layer by layer", ({ declaration, options }) => declaration.scope?.(options) === "block"],
  ["Steps of a size of their own", ({ declaration }) => declaration.linear === false],
  ["Scaled coordinate by coordinate", (rule) => divides(rule)],
  ["Steps along the gradient and its past", () => true],
];

/** The family that a rule belongs to. */
export const familyOf = (rule) => families.find(([, contains]) => contains(rule))[0];

/** Whether a step goes through a division by what is measured: a late one, since some rules begin without. */
function divides(rule) {
  const { declaration, options } = rule;
  let divided = false;
  const numbers = {
    x: 1,
    g: 1,
    h: 1,
    t: 2 ** 31,
    value: 1,
    length: 1,
    carried: Float64Array.from(declaration.carries ?? []),
  };
  const names = [...declaration.slots(options), ...measuresOf(rule).map(([name]) => name)];
  const state = Object.assign(numbers, Object.fromEntries(names.map((name) => [name, 1])));
  declaration.textbook(state, options, (numerator, denominator) => {
    divided = true;
    return numerator / denominator;
  });
  return divided;
}

/** The slots under some options; none where the option cannot be by itself. */
function slotsWith(make, given) {
  try {
    const { declaration, options } = make(given);
    return declaration.slots(options);
  } catch {
    return [];
  }
}

/** The slots that some option adds to those of the defaults. */
function moreSlots(make, own) {
  const added = new Set();
  for (const [name, option] of Object.entries(make.declaration.options)) {
    const value = option.kind === "flag" ? !option.default : option.default === 0 ? 0.5 : undefined;
    if (value === undefined || (option.kind === "number" && !option.contains(value))) continue;
    for (const slot of slotsWith(make, { [name]: value })) {
      if (!own.includes(slot)) added.add(`\`${slot}\` with ${name}`);
    }
  }
  return [...added];
}

/** The numbers that a rule keeps between steps. */
export function memory(make) {
  const { declaration, options } = make();
  const slots = declaration.slots(options);
  const more = moreSlots(make, slots);
  const tail = more.length > 0 ? `; one more each for ${more.join(", ")}` : "";
  if (slots.length === 0) return `nothing beside parameters and gradient${tail}`;
  const transient = declaration.transient ?? [];
  const perParameter = slots.filter((slot) => !shapeOf(declaration, slot, options));
  const shaped = slots.filter((slot) => shapeOf(declaration, slot, options));
  const told = (slot) => `\`${slot}\`${transient.includes(slot) ? " (within the step)" : ""}`;
  const parts = [];
  if (perParameter.length > 0) {
    const count = perParameter.length;
    parts.push(
      `${count} number${count === 1 ? "" : "s"} a parameter (${perParameter.map(told).join(", ")}): ${8 * count} bytes in f64, ${4 * count} in f32`,
    );
  }
  if (shaped.length > 0) {
    const sizes = shaped.map((slot) => {
      const shape = shapeOf(declaration, slot, options).map(
        (extent) => extents.get(extent) ?? String(extent),
      );
      return `${told(slot)} ${shape.join(" × ")}`;
    });
    parts.push(`a block of rows × columns: ${sizes.join(", ")}`);
  }
  return parts.join("; ") + tail;
}

/** What a step reads and writes, and what it does besides. */
export function cost(rule) {
  const { declaration, options } = rule;
  const slots = declaration.slots(options).filter((slot) => !shapeOf(declaration, slot, options));
  const words = 3 + 2 * slots.length;
  const parts = declaration.blockTextbook
    ? ["products of matrices: see its text"]
    : [`${4 * words} bytes of memory traffic a parameter and step in f32, ${8 * words} in f64`];
  if (declaration.prepare) parts.push("two passes");
  const measured = measuresOf(rule).filter(([, { when }]) => !when || when(2, ONES)).length;
  const over = declaration.scope?.(options) === "block" ? "each block" : "everything";
  if (measured > 0) parts.push(`${measured} reduction${measured === 1 ? "" : "s"} over ${over} first`);
  if (declaration.needs?.value) parts.push("the objective's value");
  if (declaration.needs?.hessianDiagonal) parts.push("products with the Hessian");
  return parts.join("; ");
}

/** Where the step stops being stable, at the default options. */
export function limit(make) {
  const rule = make();
  const { declaration } = rule;
  if (declaration.effectiveRate && !declaration.options.learningRate.automatic) {
    return "none to keep: it works out its own step";
  }
  if (!declaration.textbook)
    return "none of a single mode: its step along one direction depends on the others";
  if (declaration.linear === false) return "none of this kind: its steps do not scale with the gradient";
  const factor = speedLimit(rule, { lambdaMax: 1 });
  if (factor === Infinity) return "every rate is stable";
  const of = divides(rule) ? "λ the largest eigenvalue of the preconditioned Hessian" : "λ = λmax";
  return `η < ${Number(factor.toPrecision(4))}/λ with the other options at their defaults, ${of}`;
}
