import type { DataProblem } from "./problem.ts";

/**
 * Whether a linear model tells classes apart: all rows without a mistake ("complete"), or some while
 * along the same direction the others do not change ("quasi-complete"). Without a penalty the loss then
 * falls along that direction for ever, and its minimum lies at infinity.
 *
 * Source: Albert and Anderson, "On the existence of maximum likelihood estimates in logistic regression
 * models", Biometrika 71, 1984.
 */
export type Separation = "complete" | "quasi-complete";

/** Part of the largest margin below which a margin is taken for 0. */
const ROUNDING = 1e-7;
/** Part of a vector's length below which what is left of it is taken for 0. */
const DEPENDENT = 1e-8;
/** Multiplications that looking for a quasi-complete separation may take. */
const WORK = 1e9;

type Margins = (
  direction: ArrayLike<number>,
  each: (margin: number, row: number, other: number) => void,
) => void;

/** Calls back with each row's margin over each class that it is not of: how much more its own class scores. */
function marginsOf({ features, dataset, outputs, classes }: DataProblem): Margins {
  const width = dataset.columns.length;
  const scores = new Float64Array(outputs);
  return (w, each) => {
    for (let i = 0; i < dataset.rows; i++) {
      for (let c = 0; c < outputs; c++) {
        let score = w[width * outputs + c];
        for (let j = 0; j < width; j++) score += features[i * width + j] * w[j * outputs + c];
        scores[c] = score;
      }
      const own = dataset.targets[i];
      if (outputs === 1) each(own === 1 ? scores[0] : -scores[0], i, 1 - own);
      else
        for (let c = 0; c < (classes?.length ?? 0); c++) if (c !== own) each(scores[own] - scores[c], i, c);
    }
  };
}

function extremes(margins: Margins, direction: ArrayLike<number>): { least: number; most: number } {
  let least = Infinity;
  let most = -Infinity;
  margins(direction, (margin) => {
    if (margin < least) least = margin;
    if (margin > most) most = margin;
  });
  return { least, most };
}

const separates = ({ least, most }: { least: number; most: number }): boolean =>
  least > ROUNDING * ROUNDING * most && most > 0;

/** Whether the weights tell all classes apart. */
export function isComplete(problem: DataProblem, weights: ArrayLike<number>): boolean {
  return separates(extremes(marginsOf(problem), weights));
}

/** The vector whose inner product with the weights is a row's margin over a class. */
function marginVector({ features, dataset, outputs }: DataProblem, row: number, other: number): Float64Array {
  const width = dataset.columns.length;
  const vector = new Float64Array((width + 1) * outputs);
  const own = dataset.targets[row];
  for (let j = 0; j <= width; j++) {
    const feature = j < width ? features[row * width + j] : 1;
    if (outputs === 1) vector[j] = own === 1 ? feature : -feature;
    else {
      vector[j * outputs + own] = feature;
      vector[j * outputs + other] = -feature;
    }
  }
  return vector;
}

/** Takes out of a vector what lies along the orthonormal basis, twice for the rounding; returns what is left. */
function reject(vector: Float64Array, basis: readonly Float64Array[]): number {
  for (let pass = 0; pass < 2; pass++) {
    for (const unit of basis) {
      let along = 0;
      for (let j = 0; j < vector.length; j++) along += unit[j] * vector[j];
      for (let j = 0; j < vector.length; j++) vector[j] -= along * unit[j];
    }
  }
  return Math.hypot(...vector);
}

/**
 * Looks for a separation with weights to which a descent has led. From the weights it takes out whatever
 * changes the margins of rows on the wrong side, then of those that get there by this, and so on: what is
 * left, if anything, separates some rows and leaves the others as they are. What is found is thus certain;
 * what is not found may be there all the same.
 */
export function findSeparation(problem: DataProblem, weights: Float64Array): Separation | undefined {
  const { classes, l2, outputs, dataset, scaling } = problem;
  if (!classes || l2 > 0) return undefined;
  const margins = marginsOf(problem);
  const first = extremes(margins, weights);
  if (separates(first)) return "complete";
  const free = dataset.columns.length + 1 - scaling.constantColumns.length;
  const fullRank = free * (outputs === 1 ? 1 : classes.length - 1);
  const basis: Float64Array[] = [];
  const direction = weights.slice();
  let now = first;
  let work = 0;
  while (now.least < -ROUNDING * now.most) {
    const wrong: [row: number, other: number][] = [];
    margins(direction, (margin, row, other) => {
      if (margin < -ROUNDING * now.most) wrong.push([row, other]);
    });
    for (const [row, other] of wrong) {
      work += 4 * basis.length * weights.length;
      if (basis.length >= fullRank || work > WORK) return undefined;
      const vector = marginVector(problem, row, other);
      const length = Math.hypot(...vector);
      const left = reject(vector, basis);
      if (left > DEPENDENT * length) basis.push(vector.map((entry) => entry / left));
    }
    reject(direction, basis);
    now = extremes(margins, direction);
    if (now.most <= ROUNDING * first.most) return undefined;
  }
  return "quasi-complete";
}
