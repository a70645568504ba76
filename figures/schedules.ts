import {
  chebyshev,
  constant,
  cosine,
  cosineAnnealing,
  cosineDecay,
  cosineRestarts,
  cyclic,
  exponential,
  exponentialDecay,
  inverseSquareRoot,
  inverseTime,
  join,
  linear,
  multiStep,
  noam,
  oneCycle,
  piecewiseConstant,
  piecewiseInterpolate,
  polynomial,
  polynomialCycle,
  product,
  reduceOnPlateau,
  repeat,
  rex,
  type Schedule,
  schedules,
  sigmoidDecay,
  silver,
  silverStronglyConvex,
  stepDecay,
  tanhDecay,
  warmup,
  warmupFrom,
  watching,
  wsd,
} from "../src/index.ts";
import { type Figure, hues, line, type SmallPanel, stairs, stems } from "./kit/chart.ts";

const STEPS = 120;
const from = 1;
const steps = STEPS;
const [smooth, stepped, waving, composed, told, planned] = [
  hues[0],
  hues[1],
  hues[2],
  hues[4],
  hues[3],
  hues[7],
];

/** What a schedule gives at each step, from 0 to the last. */
const values = (schedule: (t: number) => number, last = STEPS - 1): [number, number][] =>
  Array.from({ length: last + 1 }, (_, t) => [t, schedule(t)]);

/** A panel of curves; the first is strong, the others beside it are its variants. */
function curves(
  stroke: string,
  note: string,
  [first, ...variants]: readonly Schedule[],
  draw: typeof line = line,
): Omit<SmallPanel, "title"> {
  return {
    note,
    x: [0, STEPS - 1],
    y: [0, 1],
    marks: [
      ...variants.map((schedule) =>
        draw(values(schedule), stroke, { strokeOpacity: 0.38, strokeWidth: 1.5 }),
      ),
      draw(values(first), stroke, { strokeWidth: 2 }),
    ],
  };
}

/** A panel of a plan's steps, as stems that reach up to the longest. */
function plan(note: string, schedule: Schedule, last: number): Omit<SmallPanel, "title"> {
  const points = values(schedule, last);
  const longest = Math.max(...points.map(([, rate]) => rate));
  return {
    note,
    x: [-1, last + 1],
    y: [0, 1],
    marks: [
      stems(
        points.map(([t, rate]): [number, number] => [t, rate / longest]),
        planned,
      ),
    ],
  };
}

/** The rates of a plateau that is told losses which stop falling at times. */
function watched(): Omit<SmallPanel, "title"> {
  const live = watching(reduceOnPlateau({ rate: 0.92, factor: 0.5, patience: 12, threshold: 0.01 }));
  const loss = (t: number) => 0.98 * 0.72 ** Math.floor(t / 40) * (0.55 + 0.45 * 0.8 ** (t % 40));
  const rates = values((t) => {
    const rate = live(t);
    live.observe(loss(t));
    return rate;
  });
  return {
    note: "halved as the loss (faint) stalls",
    x: [0, STEPS - 1],
    y: [0, 1],
    marks: [
      line(values(loss), hues[5], { strokeOpacity: 0.5, strokeWidth: 1.25 }),
      stairs(rates, told, { strokeWidth: 2 }),
    ],
  };
}

const drops = [40, 80];
const waves = (mode: "triangular" | "triangular2" | "expRange") =>
  cyclic({ from: 0.1, peak: 1, up: 15, mode, factor: 0.985 });
const down = (shape: "linear" | "cosine" | "squareRoot" | "square") =>
  wsd({ peak: 1, warmup: 15, stable: 55, decay: 50, shape });
const ramp = (shape: "linear" | "cosine" | "exponential") =>
  warmupFrom({ from: 0.02, steps: 40, shape }, cosine({ from: 1, steps: 80 }));
const cycle = (shape: "cosine" | "linear", threePhases = false) =>
  oneCycle({ peak: 1, steps: STEPS, shape, threePhases, initialDivisor: 5 });

