// Noisy descent in the limit of small steps: dx = −f′(x)dt + √(2T(x))dW, where T = ησ²/(2B), on a landscape of two valleys.
import { gaussLegendre, type Quadrature } from "../../core/gauss-legendre.ts";
import { exp, log } from "../../core/scalar.ts";
import type { TwoValleys } from "../../objectives/two-valleys.ts";

/** T left and right of the pass: both > 0. */
export type Temperatures = readonly [left: number, right: number];

/** A stretch on which the landscape is one parabola and T one number. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly curvature: number;
  readonly centre: number;
  readonly height: number;
  readonly temperature: number;
}

/** Deviations from a bottom at which the density is below e⁻⁷². */
const FAR = 12;
/** Panels of Gauss's rule of sixteen points are at most half a deviation wide, and f/T changes by at most 4 from end to end. */
const POINTS = 16;
const PANEL = 0.5;
const CHANGE = 4;
/** From this depth, in units of T, on an escape takes longer than f64 can tell, and a valley's edge holds nothing. */
const DEEP = 700;
/** As deep as a valley needs to be for the noise not to matter on the way down to it. */
const DEEPEST = 1e4;

let gauss: Quadrature | undefined;

/** The panels' rule, made when it is first asked for. */
const quadrature = (): Quadrature => (gauss ??= gaussLegendre(POINTS));

/** A run has come to the other valley when it is so much of the way from the pass to its bottom, which a descent never quite reaches. */
const ARRIVED = 0.9;

/** Where a run that begins at `start` has come to the other valley. */
export const arrivalFrom = (start: number, { valleys: [left, right] }: TwoValleys): number =>
  ARRIVED * (start < 0 ? right.at : left.at);

/** The landscape from far left to far right in stretches. */
function stretchesOf({ valleys, passCurvature }: TwoValleys, temperatures: Temperatures): Stretch[] {
  const [left, right] = valleys;
  const [leftT, rightT] = temperatures;
  const first = { curvature: left.curvature, centre: left.at, height: -left.depth, temperature: leftT };
  const last = { curvature: right.curvature, centre: right.at, height: -right.depth, temperature: rightT };
  const middle = { curvature: -passCurvature, centre: 0, height: 0 };
  const reach = (curvature: number, temperature: number) => FAR * Math.sqrt(temperature / curvature);
  return [
    { from: left.at - reach(left.curvature, leftT), to: left.joint, ...first },
    { from: left.joint, to: 0, ...middle, temperature: leftT },
    { from: 0, to: right.joint, ...middle, temperature: rightT },
    { from: right.joint, to: right.at + reach(right.curvature, rightT), ...last },
  ];
}

/** Cuts stretches at a point. */
const cutAt = (stretches: readonly Stretch[], at: number): Stretch[] =>
  stretches.flatMap((stretch) =>
    at > stretch.from && at < stretch.to
      ? [
          { ...stretch, to: at },
          { ...stretch, from: at },
        ]
      : [stretch],
  );

/** Calls `panel` with the nodes of each panel, from left to right: f/T there, and half the panel's width. */
function alongPanels(
  stretches: readonly Stretch[],
  panel: (stretch: Stretch, potential: Float64Array, half: number) => void,
): void {
  const { nodes } = quadrature();
  const potential = new Float64Array(POINTS);
  for (const stretch of stretches) {
    const { from, to, curvature, centre, height, temperature } = stretch;
    const deviation = Math.sqrt(temperature / Math.abs(curvature));
    const steepest =
      (Math.abs(curvature) * Math.max(Math.abs(from - centre), Math.abs(to - centre))) / temperature;
    const count = Math.ceil((to - from) * Math.max(1 / (PANEL * deviation), steepest / CHANGE));
    const half = (to - from) / (2 * count);
    for (let k = 0; k < count; k++) {
      const middle = from + (2 * k + 1) * half;
      for (let i = 0; i < POINTS; i++) {
        const away = middle + half * nodes[i] - centre;
        potential[i] = (0.5 * curvature * away * away + height) / temperature;
      }
      panel(stretch, potential, half);
    }
  }
}

/** The same landscape seen from the other side. */
function mirrored(landscape: TwoValleys): TwoValleys {
  const [left, right] = landscape.valleys.map((valley) => ({
    ...valley,
    at: -valley.at,
    joint: -valley.joint,
  }));
  return { ...landscape, valleys: [right, left] };
}

