#!/usr/bin/env node
import { describe, didYouMean } from "../core/describe.ts";
import { DataError } from "../data/index.ts";
import { fit, fitOptions } from "./fit.ts";
import { commandHelp, mainHelp } from "./help.ts";
import { inspect, inspectOptions } from "./inspect.ts";
import { readArguments } from "./options.ts";
import { predict, predictOptions } from "./predict.ts";
import { Progress } from "./progress.ts";
import { UsageError } from "./usage-error.ts";

const commands = { inspect: inspectOptions, fit: fitOptions, predict: predictOptions };
type Command = keyof typeof commands;

const DIVERGED = 3;

const print = (text: string) => process.stdout.write(`${text}\n`);
const remark = (text: string) => process.stderr.write(`${text}\n`);

async function main([command, ...rest]: readonly string[]): Promise<number> {
  if (command === undefined || command === "--help" || command === "-h" || command === "help") {
    print(mainHelp);
    return 0;
  }
  if (command === "--version") {
    print(process.env.THALWEG_VERSION ?? "unknown");
    return 0;
  }
  if (!Object.hasOwn(commands, command)) {
    throw new UsageError(`unknown command ${describe(command)}${didYouMean(command, Object.keys(commands))}`);
  }
  const name = command as Command;
  const args = readArguments(name, commands[name], rest);
  if (args.has("help")) {
    print(commandHelp[name](commands[name]));
    return 0;
  }
  const progress = new Progress(process.stderr.isTTY === true && !args.has("json"));
  try {
    if (name === "inspect") print(inspect(args, progress));
    else if (name === "predict") print(predict(args, remark));
    else {
      const { text, diverged } = await fit(args, progress);
      print(text);
      if (diverged) return DIVERGED;
    }
  } finally {
    progress.done();
  }
  return 0;
}

// A reader that goes away (as in `thalweg … | head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError || error instanceof DataError) {
    remark(`thalweg: ${error.message}`);
    process.exitCode = 2;
  } else {
    remark(`thalweg: ${(error as Error)?.stack ?? String(error)}`);
    process.exitCode = 1;
  }
}
