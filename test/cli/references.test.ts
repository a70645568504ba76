import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { breastCancer, callJson, diabetes, digits, oRing } from "./call.ts";

// Figures of numpy/LAPACK, Newton and L-BFGS-B: test/references/problems.json.
const { problems } = JSON.parse(
  readFileSync(new URL("../references/problems.json", import.meta.url), "utf8"),
);
const relative = (actual: number, expected: number) => Math.abs(actual / expected - 1);

function distance(a: readonly number[], b: readonly number[]): number {
  const difference = Math.hypot(...a.map((entry, i) => entry - b[i]));
  return difference / Math.hypot(...b);
}

const penalized = (l2: string) => [...breastCancer("logistic"), "--scale", "standard", "--l2", l2];
const scaled: readonly (readonly [name: string, args: string[]])[] = [
  ["diabetes/standardized/least-squares", [...diabetes, "--scale", "standard"]],
  ["breast-cancer/standardized/logistic/l2=0.001", penalized("0.001")],
  ["breast-cancer/standardized/logistic/l2=0.1", penalized("0.1")],
  ["digits/scaled-by-16/softmax/l2=0.001", digits],
];

describe("inspect", () => {
  test.each([
    ["diabetes/raw/least-squares", diabetes],
    ["diabetes/standardized/least-squares", [...diabetes, "--scale", "standard"]],
    ["breast-cancer/raw/least-squares", breastCancer("least-squares")],
  ])("[speed-limit] [condition] [optimal-step] finds the eigenvalues of %s", async (name, args) => {
    const reference = problems[name];
    const found = await callJson("inspect", ...args);
    expect([found.n, found.d]).toEqual([reference.n, reference.d]);
    expect(relative(found.lambdaMax, reference.lambda_max)).toBeLessThan(1e-8);
    expect(Math.abs(found.lambdaMin - reference.lambda_min)).toBeLessThanOrEqual(found.errorBounds.lambdaMin);
    expect(relative(found.speedLimit, reference.speed_limit)).toBeLessThan(1e-8);
    expect(relative(found.optimalStep, reference.optimal_step)).toBeLessThan(1e-8);
    // The reference's own λmin has an error of this size: eigvalsh is backward stable to some ε·λmax.
    const doubt = 2 * (found.errorBounds.lambdaMin / reference.lambda_min) + 1e-8;
    expect(relative(found.conditionNumber, reference.condition_number)).toBeLessThan(doubt);
    expect(Math.abs(found.contractionRate - reference.contraction_rate)).toBeLessThan(1e-10);
    if (name.includes("standardized"))
      expect(relative(found.lambdaMin, reference.lambda_min)).toBeLessThan(1e-8);
  });

  test.each(scaled.slice(1))("[speed-limit] finds the curvature of %s at zero", async (name, args) => {
    const reference = problems[name].at_zero;
    const found = await callJson("inspect", ...args);
    expect(found.at).toBe("zero");
    expect(relative(found.lambdaMax, reference.lambda_max)).toBeLessThan(1e-8);
    expect(relative(found.speedLimit, reference.speed_limit)).toBeLessThan(1e-8);
    if (reference.lambda_min) expect(relative(found.lambdaMin, reference.lambda_min)).toBeLessThan(1e-8);
  });

  test.each(scaled.slice(1, 3))(
    "[condition] finds the curvature of %s at its minimum",
    async (name, args) => {
      const reference = problems[name].at_minimum;
      const found = await callJson("inspect", ...args, "--at", "minimum");
      expect(found.minimumReached).toBeUndefined();
      for (const [ours, theirs] of [
        ["lambdaMax", "lambda_max"],
        ["lambdaMin", "lambda_min"],
        ["speedLimit", "speed_limit"],
        ["conditionNumber", "condition_number"],
      ]) {
        expect(relative(found[ours], reference[theirs])).toBeLessThan(1e-8);
      }
    },
  );

  test("[preconditioning] says what standardising would do: κ falls from 5.2·10⁷ to 470, and 3.6·10⁸ steps to 3,248", async () => {
    const found = await callJson("inspect", ...diabetes);
    const standard = problems["diabetes/standardized/least-squares"];
    expect(relative(found.standardized.conditionNumber, standard.condition_number)).toBeLessThan(1e-8);
    expect(relative(found.standardized.speedLimit, standard.speed_limit)).toBeLessThan(1e-8);
    expect(found.standardized.predictedSteps).toBe(3248);
    expect(relative(found.predictedSteps, 3.617e8)).toBeLessThan(1e-3);
    expect(found.topMode[0].column).toBe("s1");
    expect(found.topMode.reduce((sum: number, { share }: { share: number }) => sum + share, 0)).toBeCloseTo(
      1,
      12,
    );
  });
});