/**
 * The mean time in which the diffusion comes from `start` to the other valley,
 * ∫ e^{f(y)/T} ∫_{−∞}^y e^{−f(z)/T}/T dz dy, the outer integral from the start to where it has arrived.
 *
 * Pontryagin, Andronov, Vitt 1933; Gardiner, "Handbook of stochastic methods", chapter 5.
 */
export function meanPassageTime(landscape: TwoValleys, temperatures: Temperatures, start: number): number {
  const [leftT, rightT] = temperatures;
  if (start > 0) return meanPassageTime(mirrored(landscape), [rightT, leftT], -start);
  const [left, right] = landscape.valleys;
  if (left.depth > DEEP * leftT) return Infinity;
  const first = stretchesOf(landscape, [leftT, Math.max(rightT, right.depth / DEEPEST)]);
  const [{ from: far, centre }] = first;
  // From beyond the density's end there is nothing but the descent to it.
  if (start < far) {
    const descent = log((start - centre) / (far - centre)) / left.curvature;
    return descent + meanPassageTime(landscape, temperatures, far);
  }
  const target = arrivalFrom(start, landscape);
  const stretches = cutAt(cutAt(first, start), target).filter(({ from }) => from < target);
  // The inner integral times e^{f/T} at `level`, so that neither grows past the range of f64 by itself.
  let inner = 0;
  let level = Number.NaN;
  let time = 0;
  const density = new Float64Array(POINTS);
  const { weights, cumulative } = quadrature();
  alongPanels(stretches, ({ from, temperature }, potential, half) => {
    const before = level;
    level = potential[POINTS / 2];
    if (inner > 0) inner *= exp(level - before);
    for (let i = 0; i < POINTS; i++) density[i] = exp(level - potential[i]) / temperature;
    for (let k = 0; k < POINTS && from >= start; k++) {
      let upTo = inner;
      for (let l = 0; l < POINTS; l++) upTo += half * cumulative[k * POINTS + l] * density[l];
      time += half * weights[k] * exp(potential[k] - level) * upTo;
    }
    for (let i = 0; i < POINTS; i++) inner += half * weights[i] * density[i];
  });
  return time;
}

/**
 * Kramers' escape time 2π/√(λμ)·e^{d/T} from the valley that `start` lies in to the other; where the other side has a
 * temperature T′ of its own, times (1 + √(T′/T))/2, since half of the time is spent about the top on either side.
 *
 * Kramers, Physica 7, 1940, for large viscosity.
 */
export function kramersTime(landscape: TwoValleys, temperatures: Temperatures, start: number): number {
  const side = start < 0 ? 0 : 1;
  const { curvature, depth } = landscape.valleys[side];
  const here = temperatures[side];
  const there = temperatures[1 - side];
  const prefactor = (2 * Math.PI) / Math.sqrt(curvature * landscape.passCurvature);
  return prefactor * exp(depth / here) * 0.5 * (1 + (there === here ? 1 : Math.sqrt(there / here)));
}

/** The share of its time that the diffusion spends right of the pass in the long run: its density is e^{−f/T}/T, up to a factor. */
export function shareOnTheRight(landscape: TwoValleys, temperatures: Temperatures): number {
  const height = Math.max(...landscape.valleys.map(({ depth }, side) => depth / temperatures[side]));
  const { weights } = quadrature();
  const sides = [0, 0];
  const stretches = stretchesOf(landscape, temperatures).flatMap((stretch) => {
    // Only what is less than DEEP above the lowest point holds anything.
    const { centre, curvature, temperature, height: bottom } = stretch;
    const room = height + bottom / temperature;
    if (curvature < 0) return height > DEEP ? [] : [stretch];
    const reach = Math.sqrt((2 * temperature * Math.max(0, DEEP - room)) / curvature);
    const [from, to] = [Math.max(stretch.from, centre - reach), Math.min(stretch.to, centre + reach)];
    return from < to ? [{ ...stretch, from, to }] : [];
  });
  alongPanels(stretches, ({ centre, from, temperature }, potential, half) => {
    const side = centre < 0 || (centre === 0 && from < 0) ? 0 : 1;
    for (let i = 0; i < POINTS; i++) {
      sides[side] += (half * weights[i] * exp(-height - potential[i])) / temperature;
    }
  });
  return sides[1] / (sides[0] + sides[1]);
}
