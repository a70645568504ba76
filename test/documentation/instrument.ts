import ts from "typescript";
import { readClaim } from "./claims.ts";

/** A statement with a claim behind it. */
export interface Claimed {
  /** Line within the example, from 0. */
  readonly line: number;
  readonly comment: string;
}

/** An example that reports what its claims are about. */
export interface Instrumented {
  readonly code: string;
  readonly claims: readonly Claimed[];
  readonly problems: readonly string[];
}

/** What a comment behind a statement is about: an expression, or a variable that was just made. */
function subject(statement: ts.Statement): ts.Expression | ts.Identifier | undefined {
  if (ts.isExpressionStatement(statement)) {
    const { expression } = statement;
    const prints = ts.isCallExpression(expression) && expression.expression.getText() === "console.log";
    if (!prints) return expression;
    return expression.arguments.length === 1 ? expression.arguments[0] : undefined;
  }
  if (!ts.isVariableStatement(statement)) return undefined;
  const { declarations } = statement.declarationList;
  return declarations.length === 1 && ts.isIdentifier(declarations[0].name)
    ? declarations[0].name
    : undefined;
}

/**
 * Makes an example report its claims: `f(x); // 3` calls `$claim(0, f(x))`, one that throws
 * `$claimThrows(0, () => f(x))`. Lines stay where they are.
 */
export function instrument(code: string): Instrumented {
  const source = ts.createSourceFile("example.ts", code, ts.ScriptTarget.Latest, true);
  const claims: Claimed[] = [];
  const problems: string[] = [];
  const edits: { at: number; text: string }[] = [];

  const visitStatement = (statement: ts.Statement): void => {
    const [comment] = ts.getTrailingCommentRanges(code, statement.end) ?? [];
    if (!comment) return;
    const text = code.slice(comment.pos, comment.end).replace(/^\/[/*]|\*\/$/g, "");
    const { line } = source.getLineAndCharacterOfPosition(comment.pos);
    let claim: ReturnType<typeof readClaim>;
    try {
      claim = readClaim(text);
    } catch (error) {
      problems.push(`line ${line + 1}: the comment ${(error as Error).message}`);
      return;
    }
    if (!claim) return;
    const about = subject(statement);
    if (!about || (claim.kind === "throws" && !ts.isExpressionStatement(statement))) {
      problems.push(`line ${line + 1}: "${text.trim()}" does not stand behind an expression`);
      return;
    }
    const id = claims.push({ line, comment: text }) - 1;
    if (ts.isVariableStatement(statement)) {
      edits.push({ at: statement.end, text: ` $claim(${id}, ${about.getText()});` });
      return;
    }
    const [name, thunk] = claim.kind === "throws" ? ["$claimThrows", "() => "] : ["$claim", ""];
    edits.push({ at: about.getStart(), text: `${name}(${id}, ${thunk}(` }, { at: about.end, text: "))" });
  };

  const visit = (node: ts.Node): void => {
    if (ts.isExpressionStatement(node) || ts.isVariableStatement(node)) visitStatement(node);
    ts.forEachChild(node, visit);
  };
  visit(source);
  let instrumented = code;
  for (const { at, text } of edits.sort((a, b) => b.at - a.at)) {
    instrumented = instrumented.slice(0, at) + text + instrumented.slice(at);
  }
  return { code: instrumented, claims, problems };
}
