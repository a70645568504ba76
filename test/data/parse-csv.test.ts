import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CsvOptions, DataError, parseCsv } from "../../src/data/index.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const regression = { target: "y", task: "regression" } as const;
const classification = { target: "y", task: "classification" } as const;

function problem(text: string, options: CsvOptions): string {
  try {
    parseCsv(text, options);
  } catch (error) {
    expect(error).toBeInstanceOf(DataError);
    return (error as DataError).message;
  }
  throw new Error("nothing was refused");
}

describe("real files", () => {
  it("reads the diabetes data, 442 rows of 10 features, as the file has them", () => {
    const data = parseCsv(read("test/data/diabetes.csv"), { target: "progression", task: "regression" });
    expect([data.rows, data.columns.length, data.features.length]).toEqual([442, 10, 4420]);
    expect(data.columns).toEqual(["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"]);
    expect([...data.features.subarray(0, 10)]).toEqual([59, 2, 32.1, 101, 157, 93.2, 38, 4, 4.8598, 87]);
    expect([...data.targets.subarray(0, 3)]).toEqual([151, 75, 141]);
  });

  it("reads the breast-cancer data, whose 569 tumours are 212 malignant and 357 benign", () => {
    const data = parseCsv(read("examples/data/breast-cancer.csv"), {
      target: "benign",
      task: "classification",
    });
    expect([data.rows, data.columns.length]).toEqual([569, 30]);
    expect(data.classes).toEqual([0, 1]);
    expect(data.targets.filter((k) => k === 0).length).toBe(212);
  });

  it("reads the digits, ten classes of numbers", () => {
    const text = read("test/data/digits.csv");
    const target = text.slice(0, text.indexOf("\n")).trim().split(",").at(-1)!;
    const data = parseCsv(text, { target, task: "classification" });
    expect([data.rows, data.columns.length]).toEqual([1797, 64]);
    expect(data.classes).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(Math.max(...data.features)).toBe(16);
  });

  it("reads the irises, fifty of each of three named species", () => {
    const data = parseCsv(read("test/data/iris.csv"), { target: "species", task: "classification" });
    expect([data.rows, data.columns.length]).toEqual([150, 4]);
    expect(data.classes).toEqual(["setosa", "versicolor", "virginica"]);
    for (const k of [0, 1, 2]) expect(data.targets.filter((target) => target === k).length).toBe(50);
  });

  it("reads the O-rings of 23 and of 24 flights, seven of them in distress", () => {
    for (const flights of [23, 24]) {
      const data = parseCsv(read(`test/data/o-ring-${flights}.csv`), {
        target: "distress",
        task: "classification",
      });
      expect([data.rows, data.columns.length]).toEqual([flights, 1]);
      expect(data.targets.filter((k) => k === 1).length).toBe(7);
    }
  });
});

describe("what is understood", () => {
  it.each([
    ["commas", "a,b,y\n1,2,3\n4,5,6\n"],
    ["semicolons", "a;b;y\n1;2;3\n4;5;6\n"],
    ["tabs", "a\tb\ty\n1\t2\t3\n4\t5\t6\n"],
    ["a byte order mark", "\ufeffa,b,y\n1,2,3\n4,5,6\n"],
    ["carriage return and line feed", "a,b,y\r\n1,2,3\r\n4,5,6\r\n"],
    ["line ends that change halfway", "a,b,y\r\n1,2,3\n4,5,6\r\n"],
    ["carriage returns alone", "a,b,y\r1,2,3\r4,5,6\r"],
    ["no line end after the last row", "a,b,y\n1,2,3\n4,5,6"],
    ["blank lines anywhere", "\n\na,b,y\n\n1,2,3\n   \n4,5,6\n\n\r\n"],
    ["spaces around names and values", " a , b ,y \n 1, 2 ,3\n4,5 , 6\n"],
    ["quoted names and values", '"a","b","y"\r\n"1",2,"3"\r\n4,"5","6"\r\n'],
  ])("%s", (_, text) => {
    const data = parseCsv(text, regression);
    expect(data.columns).toEqual(["a", "b"]);
    expect([...data.features]).toEqual([1, 2, 4, 5]);
    expect([...data.targets]).toEqual([3, 6]);
  });

  it("takes a number as Number does, in decimal notation only", () => {
    const cells = ["1e-3", "+5", "-0.25E+2", ".5", "7.", "0.1", "9007199254740993", "1e-400"];
    const data = parseCsv(`a,y\n${cells.map((cell) => `${cell},1`).join("\n")}`, regression);
    expect([...data.features]).toEqual([0.001, 5, -25, 0.5, 7, 0.1, 9007199254740992, 0]);
  });

  it("sees the delimiter behind quotes and decimal commas", () => {
    expect(parseCsv('"a,b"\t"y"\n1\t2\n3\t4', regression).columns).toEqual(["a,b"]);
    const text = "name,long;a;y\n1,5;1;2\n2,5;3;4";
    expect(parseCsv(text, { ...regression, exclude: ["name,long"] }).columns).toEqual(["a"]);
  });

  it("takes the delimiter that it is told", () => {
    const text = "a;1,b;1,y\n1,2,3\n4,5,6";
    expect(parseCsv(text, { ...regression, delimiter: "," }).columns).toEqual(["a;1", "b;1"]);
  });

  it("leaves out the excluded columns, whatever they hold, and the target wherever it stands", () => {
    const text = "id,y,name,a\n1,2,NA,3\n2,4,x,6";
    const data = parseCsv(text, { ...regression, exclude: ["id", "name"] });
    expect(data.columns).toEqual(["a"]);
    expect([...data.features, ...data.targets]).toEqual([3, 6, 2, 4]);
  });

  it("treats hostile names as names", () => {
    const names = ["__proto__", "constructor", "toString", "hasOwnProperty"];
    const text = `${names.join(",")},y\n1,2,3,4,__proto__\n5,6,7,8,constructor`;
    const data = parseCsv(text, classification);
    expect(data.columns).toEqual(names);
    expect(data.classes).toEqual(["__proto__", "constructor"]);
    expect(() => parseCsv("__proto__,a\n1,2\n3,4", regression)).toThrow('no target "y"');
  });

  it("orders classes as numbers if all are, else by code unit", () => {
    const classes = (...labels: string[]) =>
      parseCsv(`a,y\n${labels.map((label) => `1,${label}`).join("\n")}`, classification).classes;
    expect(classes("10", "9", "-1", "9.0", "1e1")).toEqual([-1, 9, 10]);
    expect(classes("10", "9", "b")).toEqual(["10", "9", "b"]);
    expect(classes("é", "z", "Z", "a")).toEqual(["Z", "a", "z", "é"]);
    expect(classes("0", "-0", "1")).toEqual([0, 1]);
  });
});

