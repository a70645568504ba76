// Compares the built package with recorded trajectories of PyTorch, as in test/references/torch-*.json:
//   npm run --silent conformance -- [--allow-unknown] FILE…
import * as library from "thalweg";
import { conformance } from "./conformance/command.mjs";

process.exitCode = conformance(process.argv.slice(2), library, console.log, console.error);
