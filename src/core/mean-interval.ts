import { pow } from "./scalar.ts";

/** Numbers whose means may differ from group to group, while their spread does not. */
export interface GroupedMoments {
  readonly mean: number;
  /** The root of the variance within groups, without bias. */
  readonly deviation: number;
  /** The third central moment within groups over the cube of the deviation. */
  readonly skewness: number;
  readonly count: number;
  /** Degrees of freedom of the deviation. */
  readonly degrees: number;
}

/** The moments of numbers in groups: at least two more numbers than groups. */
export function groupedMoments(groups: readonly (readonly number[])[]): GroupedMoments {
  let count = 0;
  let total = 0;
  let squares = 0;
  let cubes = 0;
  for (const group of groups) {
    const mean = group.reduce((sum, value) => sum + value, 0) / group.length;
    for (const value of group) {
      const deviation = value - mean;
      squares += deviation * deviation;
      cubes += deviation * deviation * deviation;
    }
    count += group.length;
    total += group.length * mean;
  }
  const variance = squares / count;
  return {
    mean: total / count,
    deviation: Math.sqrt(squares / (count - groups.length)),
    skewness: variance > 0 ? cubes / count / (variance * Math.sqrt(variance)) : 0,
    count,
    degrees: count - groups.length,
  };
}

/**
 * The studentized mean of skewed numbers at which Hall's monotone cubic transformation is z: with it in place of z a confidence
 * limit of the mean of `count` numbers misses as often on one side as on the other, to order 1/count.
 *
 * Hall, "On the removal of skewness by transformation", J. R. Statist. Soc. B 54, 1992: with a = skewness/√count,
 * g(t) = t + a·t²/3 + a²·t³/27 + a/6 is inverted by t = (3/a)·((1 + a·(z − a/6))^{1/3} − 1).
 */
export function unskewed(z: number, skewness: number, count: number): number {
  const a = skewness / Math.sqrt(count);
  // Where the cubic is straight the formula would divide 0 by 0.
  if (Math.abs(a) < 1e-6) return z - (a * (z * z + 0.5)) / 3;
  const cube = 1 + a * (z - a / 6);
  return (3 / a) * (Math.sign(cube) * pow(Math.abs(cube), 1 / 3) - 1);
}
