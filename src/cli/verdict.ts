import { log } from "../core/scalar.ts";
import type { Curvature } from "../curvature/curvature.ts";
import { formatNumber, formatPercent, formatPlural } from "../report/format.ts";
import { worksOutRate } from "../rules/rule.ts";
import { ownRateAdvice } from "../stepsize/explain.ts";
import { isPreconditioned } from "../stepsize/mode.ts";
import { speedLimit } from "../stepsize/speed-limit.ts";
import { GRADIENT_SHRINKS } from "./budget.ts";
import { formatSteps, shares } from "./curvature-facts.ts";
import type { Fit } from "./fit-outcome.ts";
import { shortName } from "./output.ts";
import { buildProblem, measureCurvature } from "./problem.ts";

/** More steps than this to go are not worth advising. */
const TOO_MANY = 1e7;

/** What became of a fit, and what to do about it: a few sentences. */
export function verdict(fit: Fit): string {
  if (fit.separation) return separated(fit);
  switch (fit.result.reason) {
    case "diverged":
      return diverged(fit);
    case "steps":
      return unfinished(fit);
    case "gradient":
      return fit.result.choice ? fit.result.message : converged(fit);
    default:
      return fit.result.message;
  }
}

function converged({ result, history }: Fit): string {
  const { rule, steps, gradientNorm } = result;
  const left = formatNumber(gradientNorm / history.gradientNorms[0] || 0, 2);
  return `${rule.name} converged after ${formatPlural(steps, "step")}: the gradient's norm fell to ${formatNumber(gradientNorm)}, ${left} of the first.`;
}

function separated({ problem, result, separation }: Fit): string {
  const target = problem.dataset.target;
  const which =
    separation === "complete"
      ? `Every row's ${shortName(target)} can be told without a mistake`
      : `Some rows' ${shortName(target)} can be told without a mistake, and nothing holds their weights`;
  const where = `${result.converged ? "where no more of it can be seen" : "here"}, after ${formatPlural(result.steps, "step")}`;
  return (
    `${which}, so the weights grow for ever and the minimum lies at infinity; the descent stopped ${where}. ` +
    "A penalty gives a minimum that can be reached: try --l2 0.001."
  );
}

/** What the learning rate has to do with its limit, where the rule has one. */
function overLimit({ result, atStart }: Fit): { limit: number; text: string } | undefined {
  const { rule, learningRate } = result;
  if (isPreconditioned(rule)) return undefined;
  const limit = speedLimit(rule, { lambdaMax: atStart.lambdaMax });
  if (learningRate < limit) return undefined;
  const { remedy } = rule.declaration;
  const text =
    `The learning rate ${formatNumber(learningRate, 4)} is above this rule's speed limit ${formatNumber(limit, 4)} ` +
    `(λmax = ${formatNumber(atStart.lambdaMax, 4)}): ${remedy ? `try ${remedy}` : `use at most ${formatNumber(0.9 * limit)}, or --learning-rate auto`}.`;
  return { limit, text };
}

function standardized({ problem }: Fit): Curvature | undefined {
  const { file, loss, dataset, l2, scale } = problem;
  if (scale === "standard") return undefined;
  return measureCurvature(buildProblem(file, loss, dataset, { l2, scale: "standard" }));
}

/** The columns along which the steepest direction lies, as part of a sentence. */
function steepest({ problem, atStart }: Fit): string {
  const most = shares(problem, atStart.topVector)
    .slice(0, 3)
    .filter(({ share }, i) => i === 0 || share >= 0.05)
    .map(({ column, share }) => `${shortName(column)} (${formatPercent(share)})`);
  const list = most.length > 1 ? `${most.slice(0, -1).join(", ")} and ${most.at(-1)}` : most[0];
  return `The steepest direction lies along ${list}`;
}

function diverged(fit: Fit): string {
  const { result, history } = fit;
  const { rule, steps, learningRate } = result;
  const first = formatNumber(history.values[0]);
  const last = formatNumber(history.values.at(-1) as number);
  const what = `${rule.name} diverged after ${formatPlural(steps, "step")}: the value went from ${first} to ${last}.`;
  if (worksOutRate(rule)) return `${what} ${ownRateAdvice(rule, learningRate, "--learning-rate 0.5")}`;
  const over = overLimit(fit);
  if (!over) {
    return isPreconditioned(rule)
      ? `${what} Its steps are about as long as the learning rate ${formatNumber(learningRate)}: try a tenth of it, or --learning-rate auto.`
      : result.message;
  }
  const other = standardized(fit);
  const cure =
    other && other.speedLimit > over.limit
      ? `; --scale standard raises the limit of gradient descent from ${formatNumber(fit.atStart.speedLimit)} to ${formatNumber(other.speedLimit)}.`
      : ".";
  return `${what} ${over.text} ${steepest(fit)}${cure}`;
}

