import { describe, expect, test } from "vitest";
import { ruleNames } from "../../src/rules/index.ts";
import { breastCancer, call, callJson, diabetes, iris, scratch } from "./call.ts";

const { file } = scratch();

/** A table of columns of numbers or words. */
const csv = (header: string, ...rows: (string | number)[][]) =>
  `${header}\n${rows.map((row) => row.join(",")).join("\n")}\n`;

/** Twenty rows of y = scale · (3 + 2a − b), nearly. */
const line = (scale: number) =>
  csv(
    "a,b,y",
    ...Array.from({ length: 20 }, (_, i) => {
      const a = i % 7;
      const b = (i * i) % 5;
      return [a, b, scale * (3 + 2 * a - b + 0.01 * ((i % 3) - 1))];
    }),
  );
const leastSquares = (path: string) => [path, "--target", "y", "--loss", "least-squares"];

/** Rules that come to rest beside the minimum: asgd and sophia decay, rprop has a smallest step. */
const resting = ["asgd", "rprop", "sophia"];

describe("whatever the rule", () => {
  test.each(ruleNames)("--rule %s finds its own rate and comes near the minimum", async (rule) => {
    const found = await callJson("fit", ...leastSquares(file("line.csv", line(1))), "--rule", rule);
    expect(found.rule.name).toBe(rule);
    expect(found.choice).toMatch(/learning rate/);
    expect(found.rSquared).toBeGreaterThan(0.999);
    // The least value is not the 0 that these take for it: they circle the minimum.
    if (["polyakStep", "sps"].includes(rule)) return;
    if (resting.includes(rule)) expect(found.audit.observedRate).toBeCloseTo(1, 3);
    else expect(found.audit.observedRate).toBeLessThan(1);
  });

  test.each([1e12, 1e-12])(
    "targets of the size of %s are fitted as well, by any kind of rule",
    async (scale) => {
      const path = file(`scale-${scale}.csv`, line(scale));
      for (const rule of [[], ["--rule", "gradientDescent"], ["--rule", "adam"], ["--rule", "signDescent"]]) {
        const found = await callJson("fit", ...leastSquares(path), ...rule);
        expect(found.rSquared).toBeGreaterThan(0.999);
        expect(found.coefficients[0] / scale).toBeCloseTo(2, 2);
      }
    },
  );

  test.each([
    "constant",
    "cosine",
    "linear",
    "polynomial:2",
    "exponential:0.999",
    "step:5000",
    "step:every=5000,factor=0.5",
    "warmup:50+cosine",
    "multiStep:9000/15000,factor=0.5",
    "oneCycle:threePhases,shape=linear",
    "wsd:4000,shape=squareRoot",
    "repeat:5000+rex",
    '{"schedule":"product","factors":[{"schedule":"rex","from":0.2,"steps":20000}]}',
    '{"schedule":"cosine","from":0.2,"to":0,"steps":20000}',
  ])("--schedule %s is read, followed and written out", async (schedule) => {
    const args = leastSquares(file("line.csv", line(1)));
    const found = await callJson(
      "fit",
      ...args,
      "--rule",
      "adam",
      "--learning-rate",
      "0.2",
      "--schedule",
      schedule,
    );
    const { learningRate } = found.rule.options;
    const name = /\w+/.exec(schedule.replace('{"schedule":"', ""))?.[0];
    expect(learningRate.schedule).toBe(name === "step" ? "stepDecay" : name);
    expect(found.rSquared).toBeGreaterThan(0.999);
  });

  test("a rule's options are read, and its name in any spelling", async () => {
    const found = await callJson(
      ...["fit", ...leastSquares(file("line.csv", line(1))), "--rule", "SGD"],
      ...["--option", "momentum=0.5", "--option", "nesterov=true", "--learning-rate", "0.1"],
    );
    expect(found.rule).toMatchObject({
      name: "sgd",
      options: { momentum: 0.5, nesterov: true, learningRate: 0.1 },
    });
    expect(found.choice).toBeUndefined();
    expect((await callJson("fit", ...diabetes, "--rule", "gradient-descent")).rule.name).toBe(
      "gradientDescent",
    );
  });

  test("a learning rate without a rule is one of gradient descent", async () => {
    expect((await callJson("fit", ...diabetes, "--learning-rate", "0.4")).rule).toMatchObject({
      name: "gradientDescent",
      options: { learningRate: 0.4 },
    });
  });

  test("a learning rate of 0 is allowed, and said to move nothing", async () => {
    const found = await callJson("fit", ...diabetes, "--learning-rate", "0", "--steps", "10");
    expect(found).toMatchObject({ steps: 10, converged: false });
    expect(found.message).toMatch(/A learning rate of 0 moves nothing/);
  });

  test("weight decay that keeps a rule from the minimum is named", async () => {
    const { message, converged } = await callJson(
      "fit",
      ...diabetes,
      "--rule",
      "adamw",
      "--learning-rate",
      "1",
    );
    expect(converged).toBe(false);
    expect(message).toMatch(/weightDecay of 0\.01 holds the weights away .* --option weightDecay=0/);
  });
});

