// The definitions of the wrappers in plain numbers, as the papers print them, around gradient descent.

/** Named blocks in plain arrays. */
export type PlainBlocks = Readonly<Record<string, { readonly shape: readonly number[]; values: number[] }>>;

/** A wrapper by its definition. What it keeps between steps lives in its closure. */
export interface PlainWrapper {
  start?(x: PlainBlocks): void;
  before?(g: PlainBlocks, x: PlainBlocks): boolean;
  beforeStep?(x: PlainBlocks, learningRate: number): void;
  after?(x: PlainBlocks, g: PlainBlocks): void;
  averaged?(): PlainBlocks;
}

export const copyOf = (blocks: PlainBlocks): PlainBlocks =>
  Object.fromEntries(
    Object.entries(blocks).map(([name, { shape, values }]) => [name, { shape, values: [...values] }]),
  );

/** Replaces every entry by what `f` makes of it and of its fellows in other blocks of the same form. */
export function update(
  blocks: PlainBlocks,
  f: (value: number, name: string, i: number) => number,
  some: (name: string) => boolean = () => true,
): void {
  for (const [name, block] of Object.entries(blocks)) {
    if (some(name)) block.values = block.values.map((value, i) => f(value, name, i));
  }
}

export const norm = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

const flat = (blocks: PlainBlocks) => Object.values(blocks).flatMap(({ values }) => values);

/** A block's values in rows of a width, each row replaced. */
function byRows(
  values: readonly number[],
  width: number,
  f: (row: number[], k: number) => number[],
): number[] {
  return Array.from({ length: values.length / width }, (_, k) =>
    f(values.slice(k * width, (k + 1) * width), k),
  ).flat();
}

const firstAxisWidth = ({ shape, values }: PlainBlocks[string]) =>
  shape.length > 1 ? values.length / shape[0] : values.length;

const scaledTo = (limit: number) => (values: readonly number[]) => {
  const size = norm(values);
  return size > limit ? values.map((value) => (value * limit) / size) : [...values];
};

export const plainDecay = (lambda: number, some?: (name: string) => boolean): PlainWrapper => ({
  before(g, x) {
    update(g, (value, name, i) => value + lambda * x[name].values[i], some);
    return true;
  },
});

export const plainDecoupledDecay = (lambda: number, some?: (name: string) => boolean): PlainWrapper => ({
  beforeStep(x, rate) {
    update(x, (value) => value - rate * lambda * value, some);
  },
});

export const plainClipByValue = (limit: number, some?: (name: string) => boolean): PlainWrapper => ({
  before(g) {
    update(g, (value) => Math.min(Math.max(value, -limit), limit), some);
    return true;
  },
});

export const plainClipByNorm = (limit: number): PlainWrapper => ({
  before(g) {
    for (const block of Object.values(g)) block.values = scaledTo(limit)(block.values);
    return true;
  },
});

export const plainClipByGlobalNorm = (limit: number): PlainWrapper => ({
  before(g) {
    const size = norm(flat(g));
    if (size > limit) update(g, (value) => (value * limit) / size);
    return true;
  },
});

export const plainAdaptiveClip = (ratio: number, epsilon: number): PlainWrapper => ({
  before(g, x) {
    for (const [name, block] of Object.entries(g)) {
      const width = firstAxisWidth(block);
      block.values = byRows(block.values, width, (row, k) => {
        const size = norm(x[name].values.slice(k * width, (k + 1) * width));
        return scaledTo(ratio * Math.max(size, epsilon))(row);
      });
    }
    return true;
  },
});

export const plainCentralize = (): PlainWrapper => ({
  before(g) {
    for (const block of Object.values(g)) {
      if (block.shape.length < 2) continue;
      block.values = byRows(block.values, firstAxisWidth(block), (row) => {
        const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
        return row.map((value) => value - mean);
      });
    }
    return true;
  },
});

export function plainAccumulate(steps: number): PlainWrapper {
  let kept: PlainBlocks[] = [];
  return {
    before(g) {
      kept.push(copyOf(g));
      if (kept.length < steps) return false;
      update(g, (_, name, i) => kept.reduce((sum, each) => sum + each[name].values[i], 0) / steps);
      kept = [];
      return true;
    },
  };
}

/** Weights of x₀ x₁ … give the average: all iterates are kept. */
export function plainAverage(weights: (t: number) => readonly number[]): PlainWrapper {
  const iterates: PlainBlocks[] = [];
  return {
    start: (x) => void iterates.push(copyOf(x)),
    after: (x) => void iterates.push(copyOf(x)),
    averaged() {
      const all = weights(iterates.length - 1);
      const mean = copyOf(iterates[0]);
      update(mean, (_, name, i) =>
        iterates.reduce((sum, x, t) => sum + (all[t] ?? 0) * x[name].values[i], 0),
      );
      return mean;
    },
  };
}

export function plainLookahead(steps: number, rate: number): PlainWrapper {
  let slow: PlainBlocks = {};
  let taken = 0;
  return {
    start(x) {
      slow = copyOf(x);
    },
    after(x) {
      if (++taken % steps !== 0) return;
      update(slow, (value, name, i) => value + rate * (x[name].values[i] - value));
      update(x, (_, name, i) => slow[name].values[i]);
    },
  };
}

