import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { landscapes } from "../../src/cli/bifurcation.ts";
import { commandHelp } from "../../src/cli/help.ts";
import { call, callJson, mistake, scratch } from "./call.ts";

const { folder, file } = scratch();
const run = (...args: string[]) => callJson("bifurcation", ...args);

describe("thalweg bifurcation", () => {
  test("[chaos] locates the doublings of the logistic map, and finds the periods between them (truths 2)", async () => {
    const { map, rates, periods, exponents, doublings, onset, delta } = await run("--to", "3");
    expect(map).toBe("gradientDescent on x²/2 − x³/3");
    expect([rates.length, rates[0], rates.at(-1)]).toEqual([600, 1.8, 3]);
    expect(doublings[1]).toEqual({ rate: expect.closeTo(Math.sqrt(6), 12), period: 2 });
    expect(doublings.map(({ period }: { period: number }) => period)).toEqual([1, 2, 4, 8, 16, 32, 64, 128]);
    expect(onset).toBeCloseTo(2.569945672, 8);
    expect(delta).toBeCloseTo(4.6692, 4);
    rates.forEach((rate: number, i: number) => {
      const next = doublings.findIndex((doubling: { rate: number }) => rate < doubling.rate);
      const edges = [...doublings.map((doubling: { rate: number }) => doubling.rate), onset];
      if (edges.some((edge: number) => Math.abs(rate - edge) < 4e-3)) return;
      if (next >= 0 && next < 4) {
        expect(periods[i]).toBe(2 ** next);
        expect(exponents[i]).toBeLessThan(0);
      }
    });
    expect(exponents.at(-1)).toBeCloseTo(Math.LN2, 2);
  });

  test("[chaos] takes other landscapes, slopes, rules and starts", async () => {
    const well = await run("double-well", "--count", "40", "--start=-0.6");
    expect(well.doublings[1].rate).toBeCloseTo(Math.sqrt(5) - 1, 12);
    const waves = await run("waves", "--count", "40");
    expect(waves.doublings[1].rate).toBeCloseTo(Math.sqrt(Math.PI ** 2 + 2), 11);
    const own = await run("--slope", "0, 1, -1", "--count", "40");
    expect(own.map).toBe("gradientDescent on f′ = x − x²");
    expect(own.doublings[0].rate).toBeCloseTo(2, 12);
    const heavy = await run("--rule", "SGD", "--option", "momentum=0.3", "--count", "40");
    // (2 + 2β)/λ, truths 1.
    expect(heavy.doublings[0].rate).toBeCloseTo(2.6, 12);
    expect(heavy.delta).toBeCloseTo(4.6692, 2);
  });

  test("a line of steepest descent has one doubling, and the text says why the cascade ends", async () => {
    const { code, out } = await call("bifurcation", "--slope=0,4", "--count", "30");
    expect(code).toBe(0);
    expect(out).toMatch(/1 → 2 {2}0\.500000000000\n/);
    expect(out).toMatch(/The\scascade\sends\safter\s1\sof\s8\sdoublings/);
    expect(out).toMatch(/escapes\sat\s25\srates\sof\s30/);
    expect(out).not.toMatch(/chaos {2,}/);
  });

  test("where nothing doubles the rates have to be told, and are then swept", async () => {
    const told = ["--rule", "adam", "--count", "8", "--keep", "4"];
    expect(await mistake("bifurcation", ...told)).toMatch(/--from and --to are needed: .*no stable cycle/);
    const { rates, doublings, onset } = await run(...told, "--from", "0.001", "--to", "0.1");
    expect([rates.length, doublings, onset]).toEqual([8, [], "NaN"]);
  });

  test("writes the points of cycles once and of chaos all, as CSV", async () => {
    const csv = join(folder, "points.csv");
    const args = ["--from", "1.9", "--to", "3.4", "--count", "4", "--keep", "9", "--csv", csv];
    const { out } = await call("bifurcation", ...args);
    expect(out).toMatch(/The points were written to .*points\.csv\.\n$/);
    const [header, ...rows] = readFileSync(csv, "utf8").trimEnd().split("\n");
    expect(header).toBe("rate,period,exponent,x");
    const at = (rate: number) =>
      rows.map((row) => row.split(",")).filter(([first]) => Math.abs(Number(first) - rate) < 1e-9);
    expect(at(1.9)).toHaveLength(1);
    // At 2.4 a 2-cycle, at 2.9 chaos, at 3.4 nothing is left.
    expect(at(2.4).map(([, period]) => period)).toEqual(["2", "2"]);
    expect(at(2.9)).toHaveLength(9);
    expect(at(3.4)).toEqual([["3.4", "-1", "", ""]]);
    const [, , , x] = at(2.4)[0];
    const r = 3.4;
    const cycle = [1, -1].map((sign) => 1 - (1 + r + sign * Math.sqrt((r - 3) * (r + 1))) / (2 * 2.4));
    expect(Math.min(...cycle.map((point) => Math.abs(point - Number(x))))).toBeLessThan(1e-12);
  });

  test("draws a diagram that is a whole SVG document, the same at every run", async () => {
    const files = ["one.svg", "two.svg"].map((name) => join(folder, name));
    for (const svg of files) await call("bifurcation", "--count", "50", "--keep", "20", "--svg", svg);
    const [one, two] = files.map((svg) => readFileSync(svg, "utf8"));
    expect(one).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[\s\S]*<\/svg>\n$/);
    expect(one).toContain("data:image/png;base64,");
    expect(one).toContain("2 → 4");
    expect(one).not.toMatch(/NaN|undefined/);
    const unnumbered = (svg: string) => svg.replace(/plot-clip-\d+/g, "clip");
    expect(unnumbered(one)).toBe(unnumbered(two));
  });

  test("stays within the terminal, and names every landscape in its help", async () => {
    const { out } = await call("bifurcation", "--count", "50");
    for (const line of out.split("\n")) expect([...line].length).toBeLessThanOrEqual(100);
    expect(out).not.toMatch(/NaN|undefined/);
    const { out: help } = await call("help", "bifurcation");
    for (const name of Object.keys(landscapes)) expect(help).toContain(name);
    expect(Object.keys(commandHelp)).toContain("bifurcation");
  });
});

