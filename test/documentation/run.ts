import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build, transform } from "esbuild";
import ts from "typescript";
import type { Example } from "./blocks.ts";
import { instrument } from "./instrument.ts";
import { programWith } from "./program.ts";
import type { Job } from "./runner.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** The public entries: what is imported by which name, and where it comes from. */
export const entries: Readonly<Record<string, string>> = {
  thalweg: `${root}src/index.ts`,
  "thalweg/data": `${root}src/data/index.ts`,
  "thalweg/report": `${root}src/report/index.ts`,
};

const moduleOptions = {
  format: "esm",
  target: "es2022",
  tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
} as const;

/** Milliseconds that all examples may take together. */
const TIME_LIMIT = 120_000;

/** What the compiler says of each example in TypeScript, as a reader's own strict project would. */
function typeErrors(examples: readonly Example[]): string[][] {
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    types: ["node"],
    lib: ["lib.es2022.d.ts", "lib.esnext.disposable.d.ts", "lib.dom.d.ts"],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    moduleDetection: ts.ModuleDetectionKind.Force,
  };
  const codes = new Map(
    examples.flatMap(({ language, code }, i) =>
      language === "ts" ? [[`${root}example-${i}.ts`, code]] : [],
    ),
  );
  const program = programWith(codes, [], options, entries);
  return examples.map((_, i) => {
    const source = program.getSourceFile(`${root}example-${i}.ts`);
    if (!source) return [];
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText, start = 0 }) =>
        `line ${source.getLineAndCharacterOfPosition(start).line + 1} does not compile: ` +
        ts.flattenDiagnosticMessageText(messageText, "\n"),
    );
  });
}

/** Writes the library as it is installed, and the runner, under `folder`. */
async function install(folder: string): Promise<void> {
  const library = join(folder, "node_modules/thalweg");
  const shared = {
    absWorkingDir: root,
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2022",
  } as const;
  mkdirSync(library, { recursive: true });
  const { exports, name, type } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
  const files = Object.entries(entries).map(([specifier, path]) => {
    const { default: target } = exports[specifier.replace(name, ".")];
    return [target.replace(/^\.\/|\.js$/g, ""), path];
  });
  writeFileSync(join(library, "package.json"), JSON.stringify({ name, type, exports }));
  await Promise.all([
    build({
      ...shared,
      platform: "neutral",
      mainFields: ["module", "main"],
      external: ["stream"],
      entryPoints: Object.fromEntries(files),
      outdir: library,
    }),
    build({
      ...shared,
      platform: "node",
      entryPoints: { runner: `${root}test/documentation/runner.ts` },
      outdir: folder,
      outExtension: { ".js": ".mjs" },
    }),
  ]);
}

/** Runs jobs in order; one that takes the process down is noted, and the next begins in a new one. */
async function runJobs(folder: string, jobs: readonly Job[]): Promise<string[][]> {
  const outcomes: string[][] = [];
  const jobsFile = join(folder, "jobs.json");
  const resultsFile = join(folder, "results.jsonl");
  while (outcomes.length < jobs.length) {
    writeFileSync(jobsFile, JSON.stringify(jobs.slice(outcomes.length)));
    writeFileSync(resultsFile, "");
    const crash = await promisify(execFile)(process.execPath, ["runner.mjs", jobsFile, resultsFile], {
      cwd: folder,
      timeout: TIME_LIMIT,
    }).then(
      () => "it ended the process",
      (error: Error & { readonly stderr: string }) => error.stderr.trim() || error.message,
    );
    const lines = readFileSync(resultsFile, "utf8").split("\n").slice(0, -1);
    outcomes.push(...lines.map((line): string[] => JSON.parse(line)));
    if (outcomes.length < jobs.length) outcomes.push([`did not come to its end: ${crash}`]);
  }
  return outcomes;
}

/**
 * Runs examples one after another in a Node of their own, outside the project, with the library
 * installed from its sources.
 *
 * @returns for each example what is wrong with it, in words; nothing if it compiles, runs, and shows what it says
 */
export async function runExamples(examples: readonly Example[]): Promise<string[][]> {
  const folder = mkdtempSync(join(tmpdir(), "thalweg-examples-"));
  try {
    const installed = install(folder);
    const failures: string[][] = examples.map(({ problem }) => (problem ? [problem] : []));
    const written = examples.map(async ({ code, language, problem }, index) => {
      if (problem) return [];
      const { code: reporting, claims, problems } = instrument(code);
      failures[index].push(...problems);
      try {
        const module = await transform(reporting, { ...moduleOptions, loader: language });
        const path = join(folder, `example-${index}.mjs`);
        writeFileSync(path, module.code);
        return [{ path, claims, index }];
      } catch (error) {
        failures[index].push(`does not parse: ${(error as Error).message}`);
        return [];
      }
    });
    const jobs = (await Promise.all(written)).flat();
    await installed;
    const ran = runJobs(folder, jobs);
    typeErrors(examples).forEach((errors, index) => {
      failures[index].push(...errors);
    });
    (await ran).forEach((told, i) => {
      failures[jobs[i].index].push(...told);
    });
    return failures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
