import { applyScaling, parseCsv, scaling } from "../src/data/index.ts";
import { Random, type SpectrumAgainstRandom, spectrumAgainstRandom } from "../src/index.ts";
import csv from "../test/data/digits.csv";
import { colour, type Figure, hues, line, type Panel, Plot } from "./kit/chart.ts";

/** Independent normal entries in as many rows as the digits have, and a quarter as many columns. */
function independent(rows: number): SpectrumAgainstRandom {
  const columns = Math.round(rows / 4);
  const random = new Random(1);
  return spectrumAgainstRandom(
    new Float64Array(rows * columns).map(() => random.normal()),
    { columns },
  );
}

/** The handwritten digits, standardised. */
function digits(): SpectrumAgainstRandom {
  const data = parseCsv(csv, { target: "digit", task: "classification" });
  const features = applyScaling(scaling(data, "standard"), data.features);
  return spectrumAgainstRandom(features, { columns: data.columns.length, centered: true });
}

/** The eigenvalues as a histogram, and the law that independent entries would follow. */
function panel(
  title: string,
  found: SpectrumAgainstRandom,
  [end, high]: readonly [end: number, high: number],
  anchor: "start" | "end",
): Panel {
  const { spectrum, law, predicted, lambdaMax } = found;
  const bins = 40;
  const width = end / bins;
  const counts = new Array<number>(bins).fill(0);
  for (const value of spectrum) counts[Math.min(bins - 1, Math.floor(value / width))]++;
  const bars = counts.map((count, k) => ({
    x1: k * width,
    x2: (k + 1) * width,
    y: count / spectrum.length / width,
  }));
  const reach = law.upper - law.lower;
  const curve = Array.from({ length: 201 }, (_, i): [number, number] => {
    const x = law.lower + reach * Math.sin((i * Math.PI) / 400) ** 2;
    return [x, law.density(x)];
  });
  const band = [{ x1: predicted.lower, x2: predicted.upper, y1: 0, y2: high }];
  return {
    title,
    x: { name: "eigenvalue of AᵀA/n", domain: [0, end] },
    y: { name: "density", domain: [0, high] },
    legend: [
      ["found", colour.calm],
      ["the law", hues[1]],
      ["λmax predicted", hues[3]],
    ],
    marks: [
      Plot.rect(band, { x1: "x1", x2: "x2", y1: "y1", y2: "y2", fill: hues[3], fillOpacity: 0.28 }),
      Plot.rect(bars, {
        x1: "x1",
        x2: "x2",
        y1: 0,
        y2: "y",
        fill: colour.calm,
        fillOpacity: 0.55,
        inset: 0.5,
        clip: true,
      }),
      line(curve, hues[1], { strokeWidth: 2 }),
      Plot.text([`largest ${lambdaMax.toFixed(2)}`], {
        x: () => lambdaMax,
        y: () => high * 0.09,
        textAnchor: anchor,
        dx: anchor === "start" ? 8 : 12,
        fill: colour.ink,
      }),
    ],
  };
}

/** The spectrum of independent entries on Marchenko and Pastur's law, and that of the digits beside it. */
export default (): Figure => {
  const real = digits();
  return {
    title: "The spectrum of independent entries, and of real data",
    description:
      "Histograms of eigenvalues with the Marchenko–Pastur density: independent entries fill it, and their largest " +
      "eigenvalue lies where it was predicted; the digits have most eigenvalues below it and 13 above, up to 7.3.",
    columns: 2,
    panels: [
      panel("Independent entries, 1797 × 449", independent(real.rows), [3, 1.2], "start"),
      panel("Digits, 1797 × 64", real, [8, 2], "end"),
    ],
  };
};
