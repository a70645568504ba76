// What is measured. A case prepares two sides or more on the same numbers: `run(times)` does the work,
// `result()` says what came of it, which has to agree before anything is timed. Every case runs in a
// process of its own, since V8 compiles for the types that a function has met so far.
import { readFileSync } from "node:fs";
import {
  adam,
  bifurcation,
  blur,
  createOptimizer,
  cubicValley,
  deblurring,
  descend,
  escapeStatistics,
  gradientDescent,
  leastSquares,
  logisticRegression,
  minimize,
  optimizerMap,
  powerIteration,
  Random,
  rateSweep,
  rules,
  softmaxRegression,
  symmetricEigen,
  twoValleys,
} from "thalweg";
import { plainBlur, plainDeblurring, plainSeparableBlur } from "./plain-blur.mjs";
import { plainEigen } from "./plain-eigen.mjs";
import { plainEscapes, plainEscapesPolar } from "./plain-escapes.mjs";
import { adamFround, plainLoops } from "./plain-loops.mjs";
import { fill, multiply, plainMatrix } from "./plain-matrix.mjs";
import {
  plainDescent,
  plainLeastSquares,
  plainLogistic,
  plainPowerIteration,
  plainSoftmax,
} from "./plain-objectives.mjs";
import { plainSweep } from "./plain-sweeps.mjs";

const PRECISIONS = ["f64", "f32"];
const storage = { f64: Float64Array, f32: Float32Array };
/** A step on few parameters may cost 1.5 times the loop's. */
const SMALL = 1 / 1.5;
/** Nothing may be slower than plain JavaScript. */
const EQUAL = 1;

const normals = (Storage, length, seed) => {
  const random = new Random(seed);
  return new Storage(length).map(() => random.normal());
};

/** What rules take besides the gradient: a value, and a Hessian that is diagonal, so that every probe tells it. */
const inputs = {
  value: 1.5,
  hessianVectorProduct(v, product) {
    for (let i = 0; i < v.length; i++) product[i] = 0.5 * v[i];
  },
};

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