describe("fit", () => {
  const rules: readonly (readonly [how: string, args: string[]])[] = [
    ["by the rule that it chooses", []],
    ["by Adam with an automatic rate along a cosine", ["--rule", "adam", "--schedule", "cosine"]],
    [
      "by Adam with a given rate along a cosine",
      ["--rule", "adam", "--learning-rate", "0.5", "--schedule", "cosine"],
    ],
    [
      "by Adam with an automatic rate that falls exponentially",
      ["--rule", "adam", "--schedule", "exponential"],
    ],
    [
      "by Adam with a given rate that falls exponentially",
      ["--rule", "adam", "--learning-rate", "1", "--schedule", "exponential:0.9995"],
    ],
  ];
  test.each(
    rules.flatMap(([how, more]) => scaled.map(([name, args]) => [name, how, [...args, ...more]] as const)),
  )("[descent] [schedules] reaches the minimum of %s %s", async (name, _, args) => {
    const reference = problems[name];
    // Adam on the largest of them need not go to the last digit, which takes it ten seconds.
    const enough = args.includes("digit") && args.includes("adam") ? ["--gradient-tolerance", "1e-8"] : [];
    const found = await callJson("fit", ...args, ...enough);
    expect(relative(found.value, reference.minimum)).toBeLessThan(1e-8);
    if (reference.minimizer) expect(distance(found.x, reference.minimizer)).toBeLessThan(1e-4);
    if (reference.accuracy) expect(found.accuracy).toBeCloseTo(reference.accuracy, 12);
  });

  test("by default it puts x within 10⁻⁸ of the minimiser, converges and says how it chose", async () => {
    for (const [name, args] of scaled.slice(0, 3)) {
      const found = await callJson("fit", ...args);
      expect(distance(found.x, problems[name].minimizer)).toBeLessThan(1e-8);
      expect(found.converged).toBe(true);
      expect(found.reason).toBe("gradient");
      expect(found.choice).toMatch(/momentum with .*λmax/);
    }
  });

  test("the coefficients of a standardised fit, in the data's units, are the raw problem's minimiser", async () => {
    const found = await callJson("fit", ...diabetes);
    expect(distance(found.coefficients, problems["diabetes/raw/least-squares"].minimizer)).toBeLessThan(1e-8);
    expect(relative(found.value, problems["diabetes/raw/least-squares"].minimum)).toBeLessThan(1e-12);
  });

  test("[fisher] logistic regression on the O-ring data without penalty: the published coefficients", async () => {
    for (const [rows, slope, intercept] of [
      [24, -0.17132, 10.87535],
      [23, -0.2322, 15.0429],
    ] as const) {
      const found = await callJson("fit", ...oRing(rows));
      expect(found.converged).toBe(true);
      expect(found.columns).toEqual(["temperature_f", "(intercept)"]);
      expect(found.coefficients[0]).toBeCloseTo(slope, 4);
      expect(found.coefficients[1]).toBeCloseTo(intercept, 4);
    }
  });
});
