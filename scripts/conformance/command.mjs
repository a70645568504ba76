// The command: reads its arguments, prints a row a case and a closing line, returns the exit code.
import { parseArgs } from "node:util";
import { runCases } from "./compare.mjs";
import { MalformedFile, precisions, readDocument } from "./document.mjs";

const usage = "usage: npm run --silent conformance -- [--allow-unknown] FILE…";

/**
 * @param args - the command line, without node and the script
 * @param library - what the package exports
 * @param print - takes a line of output
 * @param complain - takes a line about a file that cannot be used
 * @returns 0 if every case that ran passed and one did, 1 if not, 2 for unusable files or arguments
 */
export function conformance(args, library, print, complain) {
  let options;
  try {
    options = parseArgs({
      args,
      options: { "allow-unknown": { type: "boolean", default: false } },
      allowPositionals: true,
    });
  } catch (error) {
    complain(`conformance: ${error.message}\n${usage}`);
    return 2;
  }
  const { values, positionals: files } = options;
  if (files.length === 0) {
    complain(`conformance: no file given\n${usage}`);
    return 2;
  }
  const rows = [];
  let malformed = 0;
  for (const file of files) {
    try {
      const ofFile = runCases(library, readDocument(file));
      print(`${file}\n${table(ofFile)}`);
      rows.push(...ofFile);
    } catch (error) {
      if (!(error instanceof MalformedFile)) throw error;
      complain(`conformance: ${file}: ${error.message}`);
      malformed++;
    }
  }
  const count = (verdict) => rows.filter((row) => row.verdict === verdict).length;
  const [passed, failed, unknown] = ["pass", "fail", "unknown"].map(count);
  const refused = unknown > 0 && !values["allow-unknown"];
  const ok = malformed === 0 && failed === 0 && !refused && passed > 0;
  const remarks = [
    `${passed + failed} ran, ${passed} passed, ${failed} failed`,
    ...(unknown > 0 ? [`${unknown} unknown${refused ? " (not allowed)" : ", not run"}`] : []),
    ...(malformed > 0 ? [`unusable files: ${malformed}`] : []),
  ];
  print(`${ok ? "conforms" : "DOES NOT CONFORM"}: ${remarks.join("; ")}`);
  if (malformed > 0) return 2;
  return ok ? 0 : 1;
}

function table(rows) {
  const cells = [
    ["case", "options", ...precisions.map((precision) => `${precision} error`), "verdict"],
    ...rows.map(({ name, options, errors, verdict, reason }) => [
      name,
      Object.entries(options)
        .map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`)
        .join(" "),
      ...precisions.map((precision) => (precision in errors ? errors[precision].toExponential(1) : "-")),
      reason ? `${verdict}: ${reason}` : verdict,
    ]),
  ];
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  return cells
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column])).join("  ")}`.trimEnd())
    .join("\n");
}
