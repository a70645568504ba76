import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { diabetes } from "./call.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const command = `${root}dist/cli.js`;

beforeAll(() => {
  if (!existsSync(command)) execFileSync(process.execPath, [`${root}scripts/build.mjs`], { cwd: root });
}, 120_000);

const run = (...args: string[]) => spawnSync(process.execPath, [command, ...args], { encoding: "utf8" });

describe("the command", () => {
  test("prints its version, and its help without arguments", () => {
    const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
    expect(run("--version").stdout).toBe(`${version}\n`);
    const { status, stdout } = run();
    expect(status).toBe(0);
    expect(stdout).toMatch(/^thalweg: how large may the next step be\?/);
  });

  test("answers on standard output, without progress or escapes where there is no terminal", () => {
    const { status, stdout, stderr } = run("fit", ...diabetes, "--json");
    expect([status, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout).reason).toBe("gradient");
    const text = run("fit", ...diabetes);
    expect(text.stderr).toBe("");
    expect(text.stdout).not.toContain("\r");
    expect(text.stdout).not.toContain("\u001b");
  });

  test("exits with 2 for a mistake and 3 for a divergence", () => {
    const mistake = run("fit", "nowhere.csv", "--target", "y", "--loss", "logistic");
    expect([mistake.status, mistake.stdout]).toEqual([2, ""]);
    expect(mistake.stderr).toBe("thalweg: cannot read nowhere.csv: there is no such file\n");
    expect(run("fit", ...diabetes, "--learning-rate", "0.6").status).toBe(3);
  });

  test("reads standard input in the place of a file", () => {
    const [file, ...options] = diabetes;
    const input = readFileSync(file);
    const piped = spawnSync(process.execPath, [command, "fit", "-", ...options, "--json"], {
      input,
      encoding: "utf8",
    });
    expect([piped.status, piped.stderr]).toEqual([0, ""]);
    expect(JSON.parse(piped.stdout).value).toBe(JSON.parse(run("fit", ...diabetes, "--json").stdout).value);
    const slowly = spawnSync(
      "sh",
      [
        "-c",
        `(sleep 0.3; cat "${file}") | "${process.execPath}" "${command}" inspect - --json ${options.join(" ")}`,
      ],
      { encoding: "utf8" },
    );
    expect([slowly.status, slowly.stderr]).toEqual([0, ""]);
    const nothing = spawnSync(process.execPath, [command, "fit", "-", ...options], {
      input: "",
      encoding: "utf8",
    });
    expect([nothing.status, nothing.stderr]).toEqual([
      2,
      "thalweg: -: the text is empty: expected a header and rows of data\n",
    ]);
  });

  test("says nothing when its reader goes away", async () => {
    const child = spawn(process.execPath, [command, "help", "fit"], { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.destroy();
    let err = "";
    child.stderr.on("data", (chunk) => {
      err += chunk;
    });
    const status = await new Promise((resolve) => child.on("close", resolve));
    expect([status, err]).toEqual([0, ""]);
  });
});
