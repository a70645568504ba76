// Draws every picture of the documentation: figures/NAME.ts to docs/figures/NAME.svg.
//   npm run figures               all of them
//   npm run figures -- NAME…      some
//   npm run figures -- --check    writes nothing: a picture that is missing, or not the one drawn now, is an error
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { PNG } from "pngjs";
import "./build-kernels.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values, positionals } = parseArgs({
  options: { check: { type: "boolean", default: false } },
  allowPositionals: true,
});
const all = readdirSync(`${root}/figures`)
  .filter((file) => file.endsWith(".ts"))
  .map((file) => basename(file, ".ts"));
const unknown = positionals.find((name) => !all.includes(name));
if (unknown !== undefined) {
  console.error(`figures: unknown figure "${unknown}"; known: ${all.join(", ")}`);
  process.exit(2);
}
const names = positionals.length > 0 ? positionals : all;

const outdir = `${root}/build/figures`;
await build({
  absWorkingDir: root,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "es2022",
  outdir,
  outExtension: { ".js": ".mjs" },
  chunkNames: "chunks/[name]-[hash]",
  logLevel: "warning",
  loader: { ".csv": "text", ".pgm": "binary" },
  banner: {
    js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
  },
  entryPoints: Object.fromEntries([
    ["kit/chart", "figures/kit/chart.ts"],
    ...names.map((name) => [name, `figures/${name}.ts`]),
  ]),
});

const load = (name) => import(pathToFileURL(`${outdir}/${name}.mjs`).href);
const { drawFigure } = await load("kit/chart");
mkdirSync(`${root}/docs/figures`, { recursive: true });
const stale = [];
for (const name of names) {
  const { default: figure } = await load(name);
  const svg = `${drawFigure(await figure())}\n`;
  const file = `${root}/docs/figures/${name}.svg`;
  if (!values.check) writeFileSync(file, svg);
  else if (withPixels(read(file)) !== withPixels(svg)) stale.push(name);
}
if (stale.length > 0) {
  console.error(`figures: not up to date: ${stale.join(", ")}; run npm run figures`);
  process.exitCode = 1;
}

function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** A picture with the images in it as what they show: builds of zlib compress the same pixels to other bytes. */
function withPixels(svg) {
  return svg.replace(/data:image\/png;base64,([\w+/=]+)/g, (_, code) => {
    const { width, height, data } = PNG.sync.read(Buffer.from(code, "base64"));
    return `${width} × ${height} ${createHash("sha256").update(data).digest("hex")}`;
  });
}