const label = fc.oneof(
  fc.constantFrom(
    "a,b",
    'say "no"',
    "two\nlines",
    "cr\r\nlf",
    "semi;colon",
    "tab\there",
    "__proto__",
    "'",
    "é",
  ),
  fc.string({ minLength: 1, maxLength: 8 }),
);
const isText = (text: string) =>
  text === text.trim() && text !== "" && !/^(\?|#?n\/?an?|<na>|null)$/i.test(text);
const print = (value: number) => (Object.is(value, -0) ? "-0" : String(value));
const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;

it("reads back every table that is printed with quotes, whatever the labels, line ends and delimiter", () => {
  const tables = fc
    .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 2, max: 15 }))
    .chain(([width, rows]) =>
      fc.record({
        names: fc.uniqueArray(label.filter(isText), { minLength: width + 1, maxLength: width + 1 }),
        numbers: fc.array(
          fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), {
            minLength: width,
            maxLength: width,
          }),
          { minLength: rows, maxLength: rows },
        ),
        labels: fc.array(
          label.filter((text) => isText(text) && Number.isNaN(Number(text))),
          { minLength: rows, maxLength: rows },
        ),
        delimiter: fc.constantFrom(",", ";", "\t"),
        newline: fc.constantFrom("\n", "\r\n"),
      }),
    )
    .filter(({ labels }) => new Set(labels).size > 1);
  fc.assert(
    fc.property(tables, ({ names, numbers, labels, delimiter, newline }) => {
      const rows = numbers.map((row, i) => [...row.map(print), quote(labels[i])].join(delimiter));
      const text = [names.map(quote).join(delimiter), ...rows, ""].join(newline);
      const data = parseCsv(text, { target: names.at(-1)!, task: "classification" });
      expect(data.columns).toEqual(names.slice(0, -1));
      expect([...data.features]).toEqual(numbers.flat());
      expect(Array.from(data.targets, (k) => data.classes[k])).toEqual(labels);
      expect(data.classes).toEqual([...new Set(labels)].sort());
    }),
  );
});

