import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkWritable, writeAtomically } from "../../src/cli/files.ts";
import { UsageError } from "../../src/cli/usage-error.ts";
import { breastCancer, call, callJson, diabetes, digits, iris, mistake, scratch } from "./call.ts";

const { folder, file } = scratch();

describe("a saved model", () => {
  test("predicts as the fit did: numbers", async () => {
    const path = join(folder, "diabetes.json");
    const fitted = await callJson("fit", ...diabetes, "--save", path);
    const { code, out, err } = await call("predict", path, diabetes[0]);
    expect(code).toBe(0);
    const [header, ...predictions] = out.trim().split("\n");
    expect(header).toBe("progression");
    const [names, ...rows] = readFileSync(diabetes[0], "utf8").trim().split("\n");
    expect(names.split(",").slice(0, -1)).toEqual(fitted.columns.slice(0, -1));
    rows.forEach((row, i) => {
      const cells = row.split(",").map(Number);
      let told = fitted.coefficients.at(-1);
      for (let j = 0; j < 10; j++) told += cells[j] * fitted.coefficients[j];
      expect(Math.abs(Number(predictions[i]) - told)).toBeLessThan(1e-9 * Math.abs(told));
    });
    expect(err).toBe(`R² ${fitted.rSquared.toPrecision(4)} on 442 rows\n`);
  });

  test.each([
    ["two classes", [...breastCancer("logistic"), "--l2", "0.001"], 2],
    ["three classes", [...iris, "--l2", "0.01"], 3],
    ["ten classes", [...digits, "--steps", "50"], 10],
  ] as const)("predicts as the fit did: %s, with probabilities that add up", async (_, args, classes) => {
    const path = join(folder, "classes.json");
    const fitted = await callJson("fit", ...args, "--save", path);
    const told = await callJson("predict", path, args[0]);
    expect(told.accuracy).toBe(fitted.accuracy);
    expect(told.classes).toHaveLength(classes);
    expect(told.predictions).toHaveLength(fitted.n);
    told.probabilities.forEach((row: number[], i: number) => {
      expect(Math.abs(row.reduce((sum, p) => sum + p, 0) - 1)).toBeLessThan(1e-12);
      expect(told.predictions[i]).toBe(told.classes[row.indexOf(Math.max(...row))]);
    });
  });

  test("judges the held-out rows as the fit did", async () => {
    const path = join(folder, "split.json");
    const fitted = await callJson("fit", ...iris, "--l2", "0.01", "--test-fraction", "0.3", "--save", path);
    const whole = await callJson("predict", path, iris[0]);
    const right = fitted.accuracy * fitted.n + fitted.test.accuracy * fitted.test.n;
    expect(whole.accuracy).toBeCloseTo(right / 150, 12);
  });

  test("finds columns by name, ignores others and needs no target", async () => {
    const path = join(folder, "order.json");
    await callJson("fit", ...iris, "--l2", "0.01", "--save", path);
    const data = file(
      "order.csv",
      "petal_width,note,sepal_width,petal_length,sepal_length\n0.2,hello,3.5,1.4,5.1\n",
    );
    const { out, err } = await call("predict", path, data);
    expect(out.split("\n")[0]).toBe("species,p(setosa),p(versicolor),p(virginica)");
    expect(out.split("\n")[1]).toMatch(/^setosa,0\.9\d+,/);
    expect(err).toBe("");
    expect(await mistake("predict", path, file("few.csv", "petal_width,petal_length\n1,2\n"))).toMatch(
      /few\.csv: there is no column "sepal_length"/,
    );
  });

  test("of classes and columns with names that JavaScript knows keeps them", async () => {
    const rows = Array.from(
      { length: 12 },
      (_, i) => `${i},${(i * 5) % 7},${i % 3 ? "__proto__" : "constructor"}`,
    );
    const data = file("names.csv", `__proto__,toString,y\n${rows.join("\n")}\n`);
    const path = join(folder, "names.json");
    const fitted = await callJson(
      "fit",
      data,
      "--target",
      "y",
      "--loss",
      "logistic",
      "--l2",
      "0.1",
      "--save",
      path,
    );
    expect(fitted.classes).toEqual(["__proto__", "constructor"]);
    const told = await callJson("predict", path, data);
    expect(told.accuracy).toBe(fitted.accuracy);
  });
});

