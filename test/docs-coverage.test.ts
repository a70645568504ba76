import ts from "typescript";
import { describe, expect, test } from "vitest";
import * as data from "../src/data/index.ts";
import * as thalweg from "../src/index.ts";
import * as report from "../src/report/index.ts";
import type { OptionDeclarations } from "../src/rules/options.ts";
import { optionTold, publicNames } from "./documentation/coverage.ts";
import { programWith } from "./documentation/program.ts";
import { entries, root } from "./documentation/run.ts";

/** Public values that no paper describes: loops, registries, conversions, definitions. */
const withoutSource = new Set([
  ...["chain", "createOptimizer", "descend", "minimize", "minimizeAsync", "ruleNames", "rules", "wrappers"],
  ...[
    "constant",
    "isSchedule",
    "join",
    "parseSchedule",
    "product",
    "readSchedule",
    "repeat",
    "schedule",
    "schedules",
    "watching",
  ],
  ...["doubleWell", "plateauBasin", "quadratic", "saddle"],
  "option",
  ...["DataError", "accuracy", "applyScaling", "parseScale", "unscaleCoefficients"],
  ...Object.keys(report),
]);

/** Public functions without errors of their own. */
const withoutErrors = new Set([
  ...["DataError", "isSchedule"],
  ...Object.keys(report).filter((name) => /^(format|typeset)/.test(name)),
  ...["regimesChart", "topModeChart", "trialChart"],
]);

/** How a docstring states the domain of a rule's option. */
const domains: Readonly<Record<string, string>> = {
  "[0, ∞)": "≥ 0",
  "(0, ∞)": "> 0",
  "[0, 1)": "in [0, 1)",
  "[0, 1]": "in [0, 1]",
  "(0, 1]": "in (0, 1]",
  "(1, ∞)": "> 1",
  "the integers from 0": "a whole number ≥ 0",
  "the integers from 1": "a whole number ≥ 1",
  "[-∞, ∞]": "Infinity",
  "[0, ∞]": "≥ 0 or ∞",
  "[4, ∞)": "in [4, ∞)",
  "(−∞, ∞)": "any finite number",
  "(0, ∞]": "> 0 or Infinity",
  "[1, ∞]": "≥ 1 or Infinity",
};

/** An entry without docstrings, to see what is said of it. */
const bare = `${root}src/bare.ts`;
const bareCode = `export function add(a: number, { b }: { b: number }): number { return a + b; }
export const one = 1;
export class Box { size = 1; #hidden = 2; get twice() { return this.#hidden; } [Symbol.iterator]() {} }
export interface Options {
  readonly rate: number;
  /** How often. */
  readonly steps: number;
}
/** Told. */
export type Name = "a" | "b";
/**
 * All of it.
 * @param a - any
 * @throws RangeError never
 * @example
 */
export const whole = (a: number) => a;
`;

const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
const program = programWith(new Map([[bare, bareCode]]), Object.values(entries), options);

const isOwn = (file: string) => file.startsWith(`${root}src/`);
const values: Readonly<Record<string, object>> = { thalweg, "thalweg/data": data, "thalweg/report": report };
const names = Object.entries(entries).flatMap(([entry, path]) =>
  publicNames(program, path, (name) => name in values[entry], isOwn).map((each) => ({ ...each, entry })),
);

test.each(names.map((each) => [each.name, each.entry, each] as const))(
  "%s of %s has a docstring that tells all of it",
  (name, _, { lacking }) => {
    expect(lacking.filter((what) => what !== "@throws" || !withoutErrors.has(name))).toEqual([]);
  },
);

const sourced = names.filter(({ name, isValue }) => isValue && !withoutSource.has(name));
test.each(sourced.map((each) => [each.name, each.entry, each] as const))(
  "%s of %s names its source",
  (_, __, { comment }) => {
    expect(comment).toMatch(/Source: \S/);
  },
);

test("nothing is excused that is not there", () => {
  const known = names.map(({ name }) => name);
  for (const name of [...withoutSource, ...withoutErrors]) expect(known).toContain(name);
});

const factories: Readonly<
  Record<string, { readonly declaration: { readonly options: OptionDeclarations } }>
> = {
  ...thalweg.rules,
  ...thalweg.wrappers,
};

const withOptions = Object.entries(factories).filter(
  ([, { declaration }]) => Object.keys(declaration.options).length > 0,
);
describe.each(withOptions)("the docstring of %s", (factory, { declaration }) => {
  const comment = names.find(({ name }) => name === factory)?.comment ?? "";

  test.each(Object.entries(declaration.options))(
    "states the default and the domain of %s",
    (name, option) => {
      const { text, preset } = optionTold(comment, name);
      expect(preset).toBe(option.default);
      if (option.kind === "number") expect(text).toContain(domains[option.domain]);
    },
  );
});

test("what a docstring lacks is noticed", () => {
  const isValue = (name: string) => ["add", "one", "Box", "whole"].includes(name);
  const lacking = Object.fromEntries(
    publicNames(program, bare, isValue, isOwn).map((each) => [each.name, each.lacking]),
  );
  expect(lacking).toEqual({
    add: ["a docstring", "@example", "@param a", "@param of its parts", "@throws"],
    one: ["a docstring", "@example"],
    Box: [
      "a docstring",
      "@example",
      "@throws",
      "a docstring of size",
      "a docstring of twice",
      "a docstring of [Symbol.iterator]",
    ],
    Options: ["a docstring", "a docstring of rate"],
    Name: [],
    whole: [],
  });
});

test("what a docstring says of an option is read as it stands", () => {
  const comment =
    "@param options.rate - > 0, default 1e-3 (per\n * step)\n * @param options.flag - default false\n";
  expect(optionTold(comment, "rate")).toMatchObject({ preset: 0.001, text: expect.stringContaining("> 0") });
  expect(optionTold(comment, "flag").preset).toBe(false);
  expect(optionTold(comment, "rat")).toEqual({ preset: undefined, text: "" });
});
