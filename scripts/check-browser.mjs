// Holds a browser to the bits of Node: npm run check:browser. Bundles the package and scripts/browser/digests.mjs into a
// page as a user would, opens it in a headless Chromium, and compares what came of each case.
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import * as thalweg from "thalweg";
import * as data from "thalweg/data";
import * as report from "thalweg/report";
import { digests } from "./browser/digests.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** A browser of the family of Chromium: that of CHROME, or the first that the path knows. */
function findBrowser() {
  for (const name of [process.env.CHROME, "chromium", "chromium-browser", "google-chrome"]) {
    if (!name) continue;
    try {
      execFileSync(name, ["--version"], { stdio: ["ignore", "ignore", "ignore"] });
      return name;
    } catch {
      // Not this one.
    }
  }
  throw new Error("no Chromium found: install one, or name one in CHROME");
}

/** A page that is a script, and puts what `digests` returns where it can be read. */
async function page() {
  const program = `
    import * as thalweg from "thalweg";
    import * as data from "thalweg/data";
    import * as report from "thalweg/report";
    import { digests } from "./scripts/browser/digests.mjs";
    document.querySelector("pre").textContent = JSON.stringify(digests({ thalweg, data, report }));`;
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: root },
    absWorkingDir: root,
    bundle: true,
    format: "iife",
    platform: "browser",
    minify: true,
    write: false,
  });
  const script = outputFiles[0].text.replaceAll("</script", "<\\/script");
  return `<!doctype html><meta charset="utf-8"><title>thalweg</title><pre></pre><script>${script}</script>`;
}

/** What the page says in a browser. */
async function inBrowser(browser, html) {
  const folder = mkdtempSync(join(tmpdir(), "thalweg-browser-"));
  try {
    const file = join(folder, "page.html");
    writeFileSync(file, html);
    const { stdout } = await promisify(execFile)(
      browser,
      [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        `--user-data-dir=${join(folder, "profile")}`,
        "--dump-dom",
        pathToFileURL(file).href,
      ],
      { maxBuffer: 2 ** 26, timeout: 300_000 },
    );
    const [, text] = /<pre>(\{.*?\})<\/pre>/s.exec(stdout) ?? [];
    if (text === undefined) throw new Error(`the page said nothing: ${stdout.slice(0, 500)}`);
    return JSON.parse(text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const browser = findBrowser();
const there = await inBrowser(browser, await page());
const here = digests({ thalweg, data, report });
const names = Object.keys(here);
const wrong = names.filter((name) => here[name] !== there[name] || here[name].startsWith("threw"));
for (const name of wrong) console.error(`${name}: ${here[name]} in Node, ${there[name]} in ${browser}`);
console.log(
  `${names.length - wrong.length} of ${names.length} results have the same bits in ${browser} as in Node`,
);
process.exitCode = wrong.length === 0 ? 0 : 1;