describe("when to stop", () => {
  test("--steps 0 takes none and says so", async () => {
    const found = await callJson("fit", ...diabetes, "--rule", "gradientDescent", "--steps", "0");
    expect(found).toMatchObject({ steps: 0, reason: "steps", converged: false });
    expect(found.x.every((weight: number) => weight === 0)).toBe(true);
    expect(found.message).toMatch(/took no step/);
    expect((await call("fit", ...diabetes, "--steps", "0")).code).toBe(0);
  });

  test("--steps and --gradient-tolerance are kept, with and without a rule", async () => {
    for (const rule of [[], ["--rule", "gradientDescent"]]) {
      expect((await callJson("fit", ...diabetes, ...rule, "--steps", "7")).steps).toBe(7);
      const loose = await callJson("fit", ...diabetes, ...rule, "--gradient-tolerance", "1");
      expect(loose.converged).toBe(true);
      expect(loose.gradientNorm).toBeLessThanOrEqual(1);
      expect(loose.gradientNorm).toBeGreaterThan(0.1);
    }
  });

  test("gradient descent that is given no number of steps takes as many as its rate needs", async () => {
    const found = await callJson(
      "fit",
      ...breastCancer("logistic"),
      "--l2",
      "0.001",
      "--rule",
      "gradientDescent",
    );
    expect(found.converged).toBe(true);
    expect(found.steps).toBeGreaterThan(20_000);
  });

  test("a problem too ill-conditioned for its steps ends near, with the steps it lacks and what would help", async () => {
    const found = await callJson("fit", ...diabetes, "--scale", "none", "--steps", "3000");
    expect(found).toMatchObject({ steps: 3000, reason: "steps", converged: false });
    expect(found.message).toMatch(/It would need about .* --scale standard .* from 5\.24e7 to 470/);
    expect(found.choice).toMatch(/3,000 steps settle no more than the modes above/);
    // Momentum for the flattest modes would leave it four times as high: within 10% of the minimum it must come.
    expect(found.value / 1429.848173793375).toBeLessThan(1.1);
  });
});

