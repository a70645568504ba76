import { describe, expect, test } from "vitest";
import { call, diabetes, mistake, oRing, scratch } from "./call.ts";

const { folder, file } = scratch();
const good = file("good.csv", "a,b,y\n1,2,3\n2,1,4\n3,5,6\n4,4,1\n");
const inspecting = (...args: string[]) =>
  mistake("inspect", good, "--target", "y", "--loss", "least-squares", ...args);
const fitting = (...args: string[]) =>
  mistake("fit", good, "--target", "y", "--loss", "least-squares", ...args);

describe("a mistake in the call is told in one line, with exit code 2", () => {
  const calls: readonly (readonly [args: string[], message: RegExp])[] = [
    [["inpect"], /unknown command "inpect"; did you mean inspect\?/],
    [["inspect"], /inspect: a CSV file is needed; see thalweg inspect --help/],
    [
      ["fit", good, "more.csv", "--target", "y", "--loss", "softmax"],
      /one file expected, got also "more\.csv"/,
    ],
    [["inspect", good], /--target is needed: the column to be predicted/],
    [["inspect", good, "--target", "y"], /--loss is needed/],
    [
      ["inspect", good, "--target", "y", "--loss", "mse"],
      /--loss must be least-squares, logistic or softmax, got "mse"/,
    ],
    [["predict", "model.json"], /a model and a CSV file are needed/],
    [["predict", "nowhere.json", good], /cannot read nowhere\.json: there is no such file/],
  ];
  test.each(calls)("%j", async (args, message) => {
    const err = await mistake(...args);
    expect(err).toMatch(message);
    expect(err).toMatch(/^thalweg: [^\n]+\n$/);
  });

  const options: readonly (readonly [args: string[], message: RegExp])[] = [
    [["--l2", "-1"], /--l2 needs a value and is followed by "-1"; if that is its value, write --l2=-1/],
    [["--l2=-1"], /--l2 must be a number in \[0, ∞\), got "-1"/],
    [["--l2", "NaN"], /--l2 must be a number/],
    [["--l2", ""], /--l2 must be a number/],
    [["--l2", "0x10"], /--l2 must be a number/],
    [["--l2"], /--l2 needs a value: X, penalty/],
    [["--l2", "1", "--l2", "2"], /--l2 is given twice/],
    [["--scale", "divide:0"], /--scale: divide: must be followed by a finite number other than 0/],
    [["--scale", "standart"], /--scale: .* did you mean standard\?/],
    [["--at", "max"], /--at must be zero or minimum, got "max"/],
    [["--json=3"], /inspect: --json takes no value/],
    [["--rule", "adam"], /inspect: unknown option --rule: it belongs to another command/],
    [["--targt", "y"], /unknown option --targt; did you mean --target\?/],
    [["--exclude", "y"], /good\.csv: exclude must not name the target "y"/],
    [["--exclude", "z"], /there is no column to exclude "z"/],
    [["--exclude", "a,b"], /there is no feature column left/],
  ];
  test.each(options)("inspect %j", async (args, message) =>
    expect(await inspecting(...args)).toMatch(message),
  );

  const rules: readonly (readonly [args: string[], message: RegExp])[] = [
    [["--lr", "0.1"], /unknown option --lr; did you mean --learning-rate\?/],
    [["--epochs", "5"], /unknown option --epochs; did you mean --steps\?/],
    [
      ["--momentum", "0.9"],
      /unknown option --momentum; an option of a rule is given as --rule NAME --option momentum=X/,
    ],
    [["--weight-decay", "0.9"], /--option weightDecay=X/],
    [["-q"], /unknown option -q/],
    [["--rule", "adm"], /--rule: unknown rule "adm"; did you mean adam\?/],
    [["--rule", "__proto__"], /--rule: unknown rule/],
    [["--rule", "sgd", "--option", "momentum"], /--option must be NAME=VALUE, got "momentum"/],
    [["--rule", "sgd", "--option", "momentum=much"], /--option momentum must be a number/],
    [["--rule", "sgd", "--option", "momentum=1.5"], /--option: sgd: momentum must lie in \[0, 1\), got 1\.5/],
    [
      ["--rule", "sgd", "--option", "momentun=0.5"],
      /sgd: unknown option "momentun"; did you mean momentum\?/,
    ],
    [["--rule", "sgd", "--option", "__proto__=1"], /unknown option "__proto__"/],
    [["--rule", "sgd", "--option", "momentum=0.5", "--option", "momentum=0.6"], /momentum is given twice/],
    [["--rule", "sgd", "--option", "learningRate=1"], /the learning rate is given by --learning-rate/],
    [["--option", "momentum=0.5"], /--option needs --rule/],
    [["--learning-rate", "fast"], /--learning-rate must be a number in \[0, ∞\), or auto, got "fast"/],
    [["--learning-rate=-0.1"], /--learning-rate must be a number/],
    [["--schedule", "cosin"], /--schedule: unknown schedule "cosin"; did you mean cosine\?/],
    [["--schedule", "{"], /--schedule: not valid JSON/],
    [["--schedule", "exponential:factor=-1", "--learning-rate", "1"], /--schedule: exponential/],
    [["--steps", "1.5"], /--steps must be a number in the integers from 0, got "1\.5"/],
    [["--steps=-1"], /--steps must be/],
    [["--gradient-tolerance=-1"], /--gradient-tolerance must be/],
    [["--test-fraction", "1"], /--test-fraction must be a number in \[0, 1\), got "1"/],
    [["--seed", "x"], /--seed must be/],
  ];
  test.each(rules)("fit %j", async (args, message) => expect(await fitting(...args)).toMatch(message));
});

