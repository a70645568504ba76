import {
  adam,
  comparePaths,
  cosine,
  type DescentPath,
  gradientDescent,
  quadratic,
  rosenbrock,
  sgd,
} from "../src/index.ts";
import { contours, type Figure, hues, line, Plot } from "./kit/chart.ts";

const KAPPA = 40;

/** The points of a path, those left out that are too near to the last to be seen. */
function points({ points: all }: DescentPath): [number, number][] {
  const seen: [number, number][] = [[all[0], all[1]]];
  for (let i = 2; i < all.length; i += 2) {
    const [x, y] = seen[seen.length - 1];
    if (Math.abs(all[i] - x) + Math.abs(all[i + 1] - y) > 0.01) seen.push([all[i], all[i + 1]]);
  }
  return seen;
}

const steps = (count: number) => (count === Infinity ? "not within 3000 steps" : `${count} steps`);

/** Paths in a straight and in a curved valley, with the steps that each rule needs to 10⁻⁶ of the first value. */
export default (): Figure => {
  const straight = comparePaths(quadratic({ diagonal: [1, KAPPA] }), {
    rules: {
      "gradient descent": gradientDescent({ learningRate: 2 / (KAPPA + 1) }),
      "heavy ball": sgd({
        learningRate: 4 / (1 + Math.sqrt(KAPPA)) ** 2,
        momentum: ((Math.sqrt(KAPPA) - 1) / (Math.sqrt(KAPPA) + 1)) ** 2,
      }),
      Adam: adam({ learningRate: 0.3 }),
    },
    start: [-4, 0.9],
    minimumValue: 0,
  });
  const curved = comparePaths(rosenbrock, {
    rules: {
      "gradient descent": gradientDescent({ learningRate: 0.0018 }),
      "heavy ball": sgd({ learningRate: 0.0008, momentum: 0.95 }),
      Adam: adam({ learningRate: cosine({ from: 0.15, steps: 3000 }) }),
    },
    start: rosenbrock.start,
    minimumValue: 0,
    steps: 3000,
  });
  const legend = (paths: Record<string, DescentPath>) =>
    Object.entries(paths).map(
      ([name, path], i) => [`${name}: ${steps(path.stepsToTolerance)}`, hues[i]] as const,
    );
  const ways = (paths: Record<string, DescentPath>) =>
    Object.values(paths).flatMap((path, i) => [
      line(points(path), hues[i], { strokeWidth: 1.5, strokeOpacity: 0.9 }),
      Plot.dot(points(path).slice(0, 60), { fill: hues[i], r: 1.8, clip: true }),
    ]);
  const left = {
    x: { name: "x", domain: [-4.5, 2] as const },
    y: { name: "y", domain: [-2.4, 2.4] as const },
  };
  const right = {
    x: { name: "x", domain: [-1.6, 1.6] as const },
    y: { name: "y", domain: [-0.4, 1.6] as const },
  };
  const levels = (first: number, count: number) => Array.from({ length: count }, (_, i) => first * 4 ** i);
  return {
    title: "Ways through two valleys",
    description:
      "In a straight valley gradient descent goes back and forth across the floor, heavy-ball momentum and Adam swing along it; in " +
      "Rosenbrock's curved valley gradient descent creeps along the floor, the others run along it.",
    height: 330,
    panels: [
      {
        title: `A straight valley, κ = ${KAPPA}`,
        ...left,
        legend: legend(straight),
        marks: [contours((x, y) => (x * x + KAPPA * y * y) / 2, left, levels(0.25, 5)), ...ways(straight)],
      },
      {
        title: "Rosenbrock's valley",
        ...right,
        legend: legend(curved),
        marks: [contours((x, y) => rosenbrock.value([x, y]), right, levels(0.1, 7)), ...ways(curved)],
      },
    ],
  };
};
