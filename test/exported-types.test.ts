// Every type that stands in a public signature can be named by who uses it, since it is exported by the same entry.
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const entries = ["index", "data/index", "report/index"].map((name) => `${root}dist/types/${name}.d.ts`);
const program = ts.createProgram(entries, {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  skipLibCheck: true,
  types: [],
});
const checker = program.getTypeChecker();

const resolved = (symbol: ts.Symbol): ts.Symbol =>
  symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;

const exportsOf = (entry: string): ts.Symbol[] =>
  checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(entry)!)!).map(resolved);

/** Where a type of ours is named in a declaration, but in what is private. */
function namedIn(node: ts.Node, found: (symbol: ts.Symbol, where: ts.Node) => void): void {
  if (
    ts.canHaveModifiers(node) &&
    ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword)
  ) {
    return;
  }
  const name = ts.isTypeReferenceNode(node)
    ? node.typeName
    : ts.isExpressionWithTypeArguments(node)
      ? node.expression
      : ts.isImportTypeNode(node)
        ? node.qualifier
        : undefined;
  const symbol = name && checker.getSymbolAtLocation(name);
  if (symbol) found(resolved(symbol), node);
  ts.forEachChild(node, (child) => namedIn(child, found));
}

/** What only the core makes and takes, in members that it alone calls. */
const ofTheCore = new Set(["Workspace", "BlockRequest", "BoundObjective", "WrapperContext"]);

const isOurs = (symbol: ts.Symbol): boolean =>
  (symbol.declarations ?? []).some((declaration) => {
    const { fileName } = declaration.getSourceFile();
    return fileName.startsWith(`${root}dist/types/`) && !ts.isTypeParameterDeclaration(declaration);
  });

test.each(entries)("[types] every type in a signature of %s can be imported", (entry) => {
  const known = new Set([...exportsOf(entry), ...exportsOf(entries[0])]);
  const missing = new Map<string, string>();
  for (const symbol of exportsOf(entry)) {
    for (const declaration of symbol.declarations ?? []) {
      namedIn(declaration, (named) => {
        if (isOurs(named) && !known.has(named) && !ofTheCore.has(named.name))
          missing.set(named.name, symbol.name);
      });
    }
  }
  expect(known.size).toBeGreaterThan(300);
  expect(Object.fromEntries(missing)).toEqual({});
});