describe("a file that is no model", () => {
  const good = async () => {
    const path = join(folder, "good.json");
    await callJson("fit", ...iris, "--l2", "0.01", "--save", path);
    return JSON.parse(readFileSync(path, "utf8"));
  };

  test.each([
    ["cut off", (m) => JSON.stringify(m).slice(0, 200), /is not a model: it is not JSON/],
    ["empty", () => "", /is not a model: it is not JSON/],
    ["null", () => "null", /its format is not "thalweg-model"/],
    ["an array", () => "[]", /its format is not/],
    ["of another program", () => '{"format":"onnx"}', /its format is not/],
    ["of a later version", (m) => JSON.stringify({ ...m, version: 2 }), /its version is 2/],
    ["of an unknown loss", (m) => JSON.stringify({ ...m, loss: "hinge" }), /its loss is "hinge"/],
    ["without a target", (m) => JSON.stringify({ ...m, target: 3 }), /its target is not a column's name/],
    ["without columns", (m) => JSON.stringify({ ...m, columns: [] }), /its columns are not names/],
    ["with a weight too few", (m) => JSON.stringify({ ...m, x: m.x.slice(1) }), /x is not 15 numbers/],
    [
      "with null for a weight",
      (m) => JSON.stringify({ ...m, x: m.x.map(() => null) }),
      /x is not 15 numbers/,
    ],
    [
      "with a class too many",
      (m) => JSON.stringify({ ...m, classes: [...m.classes, "d"] }),
      /x is not 20 numbers/,
    ],
    ["with one class", (m) => JSON.stringify({ ...m, classes: ["a"] }), /its classes are not labels/],
    [
      "with classes for numbers",
      (m) => JSON.stringify({ ...m, loss: "least-squares" }),
      /classes do not go with/,
    ],
    [
      "with a scale of 0",
      (m) => JSON.stringify({ ...m, scaling: { ...m.scaling, scales: [1, 0, 1, 1] } }),
      /its scaling does not go with its columns/,
    ],
    ["without scaling", (m) => JSON.stringify({ ...m, scaling: undefined }), /its scaling does not go/],
    [
      "that reaches for prototypes",
      () => '{"__proto__":{"format":"thalweg-model","version":1}}',
      /its format is not "thalweg-model"/,
    ],
  ] as const satisfies readonly (readonly [string, (m: Record<string, never[]>) => string, RegExp])[])(
    "%s is refused with a reason",
    async (name, spoil, reason) => {
      const path = file(`${name.replaceAll(" ", "-")}.json`, spoil((await good()) as never));
      expect(await mistake("predict", path, iris[0])).toMatch(reason);
      expect(({} as Record<string, unknown>).format).toBeUndefined();
    },
  );
});

describe("writing", () => {
  test("replaces the file as a whole and leaves nothing beside it", () => {
    const inside = join(folder, "atomic");
    mkdirSync(inside);
    writeAtomically(join(inside, "a.txt"), "one");
    writeAtomically(join(inside, "a.txt"), "two");
    expect(readFileSync(join(inside, "a.txt"), "utf8")).toBe("two");
    expect(readdirSync(inside)).toEqual(["a.txt"]);
  });

  test("that fails leaves no temporary file", () => {
    const inside = join(folder, "occupied");
    mkdirSync(join(inside, "a.txt"), { recursive: true });
    expect(() => writeAtomically(join(inside, "a.txt"), "one")).toThrow(UsageError);
    expect(readdirSync(inside)).toEqual(["a.txt"]);
  });

  test("is checked before the work: folders that are not there, folders as files, one file for two", async () => {
    const missing = join(folder, "nowhere", "m.json");
    const data = file("own.csv", "a,y\n1,2\n2,3\n3,5\n");
    const fitting = (...more: string[]) =>
      mistake("fit", data, "--target", "y", "--loss", "least-squares", ...more);
    expect(await fitting("--save", missing)).toMatch(
      /--save: cannot write .*m\.json: there is no such folder/,
    );
    expect(await fitting("--save", folder)).toMatch(/--save: .* is a folder/);
    expect(await fitting("--report", data)).toMatch(/--report would overwrite the data/);
    const both = join(folder, "both");
    expect(await fitting("--save", both, "--report", both)).toMatch(/--report would overwrite --save/);
    expect(existsSync(both)).toBe(false);
    expect(readFileSync(data, "utf8")).toBe("a,y\n1,2\n2,3\n3,5\n");
  });

  // Whoever may write everywhere cannot see this.
  test.skipIf(process.getuid?.() === 0)("into a folder that is read-only is refused", () => {
    const locked = join(folder, "locked");
    mkdirSync(locked);
    chmodSync(locked, 0o500);
    expect(() => checkWritable([["--save", join(locked, "m.json")]], [["the data", "x.csv"]])).toThrow(
      /read-only/,
    );
    expect(() => writeAtomically(join(locked, "m.json"), "{}")).toThrow(UsageError);
    expect(readdirSync(locked)).toEqual([]);
  });
});

describe("a report", () => {
  test("is one HTML page with the outcome, for every loss and for a divergence", async () => {
    const runs = [
      [...diabetes],
      [...breastCancer("logistic"), "--l2", "0.001", "--test-fraction", "0.25"],
      [...iris],
      [...diabetes, "--rule", "gradientDescent", "--learning-rate", "0.6"],
      [...diabetes, "--steps", "0"],
    ];
    for (const [i, args] of runs.entries()) {
      const path = join(folder, `report-${i}.html`);
      const { message } = await callJson("fit", ...args, "--report", path);
      const page = readFileSync(path, "utf8");
      expect(page.startsWith("<!doctype html>")).toBe(true);
      expect(page.match(/<svg/g)?.length).toBeGreaterThanOrEqual(4);
      expect(/<script|NaN|undefined|\[object/.exec(page)).toBeNull();
      const words = page.replace(/<[^>]+>/g, "").replaceAll("&#39;", "'");
      expect(words.includes(message.split(" ").slice(0, 3).join(" "))).toBe(true);
    }
  });
});