/** How far a convex function is above its minimum at most, where the curvature is at least what it is here. */
function heightAbove({ result, atEnd }: Fit): number {
  // A flat direction may hold any height: nothing is known of its curvature but that it is small.
  const lowest = atEnd?.definiteness === "positive" ? atEnd.smallestPositive : 0;
  return lowest > 0 ? result.gradientNorm ** 2 / (2 * lowest) : Infinity;
}

/** A value this near to its minimum, relatively, is there for every purpose. */
const NEAR = 1e-10;

function unfinished(fit: Fit): string {
  const { result, history } = fit;
  const { rule, steps, gradientNorm } = result;
  if (steps === 0) {
    return `${rule.name} took no step: the gradient's norm at the start is ${formatNumber(gradientNorm)}.`;
  }
  const above = heightAbove(fit);
  if (above <= NEAR * Math.abs(result.value)) {
    return `${rule.name} reached the minimum as nearly as matters in ${formatPlural(steps, "step")}: the gradient's norm is ${formatNumber(gradientNorm)}, which puts the value within ${formatNumber(above, 2)} of its least.`;
  }
  const left = gradientNorm / history.gradientNorms[0];
  const share = left > 1 ? "more than it was at the start" : `${formatNumber(left, 2)} of the first`;
  const what = `${rule.name} stopped short of the minimum, after ${formatPlural(steps, "step")}: the gradient's norm is ${formatNumber(gradientNorm)}, ${share}.`;
  return `${what} ${advice(fit)}`;
}

/** A gradient that is still this part of the first has not come near a minimum. */
const FAR = 1e-2;

/** What a bound below the least value has to do with a run that does not settle, where the rule steps by one. */
function lowBound({ result, history }: Fit): string | undefined {
  const { rule, gradientNorm } = result;
  const { lowerBound, estimateBound } = rule.options;
  if (typeof lowerBound !== "number" || estimateBound === true) return undefined;
  if (gradientNorm < FAR * history.gradientNorms[0]) return undefined;
  const lowest = history.values.reduce((least, value) => Math.min(least, value), Infinity);
  if (lowest <= lowerBound) return undefined;
  return (
    `${rule.name} steps towards its lowerBound, ${formatNumber(lowerBound)}, and does not settle where the least value is higher: ` +
    `it came to ${formatNumber(lowest, 6)} on the way, so try --option lowerBound= with a number somewhat below that.`
  );
}

/** The constant column along which the steepest direction lies, if it does. */
function steepConstant({ problem, atStart }: Fit): string | undefined {
  const [{ column, share }] = shares(problem, atStart.topVector);
  return share > 0.5 && problem.scaling.constantColumns.includes(column) ? column : undefined;
}

function advice(fit: Fit): string {
  const { result, history, audit } = fit;
  const { rule, learningRate, gradientNorm, value, steps } = result;
  const constant = steepConstant(fit);
  if (constant) {
    return `Column ${shortName(constant)} is constant, says nothing, and makes the valley long: leave it out with --exclude ${constant}.`;
  }
  const low = lowBound(fit);
  if (low) return low;
  const over = overLimit(fit);
  if (over && (fit.problem.objective.quadratic || value > history.values[0])) return over.text;
  const { learningRate: planned, weightDecay } = rule.options;
  if (typeof weightDecay === "number" && weightDecay > 0) {
    return `Its weightDecay of ${formatNumber(weightDecay)} holds the weights away from the minimum of the loss: --option weightDecay=0 lets go.`;
  }
  if (planned === 0) return "A learning rate of 0 moves nothing.";
  if (typeof planned === "function" && learningRate < 1e-3 * planned(0)) {
    return `The schedule has brought the learning rate down to ${formatNumber(learningRate)}: allow more steps (--steps).`;
  }
  if (gradientNorm * learningRate * gradientNorm < Number.EPSILON * Math.abs(value)) {
    return "In this precision its steps no longer change the value.";
  }
  // What is fast at first slows down to the slowest mode.
  const rate = Math.max(audit.observedRate ?? 0, audit.predictedRate ?? 0);
  const missing = (GRADIENT_SHRINKS * history.gradientNorms[0]) / gradientNorm;
  const more = rate > 0 && rate < 1 ? log(missing) / log(rate) : Infinity;
  const forecast = more < Infinity ? `It would need about ${formatSteps(more)} steps more` : undefined;
  const other = standardized(fit);
  if (other && other.conditionNumber < fit.atStart.conditionNumber / 10) {
    const kappas = `from ${formatNumber(fit.atStart.conditionNumber)} to ${formatNumber(other.conditionNumber)}`;
    return `${forecast ? `${forecast}: better` : "Better"} let --scale standard bring the condition number down ${kappas}.`;
  }
  if (forecast && more < TOO_MANY)
    return `${forecast}: --steps ${Number((1.1 * (steps + more)).toPrecision(2))}.`;
  const cures = result.choice
    ? "add a penalty (--l2)"
    : "leave the rule to be chosen, or add a penalty (--l2)";
  return `${forecast ? `${forecast}. Better` : "Better"} ${cures}.`;
}
