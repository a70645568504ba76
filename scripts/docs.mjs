// Rewrites the generated parts of README.md: the table of rules from the registry, and the output of the main job.
// Each stands between <!-- NAME --> and <!-- /NAME -->. With --check nothing is written: a difference is an error.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { rules } from "thalweg";

const root = fileURLToPath(new URL("..", import.meta.url));

const cell = (text) => text.replaceAll("|", "\\|");

function rulesTable() {
  const rows = Object.values(rules).map(({ declaration }) => {
    const { name, summary, formula, source, options } = declaration;
    const defaults = Object.entries(options).map(([option, { default: value }]) => `${option} ${value}`);
    return `| \`${name}\` | ${cell(summary)} | ${cell(formula)} | ${defaults.join(", ")} | ${cell(source)} |`;
  });
  return ["| rule | what it is | step | options | source |", "|---|---|---|---|---|", ...rows].join("\n");
}

function mainJob() {
  const output = execFileSync(process.execPath, [`${root}/examples/breast-cancer.mjs`], {
    cwd: tmpdir(),
    encoding: "utf8",
  });
  return `\`\`\`text\n${output.trim()}\n\`\`\``;
}

const parts = { rules: rulesTable, "main-job": mainJob };
const file = `${root}/README.md`;
const before = readFileSync(file, "utf8");
let after = before;
for (const [name, make] of Object.entries(parts)) {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [start, end] = [after.indexOf(open), after.indexOf(close)];
  if (start < 0 || end < start) throw new Error(`README.md has no part ${open} … ${close}`);
  after = `${after.slice(0, start + open.length)}\n\n${make()}\n\n${after.slice(end)}`;
}
if (process.argv.includes("--check")) {
  if (after !== before) {
    console.error("README.md: its generated parts are not up to date; run npm run docs");
    process.exitCode = 1;
  }
} else writeFileSync(file, after);
