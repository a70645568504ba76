import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Messages of a consumer's compiler, which has neither Node's types nor the libraries bundled here. */
function diagnose(source: string): string[] {
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    types: [],
    lib: ["lib.es2022.d.ts", "lib.dom.d.ts"],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  };
  const file = `${root}consumer.mts`;
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) =>
    name === file || (fileExists(name) && !name.includes("/node_modules/@observablehq/"));
  host.getSourceFile = (name, language, ...rest) =>
    name === file ? ts.createSourceFile(name, source, language) : getSourceFile(name, language, ...rest);
  const program = ts.createProgram([file], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

const imports = `import { adam, minimize, sgd, warmup } from "thalweg";
import { parseCsv } from "thalweg/data";
import { renderReport } from "thalweg/report";
export const used = [parseCsv, renderReport, sgd, warmup, minimize, adam];
`;

test("the declarations compile for a consumer without this project's own dependencies", () => {
  const program = `${imports}
const { x } = minimize({ value: ([a, b]) => a * a + b * b }, { rule: adam({ learningRate: warmup(5, 0.1) }), start: [1, 2] });
export const first: number = x[0];`;
  expect(diagnose(program)).toEqual([]);
});

test("a misspelt option, or one of a wrong kind, does not compile", () => {
  expect(diagnose(`${imports} adam({ learnigRate: 1 });`).join()).toMatch(/learnigRate/);
  expect(diagnose(`${imports} sgd({ nesterov: 1 });`).join()).toMatch(/boolean/);
});
