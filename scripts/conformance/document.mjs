// Reads a file of reference trajectories and checks its form before anything runs:
//   { x0, gradients, cases: [{ optimizer, options, shape?, params_after_step: { f64: { "1": […] }, f32: … } }] }
//   { cases: [{ schedule, base, options, rates, losses? }] }, losses[k] told after the step that took rates[k]
// `shape` may say that x0 is a matrix, as [2, 3], row by row. `source` may say which PyTorch it is of, as in "torch.optim 1.13". Keys that are not named here are notes.
import { readFileSync } from "node:fs";

/** A file that cannot be read or is not of the form, and where. */
export class MalformedFile extends Error {
  constructor(place, message) {
    super(place ? `${place}: ${message}` : message);
    this.name = "MalformedFile";
  }
}

/** The precisions that cases may give parameters for. */
export const precisions = ["f64", "f32"];

/** Reads and checks the document at `path`. */
export function readDocument(path) {
  let text;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new MalformedFile("", `cannot be read: ${error.message}`);
  }
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new MalformedFile("", `is not JSON: ${error.message}`);
  }
  return checkDocument(value);
}

/** Returns `value` if it is a document; throws MalformedFile naming the place that is not. */
export function checkDocument(value) {
  record("the document", value);
  if (!Array.isArray(value.cases))
    throw new MalformedFile("cases", `expected a list, got ${show(value.cases)}`);
  const kinds = value.cases.map((one, i) => checkCase(`cases[${i}]`, one));
  if (kinds.includes("optimizer") || "x0" in value || "gradients" in value) checkInputs(value);
  for (const [i, one] of value.cases.entries()) {
    if (kinds[i] === "optimizer") {
      if (one.shape !== undefined) checkShape(`cases[${i}].shape`, one.shape, value);
      checkParameters(`cases[${i}].params_after_step`, one.params_after_step, value);
    } else {
      number(`cases[${i}].base`, one.base);
      numbers(`cases[${i}].rates`, one.rates);
      if (one.losses !== undefined) checkLosses(`cases[${i}].losses`, one);
    }
  }
  return value;
}

function checkCase(place, one) {
  record(place, one);
  const kind = ["optimizer", "schedule"].filter((key) => key in one);
  if (kind.length !== 1) throw new MalformedFile(place, 'expected one of "optimizer" and "schedule"');
  const name = one[kind[0]];
  if (typeof name !== "string" || name === "") {
    throw new MalformedFile(`${place}.${kind[0]}`, `expected a name, got ${show(name)}`);
  }
  if (one.options !== undefined) record(`${place}.options`, one.options);
  return kind[0];
}

function checkInputs({ x0, gradients }) {
  numbers("x0", x0);
  if (!Array.isArray(gradients))
    throw new MalformedFile("gradients", `expected a list, got ${show(gradients)}`);
  for (const [k, gradient] of gradients.entries()) numbers(`gradients[${k}]`, gradient, x0.length);
}

function checkShape(place, shape, { x0 }) {
  numbers(place, shape);
  const whole = shape.every((length) => Number.isInteger(length) && length > 0);
  if (!whole || shape.reduce((product, length) => product * length, 1) !== x0.length) {
    throw new MalformedFile(place, `expected lengths whose product is ${x0.length}, got ${show(shape)}`);
  }
}

function checkParameters(place, byPrecision, { x0, gradients }) {
  record(place, byPrecision);
  for (const [precision, bySteps] of Object.entries(byPrecision)) {
    record(`${place}.${precision}`, bySteps);
    for (const [steps, parameters] of Object.entries(bySteps)) {
      const at = `${place}.${precision}["${steps}"]`;
      if (!/^\d+$/.test(steps)) throw new MalformedFile(at, "expected a number of steps");
      if (Number(steps) > gradients.length) {
        throw new MalformedFile(at, `there are only ${gradients.length} gradients`);
      }
      numbers(at, parameters, x0.length);
    }
  }
}

/** As many losses as rates, or one less: the last changes no rate that was recorded. */
function checkLosses(place, { losses, rates }) {
  if (rates.length === 1 && Array.isArray(losses) && losses.length === 0) return;
  numbers(place, losses);
  if (losses.length < rates.length - 1) {
    throw new MalformedFile(place, `expected a loss for each of ${rates.length} rates, got ${losses.length}`);
  }
}

function record(place, value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new MalformedFile(place, `expected an object, got ${show(value)}`);
  }
}

function number(place, value) {
  if (typeof value !== "number") throw new MalformedFile(place, `expected a number, got ${show(value)}`);
}

function numbers(place, value, length) {
  if (!Array.isArray(value) || value.length === 0) {
    throw new MalformedFile(place, `expected a list of numbers, got ${show(value)}`);
  }
  if (length !== undefined && value.length !== length) {
    throw new MalformedFile(place, `expected ${length} numbers, as in x0, got ${value.length}`);
  }
  for (const [i, entry] of value.entries()) number(`${place}[${i}]`, entry);
}

/** A value in a message. */
export function show(value) {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
