export function conformance(
  args: readonly string[],
  library: object,
  print: (line: string) => void,
  complain: (line: string) => void,
): 0 | 1 | 2;
