// What the library computes, case by case, as digests of the bits: the same program in Node and in a page.

/** Two 32-bit hashes of the bits of numbers, as hexadecimal digits; every NaN counts as the same. */
export function digest(numbers) {
  const values = Float64Array.from(numbers, (value) => (Number.isNaN(value) ? Number.NaN : value));
  const words = new Uint32Array(values.buffer);
  let [a, b] = [0x811c9dc5, 0x9747b28c];
  for (const word of words) {
    a = Math.imul(a ^ word, 0x01000193);
    b = Math.imul((b << 5) | (b >>> 27), 5) + Math.imul(word, 0xcc9e2d51);
    a ^= a >>> 15;
  }
  return [a, b].map((hash) => (hash >>> 0).toString(16).padStart(8, "0")).join("");
}

/** Every number in a value, in the order of its keys; texts by their characters. */
function* numbersOf(value) {
  if (typeof value === "number" || typeof value === "boolean") yield Number(value);
  else if (typeof value === "string") for (const char of value) yield char.codePointAt(0);
  else if (ArrayBuffer.isView(value) || Array.isArray(value))
    for (const entry of value) yield* numbersOf(entry);
  else if (typeof value === "object" && value !== null) {
    for (const key of Object.keys(value)) yield* numbersOf(value[key]);
  }
}

/** A loss of two blocks whose sums are all written out, so that an engine has no freedom in it: ‖WWᵀ − T‖²/4 + Σ(b − i)⁴. */
function ownProblem(target, rows, columns) {
  return {
    value({ w, b }) {
      let sum = 0;
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < rows; j++) {
          let entry = -target[i * rows + j];
          for (let k = 0; k < columns; k++) entry += w[i * columns + k] * w[j * columns + k];
          sum += (entry * entry) / 4;
        }
      }
      for (let i = 0; i < b.length; i++) sum += (b[i] - i) * (b[i] - i) * (b[i] - i) * (b[i] - i);
      return sum;
    },
    gradient({ w, b }, g) {
      g.w.fill(0);
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < rows; j++) {
          let entry = -(target[i * rows + j] + target[j * rows + i]) / 2;
          for (let k = 0; k < columns; k++) entry += w[i * columns + k] * w[j * columns + k];
          for (let k = 0; k < columns; k++) g.w[i * columns + k] += entry * w[j * columns + k];
        }
      }
      for (let i = 0; i < b.length; i++) g.b[i] = 4 * (b[i] - i) * (b[i] - i) * (b[i] - i);
    },
  };
}

/** The options that a wrapper does nothing without. */
const wrapperOptions = { projectBox: { lower: -0.5, upper: 0.5 } };

