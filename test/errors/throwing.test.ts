import { describe, expect, test } from "vitest";
import { checkGradient } from "../../src/curvature/check-gradient.ts";
import { curvature } from "../../src/curvature/curvature.ts";
import { powerIteration } from "../../src/curvature/power-iteration.ts";
import { descend } from "../../src/descent/descend.ts";
import { minimize } from "../../src/descent/minimize.ts";
import { minimizeAsync } from "../../src/descent/minimize-async.ts";
import { leastSquares, type UserProblem } from "../../src/objectives/index.ts";
import { adam, sgd } from "../../src/rules/index.ts";
import { type Sampler, shuffle } from "../../src/sampling/index.ts";
import { thrownBy } from "./bad-values.ts";

/** Where a fault may be: whatever of the user's is called on the way. */
type Place =
  | "value"
  | "gradient"
  | "valueAndGradient"
  | "hessianVectorProduct"
  | "callback"
  | "monitor"
  | "schedule";

/** Things that are thrown; only some are errors. */
const faults = [new Error("mine"), new TypeError("of my own"), "a string", null, Object.freeze({ code: 7 })];

/** Functions that throw at one of their calls, when armed, and count all calls. */
class Fault {
  readonly #place: Place | undefined;
  readonly #call: number;
  #calls = 0;
  #what: unknown;

  constructor(place?: Place, call = 0, what?: unknown) {
    this.#place = place;
    this.#call = call;
    this.#what = what;
  }

