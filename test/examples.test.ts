import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Example, examplesOfPage, examplesOfSource } from "./documentation/blocks.ts";
import { readClaim } from "./documentation/claims.ts";
import { root, runExamples } from "./documentation/run.ts";

const read = (file: string) => readFileSync(root + file, "utf8");
const list = (folder: string, ending: RegExp) =>
  readdirSync(root + folder, { recursive: true, encoding: "utf8" })
    .filter((name) => ending.test(name))
    .map((name) => folder + name)
    .sort();

const sources = list("src/", /\.ts$/);
const pages = [
  ...readdirSync(root).filter((name) => /^README.*\.md$/.test(name)),
  // The pages of the rules are made from docstrings, whose examples are run where they stand.
  ...list("docs/", /^(?!rules\/).*\.md$/),
];
const examples = [
  ...sources.flatMap((file) => examplesOfSource(file, read(file))),
  ...pages.flatMap((file) => examplesOfPage(file, read(file))),
];

// Examples that are wrong, each in one way, and what has to be said of them.
const imported = 'import { regime, speedLimit, gradientDescent } from "thalweg";';
const wrong: Readonly<Record<string, readonly [code: string, told: RegExp]>> = {
  "a value that is another": [
    `${imported}\nregime(0.3, 5); // "monotone"`,
    /line 2 says "monotone", but it is 'oscillating'/,
  ],
  "a number that is off in its last digit": [
    `${imported}\nspeedLimit(gradientDescent(), { lambdaMax: 8 }); // 0.251`,
    /line 2 says 0.251, but it is 0.2[45]/,
  ],
  "a variable that holds something else": ["const a: number = 1 + 1; // 3", /line 1 says 3, but it is 2/],
  "something printed that is not so": [
    "console.log([1, 2]); // [1, 3]",
    /says \[1, 3\], but it is \[ 1, 2 \]/,
  ],
  "an approximation that is too far off": ["1.02; // ≈ 1", /says ≈ 1, but it is 1.02/],
  "a bound that does not hold": ["5; // < 5", /says < 5, but it is 5/],
  "a claim that is never reached": ["if (Math.random() > 2) {\n  1; // 1\n}", /line 2 is never reached/],
  "an error that is not announced": [
    `${imported}\nregime(Number.NaN, 5);`,
    /throws RangeError: regime: learningRate/,
  ],
  "another error than the one announced": [
    `${imported}\nregime(Number.NaN, 5); // throws RangeError: regime: lambda …`,
    /but it throws RangeError: regime: learningRate/,
  ],
  "no error where one is announced": [
    `${imported}\nregime(1, 5); // throws RangeError`,
    /says throws RangeError, but it is 'divergent'/,
  ],
  "a name that is not exported": ['import { regimes } from "thalweg";', /throws SyntaxError: .*regimes/],
  "a package that is not there": ['import "thalweg/nothing";', /throws Error.*nothing/],
  "a variable from nowhere": ["train.features;", /throws ReferenceError: train is not defined/],
  "a misspelt option": [
    `${imported}\nspeedLimit(gradientDescent(), { lamdaMax: 10 } as never);\nspeedLimit(gradientDescent(), { lamdaMax: 1 });`,
    /line 3 does not compile: .*lamdaMax/,
  ],
  "what does not parse": ["const = 3;", /does not parse/],
  "a comment that is half value, half words": [
    "6; // 2 features × 3 classes = 6",
    /line 1: the comment .*features/,
  ],
  "a value behind what has none": ["const { length } = [1]; // 1", /"1" does not stand behind an expression/],
};

const broken = Object.values(wrong).map(
  ([code]): Example => ({ file: "wrong", line: 1, language: "ts", code }),
);
const unfenced = examplesOfSource("wrong", "/**\n * Adds.\n *\n * @example\n * add(1, 2); // 4\n */");
const unclosed = examplesOfPage("wrong", "text\n```ts\n1; // 2\n");
const endless: Example = { file: "wrong", line: 1, language: "js", code: "process.exit(0);" };
const outcomes = await runExamples([...examples, ...broken, ...unfenced, ...unclosed, endless]);

test.each(examples.map(({ file, line }, i) => [`${file}:${line}`, i] as const))(
  "the example of %s runs and shows what it says",
  (_, i) => {
    expect(outcomes[i].join("\n")).toBe("");
  },
);

test("no example in a source file is overlooked", () => {
  const tags = sources.reduce((sum, file) => sum + (read(file).match(/@example/g)?.length ?? 0), 0);
  const found = examples.filter(({ file }) => file.startsWith("src/"));
  expect(tags).toBeGreaterThan(50);
  expect(found.length).toBeGreaterThanOrEqual(tags);
});

describe("an example fails that has", () => {
  test.each(Object.keys(wrong).map((name, i) => [name, i] as const))("%s", (name, i) => {
    const told = outcomes[examples.length + i];
    expect(told.join("\n")).toMatch(wrong[name][1]);
  });

  test("code without a fence", () => {
    expect(unfenced.map(({ line }) => line)).toEqual([4]);
    expect(outcomes[examples.length + broken.length]).toEqual([expect.stringMatching(/not fenced/)]);
  });

  test("a fence that is not closed", () => {
    expect(unclosed).toHaveLength(1);
    expect(outcomes[examples.length + broken.length + 1]).toEqual([expect.stringMatching(/not closed/)]);
  });

  test("an end before its end", () => {
    expect(outcomes.at(-1)).toEqual([expect.stringMatching(/did not come to its end/)]);
  });
});

describe("the blocks of a page", () => {
  test("are those in TypeScript and JavaScript, with their lines, as they stand there", () => {
    const page =
      "# T\n\n```sh\nnpm i\n```\n\n```ts\nf();\n\n  g();\n```\n\n- a list\n\n  ```js\n  h();\n  ```\n";
    expect(examplesOfPage("p.md", page)).toEqual([
      { file: "p.md", line: 8, language: "ts", code: "f();\n\n  g();" },
      { file: "p.md", line: 16, language: "js", code: "h();" },
    ]);
  });

  test("of a doc comment come without its stars", () => {
    const source = "const a = 1;\n/**\n * Adds.\n * @example\n * ```ts\n * f(\n *   1,\n * );\n * ```\n */";
    expect(examplesOfSource("a.ts", source)).toEqual([
      { file: "a.ts", line: 6, language: "ts", code: "f(\n  1,\n);" },
    ]);
  });
});

describe("a comment behind a statement", () => {
  test.each(["the rate", "two steps", "η = 0.1", "warm restarts", "nearly 3", "→ 3"])(
    "is words: %s",
    (text) => {
      expect(readClaim(text)).toBeUndefined();
    },
  );

  test.each([
    "0.2",
    "-1e-5",
    "[1, [2, …]]",
    '"a, b": why',
    '{ a: 1, "b.c": [2], … }',
    "≈ 2 / 12",
    "true (always)",
    "> 10_000",
    "∞",
  ])("is a claim: %s", (text) => {
    expect(readClaim(text)).toBeDefined();
  });

  test.each([
    "0.2 and more",
    "[1, 2",
    "3 steps",
    "< many",
    "1, 2",
    "'text'",
    "throws up",
    "null where it is not defined",
  ])("is a mistake: %s", (text) => {
    expect(() => readClaim(text)).toThrow(SyntaxError);
  });
});
