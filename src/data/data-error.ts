/**
 * Something is wrong with the data a user gave, not with the call: the message says where (row,
 * line, column) and what to do. The command line prints it without a stack and exits with code 2.
 *
 * @param message - where it is and what to do, as in `row 7 (line 8): …`
 *
 * @example
 * ```ts
 * import { DataError, parseCsv } from "thalweg/data";
 * try {
 *   parseCsv("length,species\n5.1,a\nlong,b\n", { target: "species", task: "classification" });
 * } catch (error) {
 *   error instanceof DataError; // true
 *   (error as DataError).message; // "row 2 (line 3): column \"length\" is \"long\", not a number…"
 * }
 * ```
 */
export class DataError extends Error {
  /** Always "DataError". */
  override readonly name = "DataError";
}

/** Gathers what is wrong in a table: a person fixes the first, and wants to know how many follow. */
export class Problems {
  #count = 0;
  #row = Infinity;
  #message = "";

  /** Notes a problem at a data row (1-based) and the line of the text on which the row starts. */
  add(row: number, line: number, message: string): void {
    this.#count++;
    if (row >= this.#row) return;
    this.#row = row;
    this.#message = `row ${row} (line ${line}): ${message}`;
  }

  /** Throws a DataError of the first problem by row, if there is any. */
  throwIfAny(): void {
    if (this.#count === 0) return;
    const more = this.#count - 1;
    const tail = more === 0 ? "" : ` (and ${more} more ${more === 1 ? "problem" : "problems"})`;
    throw new DataError(this.#message + tail);
  }
}
