// Builds dist/: the kernels, the bundles (the library, its data entry, the command line) and the types.
import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import "./build-kernels.mjs";

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
  chunkNames: "chunks/[name]-[hash]",
  external: ["@assemblyscript/loader"],
  define: { "process.env.THALWEG_VERSION": JSON.stringify(version) },
  legalComments: "linked",
  logLevel: "warning",
};

// One build, so that the entries share what they have in common.
await build({
  ...shared,
  platform: "node",
  entryPoints: { index: "src/index.ts", data: "src/data/index.ts", cli: "src/cli/main.ts" },
});
chmodSync(`${root}/dist/cli.js`, 0o755);
execFileSync(process.execPath, [`${root}/node_modules/typescript/bin/tsc`, "-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
