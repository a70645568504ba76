import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import { runCli } from "../../src/cli/run.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The data sets of the references, with what a command is told about each. */
export const diabetes = [
  `${root}test/data/diabetes.csv`,
  "--target",
  "progression",
  "--loss",
  "least-squares",
];
export const breastCancer = (loss: string) => [
  `${root}examples/data/breast-cancer.csv`,
  "--target",
  "benign",
  "--loss",
  loss,
];
export const digits = [
  `${root}test/data/digits.csv`,
  "--target",
  "digit",
  "--loss",
  "softmax",
  "--scale",
  "divide:16",
  "--l2",
  "0.001",
];
export const iris = [`${root}test/data/iris.csv`, "--target", "species", "--loss", "softmax"];
export const oRing = (rows: 23 | 24) => [
  `${root}test/data/o-ring-${rows}.csv`,
  "--target",
  "distress",
  "--loss",
  "logistic",
];

/** A call of the command line inside this process. */
export async function call(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = "";
  let err = "";
  const code = await runCli(args, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    width: 100,
  });
  return { code, out, err };
}

/** What a call with --json prints, which must succeed (or diverge) without a word on standard error. */
// biome-ignore lint/suspicious/noExplicitAny: JSON is what the tests look into
export async function callJson(...args: string[]): Promise<any> {
  const { code, out, err } = await call(...args, "--json");
  if (err !== "" || (code !== 0 && code !== 3)) throw new Error(`exit code ${code}: ${err}`);
  return JSON.parse(out);
}

/** The message of a call that must fail with exit code 2 and print nothing else. */
export async function mistake(...args: string[]): Promise<string> {
  const { code, out, err } = await call(...args);
  if (code !== 2 || out !== "") throw new Error(`exit code ${code}, printed ${out}${err}`);
  return err;
}

/** A folder of this test file's own, with a way to put files into it. */
export function scratch(): { folder: string; file: (name: string, text: string | Uint8Array) => string } {
  const folder = mkdtempSync(join(tmpdir(), "thalweg-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return {
    folder,
    file(name, text) {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    },
  };
}
