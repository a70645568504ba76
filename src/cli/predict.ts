import Papa from "papaparse";
import { parseFeatures } from "../data/index.ts";
import { formatNumber, formatPercent } from "../report/format.ts";
import { readText } from "./files.ts";
import { predictRows, quality, readModel } from "./model.ts";
import type { Arguments, CliOptionName } from "./options.ts";
import { toJson } from "./output.ts";
import { inFile } from "./problem.ts";
import { UsageError } from "./usage-error.ts";

export const predictOptions: readonly CliOptionName[] = ["json", "help"];

/** thalweg predict: what a saved model says of a CSV file. Quality goes to standard error. */
export function predict(args: Arguments, remark: (text: string) => void): string {
  const [modelFile, dataFile, ...more] = args.positionals;
  if (modelFile === undefined || dataFile === undefined || more.length > 0) {
    throw new UsageError("predict: a model and a CSV file are needed; see thalweg predict --help");
  }
  const model = readModel(modelFile, readText(modelFile));
  const { target, classes, columns, loss } = model;
  const data = inFile(dataFile, () => parseFeatures(readText(dataFile), columns, { target, classes }));
  const predictions = inFile(dataFile, () => predictRows(model, data.features));
  const { predicted, probabilities } = predictions;
  const measured = data.targets && quality(loss, predictions, data.targets);
  const labels = classes ? predicted.map((index) => classes[index]) : predicted;
  if (args.has("json")) {
    const rows = probabilities && classes ? rowsOf(probabilities, classes.length) : undefined;
    return toJson({ target, n: data.rows, classes, predictions: labels, probabilities: rows, ...measured });
  }
  if (measured) {
    remark(
      "accuracy" in measured
        ? `accuracy ${formatPercent(measured.accuracy)} on ${data.rows} rows`
        : `R² ${measured.rSquared === null ? "is not defined" : formatNumber(measured.rSquared, 4)} on ${data.rows} rows`,
    );
  }
  const header = classes ? [target, ...classes.map((label) => `p(${label})`)] : [target];
  const rows = labels.map((label, i) =>
    classes && probabilities
      ? [label, ...probabilities.slice(i * classes.length, (i + 1) * classes.length)]
      : [label],
  );
  return Papa.unparse([header, ...rows], { newline: "\n" });
}

function rowsOf(values: readonly number[], width: number): number[][] {
  return Array.from({ length: values.length / width }, (_, i) => values.slice(i * width, (i + 1) * width));
}
