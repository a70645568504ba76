import { describe } from "../core/describe.ts";
import { exp } from "../core/scalar.ts";
import { accuracy, applyScaling, type Classes, rSquared, type Scaling } from "../data/index.ts";
import { INTERCEPT, type Loss, losses } from "./problem.ts";
import { UsageError } from "./usage-error.ts";

/** A fitted model, as `thalweg fit --save` writes it. */
export interface Model {
  readonly format: "thalweg-model";
  readonly version: 1;
  readonly loss: Loss;
  readonly l2: number;
  readonly target: string;
  /** The features, in the order of the weights. */
  readonly columns: readonly string[];
  readonly classes?: Classes;
  readonly scaling: Scaling;
  /** (features + 1) × outputs weights in scaled coordinates, row-major, the intercepts last. */
  readonly x: readonly number[];
  /** The same weights in the data's own units. */
  readonly coefficients: readonly number[];
}

/** What a model says of rows of features. */
export interface Predictions {
  /** Numbers, or for classifiers indices into the classes. */
  readonly predicted: readonly number[];
  /** For classifiers: the probability of each class, a row after the other. */
  readonly probabilities?: readonly number[];
}

type Fitted = Pick<Model, "loss" | "scaling" | "x" | "classes">;

/** Applies a model to row-major features. */
export function predictRows({ loss, scaling, x, classes }: Fitted, features: Float64Array): Predictions {
  const scaled = applyScaling(scaling, features);
  const width = scaling.means.length;
  const outputs = x.length / (width + 1);
  const rows = scaled.length / width;
  const predicted: number[] = [];
  const probabilities: number[] = [];
  const scores = new Array<number>(outputs);
  for (let i = 0; i < rows; i++) {
    for (let c = 0; c < outputs; c++) {
      let score = x[width * outputs + c];
      for (let j = 0; j < width; j++) score += scaled[i * width + j] * x[j * outputs + c];
      scores[c] = score;
    }
    if (loss === "least-squares") predicted.push(scores[0]);
    else {
      const row = softmax(loss === "logistic" ? [0, scores[0]] : scores);
      predicted.push(row.indexOf(Math.max(...row)));
      probabilities.push(...row);
    }
  }
  return classes ? { predicted, probabilities } : { predicted };
}

function softmax(scores: readonly number[]): number[] {
  const largest = Math.max(...scores);
  const weights = scores.map((score) => exp(score - largest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** How well predictions meet what is: the accuracy of a classifier, R² of a regression. */
export function quality(
  loss: Loss,
  { predicted }: Predictions,
  actual: Float64Array | Uint32Array,
): { accuracy: number } | { rSquared: number | null } {
  return loss === "least-squares"
    ? { rSquared: rSquared(predicted, actual) }
    : { accuracy: accuracy(predicted, actual) };
}

/** Reads a model's text, or says what is wrong with it. */
export function readModel(file: string, text: string): Model {
  let model: Partial<Record<keyof Model, unknown>>;
  try {
    model = JSON.parse(text);
  } catch {
    throw new UsageError(`${file} is not a model: it is not JSON`);
  }
  const wrong = modelFault(model);
  if (wrong) throw new UsageError(`${file} is not a model that this version reads: ${wrong}`);
  return model as Model;
}

function modelFault(model: Partial<Record<keyof Model, unknown>> | null): string | undefined {
  if (typeof model !== "object" || model === null || model.format !== "thalweg-model") {
    return 'its format is not "thalweg-model"';
  }
  if (model.version !== 1) return `its version is ${describe(model.version)}`;
  if (!losses.includes(model.loss as Loss)) return `its loss is ${describe(model.loss)}`;
  if (typeof model.target !== "string") return "its target is not a column's name";
  const { columns, classes, scaling, x } = model;
  const isNumbers = (list: unknown, length: number) =>
    Array.isArray(list) && list.length === length && list.every((entry) => Number.isFinite(entry));
  if (!Array.isArray(columns) || columns.length === 0 || !columns.every((name) => typeof name === "string")) {
    return "its columns are not names";
  }
  const isClass = (entry: unknown) => typeof entry === "string" || Number.isFinite(entry);
  const regression = model.loss === "least-squares";
  if (regression !== (classes === undefined)) return "its classes do not go with its loss";
  if (!regression && (!Array.isArray(classes) || classes.length < 2 || !classes.every(isClass))) {
    return "its classes are not labels";
  }
  const outputs = model.loss === "softmax" ? (classes as unknown[]).length : 1;
  if (!isNumbers(x, (columns.length + 1) * outputs)) {
    return `x is not ${(columns.length + 1) * outputs} numbers (${columns.length} columns and ${INTERCEPT})`;
  }
  const { means, scales } = (scaling ?? {}) as Partial<Scaling>;
  if (!isNumbers(means, columns.length) || !isNumbers(scales, columns.length) || scales?.includes(0)) {
    return "its scaling does not go with its columns";
  }
  return undefined;
}
