// Every rule's step against its plain loop.
import { adam, createOptimizer, rules } from "thalweg";
import { adamFround, plainLoops } from "../plain-loops.mjs";
import { EQUAL, normals, PRECISIONS, storage } from "./kit.mjs";

/** A step on few parameters may cost 1.5 times the loop's. */
const SMALL = 1 / 1.5;

/** What rules take besides the gradient: a value, and a Hessian that is diagonal, so that every probe tells it. */
const inputs = {
  value: 1.5,
  hessianVectorProduct(v, product) {
    for (let i = 0; i < v.length; i++) product[i] = 0.5 * v[i];
  },
};

// Each side has a loop of its own: on ten parameters, feedback that two sides share would show.

/** A rule through the public API, on one block of a shape. */
function optimizerSide(rule, precision, start, gradient, shape) {
  const optimizer = createOptimizer(rule, { w: { shape, values: start } }, { precision });
  optimizer.gradient.w.set(gradient);
  const given = rule.declaration.needs && {
    value: inputs.value,
    hessianVectorProduct: (v, product) => inputs.hessianVectorProduct(v.w, product.w),
  };
  return {
    run(times) {
      for (let i = 0; i < times; i++) optimizer.step(given);
    },
    result: () => optimizer.parameters.w,
  };
}

/** A plain loop on arrays of its own. */
function loopSide(loop, rule, start, gradient, shape) {
  const x = start.slice();
  const step = loop(x, gradient.slice(), rule.options, shape);
  return {
    run(times) {
      for (let i = 0; i < times; i++) step(inputs);
    },
    result: () => x,
  };
}

function ruleCase(name, { rule, loops, shape, precision, bar }) {
  return {
    name: `${name} ${precision}`,
    precision,
    bar,
    prepare() {
      const length = shape[0] * shape[1];
      const start = normals(storage[precision], length, 1);
      const gradient = normals(storage[precision], length, 2);
      const peers = Object.entries(loops).map(([peer, loop]) => [
        peer,
        loopSide(loop, rule, start, gradient, shape),
      ]);
      return {
        ours: optimizerSide(rule, precision, start, gradient, shape),
        peers: Object.fromEntries(peers),
      };
    },
  };
}

/** Steps every rule in both precisions, so that the code they share has met them all. */
function meetEveryRule() {
  for (const precision of PRECISIONS) {
    for (const make of Object.values(rules)) {
      const optimizer = createOptimizer(make(), [1, 2, 3], { precision });
      optimizer.gradient.fill(1);
      for (let i = 0; i < 2000; i++) optimizer.step(inputs);
      optimizer.dispose();
    }
  }
}

export function adamCases() {
  const plain = { "f64 arithmetic": plainLoops.adam.loop };
  const both = { ...plain, "Math.fround": adamFround };
  const small = (precision) => ({ rule: adam(), loops: plain, shape: [1, 10], precision, bar: SMALL });
  const large = (precision) => ({ rule: adam(), shape: [1, 100_000], precision });
  const cases = PRECISIONS.map((precision) => ruleCase("adam-small", small(precision)));
  const mixed = PRECISIONS.map((precision) => {
    const alone = ruleCase("adam-small-among-others", small(precision));
    return {
      ...alone,
      prepare() {
        meetEveryRule();
        return alone.prepare();
      },
    };
  });
  return [
    ...cases,
    ...mixed,
    ruleCase("adam-large", { ...large("f32"), loops: both, bar: 6 }),
    ruleCase("adam-large", { ...large("f64"), loops: plain, bar: EQUAL }),
  ];
}

export function registryCases() {
  return Object.entries(rules).flatMap(([name, make]) => {
    const plain = plainLoops[name];
    if (!plain) return [{ name: `rule ${name}`, missing: `bench/plain-loops/ has no loop for ${name}` }];
    const rule = make(plain.options);
    const options = {
      rule,
      loops: { "plain loop": plain.loop },
      shape: plain.shape ?? [100, 100],
      bar: EQUAL,
    };
    return PRECISIONS.map((precision) => ruleCase(`rule ${name}`, { ...options, precision }));
  });
}
