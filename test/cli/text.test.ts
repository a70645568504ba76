import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commandHelp, mainHelp } from "../../src/cli/help.ts";
import { cliOptions } from "../../src/cli/options.ts";
import { columnsOf, shortName, toJson, wrap } from "../../src/cli/output.ts";
import { ruleNames } from "../../src/rules/index.ts";
import { schedules } from "../../src/schedules/index.ts";
import { breastCancer, call, diabetes, iris } from "./call.ts";

const longest = (text: string) => Math.max(...text.split("\n").map((line) => [...line].length));

describe("the help", () => {
  test.each([
    [[], /Usage/],
    [["--help"], /Exit codes/],
    [["-h"], /Exit codes/],
    [["help"], /Exit codes/],
    [["help", "fit"], /^thalweg fit data\.csv/],
    [["fit", "--help"], /^thalweg fit data\.csv/],
    [["fit", "-h"], /^thalweg fit data\.csv/],
    [["inspect", "--help", "--json"], /^thalweg inspect data\.csv/],
    [["predict", "--help"], /^thalweg predict model\.json/],
  ] as const)("thalweg %j tells it, with exit code 0", async (args, text) => {
    const { code, out, err } = await call(...args);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(text);
  });

  test("fits a terminal of 80 columns, and names every option, every rule and every schedule", async () => {
    const helps = await Promise.all(Object.keys(commandHelp).map((name) => call("help", name)));
    for (const text of [mainHelp, ...helps.map(({ out }) => out)])
      expect(longest(text)).toBeLessThanOrEqual(80);
    const all = helps.map(({ out }) => out).join("") + mainHelp;
    for (const name of Object.keys(cliOptions)) expect(all).toContain(`--${name}`);
    for (const name of ruleNames) expect(helps[1].out).toContain(name);
    for (const { name, commandLine } of Object.values(schedules)) {
      const { word, main } = { word: name, main: undefined, ...commandLine };
      expect(helps[1].out).toContain(main ? `  ${word}:${main.toUpperCase()}` : name);
    }
  });

  test("tells what thalweg does before it tells how", () => {
    expect(mainHelp).toMatch(/how large may the next step be\?/);
    expect(mainHelp).toMatch(/diverges as soon as the learning\s+rate\s+η exceeds 2\/λmax/);
  });
});

describe("the text of a command", () => {
  test.each([
    ["inspect", diabetes],
    ["inspect", iris],
    ["inspect", [...breastCancer("logistic"), "--scale", "standard"]],
    ["fit", diabetes],
    ["fit", [...diabetes, "--scale", "none", "--steps", "100"]],
    ["fit", [...iris, "--rule", "adam", "--schedule", "warmup:100+cosine"]],
    ["fit", [...iris, "--rule", "adam", "--schedule", "multiStep:100/5000,factor=0.5"]],
    ["fit", [...iris, "--rule", "adam", "--schedule", "oneCycle:threePhases"]],
    ["fit", [...diabetes, "--learning-rate", "0.6"]],
  ] as const)("%s stays within 100 columns, without escapes and without NaN", async (command, args) => {
    const { out, err } = await call(command, ...args);
    expect(err).toBe("");
    // The first line names the file, wherever it lies.
    expect(longest(out.slice(out.indexOf("\n")))).toBeLessThanOrEqual(100);
    expect(out).not.toMatch(/NaN|undefined|null/);
    expect(out).not.toContain("\u001b");
    expect(out.endsWith("\n") && !out.endsWith("\n\n")).toBe(true);
  });

  test("writes large numbers of steps short: 1.64e13", async () => {
    const { out } = await call("inspect", ...breastCancer("least-squares"));
    expect(out).toMatch(/predicted steps +1\.64e13 /);
    expect(out).not.toMatch(/\d(,\d{3}){3}/);
  });

  test("inspect says what a person is to do: the limit, the best step, the columns, standardising", async () => {
    const { out } = await call("inspect", ...diabetes);
    expect(out).toMatch(/λmax +73,590 /);
    expect(out).toMatch(/speed limit +2\.718e-5 +2\/λmax: gradient descent diverges above it/);
    expect(out).toMatch(/condition number +5\.237e7 /);
    expect(out).toMatch(/ {2}s1 +50\.1%\n {2}s2 +19%\n/);
    expect(out).toMatch(/now +standardised\n +condition number +5\.237e7 +470\.1\n/);
    expect(out).toMatch(/gradient\ndescent needs 3\.62e8 steps|needs 3\.62e8 steps/);
  });

  test("[random-matrix] inspect tells what independent features would have, and how many directions have more", async () => {
    const { out } = await call("inspect", ...diabetes);
    expect(out).toMatch(
      /Standardised,\sthe\sfeatures\shave\sλmax\s=\s4\.024;\sindependent\sones\sin\s442\srows\swould\shave\s1\.178\sto\s1\.369\.\s2\sof\s10\sdirections\scarry\s55\.2%/,
    );
    const { againstRandom } = JSON.parse((await call("inspect", ...diabetes, "--json")).out);
    expect(againstRandom).toMatchObject({ outliers: 2, predicted: { confidence: 0.95 } });
    expect(againstRandom.effectiveRank).toBeCloseTo(6.145858, 5);
  });

  test("fit shows the weights in the data's own units where they are few", async () => {
    expect((await call("fit", ...diabetes)).out).toMatch(/ {2}bmi +5\.60296\n/);
    expect((await call("fit", ...breastCancer("logistic"), "--l2", "0.1")).out).not.toMatch(/own units/);
  });
});

describe("the parts", () => {
  test("wrap keeps every word and no line over the width, unless a word is longer", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "é", "λ"), minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 12, max: 60 }),
        (words, width) => {
          const wrapped = wrap(words.join(" "), width);
          expect(wrapped.split(/[ \n]/)).toEqual(words);
          expect(longest(wrapped)).toBeLessThanOrEqual(width);
        },
      ),
      { numRuns: 200, seed: 3 },
    );
  });

  test("columnsOf aligns, to the right where asked, with letters that take two columns", () => {
    expect(
      columnsOf(
        [
          ["a", "1"],
          ["温度", "-20"],
        ],
        { right: [1] },
      ),
    ).toBe("  a       1\n  温度  -20");
  });

  test("shortName cuts long names and no short ones", () => {
    expect(shortName("x".repeat(40))).toBe("x".repeat(40));
    expect(shortName("x".repeat(41))).toBe(`${"x".repeat(39)}…`);
  });

  test("toJson writes numbers that JSON lacks as strings, and typed arrays as arrays", () => {
    expect(
      JSON.parse(toJson({ a: Infinity, b: -Infinity, c: Number.NaN, d: Float64Array.of(1, Infinity) })),
    ).toEqual({
      a: "Infinity",
      b: "-Infinity",
      c: "NaN",
      d: [1, "Infinity"],
    });
  });
});
