import { readFileSync } from "node:fs";
import { describe } from "../core/describe.ts";
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
  readonly objective: Objective;
  /** Columns of the data and the intercept's: the rows of the weights. */
  readonly columns: readonly string[];
  /** Weights per column: 1, or for softmax one a class. */
  readonly outputs: number;
  readonly classes?: Classes;
}

/** Reads a text file, or says why not. */
export function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === "ENOENT"
        ? "there is no such file"
        : code === "EISDIR"
          ? "it is a folder"
          : (error as Error).message;
    throw new UsageError(`cannot read ${file}: ${why}`);
  }
}

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
    throw new UsageError(
      `${file}: column ${describe(target)} has ${dataset.classes.length} classes, and --loss logistic takes two; use --loss softmax`,
    );
  }
  return { file, loss, dataset };
}

/** Names the file in front of what is wrong with its data. */
export function inFile<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DataError) throw new DataError(`${file}: ${error.message}`);
    if (error instanceof RangeError || error instanceof TypeError)
      throw new UsageError(`${file}: ${error.message}`);
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