describe("a divergence", () => {
  const tooFast = (...more: string[]) =>
    call("fit", ...diabetes, "--rule", "gradientDescent", "--learning-rate", ...more);

  test("[speed-limit] has exit code 3 and names the limit, a rate to use and the columns that make it steep", async () => {
    const { code, out, err } = await tooFast("0.6");
    expect(code).toBe(3);
    expect(err).toBe("");
    const text = out.replaceAll("\n", " ");
    expect(text).toMatch(/diverged after 45 steps: the value went from 14,500 to/);
    expect(text).toMatch(
      /0\.6 is above this rule's speed limit 0\.497 \(λmax = 4\.024\): use at most 0\.447/,
    );
    expect(text).toMatch(/steepest direction lies along s4 \(18\.4%\), s5 \(14\.3%\) and s2 \(12\.4%\)/);
    expect(text).toMatch(/each step multiplies the error by +1\.415 +1\.415/);
  });

  test("[preconditioning] of raw features says how far standardising would raise the limit", async () => {
    const { code, out } = await tooFast("0.01", "--scale", "none");
    expect(code).toBe(3);
    expect(out.replaceAll("\n", " ")).toMatch(
      /s1 \(50\.1%\).* --scale standard raises the limit of gradient descent from 2\.72e-5 to 0\.497/,
    );
  });

  test("[speed-limit] 0.99 of the limit that it names converges, 1.01 diverges", async () => {
    const { audit } = JSON.parse((await tooFast("0.6", "--json")).out);
    expect((await tooFast(String(0.99 * audit.speedLimit))).code).toBe(0);
    expect((await tooFast(String(1.01 * audit.speedLimit))).code).toBe(3);
  });

  test("is JSON like any other outcome", async () => {
    const found = await callJson("fit", ...diabetes, "--rule", "sgd", "--learning-rate", "1e5");
    expect(found).toMatchObject({ reason: "diverged", converged: false });
    expect(Number.isFinite(found.value)).toBe(true);
    expect(found.curvature.end).toBeUndefined();
  });

  test("of a rule that divides is told by the length of its steps", async () => {
    const found = await callJson("fit", ...diabetes, "--rule", "adam", "--learning-rate", "1e300");
    expect(found.reason).toBe("diverged");
    expect(found.message).toMatch(/about as long as the learning rate 1e300: try a tenth/);
  });
});

describe("a rule that works its rate out by itself", () => {
  test("needs no --learning-rate, and neither shows nor predicts one", async () => {
    const { out, code } = await call("fit", ...breastCancer("logistic"), "--l2", "0.01", "--rule", "dog");
    expect(code).toBe(0);
    expect(out).toMatch(/dog converged after/);
    expect(out).toMatch(
      /Rule: dog, initialDistance 1e-6, epsilon 1e-8\. Chosen: learning rate worked out by dog on\s+the way/,
    );
    expect(out).toMatch(/No rate is predicted: dog works its rates out on the way/);
    expect(out).not.toMatch(/Infinity|speed limit/);
    const scaled = await callJson(
      "fit",
      ...breastCancer("logistic"),
      "--l2",
      "0.01",
      "--rule",
      "adgd",
      "--learning-rate",
      "0.5",
    );
    expect(scaled.rule.options.learningRate).toBe(0.5);
    expect(scaled.converged).toBe(true);
  });

  test("tells, where it diverges, the rate that it came to and how its rates are scaled, not to guess one", async () => {
    const { out, code } = await call("fit", ...diabetes, "--rule", "dAdaptSgd");
    expect(code).toBe(3);
    expect(out).toMatch(
      /It works its rates out by\s+itself, and 0\.776 was the last: try --learning-rate 0\.5, which halves them all/,
    );
    const half = await callJson("fit", ...diabetes, "--rule", "dAdaptSgd", "--learning-rate", "0.5");
    expect(half.converged).toBe(true);
  });

  test("says that its lowerBound is too low where it circles the minimum, and settles at a better one", async () => {
    const { out } = await call("fit", ...diabetes, "--rule", "polyakStep");
    expect(out).toMatch(
      /does not\s+settle where the least value is\s+higher: it came to 1,429\.85 on the way, so try --option\s+lowerBound=/,
    );
    const better = await callJson(
      "fit",
      ...diabetes,
      "--rule",
      "polyakStep",
      "--option",
      "lowerBound=1429.848173793",
    );
    expect(better.value).toBeCloseTo(1429.848173793, 6);
  });

  test("from a rate of its own names what moved it beyond the limit", async () => {
    const { out, code } = await call("fit", ...diabetes, "--scale", "none", "--rule", "hypergradientDescent");
    expect(code).toBe(3);
    expect(out).toMatch(/-1,730 that it came to is negative; it should stay below the speed limit 2\.72e-5/);
    expect(out).toMatch(/try a\s+lower hyperRate\./);
    const learning = [
      "--rule",
      "hypergradientDescent",
      "--option",
      "hyperRate=0.02",
      "--option",
      "multiplicative=true",
    ];
    const { audit, converged } = await callJson("fit", ...diabetes, "--l2", "0.1", ...learning);
    expect(converged).toBe(true);
    expect(audit.speedLimit).toBeCloseTo(0.485, 3);
    // Its rate moves: no factor a step can be told beforehand.
    expect(audit.predictedRate).toBeNull();
  });
});

