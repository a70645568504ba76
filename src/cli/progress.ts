import cliProgress from "cli-progress";

/** What a command says of itself while it works: only to a terminal, and only on standard error. */
export class Progress {
  readonly #enabled: boolean;
  #bar: cliProgress.SingleBar | undefined;
  #said = "";
  #drawn = 0;

  constructor(enabled: boolean) {
    this.#enabled = enabled;
  }

  /** A line that stands until the next. */
  say(what: string): void {
    if (!this.#enabled) return;
    this.done();
    this.#said = `${what} …`;
    process.stderr.write(this.#said);
  }

  /** Starts a bar of steps. */
  start(total: number): void {
    if (!this.#enabled) return;
    this.done();
    this.#bar = new cliProgress.SingleBar({
      format: "{bar} step {value}/{total}  value {loss}  gradient {gradient}",
      barCompleteChar: "█",
      barIncompleteChar: "░",
      hideCursor: true,
      clearOnComplete: true,
      stream: process.stderr,
      barsize: 24,
    });
    this.#bar.start(total, 0, { loss: "…", gradient: "…" });
  }

  /** Moves the bar, a few times a second at most. */
  step(index: number, value: number, gradientNorm: number): void {
    if (!this.#bar || performance.now() - this.#drawn < 100) return;
    this.#drawn = performance.now();
    this.#bar.update(index, { loss: value.toPrecision(8), gradient: gradientNorm.toExponential(2) });
    // A synchronous descent leaves the bar's own timer no turn.
    this.#bar.render();
  }

  /** Clears what stands. */
  done(): void {
    this.#bar?.stop();
    this.#bar = undefined;
    if (this.#said) process.stderr.write(`\r${" ".repeat(this.#said.length)}\r`);
    this.#said = "";
  }
}