describe("what is refused", () => {
  it.each([
    ["nothing", "", "the text is empty"],
    ["blank lines alone", "\n \n", "the text is empty"],
    ["a header alone", "a,y\n\n", "there are no rows of data below the header"],
    ["a single row", "a,y\n1,2", "only 1 row of data; at least 2"],
    ["a name twice", "a,y, a\n1,2,3", 'the header names "a" twice, in columns 1 and 3'],
    ["no name", "a,,y\n1,2,3", "the header has no name for column 2 of 3"],
    ["no target", "a,b\n1,2", 'there is no target "y". The columns are a, b'],
    ["no features", "y\n1\n2", 'no feature column left beside the target "y"'],
    ["an empty cell", "a,y\n1,2\n,3", 'row 2 (line 3): column "a" has no value; drop the row or exclude'],
    ["NA", "a,y\n1,2\n NA ,3", 'row 2 (line 3): column "a" has no value ("NA")'],
    ["NaN", "a,y\n1,2\nNaN,3", 'row 2 (line 3): column "a" has no value ("NaN")'],
    ["?", "a,y\n1,2\n?,3", 'row 2 (line 3): column "a" has no value ("?")'],
    ["null", "a,y\n1,2\nnull,3", 'row 2 (line 3): column "a" has no value ("null")'],
    [
      "text",
      "a,y\n1,2\nred,3",
      'row 2 (line 3): column "a" is "red", not a number; drop the row or exclude the',
    ],
    ["hexadecimal", "a,y\n0x10,2\n1,3", 'row 1 (line 2): column "a" is "0x10", not a number'],
    [
      "a decimal comma",
      "a;y\n1,5;2\n1;3",
      'column "a" is "1,5", not a number (write a decimal point, no commas)',
    ],
    ["infinity", "a,y\n1,2\n-Infinity,3", 'row 2 (line 3): column "a" is "-Infinity", not finite'],
    ["what overflows", "a,y\n1,2\n1e999,3", 'column "a" is "1e999", too large for a number'],
    ["a target that is missing", "a,y\n1,2\n3,", 'row 2 (line 3): target "y" has no value'],
    [
      "a target that is text",
      "a,y\n1,red\n3,4",
      'target "y" is "red", not a number; labels are for task: "class',
    ],
    ["too few fields", "a,b,y\n1,2,3\n1,2", "row 2 (line 3): has 2 fields, but the header names 3"],
    ["too many fields", "a,y\n1,2\n1,2,3\n", "row 2 (line 3): has 3 fields, but the header names 2"],
    ["an open quote", 'a,y\n1,2\n"3,4\n5,6', "row 2 (line 3): a quoted field is not closed"],
    [
      "text after a quote",
      'a,y\n1,2\n"3"x,4',
      "row 2 (line 3): a quoted field is not closed, or goes on after",
    ],
    ["an open quote in the header", '"a,y\n1,2', "the header (line 1): a quoted field"],
  ])("%s", (_, text, message) => {
    expect(problem(text, regression)).toContain(message);
  });

  it("a single class, and a label that is missing", () => {
    expect(problem("a,y\n1,x\n2,x", classification)).toBe(
      'target "y" has only one class, "x"; at least 2 are needed',
    );
    expect(problem("a,y\n1,x\n2,\n3,z", classification)).toBe('row 2 (line 3): target "y" has no value');
  });

  it("an unknown target or exclusion, with the nearest name and the columns", () => {
    const text = "age,bmi,progression\n1,2,3\n4,5,6";
    expect(problem(text, { target: "progresion", task: "regression" })).toBe(
      'there is no target "progresion"; did you mean "progression"? The columns are age, bmi, progression',
    );
    expect(problem(text, { target: "progression", task: "regression", exclude: ["ages"] })).toBe(
      'there is no column to exclude "ages"; did you mean "age"? The columns are age, bmi, progression',
    );
    const many = Array.from({ length: 30 }, (_, i) => `column${i}`).join(",");
    expect(problem(many, regression)).toMatch(
      /The columns are column0, .* column19 and 10 more, the last column29$/,
    );
  });

  it("several problems: the first by row is named, and the others counted", () => {
    const text = "a,b,y\n1,2,3\n1,2,\n1,x,3\n1,2\n,,";
    expect(problem(text, regression)).toBe('row 2 (line 3): target "y" has no value (and 5 more problems)');
    expect(problem("a,y\n1,2\nx,\n", regression)).toMatch(
      /^row 2 \(line 3\): column "a" .*\(and 1 more problem\)$/,
    );
  });

  it("the line counts blank lines and lines inside quotes", () => {
    const text = '"a\nb",name,y\n\n1,"x\r\ny",2\n\nred,z,3';
    expect(problem(text, { ...regression, exclude: ["name"] })).toMatch(
      /^row 2 \(line 7\): column "a\nb" is "red"/,
    );
  });

  it("a call that is wrong", () => {
    const call = (options: unknown, text: unknown = "a,y\n1,2\n3,4") =>
      expect(() => parseCsv(text as string, options as CsvOptions));
    call(regression, new Uint8Array(3)).toThrow(
      new TypeError("parseCsv: text must be a string, got a Uint8Array"),
    );
    call({ ...regression, tagret: "y" }).toThrow('parseCsv: unknown option "tagret"; did you mean target?');
    call({ task: "regression" }).toThrow("parseCsv: target must be the name of a column, got undefined");
    call({ target: "y" }).toThrow('parseCsv: task must be "regression" or "classification", got undefined');
    call({ ...regression, exclude: "a" }).toThrow("parseCsv: exclude must be an array of column names");
    call({ ...regression, exclude: ["y"] }).toThrow('parseCsv: exclude must not name the target "y"');
    call({ ...regression, delimiter: "|" }).toThrow('parseCsv: delimiter must be ",", ";" or a tab, got "|"');
  });
});