/** Every schedule of the registry, as it is drawn. */
const drawn: Readonly<Record<string, Omit<SmallPanel, "title">>> = {
  constant: curves(smooth, "0.6", [constant(0.6)]),
  exponential: curves(
    smooth,
    "factor 0.97, 0.99",
    [0.97, 0.99].map((factor) => exponential({ from, factor })),
  ),
  exponentialDecay: curves(smooth, "delayed, bounded; staircase", [
    exponentialDecay({ from, factor: 0.5, every: 20, delay: 20, to: 0.12 }),
    exponentialDecay({ from, factor: 0.5, every: 20, staircase: true }),
  ]),
  stepDecay: curves(stepped, "halved every 30", [stepDecay({ from, factor: 0.5, every: 30 })], stairs),
  multiStep: curves(
    stepped,
    "at 50, 80, 95",
    [multiStep({ from, factor: 0.4, milestones: [50, 80, 95] })],
    stairs,
  ),
  piecewiseConstant: curves(
    stepped,
    "any values",
    [piecewiseConstant({ boundaries: [30, 60, 90], values: [0.5, 1, 0.3, 0.1] })],
    stairs,
  ),
  piecewiseInterpolate: curves(stepped, "cosine, linear", [
    piecewiseInterpolate({ boundaries: [30, 60, STEPS], values: [0.2, 1, 0.5, 0.05], shape: "cosine" }),
    piecewiseInterpolate({ boundaries: [30, 60, STEPS], values: [0.2, 1, 0.5, 0.05] }),
  ]),
  linear: curves(smooth, "to 0.1", [linear({ from, to: 0.1, steps: 90 })]),
  polynomial: curves(
    smooth,
    "power 2; ½, 4",
    [2, 0.5, 4].map((power) => polynomial({ from, steps, power })),
  ),
  polynomialCycle: curves(waving, "steps 30", [polynomialCycle({ from, steps: 30 })]),
  cosine: curves(smooth, "to 0", [cosine({ from, steps })]),
  cosineDecay: curves(
    smooth,
    "power 2; ½, 4",
    [2, 0.5, 4].map((power) => cosineDecay({ from, steps, power })),
  ),
  cosineAnnealing: curves(waving, "steps 30", [cosineAnnealing({ from, to: 0.05, steps: 30 })]),
  cosineRestarts: curves(waving, "lengthFactor 2, peakFactor 0.8", [
    cosineRestarts({ from, steps: 18, lengthFactor: 2, peakFactor: 0.8 }),
  ]),
  inverseTime: curves(smooth, "smooth, staircase", [
    inverseTime({ from, rate: 1, every: 20 }),
    inverseTime({ from, rate: 1, every: 20, staircase: true }),
  ]),
  inverseSquareRoot: curves(smooth, "timescale 10", [inverseSquareRoot({ from, timescale: 10 })]),
  noam: curves(waving, "warmup 25", [noam({ width: 1, warmup: 25, factor: 5 })]),
  rex: curves(smooth, "to 0", [rex({ from, steps })]),
  tanhDecay: curves(smooth, "from −6 to 3", [tanhDecay({ from, steps })]),
  sigmoidDecay: curves(
    smooth,
    "width 10; 4",
    [10, 4].map((width) => sigmoidDecay({ from, middle: 60, width })),
  ),
  oneCycle: curves(waving, "cosine; linear, in three phases", [cycle("cosine"), cycle("linear", true)]),
  cyclic: curves(waving, "triangular2; as high, expRange", [
    waves("triangular2"),
    waves("triangular"),
    waves("expRange"),
  ]),
  wsd: curves(waving, "linear; √, square, cosine", [
    down("linear"),
    down("squareRoot"),
    down("square"),
    down("cosine"),
  ]),
  warmup: curves(composed, "20 steps, then a cosine", [warmup(20, cosine({ from, steps: 100 }))]),
  warmupFrom: curves(composed, "cosine; linear, exponential", [
    ramp("cosine"),
    ramp("linear"),
    ramp("exponential"),
  ]),
  repeat: curves(composed, "40 steps of rex", [repeat(40, rex({ from, steps: 40 }))]),
  join: curves(composed, "one after another", [
    join([
      { steps: 40, schedule: linear({ from: 0.2, to: 1, steps: 40 }) },
      { steps: 30, schedule: constant(1) },
      exponential({ from: 0.6, factor: 0.96 }),
    ]),
  ]),
  product: curves(composed, "a cosine, halved at 40 and 80", [
    product([cosine({ from, steps }), multiStep({ from: 1, factor: 0.5, milestones: drops })]),
  ]),
  reduceOnPlateau: watched(),
  chebyshev: plan("32 steps, κ = 20", chebyshev({ lambdaMax: 20, lambdaMin: 1, steps: 32 }), 31),
  silver: plan("63 steps", silver({ lambdaMax: 1 }), 62),
  silverStronglyConvex: plan(
    "32 steps, κ = 100",
    silverStronglyConvex({ lambdaMax: 100, lambdaMin: 1, steps: 32 }),
    31,
  ),
};

/** Every schedule by its curve. */
export default (): Figure => ({
  title: "Every schedule",
  description:
    "A small chart for each schedule, over 120 steps at rates from 0 to 1: decays fall smoothly or in steps, cycles and waves " +
    "rise again, compositions put others together, a plateau follows a loss, and plans have steps of very different lengths.",
  columns: 4,
  height: 128,
  panels: Object.keys(schedules).map((title) => ({ title, ...drawn[title] })),
});