describe("a mistake in the data names the file and the place", () => {
  const files: readonly (readonly [name: string, text: string | Uint8Array, message: RegExp])[] = [
    ["empty", "", /empty\.csv: the text is empty/],
    ["blank", "\n\n", /blank\.csv: the text is empty/],
    ["header", "a,y\n", /header\.csv: there are no rows of data below the header/],
    ["one-row", "a,y\n1,2\n", /there is only 1 row of data; at least 2 are needed/],
    [
      "nan",
      "a,y\n1,2\nNaN,3\n,4\n",
      /nan\.csv: row 2 \(line 3\): column "a" has no value \("NaN"\).*\(and 1 more problem\)/,
    ],
    ["infinite", "a,y\n1,2\ninf,3\n", /row 2 \(line 3\): column "a" is "inf", not finite/],
    [
      "words",
      "a,y\nred,2\n1,3\n",
      /row 1 \(line 2\): column "a" is "red", not a number; drop the row or exclude/,
    ],
    ["short", "a,b,y\n1,2,3\n1,2\n", /row 2 \(line 3\): has 2 fields, but the header names 3/],
    ["no-target", "a,b,z\n1,2,3\n", /there is no target "y"\. The columns are a, b, z/],
    [
      "labels",
      "a,y\n1,no\n2,yes\n",
      /target "y" is "no", not a number; labels are for --loss logistic or softmax/,
    ],
    ["quote", 'a,y\n"1,2\n3,4\n', /line 2\): a quoted field is not closed/],
    ["twice", "a,a,y\n1,2,3\n", /names "a" twice/],
    ["binary", Uint8Array.of(80, 75, 3, 4, 0, 0, 8, 0), /binary\.csv: it is not text in UTF-8/],
    ["escape", "a,\u001b[2Jb,z\n1,2,3\n", /there is no target "y"\. The columns are a, \ufffd\[2Jb, z/],
  ];
  test.each(files)("%s", async (name, text, message) => {
    for (const command of ["inspect", "fit"]) {
      const path = file(`${name}.csv`, text);
      expect(await mistake(command, path, "--target", "y", "--loss", "least-squares")).toMatch(message);
    }
  });

  test("a file that is not there, or a folder", async () => {
    const at = (path: string) => mistake("fit", path, "--target", "y", "--loss", "logistic");
    expect(await at("nowhere.csv")).toMatch(/cannot read nowhere\.csv: there is no such file/);
    expect(await at(folder)).toMatch(/it is a folder/);
  });

  test("one class only; three classes for two; numbers where classes are expected", async () => {
    const one = file("one-class.csv", "a,y\n1,u\n2,u\n3,u\n");
    expect(await mistake("fit", one, "--target", "y", "--loss", "softmax")).toMatch(
      /target "y" has only one class, "u"; at least 2 are needed/,
    );
    const three = file("three.csv", "a,y\n1,u\n2,v\n3,w\n4,u\n5,v\n6,w\n");
    expect(await mistake("fit", three, "--target", "y", "--loss", "logistic")).toMatch(
      /has 3 classes, and --loss logistic takes two; use --loss softmax/,
    );
    expect(await mistake("fit", diabetes[0], "--target", "s5", "--loss", "logistic")).toMatch(
      /logistic takes two; use --loss (softmax|least-squares)/,
    );
    const numbers = file("numbers.csv", "a,y\n1,0.5\n2,0.7\n3,0.9\n4,1.5\n");
    expect(await mistake("fit", numbers, "--target", "y", "--loss", "logistic")).toMatch(
      /use --loss least-squares/,
    );
  });

  test("a class with too few rows to hold any out", async () => {
    const pair = file("pair.csv", "a,y\n1,u\n2,v\n");
    expect(
      await mistake("fit", pair, "--target", "y", "--loss", "logistic", "--test-fraction", "0.5"),
    ).toMatch(/pair\.csv: no row can be held out: no class has more than one/);
  });
});

describe("names of every kind are no mistake", () => {
  const rows = "1,2,3\n2,1,4\n3,5,6\n4,4,1\n";
  test.each([
    ["a column that looks like an option", "--weird,-x,y", ["--target=--weird", "--exclude=-x"]],
    ["a column that is a number", "1,2,3", ["--target", "3"]],
    ["a column __proto__", "a,b,__proto__", ["--target", "__proto__"]],
    ["a column in Chinese", "温度,压力,结果", ["--target", "结果"]],
  ])("%s", async (_, header, target) => {
    const path = file("names.csv", `${header}\n${rows}`);
    const { code, out } = await call("inspect", path, ...target, "--loss", "least-squares");
    expect(code).toBe(0);
    expect(out).toMatch(/speed limit/);
  });

  test("a file whose name starts with a dash, behind --", async () => {
    const before = process.cwd();
    file("-data.csv", `a,b,y\n${rows}`);
    process.chdir(folder);
    try {
      expect(
        (await call("inspect", "--target", "y", "--loss", "least-squares", "--", "-data.csv")).code,
      ).toBe(0);
    } finally {
      process.chdir(before);
    }
  });
});

describe("a defect is told apart from a mistake", () => {
  test("what nobody foresaw has exit code 1 and its stack", async () => {
    const { runCli } = await import("../../src/cli/run.ts");
    let err = "";
    const code = await runCli(["inspect", ...oRing(24)], {
      out: () => {
        throw new Error("the printer burns");
      },
      err: (text) => {
        err += text;
      },
      width: 80,
    });
    expect(code).toBe(1);
    expect(err).toMatch(/thalweg: Error: the printer burns\n +at /);
  });
});
