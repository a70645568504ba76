import ts from "typescript";

/** A program of which some files are not on disk: their code by full name. */
export function programWith(
  written: ReadonlyMap<string, string>,
  roots: readonly string[],
  options: ts.CompilerOptions,
  aliases: Readonly<Record<string, string>> = {},
): ts.Program {
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => written.has(name) || fileExists(name);
  host.getSourceFile = (name, language, ...rest) => {
    const code = written.get(name);
    return code === undefined
      ? getSourceFile(name, language, ...rest)
      : ts.createSourceFile(name, code, language);
  };
  host.resolveModuleNameLiterals = (literals, from) =>
    literals.map(({ text }) =>
      text in aliases
        ? { resolvedModule: { resolvedFileName: aliases[text], extension: ts.Extension.Ts } }
        : ts.resolveModuleName(text, from, options, host),
    );
  return ts.createProgram([...roots, ...written.keys()], options, host);
}