/** What is computed, by name: functions that return numbers, records or texts. */
function cases({ thalweg, data, report }) {
  const { Random, chain, createOptimizer, minimize, rules, wrappers } = thalweg;
  const normals = (length, seed) => {
    const random = new Random(seed);
    return Float64Array.from({ length }, () => random.normal());
  };
  const [rows, columns] = [7, 5];
  const problem = ownProblem(normals(rows * rows, 1), rows, columns);
  const start = { w: { shape: [rows, columns], values: normals(rows * columns, 2) }, b: normals(3, 3) };
  const features = Array.from({ length: 90 }, (_, i) => normals(6, 100 + i));
  const labels = features.map((row, i) => (row[0] - row[1] + row[2] * row[3] > (i % 5) / 4 ? 1 : 0));
  const logistic = thalweg.logisticRegression(features, labels, { l2: 0.01, intercept: true });
  const all = {};

  for (const precision of ["f64", "f32"]) {
    for (const [name, make] of Object.entries(rules)) {
      all[`200 steps of ${name} in ${precision}`] = () => {
        const run = minimize(problem, { rule: make(), start, steps: 200, gradientTolerance: 0, precision });
        return [run.x, run.value, run.message];
      };
    }
  }
  for (const [name, make] of Object.entries(wrappers)) {
    all[`50 steps of adam with ${name}`] = () => {
      const [wrapper, adam] = [make(wrapperOptions[name]), rules.adam({ learningRate: 0.05 })];
      const rule = make.declaration.place === "after" ? chain(adam, wrapper) : chain(wrapper, adam);
      const run = minimize(problem, { rule, start, steps: 50, gradientTolerance: 0 });
      return [run.x, run.averaged ?? 0, run.value];
    };
  }
  const rates = {
    cosine: thalweg.cosine({ from: 0.1, steps: 300 }),
    cosineRestarts: thalweg.cosineRestarts({ from: 0.1, steps: 30, lengthFactor: 2, peakFactor: 0.7 }),
    exponentialDecay: thalweg.exponentialDecay({ from: 0.1, factor: 0.3, every: 70 }),
    noam: thalweg.noam({ width: 512, warmup: 40 }),
    tanhDecay: thalweg.tanhDecay({ from: 0.1, steps: 300 }),
    sigmoidDecay: thalweg.sigmoidDecay({ from: 0.1, middle: 90, width: 11 }),
    rex: thalweg.rex({ from: 0.1, steps: 300 }),
    polynomial: thalweg.polynomial({ from: 0.1, steps: 300, power: 1.7 }),
    oneCycle: thalweg.oneCycle({ peak: 0.1, steps: 300 }),
    wsd: thalweg.wsd({ peak: 0.1, to: 0.001, warmup: 10, stable: 100, decay: 190, shape: "exponential" }),
    chebyshev: thalweg.chebyshev({ lambdaMax: 10, lambdaMin: 0.1, steps: 64 }),
    silverStronglyConvex: thalweg.silverStronglyConvex({ lambdaMax: 10, lambdaMin: 0.1, steps: 64 }),
  };
  for (const [name, rate] of Object.entries(rates)) {
    all[`the schedule ${name}`] = () => Array.from({ length: 300 }, (_, t) => rate(t));
  }
  return {
    ...all,
    "10,000 normal numbers": () => normals(10_000, 7),
    "logistic regression to its minimum": () => minimize(logistic, {}),
    "a saved state": () => {
      const optimizer = createOptimizer(chain(rules.adamw(), wrappers.ema()), start);
      for (let t = 0; t < 5; t++) {
        optimizer.gradient.w.fill(t - 2);
        optimizer.step();
      }
      return optimizer.save();
    },
    "the curvature of logistic regression": () => thalweg.curvature(logistic),
    "Fisher's λmax": () => thalweg.curvature(thalweg.fisher(logistic)).lambdaMax,
    "eigenvalues of a general matrix": () =>
      thalweg.eigenvalues(Array.from({ length: 9 }, (_, i) => normals(9, 50 + i))),
    "singular values": () => thalweg.singularValues(Array.from({ length: 9 }, (_, i) => normals(6, 70 + i))),
    "a bifurcation of gradient descent": () =>
      thalweg.bifurcation(thalweg.optimizerMap(rules.gradientDescent(), thalweg.cubicValley), {
        rates: Float64Array.from({ length: 400 }, (_, i) => 1.5 + (1.5 * i) / 400),
        keep: 32,
      }),
    "a bifurcation of momentum on a cosine, in f32": () =>
      thalweg.bifurcation(thalweg.optimizerMap(rules.momentum(), thalweg.cosineLandscape()), {
        rates: Float64Array.from({ length: 200 }, (_, i) => 1 + i / 20),
        keep: 16,
        precision: "f32",
      }),
    "a bifurcation of Adam, in JavaScript": () =>
      thalweg.bifurcation(thalweg.optimizerMap(rules.adam({ beta1: 0.5, beta2: 0.6 }), thalweg.doubleWell), {
        rates: [0.1, 0.5, 1],
        keep: 16,
      }),
    "Lyapunov exponents": () =>
      thalweg.lyapunov(thalweg.optimizerMap(rules.gradientDescent(), thalweg.cubicValley), {
        rates: Float64Array.from({ length: 64 }, (_, i) => 2.4 + (0.6 * i) / 64),
      }),
    "Feigenbaum's constants": () =>
      thalweg.feigenbaum(thalweg.optimizerMap(rules.gradientDescent(), thalweg.cubicValley)),
    "escapes from a valley": () =>
      thalweg.escapeStatistics(thalweg.twoValleys(), {
        learningRates: [0.02, 0.05],
        noise: 3,
        runs: 400,
        steps: 4000,
        seed: 5,
      }),
    "a picture blurred and sharpened": () => {
      const operator = thalweg.blur({ kind: "motion", length: 5, angle: 30 }, { width: 24, height: 17 });
      const observed = operator.apply(normals(24 * 17, 9));
      return minimize(thalweg.deblurring(operator, observed, { tikhonov: 1e-3 }), {
        rule: rules.fista({ learningRate: 0.9 }),
        steps: 100,
      });
    },
    "a gradient flow": () => thalweg.gradientFlow(thalweg.rosenbrock, { start: [-1.2, 1], time: 1 }),
    "a table, scaled": () => {
      const table = data.parseCsv("a,b,y\n1,2.5,3\n2,0.1,5\n4,1e-3,7\n", { target: "y", task: "regression" });
      return data.applyScaling(data.scaling(table, "standard"), table.features);
    },
    "a chart": () => {
      const { history } = minimize(logistic, { history: true });
      const svg = report.lossChart({ rule: "momentum", learningRate: 0.1, ...history });
      // The curve and the words: axes are moved by half a pixel where a screen's pixels are large.
      return [svg.match(/ d="[^"]*"/g), svg.match(/(?<=>)[^<>]+/g)];
    },
    "Tracy and Widom's quantiles": () => [0.05, 0.5, 0.95].map((p) => thalweg.tracyWidom.quantile(p)),
  };
}

/** The digests of all cases, by name, computed by the package's three entries; what one throws stands in its place. */
export function digests(entries) {
  return Object.fromEntries(
    Object.entries(cases(entries)).map(([name, run]) => {
      try {
        return [name, digest(numbersOf(run()))];
      } catch (error) {
        return [name, `threw ${error}`];
      }
    }),
  );
}
