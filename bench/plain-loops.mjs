// What a careful programmer would write in plain JavaScript for each rule, in plain-loops/: one loop over typed
// arrays, with everything that does not change hoisted out of it, and βᵗ as a running product.
//
// Arithmetic is f64 whatever the storage: with Float32Array it was three times faster than
// Math.fround after each operation (see `adamFround`), because V8 has no f32 arithmetic.
import { readdirSync } from "node:fs";

const directory = new URL("plain-loops/", import.meta.url);
const camel = (name) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());

async function load() {
  const files = readdirSync(directory).filter((file) => file.endsWith(".mjs") && file !== "shared.mjs");
  const entries = files.map(async (file) => {
    const { loop, options = {}, shape = [100, 100] } = await import(new URL(file, directory));
    return [camel(file.replace(".mjs", "")), { loop, options, shape }];
  });
  return Object.fromEntries(await Promise.all(entries));
}

/**
 * By rule: the options that the loop is written for, the shape of the block that it is timed on, and the loop. Given parameters, gradient, the rule's options and
 * the block's shape it returns a function that takes one step, from what a rule takes besides the gradient
 * (`value`, `hessianVectorProduct`, as `optimizer.step` does).
 */
export const plainLoops = await load();

export { adamFround } from "./plain-loops/adam.mjs";
