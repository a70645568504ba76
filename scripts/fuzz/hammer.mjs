import { performance } from "node:perf_hooks";
import { isDamage, mutate, mutations } from "./mutate.mjs";

/** What a load may take, in ms, when everything has been compiled. */
const LIMIT = 10;
const WARM_UP = 1000;

const equal = (a, b) => a.length === b.length && Buffer.compare(a, b) === 0;

function load(optimizer, bytes) {
  const begin = performance.now();
  try {
    const extra = optimizer.load(bytes);
    return { extra, elapsed: performance.now() - begin };
  } catch (error) {
    return { error, elapsed: performance.now() - begin };
  }
}

/**
 * Lets optimizers load changed state files, and holds them to it that a file is either refused with a
 * RangeError, in time and without any change of the optimizer, or is exactly the state that they are in then:
 * saved again, it has the same bytes.
 *
 * @param options.targets - optimizers, each with its state file and what was saved along
 * @param options.random - a seeded generator
 * @param options.seal - writes the checksum of a file into it
 * @param options.count - how many changed files
 * @returns counts of what was accepted and refused by way of changing, the refusals' sentences, and the longest load in ms
 * @throws Error naming the file, as base64, that was treated otherwise
 */
export function hammer({ targets, random, seal, count }) {
  const accepted = Object.fromEntries(mutations.map((way) => [way, 0]));
  const refused = { ...accepted };
  const sentences = new Map();
  let longest = 0;
  // Nobody reads where a refusal came from, and finding that out takes a fifth of the time.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  for (let i = 0; i < count; i++) {
    const way = mutations[i % mutations.length];
    const { optimizer, file, extra } = targets[random.below(targets.length)];
    const other = targets[random.below(targets.length)].file;
    const bytes = mutate(way, { random, file, other, seal });
    const fail = (what) => {
      Error.stackTraceLimit = stackTraceLimit;
      throw new Error(`${way} ${i}: ${what}\n${Buffer.from(bytes).toString("base64")}`);
    };
    const result = load(optimizer, bytes);
    if (result.error) {
      const { name, message } = result.error;
      if (name !== "RangeError" || !message.startsWith("optimizer.load: ")) fail(`${name}: ${message}`);
      if (!equal(optimizer.save({ extra }), file)) fail("was refused, but has changed the optimizer");
      const sentence = message.replace(/"[^"]*"|\d+/g, "…");
      sentences.set(sentence, (sentences.get(sentence) ?? 0) + 1);
      refused[way]++;
    } else {
      if (isDamage(way) && !equal(bytes, file)) fail("was accepted, though damaged");
      if (!equal(optimizer.save({ extra: result.extra }), bytes)) fail("was accepted, but is another state");
      accepted[way]++;
      optimizer.load(file);
    }
    if (i < WARM_UP) continue;
    let { elapsed } = result;
    // Long ones are measured again: the machine may have been busy with something else.
    for (let again = 0; elapsed > longest && again < 5; again++) {
      elapsed = Math.min(elapsed, load(optimizer, bytes).elapsed);
      optimizer.load(file);
    }
    if (elapsed > LIMIT) fail(`took ${elapsed.toFixed(1)} ms`);
    longest = Math.max(longest, elapsed);
  }
  Error.stackTraceLimit = stackTraceLimit;
  return { accepted, refused, sentences, longest };
}
