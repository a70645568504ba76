// What a program that imports the package carries along, bundled from dist as a user's bundler does it.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Metafile } from "esbuild";
import { describe, expect, test } from "vitest";
import { ruleNames, rules } from "../src/rules/index.ts";
import type { AnyRuleDeclaration } from "../src/rules/rule.ts";
import { schedules } from "../src/schedules/index.ts";
import { wrappers } from "../src/wrappers/index.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

interface Bundle {
  readonly text: string;
  /** Characters of it that are none of the binaries'. */
  readonly own: number;
  readonly metafile: Metafile;
}

/** A program for browsers. */
async function bundle(program: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: program, resolveDir: root },
    alias: {
      thalweg: `${root}dist/index.js`,
      "thalweg/data": `${root}dist/data.js`,
      "thalweg/report": `${root}dist/report.js`,
    },
    bundle: true,
    format: "esm",
    platform: "browser",
    charset: "utf8",
    minify: true,
    write: false,
    metafile: true,
    absWorkingDir: root,
    logLevel: "silent",
  });
  const [{ text }] = outputFiles;
  return { text, own: text.replace(/"AGFzbQ[\w+/=]*"/g, "").length, metafile };
}

const summaryOf = ({ summary }: { readonly summary?: string }) => summary!;
const ruleSummary = (name: (typeof ruleNames)[number]) =>
  summaryOf(rules[name].declaration as AnyRuleDeclaration);

describe("a bundle", () => {
  test("for browsers needs nothing but the package and its one dependency", async () => {
    const { metafile } = await bundle(
      'export * from "thalweg"; export * from "thalweg/data"; export * from "thalweg/report";',
    );
    const inputs = Object.keys(metafile.inputs).filter((path) => path !== "<stdin>");
    expect(inputs.length).toBeGreaterThan(3);
    for (const path of inputs) expect(path).toMatch(/^(dist\/|node_modules\/@assemblyscript\/loader\/)/);
    for (const { imports } of Object.values(metafile.outputs)) expect(imports).toEqual([]);
  });

  test("of one rule and minimize has no other rule, schedule or wrapper in it, but what minimize itself takes", async () => {
    const { text, own } = await bundle('export { adam, minimize } from "thalweg";');
    const all = await bundle('export * from "thalweg";');
    // gradientDescent and sgd are those that minimize chooses among.
    const chosen = new Set(["adam", "gradientDescent", "sgd"]);
    for (const name of ruleNames) {
      const summary = ruleSummary(name);
      expect(all.text.includes(summary), name).toBe(true);
      expect(text.includes(summary), name).toBe(chosen.has(name));
    }
    for (const { declaration } of Object.values(wrappers)) expect(text).not.toContain(summaryOf(declaration));
    for (const name of ["silver", "oneCycle", "wsd"] as const) {
      expect(all.text).toContain(summaryOf(schedules[name]));
      expect(text).not.toContain(summaryOf(schedules[name]));
    }
    expect(own).toBeLessThan(all.own / 3);
  });

  test("of an optimizer for loops of one's own has no other rule in it", async () => {
    const { text } = await bundle('export { adam, createOptimizer } from "thalweg";');
    for (const name of ruleNames) expect(text.includes(ruleSummary(name)), name).toBe(name === "adam");
  });

  test.each(["cosine", "Random", "iteratedMap", "regime"])(
    "of %s alone is a small part of the whole",
    async (name) => {
      const { own } = await bundle(`export { ${name} } from "thalweg";`);
      expect(own).toBeLessThan(25_000);
    },
  );
});

test("the sizes that docs/using.md tells are those of bundles, within a tenth", async () => {
  const page = readFileSync(`${root}docs/using.md`, "utf8");
  const rows = [...page.matchAll(/^\| (.+) \| (\d+) \| (\d+) \| (\d+) \|$/gm)];
  expect(rows.length).toBe(5);
  for (const [, imported, own, whole, compressed] of rows) {
    const names = [...imported.matchAll(/`(\w+)`/g)].map(([, name]) => name).join(", ");
    const { text, ...sizes } = await bundle(
      `export ${imported.startsWith("everything") ? "*" : `{ ${names} }`} from "thalweg";`,
    );
    const told = [own, whole, compressed].map(Number);
    [sizes.own, text.length, gzipSync(text, { level: 9 }).length].forEach((size, i) => {
      expect(Math.abs(size / 1000 / told[i] - 1), `${imported}: ${size} for ${told[i]} kB`).toBeLessThan(0.1);
    });
  }
});

test("importing the package compiles nothing yet", () => {
  const program = `
    let compiled = 0;
    WebAssembly.Module = new Proxy(WebAssembly.Module, {
      construct: (target, given) => (compiled++, Reflect.construct(target, given)),
    });
    const { Random } = await import("./dist/index.js");
    const before = compiled;
    new Random(1).normal();
    console.log(before, compiled);`;
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: root,
    encoding: "utf8",
  });
  expect(said.trim()).toBe("0 1");
});
