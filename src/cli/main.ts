#!/usr/bin/env node
import { runCli } from "./run.ts";

const WIDEST = 100;

// A reader that goes away (as in `thalweg … | head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit();
  throw error;
});

process.exitCode = await runCli(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  width: Math.min(process.stdout.columns || WIDEST, WIDEST),
  terminal: process.stderr.isTTY ? process.stderr : undefined,
});