export function plainCautious(): PlainWrapper {
  let before: PlainBlocks = {};
  return {
    beforeStep(x) {
      before = copyOf(x);
    },
    after(x, g) {
      for (const [name, block] of Object.entries(x)) {
        const from = before[name].values;
        const mask = block.values.map((value, i) => ((value - from[i]) * g[name].values[i] < 0 ? 1 : 0));
        const mean = mask.reduce<number>((sum, m) => sum + m, 0) / mask.length;
        block.values = block.values.map(
          (value, i) => from[i] + ((value - from[i]) * mask[i]) / Math.max(mean, 1e-3),
        );
      }
    },
  };
}

export const plainBox = (lower: number, upper: number): PlainWrapper => ({
  after(x) {
    update(x, (value) => Math.min(Math.max(value, lower), upper));
  },
});

export const plainBall = (radius: number, some: (name: string) => boolean = () => true): PlainWrapper => ({
  after(x) {
    const size = norm(Object.entries(x).flatMap(([name, { values }]) => (some(name) ? values : [])));
    if (size > radius) update(x, (value) => (value * radius) / size, some);
  },
});

/** By sorting (Held, Wolfe, Crowder 1974): the largest k for which the k-th largest entry stays positive. */
export function plainSimplexPoint(row: readonly number[], total: number): number[] {
  const sorted = [...row].sort((a, b) => b - a);
  let sum = 0;
  let threshold = 0;
  sorted.forEach((value, k) => {
    sum += value;
    const candidate = (sum - total) / (k + 1);
    if (value > candidate) threshold = candidate;
  });
  return row.map((value) => Math.max(value - threshold, 0));
}

export const plainSimplex = (total: number): PlainWrapper => ({
  after(x) {
    for (const block of Object.values(x)) {
      block.values = byRows(block.values, block.shape[block.shape.length - 1], (row) =>
        plainSimplexPoint(row, total),
      );
    }
  },
});

const MASK = 0xffffffffn;

/** Philox 4×32-10, as Salmon et al. print it. */
function philox(counter: readonly number[], key: readonly number[]): number[] {
  let [c0, c1, c2, c3] = counter.map(BigInt);
  let [k0, k1] = key.map(BigInt);
  for (let round = 0; round < 10; round++) {
    const first = c0 * 0xd2511f53n;
    const second = c2 * 0xcd9e8d57n;
    [c0, c1, c2, c3] = [(second >> 32n) ^ c1 ^ k0, second & MASK, (first >> 32n) ^ c3 ^ k1, first & MASK];
    k0 = (k0 + 0x9e3779b9n) & MASK;
    k1 = (k1 + 0xbb67ae85n) & MASK;
  }
  return [c0, c1, c2, c3].map(Number);
}

/** The standard normal number of an entry of a block at a step. */
export function plainNormal(seed: number, t: number, block: number, entry: number): number {
  const words = philox(
    [entry >> 1, block, t % 2 ** 32, 1 + Math.floor(t / 2 ** 32)],
    [seed % 2 ** 32, Math.floor(seed / 2 ** 32)],
  );
  const uniform = (at: number) => ((words[at] >>> 5) * 2 ** 26 + (words[at + 1] >>> 6)) / 2 ** 53;
  const angle = 2 * Math.PI * uniform(2);
  return Math.sqrt(-2 * Math.log(1 - uniform(0))) * (entry % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
}

export function plainNoise(eta: number, gamma: number, seed: number): PlainWrapper {
  let t = 0;
  return {
    before(g) {
      const deviation = Math.sqrt(eta / Math.exp(gamma * Math.log(1 + t)));
      const names = Object.keys(g);
      update(g, (value, name, i) => value + deviation * plainNormal(seed, t, names.indexOf(name), i));
      t++;
      return true;
    },
  };
}

/** Gradient descent with wrappers around it, in their order. */
export class PlainDescent {
  readonly x: PlainBlocks;
  readonly #learningRate: number;
  readonly #wrappers: readonly PlainWrapper[];

  constructor(x: PlainBlocks, learningRate: number, wrappers: readonly PlainWrapper[]) {
    this.x = copyOf(x);
    this.#learningRate = learningRate;
    this.#wrappers = wrappers;
    for (const wrapper of wrappers) wrapper.start?.(this.x);
  }

  step(gradient: PlainBlocks): void {
    const g = copyOf(gradient);
    for (const wrapper of this.#wrappers) if (wrapper.before && !wrapper.before(g, this.x)) return;
    for (const wrapper of this.#wrappers) wrapper.beforeStep?.(this.x, this.#learningRate);
    update(this.x, (value, name, i) => value - this.#learningRate * g[name].values[i]);
    for (const wrapper of this.#wrappers) wrapper.after?.(this.x, g);
  }

  averaged(): PlainBlocks | undefined {
    return this.#wrappers.find(({ averaged }) => averaged)?.averaged?.();
  }
}
