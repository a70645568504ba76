/** A seeded generator of integers in [0, bound). */
interface Generator {
  below(bound: number): number;
}

interface Loading {
  load(bytes: Uint8Array): unknown;
  save(options: { extra?: Readonly<Record<string, unknown>> }): Uint8Array;
}

export interface Target {
  readonly optimizer: Loading;
  readonly file: Uint8Array;
  readonly extra: Readonly<Record<string, unknown>>;
}

export function hammer(options: {
  readonly targets: readonly Target[];
  readonly random: Generator;
  seal(file: Uint8Array): void;
  readonly count: number;
}): {
  readonly accepted: Readonly<Record<string, number>>;
  readonly refused: Readonly<Record<string, number>>;
  readonly sentences: ReadonlyMap<string, number>;
  readonly longest: number;
};
