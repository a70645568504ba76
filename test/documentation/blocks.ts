/** A block of code in the documentation that is to be run. */
export interface Example {
  readonly file: string;
  /** Line of the block's first line of code, or of the tag where there is no block. From 1. */
  readonly line: number;
  readonly language: "ts" | "js";
  readonly code: string;
  /** What keeps it from being run. */
  readonly problem?: string;
}

const languages: Readonly<Record<string, Example["language"]>> = {
  ts: "ts",
  typescript: "ts",
  js: "js",
  mjs: "js",
  javascript: "js",
};

/** A line of the documentation: its text without what the comment around it needs, and its number. */
interface Line {
  readonly number: number;
  readonly text: string;
}

/** The blocks fenced as TypeScript or JavaScript; other fences are skipped. */
function fenced(file: string, lines: readonly Line[]): Example[] {
  const found: Example[] = [];
  for (let i = 0; i < lines.length; i++) {
    const opening = /^(\s*)(`{3,}|~{3,})\s*([\w-]*)/.exec(lines[i].text);
    if (!opening) continue;
    const [, indent, fence, word] = opening;
    const first = i + 1;
    while (++i < lines.length && !lines[i].text.trimStart().startsWith(fence));
    const language = languages[word.toLowerCase()];
    if (!language) continue;
    const code = lines
      .slice(first, i)
      .map(({ text }) => (text.startsWith(indent) ? text.slice(indent.length) : text));
    found.push({
      file,
      line: lines[first - 1].number + 1,
      language,
      code: code.join("\n"),
      problem: i < lines.length ? undefined : "its fence is not closed",
    });
  }
  return found;
}

const numbered = (text: string, from: number): Line[] =>
  text.split("\n").map((line, i) => ({ number: from + i, text: line }));

/** The examples of a page in Markdown. */
export function examplesOfPage(file: string, text: string): Example[] {
  return fenced(file, numbered(text, 1));
}

/** The examples in the doc comments of a source file; an `@example` without a block that runs is a problem. */
export function examplesOfSource(file: string, text: string): Example[] {
  const found: Example[] = [];
  for (const comment of text.matchAll(/\/\*\*.*?\*\//gs)) {
    const from = text.slice(0, comment.index).split("\n").length;
    const lines = numbered(comment[0].replace(/\*\/$/, ""), from).map(({ number, text }) => ({
      number,
      text: text.replace(/^\s*\/?\*+ ?/, ""),
    }));
    const examples = fenced(file, lines);
    found.push(...examples);
    lines.forEach(({ text, number }, i) => {
      if (!text.startsWith("@example")) return;
      const next = lines.findIndex((line, j) => j > i && line.text.startsWith("@"));
      const end = next < 0 ? Infinity : lines[next].number;
      if (examples.some(({ line }) => line > number && line < end)) return;
      const problem = "its code is not fenced as ```ts or ```js";
      found.push({ file, line: number, language: "ts", code: "", problem });
    });
  }
  return found;
}
