// Builds dist/: the kernels, the bundles (the library, its data entry, the command line) and the types.
import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import "./build-kernels.mjs";
import { effectFree } from "./effect-free.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}/package.json`, "utf8"));
rmSync(`${root}/dist`, { recursive: true, force: true });

const shared = {
  absWorkingDir: root,
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  outdir: "dist",
  external: ["@assemblyscript/loader"],
  define: { "process.env.THALWEG_VERSION": JSON.stringify(version) },
  legalComments: "linked",
  logLevel: "warning",
};

// The library: one build, so that its entries share what they have in common. It runs in browsers too;
// papaparse's streams are for Node only and never reached.
await build({
  ...shared,
  platform: "neutral",
  mainFields: ["module", "main"],
  external: [...shared.external, "stream"],
  plugins: [effectFree(`${root}src/`)],
  chunkNames: "chunks/[name]-[hash]",
  entryPoints: { index: "src/index.ts", data: "src/data/index.ts", report: "src/report/index.ts" },
});
// The command line, with what it needs inside. Bundled CommonJS asks for Node's modules by `require`.
await build({
  ...shared,
  platform: "node",
  minify: true,
  chunkNames: "cli/[name]-[hash]",
  entryPoints: { cli: "src/cli/main.ts" },
  banner: {
    js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
  },
});
chmodSync(`${root}/dist/cli.js`, 0o755);
execFileSync(process.execPath, [`${root}/node_modules/typescript/bin/tsc`, "-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