describe("what the curvature predicted", () => {
  test("[condition] agrees with what happened, where the slowest mode is the last", async () => {
    const { audit } = await callJson("fit", ...diabetes, "--rule", "gradientDescent");
    expect(audit.speedLimit).toBeCloseTo(0.496991863540961, 10);
    // (κ−1)/(κ+1) with κ = 470.08, at a rate that is 10⁻⁴ short of the best
    expect(1 - audit.predictedRate).toBeCloseTo(0.004245, 5);
    // At this rate the steepest mode is nearly as slow, and outweighs the flattest in the gradient's norm.
    expect(Math.abs((1 - audit.observedRate) / (1 - audit.predictedRate) - 1)).toBeLessThan(0.1);
  });
});

describe("data of every kind", () => {
  test.each([
    ["more columns than rows", csv("a,b,c,d,y", [1, 2, 3, 4, 1], [2, 1, 4, 4, 0], [0, 3, 1, 5, 2])],
    ["one feature", csv("a,y", [1, 2], [2, 4.1], [3, 6], [4, 7.9])],
    ["a repeated column", csv("a,b,y", [1, 1, 2], [2, 2, 4.1], [3, 3, 6], [4, 4, 7.9])],
    ["a constant column", csv("a,b,y", [1, 5, 2], [2, 5, 4.1], [3, 5, 6], [4, 5, 7.9])],
    ["a constant target", csv("a,b,y", [1, 2, 7], [2, 1, 7], [3, 5, 7], [4, 0, 7])],
    [
      "columns of very different sizes",
      csv("a,b,y", [1e-6, 2e6, 1], [3e-6, 1e6, 2], [2e-6, 5e6, 4], [0, 1e5, 3]),
    ],
    [
      "names that JavaScript knows",
      csv("__proto__,constructor,y", [1, 2, 1], [2, 1, 2], [0, 3, 3], [1, 1, 1]),
    ],
    ["two rows", csv("a,y", [1, 2], [3, 4])],
  ])("%s: the fit converges and the weights tell every row, also as JSON", async (name, text) => {
    const path = file(`${name.replaceAll(" ", "-")}.csv`, text);
    const inspected = await callJson("inspect", ...leastSquares(path));
    const found = await callJson("fit", ...leastSquares(path));
    expect(found.converged).toBe(true);
    const [header, ...rows] = text.trim().split("\n");
    expect(inspected.columns).toEqual([...header.split(",").slice(0, -1), "(intercept)"]);
    const residuals = rows.map((row) => {
      const cells = row.split(",").map(Number);
      const told = cells
        .slice(0, -1)
        .reduce((sum, cell, j) => sum + cell * found.coefficients[j], found.coefficients.at(-1));
      return told - cells[cells.length - 1];
    });
    // 1/(2n) ‖Aw − y‖² with the coefficients in the data's units is the value that was minimised.
    const value = residuals.reduce((sum, r) => sum + r * r, 0) / (2 * rows.length);
    expect(Math.abs(value - found.value)).toBeLessThan(1e-9 * (1 + found.value));
  });

  test("a singular Hessian has κ = ∞, written as a string, and says what is flat", async () => {
    const path = file("twice.csv", csv("a,b,y", [1, 1, 2], [2, 2, 4.1], [3, 3, 6]));
    const found = await callJson("inspect", ...leastSquares(path));
    expect(found.conditionNumber).toBe("Infinity");
    expect(found.definiteness).toBe("semidefinite");
    expect(Number.isFinite(found.optimalStep)).toBe(true);
    const { out } = await call("inspect", ...leastSquares(path));
    expect(out).toMatch(/flat along some directions.*repeated column/s);
  });

  test("constant columns are named", async () => {
    const path = file("constant.csv", csv("a,b,c,y", [1, 5, 0, 2], [2, 5, 0, 4.1], [3, 5, 0, 6]));
    expect((await callJson("inspect", ...leastSquares(path))).constantColumns).toEqual(["b", "c"]);
    expect((await call("inspect", ...leastSquares(path))).out).toMatch(
      /2 columns are constant and say nothing \(--exclude leaves them out\): b, c/,
    );
  });

  test("semicolons, quotes, a byte order mark and CRLF are read", async () => {
    const path = file("excel.csv", '\ufeff"a";"b, c";"y ""q"""\r\n1;2;3\r\n2;5;4\r\n4;4;"7"\r\n3;1;5\r\n');
    const found = await callJson("fit", path, "--target", 'y "q"', "--loss", "least-squares");
    expect(found.columns).toEqual(["a", "b, c", "(intercept)"]);
  });

  test("features whose squares overflow are refused with advice, and fitted when standardised", async () => {
    const path = file("huge.csv", csv("a,y", [1e160, 1], [3e160, 2], [2e160, 4], [5e160, 3]));
    const raw = await call("inspect", ...leastSquares(path));
    expect(raw.code).toBe(2);
    expect(raw.err).toMatch(/huge\.csv: the features are so large .* use --scale standard/);
    expect((await callJson("fit", ...leastSquares(path))).converged).toBe(true);
    const targets = file("huge-target.csv", csv("a,y", [1, 1e200], [3, 3e200], [2, 5e200], [4, 4e200]));
    const fitted = await call("fit", ...leastSquares(targets));
    expect(fitted.code).toBe(2);
    expect(fitted.err).toMatch(/huge-target\.csv: target "y" is so large that its squares/);
  });
});

