/** Where a command writes, so that it can be run without a process of its own. */
export interface Io {
  /** The answer: standard output. */
  out(text: string): void;
  /** Remarks and errors: standard error. */
  err(text: string): void;
  /** Characters to a line, to which sentences are wrapped. */
  readonly width: number;
  /** The terminal on which progress is shown, where there is one. */
  readonly terminal?: NodeJS.WriteStream;
}
