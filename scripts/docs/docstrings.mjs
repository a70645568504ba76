// The docstrings of the rules, from the sources, taken apart into what their pages show.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const rulesFolder = fileURLToPath(new URL("../../src/rules/", import.meta.url));

/** The text of a doc comment, without its stars. */
const plain = (comment) =>
  comment
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, ""))
    .join("\n")
    .trim();

/** Words that link to other names in an editor are code on a page. */
const withoutLinks = (text) => text.replace(/\{@link (\w+)\}/g, "`$1`");

/** Paragraphs of a text, each on one line, code left as it stands. */
const unwrap = (text) =>
  text
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replaceAll("\n", " ").trim())
    .join("\n\n");

/**
 * @returns summary (the first line), body (what follows it), options (by name: what is said of each), example (code),
 * source (paper, and departures)
 */
function takeApart(text) {
  const [prose, ...tags] = withoutLinks(text).split(/\n(?=@)/);
  const [summary, ...rest] = prose.split(/\n\s*\n/);
  const options = {};
  let example = "";
  let source = "";
  for (const tag of tags) {
    const [, name, told] = /^@param options\.(\w+) - ([\s\S]*)$/.exec(tag) ?? [];
    if (name) options[name] = told.replaceAll("\n", " ").trim();
    if (!tag.startsWith("@example")) continue;
    const [, code, after] = /```ts\n([\s\S]*?)```([\s\S]*)$/.exec(tag);
    example = code.trimEnd();
    source = unwrap(after.trim());
  }
  return {
    summary: summary.replaceAll("\n", " "),
    body: unwrap(rest.join("\n\n")),
    options,
    example,
    source,
  };
}

/** By rule, what its docstring says. */
export function ruleDocstrings() {
  const docstrings = {};
  for (const file of readdirSync(rulesFolder).filter((name) => name.endsWith(".ts"))) {
    const text = readFileSync(rulesFolder + file, "utf8");
    const declared = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export const (\w+) = defineRule/g;
    for (const [, comment, name] of text.matchAll(declared)) {
      docstrings[name] = takeApart(plain(comment));
    }
  }
  return docstrings;
}
