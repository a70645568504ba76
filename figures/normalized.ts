import { descend, exponential, normalizedGradient, quadratic } from "../src/index.ts";
import { type Figure, hues, line, type Panel } from "./kit/chart.ts";

const STEPS = 60;
const RATE = 0.3;

/** Both coordinates along a run on ½(x² + 4y²). */
function run(learningRate: number | ReturnType<typeof exponential>): [number, number][][] {
  const [x, y]: [number, number][][] = [[], []];
  const options = { rule: normalizedGradient({ learningRate }), start: [2, 1.3], steps: STEPS };
  for (const step of descend(quadratic({ diagonal: [1, 4] }), options)) {
    x.push([step.index, step.x[0]]);
    y.push([step.index, step.x[1]]);
  }
  return [x, y];
}

const panel = (title: string, [x, y]: [number, number][][]): Panel => ({
  title,
  x: { name: "step", domain: [0, STEPS] },
  y: { name: "coordinate", domain: [-0.5, 2.1] },
  legend: [
    ["along λ = 1", hues[0]],
    ["along λ = 4", hues[1]],
  ],
  marks: [line(x, hues[0]), line(y, hues[1])],
});

/** Steps of a fixed length on a quadratic: they end jumping over the minimum, unless their length falls. */
export default (): Figure => ({
  title: "Steps of a fixed length",
  description:
    "With η = 0.3 the coordinate of the larger curvature ends jumping between a and a − 0.3 for ever while the other dies away; " +
    "with η·0.93ᵗ both settle at 0.",
  columns: 2,
  panels: [
    panel(`η = ${RATE}`, run(RATE)),
    panel("η = 0.3·0.93ᵗ", run(exponential({ from: RATE, factor: 0.93 }))),
  ],
});