function adamCases() {
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

function registryCases() {
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

/** Evaluations by `descend`, each with the step before it, which costs little beside it. */
function descentCase(name, { rows, columns, classes, declare, plain }) {
  const learningRate = 1e-3;
  return PRECISIONS.map((precision) => ({
    name: `${name} ${precision}`,
    precision,
    bar: EQUAL,
    prepare() {
      const features = normals(storage[precision], rows * columns, 1);
      const random = new Random(2);
      const targets = Array.from({ length: rows }, () => Math.floor(random.uniform() * classes));
      const problem = declare(features, targets, { columns, l2: 0.01 });
      const start = normals(storage[precision], problem.dimension, 3);
      const descent = descend(problem, { rule: gradientDescent({ learningRate }), start, precision });
      const record = descent.next().value;
      const { valueAndGradient } = plain(features, targets, columns, 0.01);
      const x = start.slice();
      const peer = plainDescent(valueAndGradient, x, learningRate);
      return {
        ours: {
          run(times) {
            for (let i = 0; i < times; i++) descent.next();
          },
          result: () => [record.value, record.gradientNorm, ...record.x],
        },
        peers: {
          "plain loop": {
            run(times) {
              for (let i = 0; i < times; i++) peer.step();
            },
            result: () => [peer.state.value, peer.state.gradientNorm, ...x],
          },
        },
      };
    },
  }));
}

/** Hessian–vector products by power iteration, which spends its time on them; 300 a run. */
function productCases() {
  const rows = 569;
  const columns = 31;
  const steps = 300;
  return PRECISIONS.map((precision) => ({
    name: `logistic-product ${precision}`,
    precision,
    bar: EQUAL,
    prepare() {
      const features = normals(storage[precision], rows * columns, 1);
      const random = new Random(2);
      const labels = Array.from({ length: rows }, () => Math.floor(random.uniform() * 2));
      const at = normals(storage[precision], columns, 3);
      const problem = logisticRegression(features, labels, { columns, l2: 0.01 });
      const options = { at, precision, steps, tolerance: Number.MIN_VALUE, seed: 4 };
      const start = normals(storage[precision], columns, 4);
      const length = Math.hypot(...start);
      const peer = plainLogistic(features, labels, columns, 0.01);
      const lambdas = { ours: 0, plain: 0 };
      return {
        ours: {
          run(times) {
            for (let i = 0; i < times; i++) lambdas.ours = powerIteration(problem, options).lambda;
          },
          result: () => [lambdas.ours],
        },
        peers: {
          "plain loop": {
            run(times) {
              for (let i = 0; i < times; i++) {
                peer.linearize(at);
                const vector = start.map((entry) => entry / length);
                lambdas.plain = plainPowerIteration(peer.product, vector, steps);
              }
            },
            result: () => [lambdas.plain],
          },
        },
      };
    },
  }));
}

/** Products of square matrices by the core's kernels, which have no public API, on a memory of their own. */
function matrixCases() {
  const kinds = [
    ["matrix-product", (a, b, c) => multiply(a, b, c), "matrixProduct"],
    ["matrix-product-transposed", (a, b, c) => multiply(a, b, c, true), "matrixProductTransposed"],
    ["gram", (a, _, c) => multiply(a, a, c, true, true), "gram"],
  ];
  const bars = { f64: 2, f32: 4 };
  const one = (name, plain, kernel, order, precision) => ({
    name: `${name} ${order} ${precision}`,
    precision,
    bar: bars[precision],
    prepare() {
      const length = order * order;
      const bytes = length * (precision === "f64" ? 8 : 4);
      const [first, panel] = [65_536, 32_768];
      const pages = 1 + Math.ceil((3 * bytes) / 65_536);
      const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
      const binary = new WebAssembly.Module(
        readFileSync(new URL(`../build/${precision}.wasm`, import.meta.url)),
      );
      const { exports } = new WebAssembly.Instance(binary, { env: { memory } });
      const [aAt, bAt, cAt] = [0, 1, 2].map((k) => first + k * bytes);
      const view = (at) => new storage[precision](memory.buffer, at, length);
      const [a, b, c] = [0, 1, 2].map(() => plainMatrix(order, order));
      [aAt, bAt].forEach((at, k) => {
        const values = normals(storage[precision], length, k + 1);
        view(at).set(values);
        fill([a, b][k], values);
      });
      return {
        ours: {
          run(times) {
            for (let i = 0; i < times; i++) {
              if (kernel === "gram") exports.gram(order, order, aAt, cAt, panel);
              else exports[kernel](order, order, order, aAt, bAt, cAt, panel);
            }
          },
          result: () => view(cAt),
        },
        peers: {
          "plain loop": {
            run(times) {
              for (let i = 0; i < times; i++) plain(a, b, c);
            },
            result: () => c.entries,
          },
        },
      };
    },
  });
  return PRECISIONS.flatMap((precision) =>
    [128, 512].flatMap((order) =>
      kinds.map(([name, plain, kernel]) => one(name, plain, kernel, order, precision)),
    ),
  );
}

/** All eigenvectors of a covariance matrix, against tridiagonal QL. */
function eigenCases() {
  return [32, 128, 256].map((order) => ({
    name: `symmetric-eigen ${order} f64`,
    precision: "f64",
    bar: EQUAL,
    prepare() {
      const sample = plainMatrix(order, 2 * order);
      const square = plainMatrix(order, order);
      fill(sample, normals(Float64Array, 2 * order * order, 1));
      multiply(sample, sample, square, true, true);
      const values = { ours: [], plain: [] };
      return {
        ours: {
          run(times) {
            for (let i = 0; i < times; i++) values.ours = symmetricEigen(square.entries).values;
          },
          result: () => values.ours,
        },
        peers: {
          "plain QL": {
            run(times) {
              for (let i = 0; i < times; i++) values.plain = plainEigen(order, square.entries).values;
            },
            result: () => values.plain,
          },
        },
      };
    },
  }));
}

/**
 * A sweep over 16 rates of at most 20 steps on data that need some time to be bound, against a run for each rate: of the
 * library, and of plain JavaScript, which binds nothing.
 */
function sweepCases() {
  const rows = 4000;
  const columns = 31;
  const steps = 20;
  const learningRates = Float64Array.from({ length: 16 }, (_, i) => 0.01 * 1.3 ** i);
  return PRECISIONS.map((precision) => ({
    name: `rate-sweep ${precision}`,
    precision,
    bar: EQUAL,
    prepare() {
      const features = normals(storage[precision], rows * columns, 1);
      const random = new Random(2);
      const labels = Array.from({ length: rows }, () => Math.floor(random.uniform() * 2));
      const problem = logisticRegression(features, labels, { columns, l2: 0.01 });
      const start = normals(storage[precision], columns, 3);
      const values = { ours: [], runs: [], plain: [] };
      const stopping = { steps, gradientTolerance: 0, relativeGradientTolerance: 1e-6 };
      const { valueAndGradient } = plainLogistic(features, labels, columns, 0.01);
      const repeat = (name, sweep) => ({
        run(times) {
          for (let i = 0; i < times; i++) values[name] = sweep();
        },
        result: () => values[name],
      });
      const plainRun = (learningRate) => {
        const peer = plainDescent(valueAndGradient, start.slice(), learningRate);
        for (let i = 0; i < steps; i++) peer.step();
        return peer.state.value;
      };
      return {
        ours: repeat("ours", () => {
          const options = { rule: gradientDescent(), learningRates, start, precision, steps };
          return rateSweep(problem, options).finalValues;
        }),
        peers: {
          "a run for each rate": repeat("runs", () =>
            Array.from(learningRates, (learningRate) => {
              const rule = gradientDescent({ learningRate });
              return minimize(problem, { rule, start, precision, ...stopping }).value;
            }),
          ),
          "plain loop": repeat("plain", () => Array.from(learningRates, plainRun)),
        },
      };
    },
  }));
}

/** Where orbits settle soon, so that rounding does not decide where they are: between the doublings of the cubic valley. */
const settles = (rate) =>
  (rate > 1.2 && rate < 1.9) || (rate > 2.1 && rate < 2.4) || (rate > 2.47 && rate < 2.53);

/** 3584 rates (a multiple of all widths) from the first regime into chaos, 10,000 steps each. */
function bifurcationCases() {
  const lanes = 3584;
  const burnIn = 9984;
  const keep = 16;
  const start = 0.3;
  const peersOf = (widths) =>
    Object.fromEntries(
      widths.flatMap((width) => [
        [`${width} at a time`, plainSweep(width, "descent")],
        [`${width} at a time, expanded`, plainSweep(width, "expanded")],
      ]),
    );
  const kinds = [
    { name: "bifurcation-naive", widths: [1], bars: { f32: 12, f64: 6 } },
    { name: "bifurcation-interleaved", widths: [4, 8], bars: { f32: 3, f64: 1.5 } },
    { name: "bifurcation-interleaved-7", widths: [7], bars: { f32: 2, f64: EQUAL } },
  ];
  return kinds.flatMap(({ name, widths, bars }) =>
    PRECISIONS.map((precision) => ({
      name: `${name} ${precision}`,
      precision,
      bar: bars[precision],
      trial: 1,
      prepare() {
        const rates = new storage[precision](lanes).map((_, i) => 1.2 + (1.75 * i) / lanes);
        const map = optimizerMap(gradientDescent(), cubicValley);
        const settled = [...rates.keys()].filter((i) => settles(rates[i]));
        const shown = (values) => settled.flatMap((i) => [...values.subarray(i * keep, (i + 1) * keep)]);
        let ours;
        const peers = Object.entries(peersOf(widths)).map(([peer, sweep]) => {
          const values = new storage[precision](lanes * keep);
          return [
            peer,
            {
              run(times) {
                for (let i = 0; i < times; i++) sweep(rates, start, burnIn, keep, values);
              },
              result: () => shown(values),
            },
          ];
        });
        return {
          ours: {
            run(times) {
              for (let i = 0; i < times; i++) {
                ours = bifurcation(map, { rates, starts: start, burnIn, keep, precision });
              }
            },
            result: () => shown(ours.values),
          },
          peers: Object.fromEntries(peers),
        };
      },
    })),
  );
}

/** Steps of deblurring an image of 512 × 512, which spend their time on A and Aᵀ: value, gradient, norm and step. */
function blurCases() {
  const width = 512;
  const height = 512;
  const learningRate = 0.5;
  const kinds = {
    "blur-gaussian": { input: { kind: "gaussian", sigma: 2 }, boundary: "reflecting" },
    "blur-motion": { input: { kind: "motion", length: 15, angle: 30 }, boundary: "periodic" },
    "blur-defocus": { input: { kind: "defocus", radius: 5 }, boundary: "periodic" },
  };
  return Object.entries(kinds).flatMap(([name, { input, boundary }]) =>
    PRECISIONS.map((precision) => ({
      name: `${name} ${precision}`,
      precision,
      bar: precision === "f32" ? 3 : EQUAL,
      prepare() {
        const Storage = storage[precision];
        const operator = blur(input, { width, height, boundary });
        const observed = normals(Storage, width * height, 1);
        const start = normals(Storage, width * height, 2);
        const rule = gradientDescent({ learningRate });
        const descent = descend(deblurring(operator, observed), { rule, start, precision });
        const record = descent.next().value;
        const x = start.slice();
        const plain = operator.separable ? plainSeparableBlur : plainBlur;
        const once = plain(operator.kernel, { width, height, boundary }, Storage);
        const { valueAndGradient } = plainDeblurring(once, observed);
        const peer = plainDescent(valueAndGradient, x, learningRate);
        return {
          ours: {
            run(times) {
              for (let i = 0; i < times; i++) descent.next();
            },
            result: () => [record.value, record.gradientNorm, ...record.x],
          },
          peers: {
            "plain loop": {
              run(times) {
                for (let i = 0; i < times; i++) peer.step();
              },
              result: () => [peer.state.value, peer.state.gradientNorm, ...x],
            },
          },
        };
      },
    })),
  );
}

/**
 * 512 runs that take some 1400 steps each to escape. The peer with the same random numbers has to find the same first passages; the one
 * with others has to see as many escapes.
 */
function escapeCases() {
  const runs = 512;
  const steps = 100_000;
  const learningRates = 0.02;
  const noise = 5.66;
  const landscape = twoValleys({ curvatures: [10, 1], passCurvature: 4 });
  const [left, right] = landscape.valleys;
  const problem = {
    ...{ left, right, mu: landscape.passCurvature, rate: learningRates, deviation: noise },
    ...{ start: left.at, target: 0.9 * right.at },
  };
  const side = (find, shown) => {
    let passages;
    return {
      run(times) {
        for (let i = 0; i < times; i++) passages = find();
      },
      result: () => shown(passages),
    };
  };
  const plainly = (sweep) => () => {
    const passages = new Int32Array(runs);
    sweep(passages);
    return passages;
  };
  const escapes = (passages) => [passages.filter((step) => step > 0).length];
  return PRECISIONS.flatMap((precision) => {
    const ours = () => {
      const options = { learningRates, noise, runs, steps, seed: 1, precision };
      return escapeStatistics(landscape, options)[0].firstPassages;
    };
    const same = plainly((passages) => plainEscapes(problem, steps, 1, precision === "f32", passages));
    const other = plainly((passages) => plainEscapesPolar(problem, steps, 1, passages));
    const common = { precision, bar: EQUAL, trial: 1 };
    return [
      {
        name: `escape ${precision}`,
        ...common,
        prepare: () => ({
          ours: side(ours, (passages) => passages),
          peers: { "plain loop": side(same, (passages) => passages) },
        }),
      },
      {
        name: `escape-any-generator ${precision}`,
        ...common,
        prepare: () => ({
          ours: side(ours, escapes),
          peers: { "plain loop, sfc32": side(other, escapes) },
        }),
      },
    ];
  });
}

/** Every case, in the order of the table. */
export const cases = [
  ...adamCases(),
  ...registryCases(),
  ...descentCase("least-squares", {
    rows: 569,
    columns: 31,
    classes: 2,
    declare: leastSquares,
    plain: plainLeastSquares,
  }),
  ...descentCase("logistic", {
    rows: 569,
    columns: 31,
    classes: 2,
    declare: logisticRegression,
    plain: plainLogistic,
  }),
  ...descentCase("softmax", {
    rows: 1797,
    columns: 65,
    classes: 10,
    declare: softmaxRegression,
    plain: plainSoftmax,
  }),
  ...productCases(),
  ...matrixCases(),
  ...eigenCases(),
  ...sweepCases(),
  ...bifurcationCases(),
  ...blurCases(),
  ...escapeCases(),
];
