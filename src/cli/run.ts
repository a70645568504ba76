import { describe, didYouMean } from "../core/describe.ts";
import { DataError } from "../data/index.ts";
import { bifurcationCommand, bifurcationOptions } from "./bifurcation.ts";
import { deblur, deblurOptions } from "./deblur.ts";
import { fit, fitOptions } from "./fit.ts";
import { commandHelp, mainHelp } from "./help.ts";
import { inspect, inspectOptions } from "./inspect.ts";
import type { Io } from "./io.ts";
import { readArguments } from "./options.ts";
import { predict, predictOptions } from "./predict.ts";
import { Progress } from "./progress.ts";
import { sweep, sweepOptions } from "./sweep.ts";
import { UsageError } from "./usage-error.ts";

const commands = {
  inspect: inspectOptions,
  fit: fitOptions,
  sweep: sweepOptions,
  predict: predictOptions,
  bifurcation: bifurcationOptions,
  deblur: deblurOptions,
};
type Command = keyof typeof commands;

/** What the exit codes say: done, a mistake in the call or the data, a descent that diverged, anything else. */
const exitCodes = { done: 0, failed: 1, mistake: 2, diverged: 3 } as const;

/** Control characters, which a terminal would obey: names and cells of a file are shown, not trusted. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/**
 * Runs one call of the command line.
 *
 * @param args - what stands behind `thalweg`
 * @returns the exit code
 */
export async function runCli(args: readonly string[], io: Io): Promise<number> {
  const print = (text: string) => io.out(`${text}\n`);
  const remark = (text: string) => io.err(`${text.replace(control, "�")}\n`);
  try {
    return await dispatch(args, io, print, remark);
  } catch (error) {
    if (error instanceof UsageError || error instanceof DataError) {
      remark(`thalweg: ${error.message}`);
      return exitCodes.mistake;
    }
    remark(`thalweg: ${(error as Error)?.stack ?? String(error)}`);
    return exitCodes.failed;
  }
}

function isCommand(name: string): name is Command {
  return Object.hasOwn(commands, name);
}

async function dispatch(
  [command, ...rest]: readonly string[],
  io: Io,
  print: (text: string) => void,
  remark: (text: string) => void,
): Promise<number> {
  if (command === undefined || command === "--help" || command === "-h" || command === "help") {
    const [topic] = rest;
    print(topic !== undefined && isCommand(topic) ? commandHelp[topic](commands[topic]) : mainHelp);
    return exitCodes.done;
  }
  if (command === "--version" || command === "-v") {
    print(process.env.THALWEG_VERSION ?? "unknown");
    return exitCodes.done;
  }
  if (!isCommand(command)) {
    throw new UsageError(
      `unknown command ${describe(command)}${didYouMean(command, Object.keys(commands))}; see thalweg --help`,
    );
  }
  const args = readArguments(command, commands[command], rest);
  if (args.has("help")) {
    print(commandHelp[command](commands[command]));
    return exitCodes.done;
  }
  const progress = new Progress(args.has("json") ? undefined : io.terminal);
  try {
    if (command === "inspect") print(inspect(args, progress, io.width));
    else if (command === "predict") print(predict(args, remark));
    else if (command === "deblur") print(deblur(args, progress, io.width));
    else if (command === "sweep") print(sweep(args, progress, io.width));
    else if (command === "bifurcation") print(await bifurcationCommand(args, progress, io.width));
    else {
      const { text, diverged } = await fit(args, progress, io.width);
      print(text);
      if (diverged) return exitCodes.diverged;
    }
  } finally {
    progress.done();
  }
  return exitCodes.done;
}
