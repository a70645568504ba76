// Compiles assembly/ to one SIMD binary a precision and inlines both into src/core/binaries.ts.
// Skips the work when nothing in assembly/ is newer than what it makes.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = fileURLToPath(new URL("..", import.meta.url));
const output = join(root, "src/core/binaries.ts");
const precisions = ["f64", "f32"];

const modified = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const sources = readdirSync(join(root, "assembly"), { recursive: true })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => join(root, "assembly", name));
const newest = Math.max(
  ...[...sources, join(root, "asconfig.json"), fileURLToPath(import.meta.url)].map(modified),
);
if (modified(output) < newest) await build();

async function build() {
  mkdirSync(join(root, "build"), { recursive: true });
  let text = "// Made by scripts/build-kernels.mjs from assembly/. Not kept in version control.\n";
  text += `/** Names of the kernels in assembly/rules/, from assembly/index.ts. */\nexport type RuleKernelName = ${ruleKernels()
    .map((name) => JSON.stringify(name))
    .join(" | ")};\n`;
  for (const precision of precisions) {
    const { error, stderr } = await asc.main(["--target", precision, "--baseDir", root], {});
    const messages = stderr.toString();
    // A warning is an error: asc drops an exported generic with no more than a warning.
    if (error || messages.includes("WARNING")) throw new Error(messages || String(error));
    const binary = readFileSync(join(root, `build/${precision}.wasm`));
    // Said to be a text, lest the declarations hold it once more, as a type.
    text += `export const ${precision}: string =\n  "${binary.toString("base64")}";\n`;
  }
  writeFileSync(output, text);
}

/** The kernels that the table of contents exports from assembly/rules/. */
function ruleKernels() {
  const contents = readFileSync(join(root, "assembly/index.ts"), "utf8");
  const lists = contents.matchAll(/export \{([^}]*)\} from "\.\/rules\//g);
  return [...lists].flatMap(([, names]) => names.match(/\w+/g));
}
