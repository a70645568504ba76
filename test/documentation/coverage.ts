import ts from "typescript";

/** A public name and what its docstring says. */
export interface PublicName {
  readonly name: string;
  /** Whether it is there when the program runs. */
  readonly isValue: boolean;
  /** Its doc comments as they stand, joined. */
  readonly comment: string;
  /** What every docstring of its kind has to have and this one has not. */
  readonly lacking: readonly string[];
}

function commentOf(symbol: ts.Symbol): string {
  return (symbol.declarations ?? [])
    .flatMap((declaration) => ts.getJSDocCommentsAndTags(declaration))
    .map((node) => node.getText())
    .join("\n");
}

/** What a docstring says of an option in its `@param` line. */
export function optionTold(
  comment: string,
  name: string,
): { readonly text: string; readonly preset: number | boolean | undefined } {
  const [, text = ""] = new RegExp(`@param options\\.${name} - ([^@]*)`).exec(comment) ?? [];
  const [, preset] = /\bdefault (true|false|-?∞|-?[\d.]*\d(?:e-?\d+)?)/.exec(text) ?? [];
  if (preset?.endsWith("∞")) return { text, preset: preset === "∞" ? Infinity : -Infinity };
  return { text, preset: preset === undefined ? undefined : JSON.parse(preset) };
}

/** The members of a type that are declared in the library, by name. */
function members(checker: ts.TypeChecker, symbol: ts.Symbol, isOwn: (file: string) => boolean): ts.Symbol[] {
  const type = checker.getDeclaredTypeOfSymbol(symbol);
  return checker.getPropertiesOfType(type).filter(({ name, declarations }) => {
    const hidden = name.startsWith("#");
    return !hidden && declarations?.some((declaration) => isOwn(declaration.getSourceFile().fileName));
  });
}

/** The line that a docstring lacks about a parameter, if it does. */
function untold(comment: string, name: string): string[] {
  // A parameter that is taken apart has no name; its parts are told under any.
  const isPattern = name.startsWith("__");
  const told = isPattern ? /@param \w+\.\w+/.test(comment) : new RegExp(`@param ${name}\\b`).test(comment);
  return told ? [] : [`@param ${isPattern ? "of its parts" : name}`];
}

/**
 * The public names of an entry.
 *
 * @param isValue - whether a name is there when the program runs, so that it needs an example
 * @param isOwn - whether a source file belongs to the library
 */
export function publicNames(
  program: ts.Program,
  entry: string,
  isValue: (name: string) => boolean,
  isOwn: (file: string) => boolean,
): PublicName[] {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(entry);
  const module = source && checker.getSymbolAtLocation(source);
  if (!module) throw new Error(`${entry} exports nothing`);
  return checker.getExportsOfModule(module).map((exported) => {
    const { name } = exported;
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    const comment = commentOf(symbol);
    const lacking: string[] = comment === "" ? ["a docstring"] : [];
    const value = isValue(name);
    if (value) {
      if (!/@example/.test(comment)) lacking.push("@example");
      const type = checker.getTypeOfSymbol(symbol);
      const [signature] = [...type.getCallSignatures(), ...type.getConstructSignatures()];
      if (signature) {
        // The options of rules and wrappers are declared one by one, and told likewise.
        const parameters = type.getProperty("declaration") ? [] : signature.getParameters();
        lacking.push(...parameters.flatMap((parameter) => untold(comment, parameter.name)));
        if (!/@throws/.test(comment)) lacking.push("@throws");
      }
    }
    if (symbol.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias | ts.SymbolFlags.Class)) {
      for (const member of members(checker, symbol, isOwn)) {
        if (commentOf(member) === "")
          lacking.push(`a docstring of ${member.name.replace(/^__@(\w+)@.*/, "[Symbol.$1]")}`);
      }
    }
    return { name, isValue: value, comment, lacking };
  });
}
