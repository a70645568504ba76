import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";
import { rules } from "../src/rules/index.ts";
import type { OptionDeclarations } from "../src/rules/options.ts";
import { wrappers } from "../src/wrappers/index.ts";

interface AnyFactory {
  readonly declaration: { readonly options: OptionDeclarations };
}

const root = fileURLToPath(new URL("..", import.meta.url));

/** What a consumer's compiler says of a line of its program. */
interface Diagnosis {
  /** The line, from 0. */
  readonly line: number;
  readonly message: string;
}

/** Messages of a consumer's compiler, which has neither Node's types nor the libraries bundled here. */
function diagnose(source: string): Diagnosis[] {
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
  return ts.getPreEmitDiagnostics(program).map(({ file: where, start = 0, messageText }) => ({
    line: where?.fileName === file ? where.getLineAndCharacterOfPosition(start).line : -1,
    message: ts.flattenDiagnosticMessageText(messageText, "\n"),
  }));
}

const imports = `import { adam, adagrad, adamw, chain, checkGradient, cosine, createOptimizer, curvature, descend, ema, leastSquares, minimize, quadratic, rules, sgd, signDescent, clipByGlobalNorm, powerIteration, warmup, wrappers } from "thalweg";
import { applyScaling, parseCsv } from "thalweg/data";
import { renderReport } from "thalweg/report";
export const used = [parseCsv, renderReport, sgd, warmup, minimize, adam, applyScaling];
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
type Real = Float64Array | Float32Array;
const start = { w: [1, 2], b: { shape: [1], values: new Float32Array(1) } };
const problem = { value: ({ w, b }: Record<"w" | "b", Real>) => w[0] + b[0] };
`;

/** Programs that compile; what is asserted of a type is a variable of type Same<…>. */
const good = `
const { x } = minimize({ value: ([a, b]) => a * a + b * b }, { rule: adam({ learningRate: warmup(5, 0.1) }), start: [1, 2] });
export const first: number = x[0];
export const t01: Same<typeof x, Real> = true;
sgd({ learningRate: (t) => 0.1 / (t + 1), momentum: cosine({ from: 0.9, steps: 10 }), nesterov: true });
adam({ learningRate: "auto", amsgrad: false });
ema({ decay: (t) => 1 - 1 / (t + 2) });
chain(clipByGlobalNorm({ norm: 1 }), adamw(), ema());
for (const make of Object.values(rules)) make({ learningRate: 1 });

// Functions of a problem know their arguments without being told.
minimize({ value(x) { const t: Same<typeof x, Real> = true; return t ? x[0] : 0; }, gradient(x, g) { g[0] = 2 * x[0]; } }, {
  rule: sgd(),
  start: new Float64Array(1),
  callback({ x: at, value }) { const t: Same<typeof at, Real> = true; return t && value < 0; },
});
for (const step of descend({ value: ([a]) => a }, { rule: sgd(), start: [1] })) {
  const t: Same<typeof step.x, Real> = true;
  if (t && step.index > 3) break;
}

// Named blocks keep their names, from the start to the result.
const optimizer = createOptimizer(adam(), start, { groups: [{ blocks: "w", options: { learningRate: (t) => t } }] });
export const t02: Same<keyof typeof optimizer.parameters, "w" | "b"> = true;
export const t03: Same<typeof optimizer.gradient.b, Real> = true;
export const t04: Same<ReturnType<typeof optimizer.averaged>, typeof optimizer.parameters> = true;
const result = minimize(
  { value({ w, b }) { const t: Same<typeof w, Real> = true; return t ? w[0] + b[0] : 0; }, gradient(at, g) { g.w[0] = at.b[0]; } },
  { rule: adam(), start, callback({ x: at }) { const t: Same<typeof at.b, Real> = true; return t && at.w[0] > 0; } },
);
export const t05: Same<keyof typeof result.x, "w" | "b"> = true;
export const t06: Same<NonNullable<typeof result.averaged>, typeof result.x> = true;
export const t07: Same<typeof result.value, number> = true;
for (const step of descend({ value: ({ w }) => w[0] }, { rule: sgd(), start })) {
  const t: Same<typeof step.x.b, Real> = true;
  if (t) break;
}
curvature({ value: ({ w }) => w[0] }, { at: start }).spectrum.length;
powerIteration(problem, { at: start });
checkGradient(problem, { at: start });

// Arrays of other libraries, as their own types have them.
interface Tensor { readonly shape: number[]; dataSync(): Float32Array | Int32Array | Uint8Array; print(): void }
interface Matrix { toArray(): number[] | number[][]; size(): number[] }
interface Nd { data: number[]; shape: number[]; stride: number[]; offset: number; get(...at: number[]): number }
export function takes(tensor: Tensor, matrix: Matrix, nd: Nd) {
  const one = createOptimizer(sgd(), tensor);
  const t: Same<typeof one.parameters, Real> = true;
  createOptimizer(sgd(), { w: matrix, b: nd }).parameters.w.fill(Number(t));
  createOptimizer(sgd(), [[[1], [2]], [[3], [4]]]).parameters.fill(0);
  minimize({ value: (p) => p[0] }, { rule: sgd(), start: matrix });
  minimize(leastSquares(tensor, nd), {});
  minimize(quadratic(nd, matrix), {});
  curvature(quadratic({ diagonal: tensor }), { at: nd });
  minimize(leastSquares([new Float64Array(2), [1, 2]], [1, 2]), {});
}
`;

