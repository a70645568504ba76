import { describe } from "../core/describe.ts";
import type { Numbers } from "../core/precision.ts";
import { type Curvature, curvature } from "../curvature/curvature.ts";
import {
  applyScaling,
  type Classes,
  DataError,
  type Dataset,
  parseCsv,
  parseScale,
  type Scale,
  type Scaling,
  scaling,
} from "../data/index.ts";
import { leastSquares, logisticRegression, type Objective, softmaxRegression } from "../objectives/index.ts";
import { readText } from "./files.ts";
import type { Arguments } from "./options.ts";
import { UsageError } from "./usage-error.ts";

export const losses = ["least-squares", "logistic", "softmax"] as const;
export type Loss = (typeof losses)[number];

/** What the intercept's weight is called among the columns. */
export const INTERCEPT = "(intercept)";

/** A problem on a data set, with what is needed to speak of it. */
export interface DataProblem {
  readonly file: string;
  readonly loss: Loss;
  readonly l2: number;
  readonly scale: Scale;
  readonly scaling: Scaling;
  readonly dataset: Dataset;
  /** The features as the objective has them: rescaled, row-major. */
  readonly features: Float64Array;
  readonly objective: Objective;
  /** Columns of the data and the intercept's: the rows of the weights. */
  readonly columns: readonly string[];
  /** Weights per column: 1, or for softmax one a class. */
  readonly outputs: number;
  readonly classes?: Classes;
}

/** What was asked, as every command's JSON begins. */
export const problemJson = ({ file, dataset, loss, l2, scale }: DataProblem) => ({
  file,
  target: dataset.target,
  loss,
  l2,
  scale,
});

/** The one file that a command is given. */
export function onePositional(command: string, args: Arguments, what: string): string {
  const [file, ...more] = args.positionals;
  if (file === undefined)
    throw new UsageError(`${command}: ${what} is needed; see thalweg ${command} --help`);
  if (more.length > 0)
    throw new UsageError(`${command}: one file expected, got also ${more.map(describe).join(", ")}`);
  return file;
}

/** The data set that a command line speaks of. */
export function readDataset(
  command: string,
  args: Arguments,
): { file: string; loss: Loss; dataset: Dataset } {
  const file = onePositional(command, args, "a CSV file");
  const target = args.required("target");
  const loss = args.choice("loss", losses);
  const exclude = args
    .text("exclude")
    ?.split(",")
    .map((name) => name.trim());
  const text = readText(file);
  const task = loss === "least-squares" ? "regression" : "classification";
  const dataset = inFile(file, () => parseCsv(text, { target, task, exclude }));
  if (loss === "logistic" && dataset.task === "classification" && dataset.classes.length > 2) {
    const numbers = dataset.classes.length > dataset.rows / 2 && typeof dataset.classes[0] === "number";
    throw new UsageError(
      `${file}: target ${describe(target)} has ${dataset.classes.length} classes, and --loss logistic takes two; use --loss ${numbers ? "least-squares, as for a target of numbers" : "softmax"}`,
    );
  }
  return { file, loss, dataset };
}

const LABELS = "labels are for --loss logistic or softmax";

/** Names the file in front of what is wrong with its data, in the words of the command line. */
export function inFile<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DataError) {
      const message = error.message.replace('labels are for task: "classification"', LABELS);
      throw new DataError(`${file}: ${message}`);
    }
    if (error instanceof RangeError || error instanceof TypeError)
      throw new UsageError(`${file}: ${error.message.replace(/^\w+: /, "")}`);
    throw error;
  }
}

/** --scale, or what the command does without it. */
export function readScale(args: Arguments, fallback: Scale): Scale {
  const text = args.text("scale");
  if (text === undefined) return fallback;
  try {
    return parseScale(text);
  } catch (error) {
    throw new UsageError(`--scale: ${(error as Error).message.replace(/^parseScale: /, "")}`);
  }
}

export function readL2(args: Arguments): number {
  return args.number("l2", "[0, ∞)", (v) => v >= 0) ?? 0;
}

/** The problem of fitting a loss to a data set, in scaled coordinates. */
export function buildProblem(
  file: string,
  loss: Loss,
  dataset: Dataset,
  { l2, scale }: { readonly l2: number; readonly scale: Scale },
): DataProblem {
  return inFile(file, () => {
    const measured = scaling(dataset, scale);
    const features = applyScaling(measured, dataset.features);
    const options = { columns: dataset.columns.length, intercept: true, l2 };
    const common = {
      file,
      loss,
      l2,
      scale,
      scaling: measured,
      dataset,
      features,
      columns: [...dataset.columns, INTERCEPT],
    };
    if (dataset.task === "regression") {
      return { ...common, objective: leastSquares(features, dataset.targets, options), outputs: 1 };
    }
    const { targets, classes } = dataset;
    if (loss === "logistic") {
      return { ...common, classes, objective: logisticRegression(features, targets, options), outputs: 1 };
    }
    const indices = Array.from(classes, (_, i) => i);
    return {
      ...common,
      classes,
      objective: softmaxRegression(features, targets, { ...options, classes: indices }),
      outputs: classes.length,
    };
  });
}

/** The curvature of a problem at a point (zeros if left out). */
export function measureCurvature(problem: DataProblem, at?: Numbers): Curvature {
  try {
    return curvature(problem.objective, at ? { at } : {});
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(
      `${problem.file}: the features are so large that their squares leave the range of numbers; use --scale standard`,
    );
  }
}
