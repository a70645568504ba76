import { descend, gradientDescent, gradientFlow, pathAngles, rotation, vectorField } from "../src/index.ts";
import { type Figure, hues, label, line, Plot } from "./kit/chart.ts";

const spiral = vectorField(2, ([x, y], out) => {
  out[0] = x - 3 * y;
  out[1] = 3 * x + y;
});
const start = [1, 0];
const limit = rotation(spiral).stepLimit;
const factors = [0.3, 0.99, 1.01];

function run(factor: number, steps: number): [number, number][] {
  const points: [number, number][] = [];
  const rule = gradientDescent({ learningRate: factor * limit });
  for (const { x } of descend(spiral, { rule, start, steps })) points.push([x[0], x[1]]);
  return points;
}

/** A field that turns as it comes nearer. */
export default (): Figure => {
  const flow = gradientFlow(spiral, {
    start,
    time: 5,
    times: Array.from({ length: 501 }, (_, i) => i / 100),
  });
  const { angles } = pathAngles(spiral, {
    rule: gradientDescent({ learningRate: 0.3 * limit }),
    start,
    minimizer: [0, 0],
    steps: 1,
  });
  const off = Math.round((angles[0] * 180) / Math.PI);
  const distance = (factor: number) =>
    run(factor, 2000).map(([x, y], i): [number, number] => [i, Math.hypot(x, y)]);
  const names = [
    ["the flow", hues[0]],
    ...factors.slice(0, 2).map((f, i) => [`${f} × limit`, hues[i + 1]]),
  ] as [string, string][];
  const side = { domain: [-1.2, 1.05], ticks: 5 } as const;
  return {
    title: "Descending a field that turns",
    description:
      "Left: F = (x − 3y, 3x + y) turns three times as fast as it comes nearer; the way that −F points is 72° off the minimiser all along, and the flow is a spiral. " +
      "Right: the distance by step: below the step limit 2a/(a² + b²) = 0.2 it falls, at 1.01 of it it grows.",
    columns: 2,
    panels: [
      {
        title: "Paths",
        x: { name: "x", ...side },
        y: { name: "y", ...side },
        legend: names,
        marks: [
          line(run(0.99, 45), hues[2], { strokeWidth: 0.75, marker: "dot", strokeOpacity: 0.7 }),
          line(run(0.3, 80), hues[1], { strokeWidth: 1.25, marker: "dot" }),
          line(
            flow.points.map(([x, y]): [number, number] => [x, y]),
            hues[0],
            { strokeWidth: 2 },
          ),
          Plot.arrow([0], { x1: 1, y1: 0, x2: 0.85, y2: -0.45, stroke: hues[4], strokeWidth: 2 }),
          Plot.text([`−F points ${off}° past the minimiser`], {
            ...label(hues[4]),
            frameAnchor: "bottom-right",
            textAnchor: "end",
            lineAnchor: "bottom",
            fontWeight: 600,
            dx: -4,
            dy: -4,
          }),
        ],
      },
      {
        title: `Distance, at parts of the limit ${limit.toFixed(1)}`,
        x: { name: "step", domain: [0, 2000], ticks: 4 },
        y: { name: "", domain: [1e-4, 1e4], log: true },
        legend: factors.map((f, i) => [`${f}`, hues[i + 1]] as const),
        marks: factors.map((factor, i) => line(distance(factor), hues[i + 1])),
      },
    ],
  };
};
