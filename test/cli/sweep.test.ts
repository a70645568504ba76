import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { rateSweep } from "../../src/dynamics/rate-sweep.ts";
import { leastSquares } from "../../src/objectives/index.ts";
import { gradientDescent } from "../../src/rules/index.ts";
import { drawnTexts } from "../report/well-formed.ts";
import { breastCancer, call, callJson, diabetes, iris, mistake, scratch } from "./call.ts";

const { file } = scratch();
const plane = file("plane.csv", "a,b,y\n1,0,3\n0,2,4\n1,1,5\n2,1,8\n0,0,1\n");

describe("thalweg sweep", () => {
  test("[goldilocks] gives what the library's sweep gives, by the names of the API", async () => {
    const features = Float64Array.of(1, 0, 0, 2, 1, 1, 2, 1, 0, 0);
    const problem = leastSquares(features, [3, 4, 5, 8, 1], { columns: 2, intercept: true });
    const json = await callJson(
      "sweep",
      plane,
      "--target",
      "y",
      "--loss",
      "least-squares",
      "--scale",
      "none",
      "--count",
      "9",
      "--steps",
      "400",
    );
    const own = rateSweep(problem, { rule: gradientDescent(), count: 9, steps: 400 });
    const shown = (values: Float64Array) =>
      Array.from(values, (value) => (Number.isFinite(value) ? value : String(value)));
    expect(json.learningRates).toEqual(Array.from(own.learningRates));
    expect(json.stepsToTolerance).toEqual(shown(own.stepsToTolerance));
    expect(json.oscillation).toEqual(Array.from(own.oscillation));
    expect(json.divergedAt).toEqual(shown(own.divergedAt));
    expect(json.finalValues).toEqual(Array.from(own.finalValues));
    expect(json).toMatchObject({
      outcomes: own.outcomes,
      best: own.best,
      speedLimit: own.speedLimit,
      message: own.message,
      rule: { name: "gradientDescent", options: {} },
      target: "y",
      n: 5,
      d: 3,
      parameters: 3,
      steps: 400,
      tolerance: 1e-6,
    });
    expect(new Set(own.outcomes)).toEqual(new Set(["unfinished", "converged", "diverged"]));
  });

  test("[goldilocks] shows a table with a line a rate, and what it comes to", async () => {
    const { code, out, err } = await call(
      "sweep",
      ...breastCancer("logistic"),
      "--l2",
      "0.1",
      "--rule",
      "adam",
      "--option",
      "beta1=0.5",
      "--from",
      "0.001",
      "--to",
      "10",
      "--count",
      "5",
      "--tolerance",
      "1e-3",
    );
    expect([code, err]).toEqual([0, ""]);
    const lines = out.split("\n");
    // Where the path is long, the line is broken elsewhere.
    expect(out.replaceAll(/\s+/g, " ")).toContain(
      "breast-cancer.csv: 569 rows, 30 features standardised and an intercept,",
    );
    expect(out).toMatch(
      /adam from zero, until the gradient's norm is 0\.001 of the first\n {2}learning rate {2}steps {2}swings/,
    );
    expect(lines.filter((line) => /^ +(0\.001|0\.01|0\.1|1|10) /.test(line)).length).toBe(5);
    expect(lines.filter((line) => line.endsWith("the fewest")).length).toBe(1);
    expect(out).toMatch(/Of 5 rates of adam from 0\.001 to 10 those from/);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
  });

  test("names the speed limit of the data, above which rates diverge", async () => {
    const { code, out } = await call("sweep", ...diabetes, "--from", "0.3", "--to", "0.6", "--count", "4");
    expect(code).toBe(0);
    // 2/λmax of the standardised data, references/problems.json: 0.497.
    expect(out).toContain("speed limit at zero 0.497");
    expect(out.match(/diverged$/gm)?.length).toBe(1);
    expect(out).toContain("got lowest");
  });

  test("writes a report with the chart, which needs nothing else", async () => {
    const report = file("sweep.html", "");
    const { out } = await call("sweep", ...iris, "--l2", "0.01", "--report", report);
    expect(out).toContain(`${report} written.`);
    const page = readFileSync(report, "utf8");
    expect(page).toContain("<h3>Too small, just right, too large</h3>");
    expect(page).toContain("<h2>Every rate</h2>");
    expect(drawnTexts(page)).toContain("just right");
    expect(page).not.toMatch(/NaN|undefined|<script/);
  });

  test("refuses what is wrong with the call, by name", async () => {
    const wrong = (...args: string[]) => mistake("sweep", ...diabetes, ...args);
    expect(await wrong("--from", "2", "--to", "1")).toBe(
      "thalweg: --from must be less than --to, got 2 and 1\n",
    );
    expect(await wrong("--from", "0")).toBe('thalweg: --from must be a number in (0, ∞), got "0"\n');
    expect(await wrong("--count", "1")).toBe(
      'thalweg: --count must be a number in the integers from 2, got "1"\n',
    );
    expect(await wrong("--tolerance", "1")).toMatch(/--tolerance must be a number in \(0, 1\), got "1"/);
    expect(await wrong("--steps", "0.5")).toMatch(/--steps must be a number in the integers from 1/);
    expect(await wrong("--rule", "adma")).toMatch(/--rule: unknown rule "adma"; did you mean adam\?/);
    expect(await wrong("--option", "beta1=0.9")).toMatch(/--option needs --rule/);
    expect(await wrong("--rule", "adam", "--option", "learningRate=1")).toMatch(
      /the learning rates are given by --from, --to and --count/,
    );
    expect(await wrong("--learning-rate", "1")).toMatch(
      /sweep: unknown option --learning-rate: it belongs to another command/,
    );
    expect(await mistake("sweep")).toMatch(/sweep: a CSV file is needed; see thalweg sweep --help/);
    expect(await mistake("swep")).toMatch(/unknown command "swep"; did you mean sweep\?/);
    const report = file("kept.html", "mine");
    await mistake("sweep", ...diabetes, "--report", report, "--count", "0");
    expect(existsSync(report) && readFileSync(report, "utf8")).toBe("mine");
  });

  test("explains itself", async () => {
    const { out } = await call("sweep", "--help");
    expect(out).toMatch(/^thalweg sweep data\.csv/);
    expect(out).toContain("swings");
    for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    expect((await call("help", "sweep")).out).toBe(out);
  });
});
