import { expect, it } from "vitest";
import { DataError, parseFeatures } from "../../src/data/index.ts";

it("takes the columns by name in the model's order and ignores the others", () => {
  const table = parseFeatures("b,note,a\n2,x,1\n4,NA,3\n", ["a", "b"], { target: "y" });
  expect(table).toEqual({ columns: ["a", "b"], rows: 2, features: Float64Array.of(1, 2, 3, 4) });
});

it("takes a single row", () => {
  expect([...parseFeatures("a\n1", ["a"]).features]).toEqual([1]);
});

it("reads targets where the file has them: numbers, or indices into the model's classes", () => {
  const text = "y,a\n3,1\n2.0,5";
  expect(parseFeatures(text, ["a"], { target: "y" }).targets).toEqual(Float64Array.of(3, 2));
  expect(parseFeatures(text, ["a"], { target: "y", classes: [1, 2, 3] }).targets).toEqual(
    Uint32Array.of(2, 1),
  );
  const classes = ["2.0", "3", "__proto__"];
  expect(parseFeatures(text, ["a"], { target: "y", classes }).targets).toEqual(Uint32Array.of(1, 0));
});

it("takes a target that is blank in every row as absent, and refuses one that is blank in some", () => {
  expect(parseFeatures("a,y\n1,\n2,NA", ["a"], { target: "y" }).targets).toBeUndefined();
  expect(() => parseFeatures("a,y\n1,\n2,3", ["a"], { target: "y" })).toThrow(
    new DataError('row 1 (line 2): target "y" has no value'),
  );
});

it("refuses a class that the model does not know", () => {
  const classes = ["cat", "dog"];
  expect(() => parseFeatures("a,y\n1,cat\n2,cow", ["a"], { target: "y", classes })).toThrow(
    new DataError('row 2 (line 3): target "y" is "cow", not one of the classes'),
  );
  expect(() => parseFeatures("a,y\n1,1\n2,7", ["a"], { target: "y", classes: [0, 1] })).toThrow(
    new DataError('row 2 (line 3): target "y" is "7", not one of the classes'),
  );
});

it("names a column that is missing, and a cell that is no number", () => {
  expect(() => parseFeatures("bim,age\n1,2", ["age", "bmi"])).toThrow(
    new DataError('there is no column "bmi"; did you mean "bim"? The columns are bim, age'),
  );
  expect(() => parseFeatures("a,b\n1,2\nx,3", ["a"])).toThrow(
    new DataError('row 2 (line 3): column "a" is "x", not a number'),
  );
});

it("takes a blank line between the rows of a single column as a missing value, and at the end as none", () => {
  expect([...parseFeatures("a\n1\n2\n\n\n", ["a"]).features]).toEqual([1, 2]);
  expect(() => parseFeatures("a\n1\n\n2\n", ["a"])).toThrow(
    new DataError('row 2 (line 3): column "a" has no value'),
  );
});

it("refuses a call that is wrong", () => {
  const call = parseFeatures as (...values: unknown[]) => unknown;
  expect(() => call("a\n1", "a")).toThrow('parseFeatures: columns must be an array of column names, got "a"');
  expect(() => call("a\n1", [])).toThrow("parseFeatures: columns must be an array of column names");
  expect(() => call("a\n1", ["a"], { target: 1 })).toThrow(
    "parseFeatures: target must be the name of a column",
  );
  expect(() => call("a\n1", ["a"], { classes: [] })).toThrow(
    "parseFeatures: classes must be an array of labels",
  );
  expect(() => call("a\n1", ["a"], { class: [1] })).toThrow(
    'parseFeatures: unknown option "class"; did you mean',
  );
});
