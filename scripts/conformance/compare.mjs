// Runs the cases of a document and measures how far the library is from the reference.
import { MalformedFile, precisions } from "./document.mjs";
import { ruleOf, Unknown } from "./torch.mjs";
import { scheduleOf } from "./torch-schedules.mjs";

/** The largest error that passes. */
export const tolerance = { f64: 1e-13, f32: 1e-6 };

/**
 * The largest over the parameters of |ours − reference| ÷ max |reference|, the maximum taken over
 * `start` and the recorded steps; absolute where that maximum is 0. NaN if any difference is NaN.
 */
export function largestError(start, ours, reference) {
  let largest = 0;
  for (let i = 0; i < start.length; i++) {
    let scale = Math.abs(start[i]);
    for (const parameters of reference) scale = Math.max(scale, Math.abs(parameters[i]));
    for (const [k, parameters] of reference.entries()) {
      largest = Math.max(largest, Math.abs(ours[k][i] - parameters[i]) / (scale === 0 ? 1 : scale));
    }
  }
  return largest;
}

function optimizerErrors(library, document, one, rules) {
  const { x0, gradients } = document;
  const initial = one.shape ? { x: { shape: one.shape, values: x0 } } : x0;
  const ofBlock = (views) => (one.shape ? views.x : views);
  const errors = {};
  for (const precision of precisions) {
    const bySteps = one.params_after_step[precision] ?? {};
    const recorded = Object.keys(bySteps).sort((a, b) => a - b);
    if (recorded.length === 0) continue;
    const optimizer = library.createOptimizer(rules[precision], initial, { precision });
    try {
      let taken = 0;
      const ours = recorded.map((steps) => {
        for (; taken < steps; taken++) {
          ofBlock(optimizer.gradient).set(gradients[taken]);
          optimizer.step();
        }
        return Array.from(ofBlock(optimizer.parameters));
      });
      const start = precision === "f32" ? x0.map(Math.fround) : x0;
      const reference = recorded.map((steps) => bySteps[steps]);
      errors[precision] = largestError(start, ours, reference);
    } finally {
      optimizer.dispose();
    }
  }
  return errors;
}

/** The rates of an optimizer that is told a loss after each step. */
function toldRates({ createOptimizer, sgd }, schedule, losses, count) {
  const optimizer = createOptimizer(sgd({ learningRate: schedule }), [0]);
  try {
    return Array.from({ length: count }, (_, k) => {
      const { learningRate } = optimizer;
      optimizer.step();
      if (k < losses.length) optimizer.observe(losses[k]);
      return learningRate;
    });
  } finally {
    optimizer.dispose();
  }
}

function scheduleErrors(library, { rates, losses }, schedule) {
  const reference = rates.map((rate) => [rate]);
  const ours = losses ? toldRates(library, schedule, losses, rates.length) : rates.map((_, t) => schedule(t));
  return {
    f64: largestError(
      [0],
      ours.map((rate) => [rate]),
      reference,
    ),
    f32: largestError(
      [0],
      ours.map((rate) => [Math.fround(rate)]),
      reference,
    ),
  };
}

function otherPrecisions(one) {
  return Object.keys(one.params_after_step ?? {}).filter((precision) => !precisions.includes(precision));
}

/** Fails on any error that is not within its tolerance, NaN among them, and where there was nothing to compare. */
function judge(errors, one) {
  const measured = Object.keys(errors);
  if (measured.length === 0) {
    const others = otherPrecisions(one);
    if (others.length > 0) return { verdict: "unknown", reason: `precision ${others.join(", ")}` };
    return { verdict: "fail", reason: "no step is recorded" };
  }
  const over = measured.filter((precision) => !(errors[precision] <= tolerance[precision]));
  if (over.length === 0) return { verdict: "pass", reason: "" };
  return {
    verdict: "fail",
    reason: over.map((precision) => `${precision} above ${tolerance[precision]}`).join(", "),
  };
}

/**
 * Runs every case of a checked document. A case is known, made and its options checked before any
 * runs, so that a malformed one is told at once.
 *
 * @returns per case: name, options, errors by precision, verdict ("pass", "fail" or "unknown"), reason
 */
export function runCases(library, document) {
  const prepared = document.cases.map((one, i) => {
    const row = { name: one.optimizer ?? one.schedule, options: one.options ?? {}, errors: {} };
    return { row, one, ...attempt(() => prepare(library, document, one, `cases[${i}]`)) };
  });
  return prepared.map(({ row, one, value: measure, outcome }) => {
    if (outcome) return { ...row, ...outcome };
    const ran = attempt(measure);
    return ran.outcome ? { ...row, ...ran.outcome } : { ...row, errors: ran.value, ...judge(ran.value, one) };
  });
}

function prepare(library, document, one, place) {
  if (one.optimizer !== undefined) {
    const source = String(document.source ?? "");
    const rules = Object.fromEntries(
      precisions.map((precision) => [precision, ruleOf(library, one, place, precision, source)]),
    );
    return () => optimizerErrors(library, document, one, rules);
  }
  const schedule = scheduleOf(library, one, place);
  return () => scheduleErrors(library, one, schedule);
}

/** The value of `work`, or the outcome of a case that has no counterpart or that the library refuses. */
function attempt(work) {
  try {
    return { value: work() };
  } catch (error) {
    if (error instanceof MalformedFile) throw error;
    if (error instanceof Unknown) return { outcome: { verdict: "unknown", reason: error.message } };
    return { outcome: { verdict: "fail", reason: String(error) } };
  }
}
