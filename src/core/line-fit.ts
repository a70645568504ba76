/** A straight line through points, by least squares. */
export interface LineFit {
  readonly slope: number;
  readonly intercept: number;
  /** Of the slope, from the scatter about the line; NaN for fewer than three points. */
  readonly standardError: number;
}

/** The line through at least two points, not all with the same x. */
export function fitLine(x: readonly number[], y: readonly number[]): LineFit {
  const count = x.length;
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / count;
  const [middleX, middleY] = [mean(x), mean(y)];
  let [squares, products] = [0, 0];
  for (let i = 0; i < count; i++) {
    squares += (x[i] - middleX) ** 2;
    products += (x[i] - middleX) * (y[i] - middleY);
  }
  const slope = products / squares;
  let scatter = 0;
  for (let i = 0; i < count; i++) scatter += (y[i] - middleY - slope * (x[i] - middleX)) ** 2;
  const standardError = count > 2 ? Math.sqrt(scatter / (count - 2) / squares) : Number.NaN;
  return { slope, intercept: middleY - slope * middleX, standardError };
}
