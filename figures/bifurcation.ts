import {
  bifurcation,
  cubicValley,
  feigenbaum,
  gradientDescent,
  lyapunov,
  optimizerMap,
  periodDoublings,
} from "../src/index.ts";
import { colour, density, type Figure, label, line, Plot, pixels } from "./kit/chart.ts";

const COLUMNS = 1000;
const ROWS = 420;
const KEPT = 2000;
const RATES: [number, number] = [1.8, 3];
const POINTS: [number, number] = [-0.4, 1.05];
const EXPONENTS: [number, number] = [-1.6, 0.8];

/** Where gradient descent on x²/2 − x³/3 ends, and how fast neighbours part there, by the learning rate. */
export default (): Figure => {
  const map = optimizerMap(gradientDescent(), cubicValley);
  const rates = Float64Array.from(
    { length: COLUMNS },
    (_, i) => RATES[0] + ((RATES[1] - RATES[0]) * (i + 0.5)) / COLUMNS,
  );
  const { values } = bifurcation(map, { rates, burnIn: 2000, keep: KEPT });
  const { exponents } = lyapunov(map, { rates, burnIn: 2000, steps: 20_000 });
  const doublings = periodDoublings(map, { count: 3 }).doublings.map(({ rate }) => rate);
  const { onset } = feigenbaum(map, { count: 8 });
  const named: [number, string][] = [
    [doublings[0], "η = 2"],
    [doublings[1], "√6"],
    [onset, "2.5699: chaos"],
  ];
  const rules = Plot.ruleX([...doublings, onset], { stroke: colour.edge, strokeDasharray: "2,3" });
  const names = Plot.text(named, {
    x: ([rate]) => rate,
    text: ([, name]) => name,
    frameAnchor: "top",
    lineAnchor: "top",
    textAnchor: "start",
    dx: 5,
    dy: 6,
    ...label(colour.edge),
  });
  const x = { name: "learning rate η", domain: RATES };
  return {
    title: "From one step to chaos: gradient descent on x²/2 − x³/3",
    description:
      "Above, the points that orbits visit after 2000 steps, against the learning rate: one up to 2, then 2, 4, 8 …, and from 2.5699 on a " +
      "band of them with windows in it. Below, the Lyapunov exponent: it touches 0 at each doubling, is positive in chaos and ln 2 at η = 3.",
    height: 330,
    panels: [
      {
        title: "Where it ends: x after 2000 steps",
        x: { ...x, name: "" },
        y: { name: "x", domain: POINTS },
        marks: [pixels(COLUMNS, ROWS, density(values, KEPT, ROWS, POINTS), colour.ink, true), rules, names],
      },
      {
        title: "How fast neighbours part: the Lyapunov exponent",
        x,
        y: { name: "exponent a step", domain: EXPONENTS },
        marks: [
          Plot.ruleY([0], { stroke: colour.ink }),
          rules,
          line(
            [...rates].map((rate, i) => [rate, exponents[i]] as const),
            colour.accent,
            { strokeWidth: 1 },
          ),
          Plot.text(["ln 2 at η = 3"], {
            x: RATES[1],
            y: Math.LN2,
            textAnchor: "end",
            dx: -14,
            dy: -2,
            ...label(),
          }),
        ],
      },
    ],
  };
};
