// Imports the modules named in a file, one after another, and notes what is wrong with each: a process of its own, so
// that examples meet Node as it is. Arguments: a JSON file of `Job`s, and the file that gets a line of JSON per job.
import { appendFileSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { isAnnounced, isTrue, readClaim } from "./claims.ts";
import type { Claimed } from "./instrument.ts";

/** An example on disk. */
export interface Job {
  readonly path: string;
  readonly claims: readonly Claimed[];
}

const [jobsFile, resultsFile] = process.argv.slice(2);
const jobs: readonly Job[] = JSON.parse(readFileSync(jobsFile, "utf8"));
console.log = () => {};

for (const { path, claims } of jobs) {
  const failures: string[] = [];
  const reached = new Set<number>();
  const fail = (id: number, text: string) => failures.push(`line ${claims[id].line + 1} ${text}`);
  const tell = (value: unknown) => inspect(value, { depth: 4, breakLength: Infinity });
  Object.assign(globalThis, {
    $claim(id: number, value: unknown) {
      reached.add(id);
      const { comment } = claims[id];
      const claim = readClaim(comment);
      if (claim?.kind === "value" && !isTrue(claim, value)) {
        fail(id, `says ${comment.trim()}, but it is ${tell(value)}`);
      }
      return value;
    },
    $claimThrows(id: number, run: () => unknown) {
      reached.add(id);
      const { comment } = claims[id];
      const claim = readClaim(comment);
      try {
        fail(id, `says ${comment.trim()}, but it is ${tell(run())}`);
      } catch (error) {
        if (claim?.kind !== "throws" || !isAnnounced(claim, error)) {
          fail(id, `says ${comment.trim()}, but it throws ${String(error)}`);
        }
      }
    },
  });
  try {
    await import(pathToFileURL(path).href);
    for (const id of claims.keys()) if (!reached.has(id)) fail(id, "is never reached");
  } catch (error) {
    failures.push(`throws ${String(error)}`);
  }
  appendFileSync(resultsFile, `${JSON.stringify(failures)}\n`);
}
