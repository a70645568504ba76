import { parseArgs } from "node:util";
import { describe, didYouMean } from "../core/describe.ts";
import { rules } from "../rules/index.ts";
import { UsageError } from "./usage-error.ts";

/** An option of the command line. */
export interface CliOption {
  /** What stands behind it in the help; an option without is a switch. */
  readonly value?: string;
  readonly repeat?: boolean;
  readonly help: string;
}

/** Every option, by name. */
export const cliOptions = {
  target: { value: "COLUMN", help: "the column to be predicted" },
  loss: { value: "LOSS", help: "least-squares, logistic (two classes) or softmax (two or more)" },
  l2: { value: "X", help: "penalty l2/2 ‖w‖² on all weights, the intercept's too (default 0)" },
  scale: {
    value: "SCALE",
    help: "none, standard (each column to mean 0 and deviation 1) or divide:X",
  },
  exclude: { value: "COLUMNS", help: "columns to leave out, separated by commas" },
  at: { value: "POINT", help: "where to measure: zero (default) or minimum" },
  rule: {
    value: "NAME",
    help: "the update rule; without it, chosen from the curvature (sweep: gradientDescent)",
  },
  "learning-rate": { value: "X", help: "a number, or auto (default): from the curvature or by trial" },
  option: {
    value: "NAME=X",
    repeat: true,
    help: "an option of the rule, such as momentum=0.9; may be repeated",
  },
  schedule: {
    value: "SCHEDULE",
    help: "how the learning rate goes: cosine, exponential:0.999, warmup:100+linear …",
  },
  from: {
    value: "X",
    help: "the least learning rate (default: a hundredth of the speed limit, or 1e-5)",
  },
  to: { value: "X", help: "the largest (default: four times the speed limit, or 10)" },
  count: { value: "N", help: "how many, in equal ratios (default 17)" },
  tolerance: {
    value: "X",
    help: "a run has converged at this part of the first gradient's norm (default 1e-6)",
  },
  steps: {
    value: "N",
    help: "steps to take at most (default: as many as it should need, or 20,000 where that is too many; each run of a sweep 1,000)",
  },
  "gradient-tolerance": {
    value: "X",
    help: "stop when the gradient's norm is at most this (default: 1e-12 of the first)",
  },
  "test-fraction": { value: "X", help: "share of the rows held back for testing (default 0)" },
  seed: { value: "N", help: "seed of the split (default 0)" },
  slope: {
    value: "C0,C1,…",
    help: "the derivative as a polynomial c0 + c1 x + …, up to x⁷: --slope 0,1,-1",
  },
  start: { value: "X", help: "where orbits begin (default: the landscape's usual start)" },
  "burn-in": { value: "N", help: "steps before points are kept (default 5000)" },
  keep: { value: "N", help: "points kept of each orbit (default 300)" },
  csv: { value: "FILE", help: "write the points: rate, period, exponent, x" },
  svg: { value: "FILE", help: "draw the diagram, with the Lyapunov exponent below" },
  blur: {
    value: "BLUR",
    help: "gaussian:SIGMA, motion:LENGTH,ANGLE, defocus:RADIUS or kernel:FILE, in pixels and degrees",
  },
  boundary: {
    value: "EDGES",
    help: "what lies beyond them: reflecting, the mirror image (default), or periodic, the other side",
  },
  noise: { value: "X", help: "deviation of the noise, white being 1: stop where it begins" },
  tikhonov: { value: "X", help: "penalty X/2 ‖x‖², which holds the noise down (default 0)" },
  bounds: {
    value: "BOUNDS",
    help: "on every pixel: range, 0 to 1 (default), non-negative or none",
  },
  method: { value: "NAME", help: "fista (default) or gradient-descent" },
  "add-blur": { help: "the image is sharp: blur it first, and tell how much comes back" },
  "add-noise": { value: "X", help: "with --add-blur: noise of this deviation; --noise X is then known" },
  save: { value: "FILE", help: "write the model, for thalweg predict" },
  report: { value: "FILE", help: "write a report as one HTML page" },
  json: { help: "print JSON instead of text" },
  help: { help: "print this help" },
  version: { help: "print the version" },
} as const satisfies Record<string, CliOption>;

export type CliOptionName = keyof typeof cliOptions;