/** Lines that do not compile, with what the compiler says of each. */
const badLines: readonly (readonly [line: string, said: RegExp])[] = [
  ["adam({ learnigRate: 1 });", /learnigRate/],
  ["sgd({ beta1: 0.9 });", /beta1/],
  ["sgd({ nesterov: 1 });", /boolean/],
  ["sgd({ nesterov: () => true });", /boolean/],
  ['sgd({ momentum: "auto" });', /string/],
  ['sgd({ learningRate: "automatic" });', /"automatic"/],
  ['sgd({ learningRate: () => "0.1" });', /string/],
  ["adagrad({ initialAccumulator: () => 0.1 });", /number/],
  ["adagrad({ initialAccumulator: cosine({ from: 1, steps: 2 }) });", /number/],
  ["signDescent({ weightDecay: 0.1 });", /weightDecay/],
  ["cosine({ from: 1, stepz: 2 });", /stepz/],
  ["ema({ decay: true });", /'true' is not assignable/],
  ["clipByGlobalNorm({ nrom: 1 });", /nrom/],
  ["chain(adam);", /RuleFactory/],
  ["minimize(problem, { rule: adam, start });", /Rule/],
  ["minimize({ value: ([a]) => a }, { rule: adam(), start: [1], stpes: 3 });", /stpes/],
  ["minimize({ valeu: ([a]: Real) => a }, { rule: adam(), start: [1] });", /valeu/],
  ["minimize({ value: ({ w, c }) => w[0] + c[0] }, { rule: adam(), start });", /'c'/],
  ["minimize({ value: ({ w }) => w[0] }, { rule: adam(), start }).x.c;", /'c'/],
  ['createOptimizer(adam(), start, { precision: "f16" });', /"f16"/],
  ["createOptimizer(adam(), start, { guard: 1 });", /boolean/],
  ['createOptimizer(adam(), start, { groups: [{ blocks: "w", frozn: true }] });', /frozn/],
  ["createOptimizer(adam(), start).parameters.c;", /'c'/],
  ["createOptimizer(adam(), start).gradient.w = new Float64Array(2);", /read-only/],
  ['createOptimizer(adam(), "12");', /string/],
  ['createOptimizer(adam(), ["1"]);', /string/],
  ["createOptimizer(adam(), [1n]);", /bigint/],
  ["curvature(problem, { at: start, sede: 1 });", /sede/],
  ["for (const step of descend(problem, { rule: sgd(), start })) step.x.c;", /'c'/],
];

/** For each option of each rule and wrapper: values that compile, and values that do not. */
const options = Object.entries({ rules, wrappers }).flatMap(([registry, factories]) =>
  Object.entries(factories as Readonly<Record<string, AnyFactory>>).flatMap(([factory, { declaration }]) => {
    const call = (option: string, value: string) => `${registry}.${factory}({ ${option}: ${value} });`;
    return [
      { good: [], bad: [[call("mispelt", "1"), /mispelt|never/] as const] },
      ...Object.entries(declaration.options).map(([option, declared]) => {
        if (declared.kind === "flag") {
          return { good: [call(option, "true")], bad: [[call(option, "0.5"), /boolean/] as const] };
        }
        const takes = [
          "0.5",
          ...("constant" in declared ? [] : ["(t) => t / 2", "cosine({ from: 1, steps: 2 })"]),
        ];
        const refuses = ['"0.5"', "1n", "null", ...("automatic" in declared ? [] : ['"auto"'])];
        return {
          good: takes.map((value) => call(option, value)),
          bad: refuses.map((value) => [call(option, value), /not assignable/] as const),
        };
      }),
    ];
  }),
);

test("[types] the declarations compile for a consumer, and what is wrong does not, by name and kind", () => {
  const bad = [...badLines, ...options.flatMap(({ bad }) => bad)];
  const before = `${imports}${good}${options.flatMap(({ good }) => good.map((line) => `${line}\n`)).join("")}`;
  const offset = before.split("\n").length - 1;
  const said = bad.map((): string[] => []);
  const unexpected: Diagnosis[] = [];
  for (const diagnosis of diagnose(`${before}${bad.map(([line]) => line).join("\n")}\n`)) {
    const messages = said[diagnosis.line - offset];
    if (messages) messages.push(diagnosis.message);
    else
      unexpected.push({
        ...diagnosis,
        message: `${before.split("\n")[diagnosis.line]}: ${diagnosis.message}`,
      });
  }
  expect(unexpected).toEqual([]);
  for (const [i, [line, expected]] of bad.entries()) expect(said[i].join("\n"), line).toMatch(expected);
});
