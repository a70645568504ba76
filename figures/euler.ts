import { explicitEuler, gradientFlow, quadratic } from "../src/index.ts";
import { contours, type Figure, hues, line } from "./kit/chart.ts";

const diagonal = [1, 10];
const valley = quadratic({ diagonal });
const start = [2, 1];
const END = 1.2;

/** Products ηλ of a mode, from smooth to beyond the limit. */
const products = [0.4, 1.6, 2.1];

/** The flow, and explicit Euler with steps of several lengths, which is gradient descent. */
export default (): Figure => {
  const flow = gradientFlow(valley, { start, time: 6 });
  const plane = { x: { name: "x₁", domain: [-0.1, 2.1] }, y: { name: "x₂", domain: [-1.15, 1.15] } } as const;
  const path = (product: number, steps: number) =>
    explicitEuler(valley, { start, timeStep: product / 10, steps }).points.map(([x, y]): [number, number] => [
      x,
      y,
    ]);
  const mode = (product: number) => {
    const steps = Math.round((END * 10) / product);
    const { times, points } = explicitEuler(quadratic([[10]]), { start: [1], timeStep: product / 10, steps });
    return Array.from(times, (t, i): [number, number] => [t, points[i][0]]);
  };
  const exact = gradientFlow(quadratic([[10]]), {
    start: [1],
    time: END,
    times: Array.from({ length: 121 }, (_, i) => i / 100),
  });
  const names = [["the flow", hues[0]], ...products.map((p, i) => [`ηλ = ${p}`, hues[i + 1]])] as [
    string,
    string,
  ][];
  return {
    title: "Gradient descent is explicit Euler on the gradient flow",
    description:
      "Left: on ½(x₁² + 10x₂²) the flow curves into the valley and along it; steps of 0.4/λmax follow it, steps of 1.6/λmax zigzag about it, steps of " +
      "2.1/λmax leave it. Right: the steep mode alone, e⁻¹⁰ᵗ, and what each step makes of it.",
    columns: 2,
    panels: [
      {
        title: "Paths on ½(x₁² + 10x₂²)",
        ...plane,
        legend: names,
        marks: [
          contours((x, y) => 0.5 * (x * x + 10 * y * y), plane, [0.1, 0.5, 1, 2, 4]),
          ...products.map((product, i) =>
            line(path(product, product > 2 ? 5 : Math.round(40 / product)), hues[i + 1], {
              marker: "dot",
              strokeWidth: 1.25,
            }),
          ),
          line(
            flow.points.map(([x, y]): [number, number] => [x, y]),
            hues[0],
            { strokeWidth: 2.5 },
          ),
        ],
      },
      {
        title: "The mode λ = 10 in time",
        x: { name: "t", domain: [0, END] },
        y: { name: "x₂", domain: [-1.6, 1.6] },
        legend: names,
        marks: [
          ...products.map((product, i) =>
            line(mode(product), hues[i + 1], { marker: "dot", strokeWidth: 1.25 }),
          ),
          line(
            exact.points.map(([x], i): [number, number] => [exact.times[i], x]),
            hues[0],
            { strokeWidth: 2.5 },
          ),
        ],
      },
    ],
  };
};
