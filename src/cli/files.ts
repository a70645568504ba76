import { randomBytes } from "node:crypto";
import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { UsageError } from "./usage-error.ts";

/** What a file is called in messages, and where it is; undefined where there is none. */
type NamedFile = readonly [name: string, file: string | undefined];

/**
 * Checks before the work that what comes of it can be written: that no two of the files are the same,
 * and each that is to be written lies in a folder in which one may write.
 *
 * @param files - what each that is written is called and where it is
 * @param read - files that are only read
 */
export function checkWritable(files: readonly NamedFile[], read: readonly NamedFile[] = []): void {
  const seen = new Map<string, string>();
  for (const [name, file] of read) if (file !== undefined) seen.set(resolve(file), name);
  for (const [name, file] of files) {
    if (file === undefined) continue;
    const path = resolve(file);
    const other = seen.get(path);
    if (other) throw new UsageError(`${name} would overwrite ${other}: both are ${file}`);
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
      throw new UsageError(`${name}: ${file} is a folder`);
    try {
      accessSync(dirname(path), constants.W_OK);
    } catch {
      throw new UsageError(`${name}: cannot write ${file}: there is no such folder, or it is read-only`);
    }
    seen.set(path, name);
  }
}

/** Writes a file so that it is whole or not there: to a temporary name, flushed, then renamed. */
export function writeAtomically(file: string, content: string | Uint8Array): void {
  const temporary = `${file}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    const handle = openSync(temporary, "wx");
    try {
      writeFileSync(handle, content);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new UsageError(`cannot write ${file}: ${(error as Error).message}`);
  }
}

/** Why a file could not be read, as a mistake in the call. */
export const cannotRead = (file: string, why: string): UsageError =>
  new UsageError(`cannot read ${file}: ${why}`);

/** What stands for standard input in the place of a file. */
const INPUT = "-";
/** Its descriptor: `process.stdin` would make a pipe one that does not wait for who writes. */
const INPUT_DESCRIPTOR = 0;

/** Reads a file or standard input, or says why not. */
export function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file === INPUT ? INPUT_DESCRIPTOR : file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw cannotRead(file, "there is no such file");
    throw cannotRead(file, code === "EISDIR" ? "it is a folder" : message);
  }
}

/** Reads a text file, or says why not. */
export function readText(file: string): string {
  const text = new TextDecoder().decode(readBytes(file));
  if (text.includes("\0")) throw cannotRead(file, "it is not text in UTF-8");
  return text;
}