describe("held-out rows", () => {
  const split = (...more: string[]) =>
    callJson("fit", ...breastCancer("logistic"), "--l2", "0.1", "--test-fraction", "0.25", ...more);

  test("are the same for the same seed, others for another, and are judged apart", async () => {
    const [first, again, other] = [
      await split("--seed", "1"),
      await split("--seed", "1"),
      await split("--seed", "2"),
    ];
    expect(again).toEqual(first);
    expect(other.x).not.toEqual(first.x);
    expect([first.n, first.test.n]).toEqual([427, 142]);
    expect(first.test.accuracy).toBeGreaterThan(0.9);
    const { out } = await call("fit", ...breastCancer("logistic"), "--l2", "0.1", "--test-fraction", "0.25");
    expect(out).toMatch(/accuracy .* on 427 training rows\n {2}accuracy .* on 142 test rows/);
  });
});

describe("classes without a penalty that can be told apart", () => {
  test("completely: it ends soon and says that the minimum lies at infinity", async () => {
    const rows = Array.from({ length: 30 }, (_, i) => [i, (i * 7) % 11, i < 15 ? "no" : "yes"]);
    const path = file("apart.csv", csv("a,b,y", ...rows));
    for (const loss of ["logistic", "softmax"]) {
      const found = await callJson("fit", path, "--target", "y", "--loss", loss);
      expect(found).toMatchObject({ separation: "complete", accuracy: 1, converged: false });
      expect(found.steps).toBeLessThan(100_000);
      expect(found.message).toMatch(/Every row's y can be told without a mistake.*infinity.*--l2 0\.001/);
    }
  });

  test("in part, as setosa among the irises: raw and standardised, by its own rule and a given one", async () => {
    for (const more of [[], ["--scale", "none"], ["--rule", "gradientDescent"], ["--rule", "adam"]]) {
      const found = await callJson("fit", ...iris, ...more);
      expect(found.separation).toBe("quasi-complete");
      expect(found.message).toMatch(/Some rows' species can be told.*infinity.*--l2/);
      // The infimum, by a run of 10⁶ steps.
      if (more.length === 0) expect(found.value).toBeCloseTo(0.0396618226, 8);
    }
    const { out } = await call("inspect", ...iris, "--at", "minimum");
    expect(out).toMatch(/curvature where the descent stopped/);
    expect(out).toMatch(/The minimum was not reached, or lies at infinity/);
  });

  test("a penalty brings the minimum back", async () => {
    const found = await callJson("fit", ...iris, "--l2", "0.01");
    expect(found.converged).toBe(true);
    expect(found.separation).toBeUndefined();
  });
});
