import { formatNumber } from "../core/format.ts";
import type { Numbers } from "../core/precision.ts";
import { eigenvaluesOf } from "../curvature/eigenvalues.ts";
import { jacobianAt } from "../curvature/jacobian.ts";
import { powerIteration } from "../curvature/power-iteration.ts";
import type { Objective } from "../objectives/objective.ts";
import { type Rule, worksOutRate } from "../rules/rule.ts";
import { descentLimit } from "./euler-limit.ts";
import { isPreconditioned } from "./mode.ts";
import { speedLimit } from "./speed-limit.ts";

/** The eigenvalue of largest modulus at a point, to a few digits; NaN where it cannot be had. */
function dominantEigenvalue(objective: Objective, point: Numbers): number {
  try {
    return powerIteration(objective, { at: point, steps: 60, tolerance: 1e-3 }).lambda;
  } catch {
    // The problem threw, or its products are not finite: there is nothing to measure here.
    return Number.NaN;
  }
}

/**
 * What to do about the rates of a rule that works them out by itself, where they were too high: a sentence.
 *
 * @param half - how a learning rate of 0.5 is given
 */
export const ownRateAdvice = (
  { declaration }: Rule,
  lastRate: number,
  half = "a learningRate of 0.5",
): string =>
  `It works its rates out by itself, and ${formatNumber(lastRate)} was the last: try ${declaration.remedy ?? `${half}, which halves them all`}.`;

/**
 * Why a run diverged and what to do, from the curvature at its start and the rule's own limit: one or
 * two sentences.
 */
export function explainDivergence(
  objective: Objective,
  rule: Rule,
  start: Numbers,
  learningRate: number,
): string {
  if (worksOutRate(rule)) return ownRateAdvice(rule, learningRate);
  if (isPreconditioned(rule)) {
    return `Its steps are about as long as the learning rate ${formatNumber(learningRate)}: try a tenth of it.`;
  }
  if (objective.field) return explainField(objective, start, learningRate);
  const lambda = dominantEigenvalue(objective, start);
  if (Number.isNaN(lambda)) return `Try a smaller learning rate than ${formatNumber(learningRate)}.`;
  if (lambda <= 0) {
    return `At the start the function curves downwards (λ = ${formatNumber(lambda)}), where no learning rate is stable: it may have no minimum.`;
  }
  const limit = speedLimit(rule, { lambdaMax: lambda });
  if (limit === 0) {
    return `This rule ascends where the function curves upwards (λmax = ${formatNumber(lambda)}), so that no learning rate is stable: is maximize meant?`;
  }
  const { remedy } = rule.declaration;
  if (learningRate >= limit || learningRate < 0) {
    return (
      `The learning rate ${formatNumber(learningRate)} ${learningRate < 0 ? "that it came to is negative; it should stay below" : "exceeds"} the speed limit ${formatNumber(limit)} of this rule at the start ` +
      `(λmax = ${formatNumber(lambda)}): ${remedy ? `try ${remedy}` : `use at most ${formatNumber(0.9 * limit)}`}.`
    );
  }
  return (
    `The learning rate ${formatNumber(learningRate)} was within the speed limit ${formatNumber(limit)} at the start ` +
    `(λmax = ${formatNumber(lambda)}), so the curvature rose on the way: use a smaller one, or warm up to it.`
  );
}

/** Entries of a field up to which its Jacobian is made to explain a divergence. */
const SMALL = 256;

/** The same of a field, whose Jacobian need not be symmetric. */
function explainField(objective: Objective, start: Numbers, learningRate: number): string {
  const smaller = `Try a smaller learning rate than ${formatNumber(learningRate)}`;
  const limit = objective.dimension <= SMALL ? fieldLimit(objective, start) : Number.NaN;
  if (Number.isNaN(limit)) return `${smaller}; rotation(field, { at }) says how small.`;
  if (limit === 0) {
    return "At the start the field drives some mode away, or only turns it, and there no learning rate is stable.";
  }
  if (learningRate >= limit) {
    return (
      `The learning rate ${formatNumber(learningRate)} exceeds the limit ${formatNumber(limit)} of gradient descent on this field at the start ` +
      `(the least 2 Re(μ)/|μ|² over the eigenvalues of its Jacobian): use at most ${formatNumber(0.9 * limit)}.`
    );
  }
  return `${smaller}: it was within the limit ${formatNumber(limit)} of gradient descent at the start, so the field changed on the way.`;
}

/** The step limit of a field at a point; NaN where it cannot be had. */
function fieldLimit(objective: Objective, point: Numbers): number {
  try {
    return descentLimit(eigenvaluesOf("rotation", jacobianAt("rotation", objective, point)));
  } catch {
    // The field threw, or its products are not finite: there is nothing to measure here.
    return Number.NaN;
  }
}
