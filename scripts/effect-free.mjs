// Tells bundlers that what the library's modules work out while they are read may be left out where it is not used.
// Rules, schedules and tables are values made by calls, and no bundler can know that a call does nothing else. Ours do
// not: that is a law of src/. So each such value becomes `/* @__PURE__ */ (() => value)()`, which esbuild, Rollup and
// webpack drop where nothing asks for it.
import { readFileSync } from "node:fs";
import ts from "typescript";

/** Whether a bundler sees by itself that an expression does nothing but have a value. */
function isPlain(node) {
  switch (node.kind) {
    case ts.SyntaxKind.ArrowFunction:
    case ts.SyntaxKind.FunctionExpression:
    case ts.SyntaxKind.ClassExpression:
    case ts.SyntaxKind.Identifier:
    case ts.SyntaxKind.NumericLiteral:
    case ts.SyntaxKind.StringLiteral:
    case ts.SyntaxKind.NoSubstitutionTemplateLiteral:
    case ts.SyntaxKind.TrueKeyword:
    case ts.SyntaxKind.FalseKeyword:
    case ts.SyntaxKind.NullKeyword:
      return true;
    case ts.SyntaxKind.AsExpression:
    case ts.SyntaxKind.SatisfiesExpression:
    case ts.SyntaxKind.ParenthesizedExpression:
      return isPlain(node.expression);
    case ts.SyntaxKind.PrefixUnaryExpression:
      return isPlain(node.operand);
    case ts.SyntaxKind.BinaryExpression:
      return isPlain(node.left) && isPlain(node.right);
    case ts.SyntaxKind.ArrayLiteralExpression:
      return node.elements.every(isPlain);
    case ts.SyntaxKind.ObjectLiteralExpression:
      return node.properties.every(
        (property) =>
          ts.isShorthandPropertyAssignment(property) ||
          ts.isMethodDeclaration(property) ||
          (ts.isPropertyAssignment(property) && isPlain(property.initializer)),
      );
    default:
      return false;
  }
}

/** The source of a module with the values of its constants marked. */
export function markValues(source) {
  const file = ts.createSourceFile("module.ts", source, ts.ScriptTarget.ES2022);
  let text = "";
  let done = 0;
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { initializer } of statement.declarationList.declarations) {
      if (!initializer || isPlain(initializer)) continue;
      const start = initializer.getStart(file);
      text += `${source.slice(done, start)}/* @__PURE__ */ (() => (${source.slice(start, initializer.end)}))()`;
      done = initializer.end;
    }
  }
  return text + source.slice(done);
}

/** The plugin of esbuild that marks the modules below a folder. */
export const effectFree = (folder) => ({
  name: "effect-free",
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) =>
      path.startsWith(folder)
        ? { contents: markValues(readFileSync(path, "utf8")), loader: "ts" }
        : undefined,
    );
  },
});
