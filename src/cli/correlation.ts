import { applyScaling, type Dataset, scaling } from "../data/index.ts";
import { formatNumber, formatPercent } from "../report/format.ts";
import { type SpectrumAgainstRandom, spectrumAgainstRandom } from "../stepsize/spectrum-against-random.ts";

/** Above this many features their spectrum is left out: it takes as many products, and memory for their square. */
const MOST_COLUMNS = 512;

/**
 * The standardised features against independent ones, without columns that say nothing; undefined where fewer than two are
 * left, or more than a moment's work.
 */
export function correlation(dataset: Dataset): SpectrumAgainstRandom | undefined {
  const { columns, rows } = dataset;
  const standard = scaling(dataset, "standard");
  const kept = columns.flatMap((name, j) => (standard.constantColumns.includes(name) ? [] : [j]));
  if (kept.length < 2 || kept.length > MOST_COLUMNS) return undefined;
  const scaled = applyScaling(standard, dataset.features);
  const features = new Float64Array(rows * kept.length);
  for (let i = 0; i < rows; i++) {
    kept.forEach((j, k) => {
      features[i * kept.length + k] = scaled[i * columns.length + j];
    });
  }
  return spectrumAgainstRandom(features, { columns: kept.length, centered: true });
}

/** What JSON says of it: the names of the API. */
export function correlationJson(found: SpectrumAgainstRandom) {
  const { lambdaMax, predicted, outliers, outlierShare, effectiveRank, randomEffectiveRank, distance } =
    found;
  const { lower, upper, confidence } = predicted;
  return {
    lambdaMax,
    predicted: { lower, upper, confidence },
    outliers,
    outlierShare,
    effectiveRank,
    randomEffectiveRank,
    distance,
  };
}

/** In a sentence or two: how much of λmax is in how the features go together, which no rescaling mends. */
export function correlationText(found: SpectrumAgainstRandom): string {
  const { lambdaMax, predicted, outliers, outlierShare, effectiveRank, columns, rows } = found;
  const text = (value: number) => formatNumber(value, 4);
  const between = `${text(predicted.lower)} to ${text(predicted.upper)}`;
  const measured = `Standardised, the features have λmax = ${text(lambdaMax)}; independent ones in ${formatNumber(rows)} rows would have ${between}.`;
  if (outliers === 0) return `${measured} They are as good as independent.`;
  const directions = outliers === 1 ? "One direction carries" : `${outliers} of ${columns} directions carry`;
  return `${measured} ${directions} ${formatPercent(outlierShare)} of the variance (effective rank ${formatNumber(effectiveRank, 2)}): that is correlation, which no rescaling mends.`;
}
