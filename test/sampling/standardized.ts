/** Columns of mean 0 and population standard deviation 1. */
export function standardized(features: readonly (readonly number[])[]): number[][] {
  const n = features.length;
  const moments = features[0].map((_, j) => {
    const mean = features.reduce((s, row) => s + row[j], 0) / n;
    const variance = features.reduce((s, row) => s + (row[j] - mean) ** 2, 0) / n;
    return [mean, Math.sqrt(variance)];
  });
  return features.map((row) => row.map((entry, j) => (entry - moments[j][0]) / moments[j][1]));
}
