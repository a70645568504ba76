// Compares the built package with plain JavaScript: node bench/run.mjs [--only NAME]… [--json]
// Speed never fails the run; a result that disagrees, or a rule without a plain loop, does.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { cases } from "./cases.mjs";

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [] },
    json: { type: "boolean", default: false },
  },
});
const chosen = cases.filter(
  ({ name }) => values.only.length === 0 || values.only.some((part) => name.includes(part)),
);
if (chosen.length === 0) {
  console.error(`no case matches; there are:\n${cases.map(({ name }) => `  ${name}`).join("\n")}`);
  process.exit(2);
}

// A loop that V8 compiles while it runs looks up its closure's variables in every turn, and whether V8
// compiles it anew is a matter of luck: plain Adam takes 1.6 times as long in four runs of five.
const flags = ["--no-use-osr"];
const one = fileURLToPath(new URL("one.mjs", import.meta.url));

function outcomeOf({ name, bar, missing }) {
  if (missing) return { name, verdict: "MISSING", detail: missing };
  const printed = execFileSync(process.execPath, [...flags, one, name], { encoding: "utf8" });
  const { wrong, ...measured } = JSON.parse(printed);
  if (wrong) return { name, verdict: "WRONG", detail: wrong };
  return { name, bar, ...measured, verdict: measured.ratio >= bar ? "ok" : "BAR MISSED" };
}

const number = (value) => value.toFixed(2).padStart(6);
const width = Math.max(...chosen.map(({ name }) => name.length));

function row({ name, ratio, low, high, bar, peer, verdict, detail }) {
  const measured =
    ratio === undefined
      ? detail
      : `${number(ratio)}  ${number(low)} –${number(high)}  ${number(bar)}  ${peer}`;
  return `${name.padEnd(width)}  ${verdict.padEnd(10)}  ${measured}`;
}

if (!values.json) {
  console.log(`${"".padEnd(width)}  ${"verdict".padEnd(10)}   ratio   quartiles          bar  fastest peer`);
}
const outcomes = chosen.map((entry) => {
  const outcome = outcomeOf(entry);
  if (!values.json) console.log(row(outcome));
  return outcome;
});
if (values.json) console.log(JSON.stringify(outcomes, null, 2));
else {
  const missed = outcomes.filter(({ verdict }) => verdict === "BAR MISSED");
  if (missed.length > 0) {
    console.log(`\n${missed.length} below the bar: ${missed.map(({ name }) => name).join(", ")}`);
  }
}
process.exitCode = outcomes.some(({ verdict }) => verdict === "MISSING" || verdict === "WRONG") ? 1 : 0;