  at(place: Place): void {
    if (place === this.#place && this.#calls++ === this.#call) throw this.#what;
  }
}

function problemWith(fault: Fault, form: "apart" | "together" | "valueOnly"): UserProblem {
  const value = (x: ArrayLike<number>) => x[0] ** 2 + 3 * x[1] ** 2 + x[0] * x[1];
  const gradient = (x: ArrayLike<number>, g: { [i: number]: number }) => {
    g[0] = 2 * x[0] + x[1];
    g[1] = 6 * x[1] + x[0];
  };
  const whole: UserProblem = {
    value(x) {
      fault.at("value");
      return value(x);
    },
    gradient(x, g) {
      // Half of it is written when it throws.
      g[0] = Number.NaN;
      fault.at("gradient");
      gradient(x, g);
    },
    valueAndGradient(x, g) {
      g[1] = 1e300;
      fault.at("valueAndGradient");
      gradient(x, g);
      return value(x);
    },
    hessianVectorProduct(_, v, product) {
      product[0] = Number.NaN;
      fault.at("hessianVectorProduct");
      product[0] = 2 * v[0] + v[1];
      product[1] = v[0] + 6 * v[1];
    },
  };
  const { value: v, gradient: g, valueAndGradient, hessianVectorProduct } = whole;
  if (form === "apart") return { value: v, gradient: g, hessianVectorProduct };
  return form === "together" ? { valueAndGradient } : { value: v };
}

const start = [1, -2];
const minimized = (fault: Fault, form: "apart" | "together" | "valueOnly") => {
  const { x, value, gradientNorm, steps } = minimize(problemWith(fault, form), {
    rule: adam({
      learningRate: () => {
        fault.at("schedule");
        return 0.1;
      },
    }),
    start,
    steps: 15,
    callback: () => fault.at("callback"),
    monitor(x) {
      fault.at("monitor");
      return x[0];
    },
  });
  return [...x, value, gradientNorm, steps];
};
const descended = (fault: Fault) => {
  const points: number[] = [];
  for (const { value, x } of descend(problemWith(fault, "apart"), { rule: adam(), start, steps: 15 })) {
    points.push(value, ...x);
  }
  return points;
};
const measured = (fault: Fault, form: "apart" | "together" | "valueOnly") => {
  const { spectrum, lambdaMax, topVector } = curvature(problemWith(fault, form), { at: start });
  return [...spectrum, lambdaMax, ...topVector];
};
const iterated = (fault: Fault) => {
  const { lambda, vector } = powerIteration(problemWith(fault, "apart"), { at: start });
  return [lambda, ...vector];
};
const checked = (fault: Fault) => {
  const { ok, worst } = checkGradient(problemWith(fault, "apart"), { at: start });
  return [Number(ok), worst.error, worst.given];
};

const runs: readonly [string, (fault: Fault) => number[], readonly Place[]][] = [
  [
    "minimize",
    (fault) => minimized(fault, "apart"),
    ["value", "gradient", "callback", "monitor", "schedule"],
  ],
  ["minimize on both at once", (fault) => minimized(fault, "together"), ["valueAndGradient", "callback"]],
  ["minimize by differences", (fault) => minimized(fault, "valueOnly"), ["value", "monitor"]],
  ["descend", descended, ["value", "gradient"]],
  ["curvature", (fault) => measured(fault, "apart"), ["hessianVectorProduct"]],
  ["curvature by differences of gradients", (fault) => measured(fault, "together"), ["valueAndGradient"]],
  ["curvature by differences of values", (fault) => measured(fault, "valueOnly"), ["value"]],
  ["powerIteration", iterated, ["hessianVectorProduct"]],
  ["checkGradient", checked, ["value", "gradient", "hessianVectorProduct"]],
];

describe.each(runs)("%s", (_, run, places) => {
  const reference = run(new Fault());

  test.each(places)(
    "[errors] passes on untouched what %s throws, and the next run gives the same bits",
    (place) => {
      for (const what of faults) {
        for (const call of [0, 1]) {
          const fault = new Fault(place, call, what);
          let thrown: { readonly what: unknown } | undefined;
          try {
            run(fault);
          } catch (error) {
            thrown = { what: error };
          }
          // The second product or check of some is never asked for.
          if (call === 0 || thrown) expect(thrown).toEqual({ what });
          if (thrown) expect(Object.is(thrown.what, what)).toBe(true);
        }
      }
      expect(run(new Fault())).toEqual(reference);
    },
  );
});

test("[errors] what a sampler throws passes through, and leaves it where it stood", () => {
  const mine = new Error("mine");
  const problem = leastSquares([[1], [2], [3], [4]], [1, 2, 2, 5]);
  const run = (batches: Sampler) =>
    minimize(problem, { rule: sgd({ learningRate: 0.1 }), batches, steps: 9 }).x[0];
  const whole = shuffle({ rows: 4, batchSize: 2, seed: 1 });
  const faulty = shuffle({ rows: 4, batchSize: 2, seed: 1 });
  const draw = faulty.draw.bind(faulty);
  let calls = 0;
  faulty.draw = () => {
    if (++calls === 4) throw mine;
    return draw();
  };
  expect(thrownBy(() => run(faulty))).toBe(mine);
  expect(faulty.state()).toEqual({ seed: 1, epoch: 1, position: 1 });
  faulty.restore({ seed: 1, epoch: 0, position: 0 });
  expect(run(faulty)).toBe(run(whole));
});

test("[errors] minimizeAsync rejects with what was thrown", async () => {
  for (const what of faults) {
    for (const place of ["value", "callback"] as const) {
      const fault = new Fault(place, 2, what);
      const promise = minimizeAsync(problemWith(fault, "apart"), {
        rule: adam(),
        start,
        callback: () => fault.at("callback"),
      });
      const outcome = await promise.then(
        () => ({}),
        (reason: unknown) => ({ reason }),
      );
      expect(outcome).toEqual({ reason: what });
    }
  }
});

test("[errors] a callback that throws ends a descent that is pulled from, and frees its memory", () => {
  const mine = new Error("mine");
  const steps = descend(problemWith(new Fault("value", 3, mine), "apart"), { rule: adam(), start });
  for (let i = 0; i < 3; i++) expect(steps.next().done).toBe(false);
  expect(thrownBy(() => steps.next())).toBe(mine);
  expect(steps.next()).toEqual({ done: true, value: undefined });
});
