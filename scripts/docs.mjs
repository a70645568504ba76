// Rewrites what follows from the code: the tables of README.md, the pages of the rules, their index.
// Generated parts stand between <!-- NAME --> and <!-- /NAME -->. With --check nothing is written: a difference is an error.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { rules, schedules } from "thalweg";
import { ruleDocstrings } from "./docs/docstrings.mjs";
import { picks } from "./docs/picker.mjs";
import { families, familyOf } from "./docs/rule-facts.mjs";
import { rulePage } from "./docs/rule-page.mjs";
import { schedulesTable } from "./docs/schedules-table.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const cell = (text) => text.replaceAll("|", "\\|");

/** Families with the rules in them, those without rules left out. */
const byFamily = families
  .map(([family]) => [family, Object.values(rules).filter((make) => familyOf(make()) === family)])
  .filter(([, members]) => members.length > 0);

function familiesTable() {
  const rows = byFamily.map(([family, members]) => {
    const links = members.map(({ declaration: { name } }) => `[${name}](docs/rules/${name}.md)`);
    return `| ${family} | ${links.join(", ")} |`;
  });
  return ["| | rules |", "|---|---|", ...rows.reverse()].join("\n");
}

function rulesIndex() {
  const known = (name) => {
    if (!(name in rules)) throw new Error(`scripts/docs/picker.mjs names ${name}, which is no rule`);
    return `[${name}](${name}.md)`;
  };
  const picker = picks.map(
    ([have, names, why]) => `| ${have} | ${names.map(known).join(", ") || "none"} | ${why} |`,
  );
  const tables = [...byFamily].reverse().map(([family, members]) => {
    const rows = members.map(
      ({ declaration: { name, summary, formula, source } }) =>
        `| [${name}](${name}.md) | ${cell(summary)} | ${cell(formula)} | ${cell(source)} |`,
    );
    return `## ${family}\n\n| rule | what it is | step | source |\n|---|---|---|---|\n${rows.join("\n")}\n`;
  });
  return `<!-- Made by npm run docs from the registry. -->

# The rules

## Which one?

| if you have | use | because |
|---|---|---|
${picker.join("\n")}

${tables.join("\n")}`;
}

/** What an example prints. */
const outputOf = (example) =>
  execFileSync(process.execPath, [`${root}/examples/${example}`], { cwd: tmpdir(), encoding: "utf8" }).trim();

const mainJob = () => `\`\`\`text\n${outputOf("breast-cancer.mjs")}\n\`\`\``;

/** A page with its generated parts made anew. */
function withParts(file, parts) {
  let text = readFileSync(`${root}/${file}`, "utf8");
  for (const [name, make] of Object.entries(parts)) {
    const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [start, end] = [text.indexOf(open), text.indexOf(close)];
    if (start < 0 || end < start) throw new Error(`${file} has no part ${open} … ${close}`);
    text = `${text.slice(0, start + open.length)}\n\n${make()}\n\n${text.slice(end)}`;
  }
  return text;
}

const docstrings = ruleDocstrings();
const pages = new Map([
  ["README.md", withParts("README.md", { rules: familiesTable, "main-job": mainJob })],
  ["docs/schedules.md", withParts("docs/schedules.md", { schedules: () => schedulesTable(schedules, cell) })],
  ["docs/rate-free.md", withParts("docs/rate-free.md", { comparison: () => outputOf("rate-free.mjs") })],
  ["docs/rules/README.md", rulesIndex()],
  ...Object.entries(rules).map(([name, make]) => [`docs/rules/${name}.md`, rulePage(make, docstrings[name])]),
]);
mkdirSync(`${root}/docs/rules`, { recursive: true });
const left = readdirSync(`${root}/docs/rules`)
  .map((file) => `docs/rules/${file}`)
  .filter((file) => !pages.has(file));

function read(file) {
  try {
    return readFileSync(`${root}/${file}`, "utf8");
  } catch {
    return undefined;
  }
}

if (process.argv.includes("--check")) {
  const stale = [...[...pages].filter(([file, text]) => read(file) !== text).map(([file]) => file), ...left];
  if (stale.length > 0) {
    console.error(`not up to date: ${stale.join(", ")}; run npm run docs`);
    process.exitCode = 1;
  }
} else {
  for (const [file, text] of pages) writeFileSync(`${root}/${file}`, text);
  for (const file of left) rmSync(`${root}/${file}`);
}