/** What other programs call our options. */
const otherNames: Readonly<Record<string, CliOptionName>> = {
  lr: "learning-rate",
  eta: "learning-rate",
  alpha: "learning-rate",
  "step-size": "learning-rate",
  epochs: "steps",
  iterations: "steps",
  "max-iter": "steps",
  optimizer: "rule",
  solver: "rule",
  method: "rule",
  tol: "gradient-tolerance",
  tolerance: "gradient-tolerance",
  penalty: "l2",
  lambda: "l2",
  ridge: "l2",
  label: "target",
  y: "target",
  normalize: "scale",
  standardize: "scale",
  ignore: "exclude",
  drop: "exclude",
  "test-size": "test-fraction",
  "random-state": "seed",
  o: "save",
  output: "save",
  html: "report",
  min: "from",
  max: "to",
  x0: "start",
  coefficients: "slope",
  transient: "burn-in",
  plot: "svg",
  png: "svg",
  kernel: "blur",
  psf: "blur",
  edges: "boundary",
  regularization: "tikhonov",
  clip: "bounds",
};

/** The end of a message about an unknown option: what was probably meant. */
function suggestion(name: string, allowed: readonly CliOptionName[]): string {
  const other = Object.hasOwn(otherNames, name) ? otherNames[name] : undefined;
  if (other && allowed.includes(other)) return `; did you mean --${other}?`;
  if (Object.hasOwn(cliOptions, name)) return ": it belongs to another command";
  const camel = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const isRuleOption = Object.values(rules).some(({ declaration }) =>
    Object.hasOwn(declaration.options, camel),
  );
  if (isRuleOption && allowed.includes("option")) {
    return `; an option of a rule is given as --rule NAME --option ${camel}=X`;
  }
  return didYouMean(name, allowed).replace("did you mean ", "did you mean --");
}

/** The options of a call, as text. */
export class Arguments {
  readonly positionals: readonly string[];
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(positionals: readonly string[], values: Readonly<Record<string, unknown>>) {
    this.positionals = positionals;
    this.#values = values;
  }

  has(name: CliOptionName): boolean {
    return this.#values[name] !== undefined;
  }

  text(name: CliOptionName): string | undefined {
    return this.#values[name] as string | undefined;
  }

  texts(name: CliOptionName): readonly string[] {
    return (this.#values[name] as string[] | undefined) ?? [];
  }

  required(name: CliOptionName): string {
    const value = this.text(name);
    if (value === undefined) throw new UsageError(`--${name} is needed: ${cliOptions[name].help}`);
    return value;
  }

  choice<T extends string>(name: CliOptionName, choices: readonly T[], fallback?: T): T {
    const value = fallback === undefined ? this.required(name) : (this.text(name) ?? fallback);
    if (!choices.includes(value as T)) {
      throw new UsageError(
        `--${name} must be ${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}, got ${describe(value)}`,
      );
    }
    return value as T;
  }

  number(name: CliOptionName, domain: string, contains: (value: number) => boolean): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : readNumber(`--${name}`, text, domain, contains);
  }
}

/** A number given as text; only decimal notation counts. */
export function readNumber(
  name: string,
  text: string,
  domain: string,
  contains: (value: number) => boolean,
): number {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value) || !contains(value)) {
    throw new UsageError(`${name} must be a number in ${domain}, got ${describe(text)}`);
  }
  return value;
}

/** Reads the arguments of a command; options that it does not have are refused with a suggestion. */
export function readArguments(
  command: string,
  allowed: readonly CliOptionName[],
  args: readonly string[],
): Arguments {
  const options = Object.fromEntries(
    allowed.map((name) => {
      const { value, repeat = false }: CliOption = cliOptions[name];
      return [
        name,
        {
          type: value ? ("string" as const) : ("boolean" as const),
          multiple: repeat,
          ...(name === "help" ? { short: "h" } : {}),
        },
      ];
    }),
  );
  try {
    const { values, positionals, tokens } = parseArgs({
      args: [...args],
      options,
      allowPositionals: true,
      strict: true,
      tokens: true,
    });
    const seen = new Set<string>();
    for (const token of tokens) {
      if (token.kind !== "option") continue;
      if (seen.has(token.name) && !options[token.name].multiple) {
        throw new UsageError(`--${token.name} is given twice`);
      }
      seen.add(token.name);
    }
    return new Arguments(positionals, values);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (!code?.startsWith("ERR_PARSE_ARGS")) throw error;
    const [, dashes, name] = /'(--?)([^'=\s]+)/.exec(message) ?? [];
    if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
      throw new UsageError(`${command}: unknown option ${dashes}${name}${suggestion(name, allowed)}`);
    }
    const { value, help }: CliOption = cliOptions[name as CliOptionName] ?? { help: "" };
    if (value === undefined) throw new UsageError(`${command}: --${name} takes no value`);
    const next = args[args.indexOf(`--${name}`) + 1];
    throw new UsageError(
      next === undefined
        ? `--${name} needs a value: ${value}, ${help}`
        : `--${name} needs a value and is followed by ${describe(next)}; if that is its value, write --${name}=${next}`,
    );
  }
}
