import type * as thalweg from "../../src/index.ts";
import type { Target } from "./hammer.mjs";

export function fuzzTargets(library: typeof thalweg): readonly Target[];