describe("a mistake in a call of bifurcation is told in one line, with exit code 2", () => {
  const calls: readonly (readonly [args: string[], message: RegExp])[] = [
    [["cubic-vally"], /unknown landscape "cubic-vally"; did you mean cubic-valley\?/],
    [["__proto__"], /unknown landscape "__proto__"/],
    [["waves", "double-well"], /one landscape expected, got also "double-well"/],
    [["waves", "--slope", "1,2"], /--slope and the landscape "waves" exclude one another/],
    [["--slope", "1,two"], /--slope must be a number in \(−∞, ∞\), separated by commas, got "two"/],
    [["--slope", "3"], /--slope: a coefficient of slope other than the first must not be 0/],
    [["--slope", "1,2,3,4,5,6,7,8,9"], /--slope: slope must have at most 8 coefficients, got 9/],
    [["--slope", "-1,2"], /--slope needs a value and is followed by "-1,2"; .*write --slope=-1,2/],
    [["--from", "0"], /--from must be a number in \(0, ∞\), got "0"/],
    [["--from", "NaN"], /--from must be a number/],
    [["--from", "3", "--to", "2"], /--from must be below --to, got 3 and 2/],
    [["--from", "9"], /--from must be below --to, got 9 and 2\.99/],
    [["--count", "1"], /--count must be a number in the integers from 2 to 10⁶, got "1"/],
    [["--count", "1e9"], /--count must be a number/],
    [["--count", "1000000", "--keep", "1000"], /--count times --keep must be at most 20000000/],
    [["--keep", "0"], /--keep must be a number in the integers from 1/],
    [["--burn-in=-1"], /--burn-in must be a number in the integers from 0/],
    [["--start", "x"], /--start must be a number/],
    [["--rule", "sdg"], /--rule: unknown rule "sdg"; did you mean sgd\?/],
    [["--option", "beta=2", "--rule", "momentum"], /--option: momentum: beta must lie in \[0, 1\), got 2/],
    [["--option", "momentum=0.9"], /--option: gradientDescent: unknown option "momentum"/],
    [["--steps", "5"], /unknown option --steps: it belongs to another command/],
    [["--max", "3"], /unknown option --max; did you mean --to\?/],
    [["--csv", "points.txt", "--svg", "points.txt"], /--svg would overwrite --csv: both are points\.txt/],
    [["--svg", "nowhere/a.svg"], /--svg: cannot write nowhere\/a\.svg: there is no such folder/],
    [["--svg", folder], /--svg: .* is a folder/],
  ];
  test.each(calls)("%j", async (args, message) => {
    const err = await mistake("bifurcation", ...args);
    expect(err).toMatch(message);
    expect(err).toMatch(/^thalweg: [^\n]+\n$/);
  });

  test("and changes no file", async () => {
    const kept = file("kept.csv", "mine");
    await mistake("bifurcation", "--csv", kept, "--from", "3", "--to", "2");
    expect(readFileSync(kept, "utf8")).toBe("mine");
  });
});
