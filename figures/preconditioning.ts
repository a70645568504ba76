import {
  curvature,
  descend,
  gradientDescent,
  type Objective,
  precondition,
  quadratic,
} from "../src/index.ts";
import { colour, type Figure, hues, line, type Panel } from "./kit/chart.ts";

const hessian = [
  [20, 1.5],
  [1.5, 0.5],
];
const STEPS = 200;

/** The ellipse on which ½xᵀHx is `level`, for a symmetric positive definite H. */
function contour([[a, b], [, c]]: number[][], level: number): [number, number][] {
  // H = LLᵀ: x = √(2·level)·L⁻ᵀ(cos, sin).
  const l11 = Math.sqrt(a);
  const l21 = b / l11;
  const l22 = Math.sqrt(c - l21 * l21);
  return Array.from({ length: 181 }, (_, i) => {
    const angle = (i * Math.PI) / 90;
    const y = (Math.sqrt(2 * level) * Math.sin(angle)) / l22;
    return [(Math.sqrt(2 * level) * Math.cos(angle) - l21 * y) / l11, y];
  });
}

function path(problem: Objective, start: readonly number[], learningRate: number): [number, number][] {
  const points: [number, number][] = [];
  const rule = gradientDescent({ learningRate });
  for (const { x } of descend(problem, { rule, start: [...start], steps: STEPS })) points.push([x[0], x[1]]);
  return points;
}

const value = ([[a, b], [, c]]: number[][], [x, y]: readonly number[]) =>
  0.5 * (a * x * x + 2 * b * x * y + c * y * y);

function valley(
  title: string,
  problem: Objective,
  matrix: number[][],
  start: readonly number[],
  size: number,
): Panel {
  const { conditionNumber, optimalStep } = curvature(problem);
  const points = path(problem, start, optimalStep);
  const first = value(matrix, start);
  const levels = [1, 0.3, 0.1, 0.03, 0.01].map((share) => share * first);
  const close = points.findIndex((point) => value(matrix, point) < 1e-6 * first);
  const steps = close < 0 ? `not within ${STEPS} steps` : `${close} steps`;
  return {
    title: `${title}: κ = ${conditionNumber.toFixed(1)}`,
    x: { name: title === "As it is" ? "x₁" : "y₁", domain: [-size, size], ticks: 4 },
    y: { name: title === "As it is" ? "x₂" : "y₂", domain: [-size, size], ticks: 4 },
    legend: [[`to 10⁻⁶ of the value: ${steps}`, hues[0]]],
    marks: [
      ...levels.map((level) => line(contour(matrix, level), colour.rule, { strokeWidth: 1.25 })),
      line(points, hues[0], { marker: "dot" }),
    ],
  };
}

/** Gradient descent at its best constant step in a long valley, and in the same valley with its diagonal scaled to 1. */
export default (): Figure => {
  const problem = quadratic(hessian);
  const round = precondition(problem, "diagonal");
  const start = [0.55, 2.6];
  const correlation = hessian[0][1] / Math.sqrt(hessian[0][0] * hessian[1][1]);
  const scaled = [
    [1, correlation],
    [correlation, 1],
  ];
  return {
    title: "The same valley, as it is and preconditioned",
    description:
      "Contours and the path of gradient descent at its best constant step: zigzags along a narrow ellipse; and, " +
      "after each variable was scaled by the inverse root of its curvature, fewer steps in a rounder one.",
    columns: 2,
    height: 380,
    panels: [
      valley("As it is", problem, hessian, start, 3),
      valley("Scaled by its diagonal", round, scaled, Array.from(round.preconditioned(start)), 3),
    ],
  };
};
