import cliProgress from "cli-progress";
import { formatCount, formatNumber } from "../report/format.ts";

/** Parts of the bar. */
const TOTAL = 1000;
/** What the line needs besides the bar. */
const WORDS = 60;

/** What a command says of itself while it works: only to a terminal, and only on standard error. */
export class Progress {
  readonly #terminal: NodeJS.WriteStream | undefined;
  #bar: cliProgress.SingleBar | undefined;
  #said = false;
  #drawn = 0;

  constructor(terminal: NodeJS.WriteStream | undefined) {
    this.#terminal = terminal;
  }

  /** A line that stands until the next. */
  say(what: string): void {
    this.done();
    this.#terminal?.write(`${what} …`);
    this.#said = true;
  }

  /** Starts a bar. */
  start(): void {
    this.done();
    const stream = this.#terminal;
    if (!stream) return;
    this.#bar = new cliProgress.SingleBar({
      format: "{bar} step {step}  value {loss}  gradient {gradient}",
      barCompleteChar: "█",
      barIncompleteChar: "░",
      // A descent that is interrupted must not leave a terminal without its cursor.
      hideCursor: false,
      clearOnComplete: true,
      stream,
      barsize: Math.max(5, Math.min(24, (stream.columns || 80) - WORDS)),
    });
    this.#bar.start(TOTAL, 0, { step: "0", loss: "…", gradient: "…" });
  }

  /** Moves the bar, a few times a second at most. `fraction` says, in [0, 1], how much is done. */
  step(index: number, value: number, gradientNorm: number, fraction: () => number): void {
    if (!this.#bar || performance.now() - this.#drawn < 100) return;
    this.#drawn = performance.now();
    this.#bar.update(Math.floor(fraction() * TOTAL), {
      step: formatCount(index),
      loss: formatNumber(value, 8),
      gradient: formatNumber(gradientNorm),
    });
    // A synchronous descent leaves the bar's own timer no turn.
    this.#bar.render();
  }

  /** Clears what stands. */
  done(): void {
    this.#bar?.stop();
    this.#bar = undefined;
    if (this.#said) this.#terminal?.write("\r\u001b[K");
    this.#said = false;
  }
}
