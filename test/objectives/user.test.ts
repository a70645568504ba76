import { describe, expect, it } from "vitest";
import type { Numbers, RealArray } from "../../src/core/precision.ts";
import { Random } from "../../src/core/random.ts";
import { beale, plateauBasin, rosenbrock } from "../../src/objectives/landscapes.ts";
import { leastSquares } from "../../src/objectives/least-squares.ts";
import { asObjective, type UserProblem } from "../../src/objectives/user.ts";
import { normals } from "./plain.ts";
import { distance, Probe } from "./probe.ts";

const parabola: UserProblem = {
  value: ([x]) => 5 * x * x,
  gradient([x], g) {
    g[0] = 10 * x;
  },
};

/** A landscape without its Hessian, and without its gradient as well. */
const withGradient = ({
  value,
  gradient,
}: {
  value(x: Numbers): number;
  gradient(x: Numbers, g: RealArray): void;
}) => ({ value, gradient }) as UserProblem;
const valueOnly = ({ value }: { value(x: Numbers): number }) => ({ value }) as UserProblem;

/** Σ sᵢ(cosh(xᵢ) + xᵢxᵢ₊₁): a smooth function of many variables with a known Hessian. */
function chain(
  d: number,
  weight: (i: number) => number,
): UserProblem & { hessianTimes(x: Numbers, v: Numbers): number[] } {
  return {
    value(x) {
      let sum = 0;
      for (let i = 0; i < d; i++) sum += weight(i) * (Math.cosh(x[i]) + x[i] * x[(i + 1) % d]);
      return sum;
    },
    gradient(x, g) {
      for (let i = 0; i < d; i++) {
        const next = (i + 1) % d;
        g[i] += weight(i) * (Math.sinh(x[i]) + x[next]);
        g[next] += weight(i) * x[i];
      }
    },
    hessianTimes(x, v) {
      const product = new Array<number>(d).fill(0);
      for (let i = 0; i < d; i++) {
        const next = (i + 1) % d;
        product[i] += weight(i) * (Math.cosh(x[i]) * v[i] + v[next]);
        product[next] += weight(i) * v[i];
      }
      return product;
    },
  };
}

describe("a user's problem", () => {
  it("may give value and gradient apart, together, or the value alone", () => {
    const together: UserProblem = {
      valueAndGradient([x, y], g) {
        g[0] = 2 * x;
        g[1] = 8 * y;
        return x * x + 4 * y * y;
      },
    };
    const apart: UserProblem = {
      value: ([x, y]) => x * x + 4 * y * y,
      gradient([x, y], g) {
        g[0] = 2 * x;
        g[1] = 8 * y;
      },
    };
    for (const precision of ["f64", "f32"] as const) {
      for (const problem of [together, apart, valueOnly(apart as never)]) {
        const probe = new Probe(asObjective(problem, 2), precision).at([3, -2]);
        const { value, gradient } = probe.valueAndGradient();
        expect(value).toBe(25);
        expect(probe.value()).toBe(25);
        expect(distance(gradient, [6, -16])).toBeLessThan(1e-9);
        expect(probe.gradient()).toEqual(gradient);
        expect(probe.intact).toBe(true);
      }
    }
  });

  it("is asked as often as its evaluations say", () => {
    const calls = { value: 0, gradient: 0 };
    const problem: UserProblem = {
      value([x, y]) {
        calls.value++;
        return x * y;
      },
      gradient([x, y], g) {
        calls.gradient++;
        g[0] = y;
        g[1] = x;
      },
    };
    const probe = new Probe(asObjective(problem, 2)).at([1, 2]);
    probe.value();
    probe.valueAndGradient();
    probe.product([1, 0]);
    expect(calls).toEqual({ value: 2, gradient: 3 });
    expect(probe.bound.evaluations).toEqual({ ...calls, hessianVectorProduct: 1 });

    const alone = new Probe(asObjective({ value: problem.value } as UserProblem, 2)).at([1, 2]);
    calls.value = 0;
    alone.gradient();
    expect(calls.value).toBe(4);
    expect(alone.bound.evaluations).toEqual({ value: 4, gradient: 1, hessianVectorProduct: 0 });
  });

  it("gets the library's memory in the precision of the run, and zeros to write to", () => {
    const seen: string[] = [];
    const problem: UserProblem = {
      value: () => 0,
      gradient(x, g) {
        seen.push(x.constructor.name, g.constructor.name, String(g[0]));
        g[0] += 1;
      },
    };
    for (const precision of ["f64", "f32"] as const) {
      const probe = new Probe(asObjective(problem, 1), precision).at([2]);
      probe.gradient();
      expect(probe.gradient()).toEqual(Float64Array.of(1));
    }
    expect(seen).toEqual([
      ...["Float64Array", "Float64Array", "0", "Float64Array", "Float64Array", "0"],
      ...["Float32Array", "Float32Array", "0", "Float32Array", "Float32Array", "0"],
    ]);
  });

  it("takes its own Hessian–vector product at the linearized point, wherever x has gone since", () => {
    for (const precision of ["f64", "f32"] as const) {
      const probe = new Probe(asObjective(rosenbrock), precision).at([1, 1]);
      expect(probe.bound.hessian).toBe("exact");
      expect([...probe.product([1, 0])]).toEqual([802, -400]);
      probe.at([50, 60]);
      probe.bound.hessianVectorProduct(probe.v, probe.workspace.pointer("product"));
      expect([...probe.workspace.real("product")]).toEqual([802, -400]);
    }
  });

  it("keeps its own error when it throws, and can be asked again", () => {
    const failure = new Error("my own");
    let fail = true;
    const probe = new Probe(
      asObjective(
        {
          value([x]) {
            if (fail && x > 1) throw failure;
            return x * x;
          },
        },
        1,
      ),
    ).at([1]);
    expect(() => probe.gradient()).toThrow(failure);
    fail = false;
    expect(probe.gradient()[0]).toBeCloseTo(2, 9);
  });

  it("may return NaN or leave NaN in its gradient: that is a numerical outcome", () => {
    const probe = new Probe(
      asObjective({ value: () => Number.NaN, gradient: (_, g) => void g.fill(Number.NaN) }, 2),
    );
    const { value, gradient } = probe.valueAndGradient();
    expect(value).toBeNaN();
    expect(gradient.every(Number.isNaN)).toBe(true);
    expect(probe.product([1, 0]).every(Number.isNaN)).toBe(true);
  });

  it.each<[string, unknown, string]>([
    ["a value that is no number", { value: () => undefined }, "value must return a number, got undefined"],
    ["a value that is an array", { value: () => [1] }, "value must return a number, got an array of 1"],
    [
      "no value from valueAndGradient",
      { valueAndGradient: () => undefined },
      "valueAndGradient must return a number, got undefined",
    ],
    [
      "a gradient that is returned",
      { value: () => 0, gradient: () => [1, 2] },
      "gradient must write into its last argument, but it returned an array of 2",
    ],
  ])("is told of %s", (_, problem, message) => {
    expect(() => new Probe(asObjective(problem as UserProblem, 2)).valueAndGradient()).toThrow(message);
  });

  it.each<[string, unknown, string]>([
    ["a bare function", () => 1, "got a function"],
    ["null", null, "got null"],
    ["an object without value", {}, "value or valueAndGradient is needed"],
    ["only a gradient", { gradient: () => {} }, "value or valueAndGradient is needed"],
    [
      "a gradient that returns a number in place of writing it",
      { value: ([x]: Iterable<number>) => x * x, gradient: ([x]: Iterable<number>) => 2 * x },
      "problem: gradient must take two arguments and write into the second, but it takes one only",
    ],
    ["a value that is no function", { value: 3 }, "value must be a function, got 3"],
    [
      "a misspelt gradient",
      { value: () => 0, gradiant: () => {} },
      'unknown function "gradiant"; did you mean gradient?',
    ],
    ["another library's word", { value: () => 0, hessp: () => {} }, "did you mean hessianVectorProduct?"],
    ["convex that is no boolean", { value: () => 0, convex: 1 }, "convex must be true or false, got 1"],
  ])("is refused if it is %s", (_, problem, message) => {
    expect(() => asObjective(problem as UserProblem, 2)).toThrow(TypeError);
    expect(() => asObjective(problem as UserProblem, 2)).toThrow(message);
  });

  it("needs a dimension, from itself or from the point", () => {
    expect(asObjective({ value: () => 0, dimension: 3 }).dimension).toBe(3);
    expect(() => asObjective({ value: () => 0 })).toThrow("the number of parameters is needed");
    expect(() => asObjective({ value: () => 0, dimension: 3 }, 2)).toThrow(
      "it has 3 parameters, got a point of 2",
    );
    expect(() => asObjective({ value: () => 0 }, 1.5)).toThrow("dimension must be an integer ≥ 1, got 1.5");
  });

  it("that is an objective already passes as it is", () => {
    const objective = leastSquares([[1], [2]], [1, 2]);
    expect(asObjective(objective, 1)).toBe(objective);
    expect(() => asObjective(objective, 2)).toThrow("it has 1 parameters, got a point of 2");
  });
});

describe("Hessian–vector products by differences", () => {
  it("[speed-limit] are exactly 10 for 5θ² with its gradient", () => {
    const probe = new Probe(asObjective(parabola, 1));
    expect(probe.bound.hessian).toBe("differences");
    for (const theta of [1, 3, 0, -7.5]) expect(probe.at([theta]).product([1])[0]).toBe(10);
  });

  it("are within 10⁻⁷ at Rosenbrock's minimum with its gradient", () => {
    const probe = new Probe(asObjective(withGradient(rosenbrock), 2)).at([1, 1]);
    for (let k = 0; k < 16; k++) {
      const v = [Math.cos((k * Math.PI) / 16), Math.sin((k * Math.PI) / 16)];
      const expected = [802 * v[0] - 400 * v[1], -400 * v[0] + 200 * v[1]];
      expect(distance(probe.product(v), expected)).toBeLessThan(1e-7);
    }
  });

  it("are exact but for rounding on a problem that says it is quadratic, even from values", () => {
    const weights = [3, 1e-3, 700];
    const value = (x: Numbers) => weights.reduce((sum, w, i) => sum + 0.5 * w * x[i] * x[i], 0);
    const probe = new Probe(asObjective({ value, quadratic: true }, 3)).at([0.3, -2, 0.1]);
    expect(distance(probe.product([1, 1, 1]), weights)).toBeLessThan(1e-11);
  });

  it("are 0 for a direction of 0 and scale with tiny directions", () => {
    const probe = new Probe(asObjective(parabola, 1)).at([1]);
    expect(probe.product([0])[0]).toBe(0);
    expect(probe.productError()).toBe(0);
    expect(probe.product([2 ** -600])[0]).toBe(10 * 2 ** -600);
  });

  const points: [string, UserProblem, number[], (v: number[]) => number[]][] = [];
  for (const landscape of [rosenbrock, beale, plateauBasin]) {
    for (const at of [landscape.minimum!.x, landscape.start, [0.07, -0.03], [11.3, -40.7]]) {
      const exact = (v: number[]) => {
        const product = [0, 0];
        landscape.hessianVectorProduct(at, v, product);
        return product;
      };
      points.push([`${landscape.name}, gradient`, withGradient(landscape), [...at], exact]);
      points.push([`${landscape.name}, values`, valueOnly(landscape), [...at], exact]);
    }
  }
  for (const d of [1, 6, 40]) {
    for (const size of [0.01, 1, 5]) {
      const problem = chain(d, (i) => 10 ** (i % 5));
      const at = [...normals(new Random(d), d)].map((entry) => size * entry);
      const exact = (v: number[]) => problem.hessianTimes(at, v);
      const { value, gradient } = problem;
      points.push([`chain of ${d} at ${size}, gradient`, { value, gradient }, at, exact]);
      points.push([`chain of ${d} at ${size}, values`, { value }, at, exact]);
    }
  }

  it.each(points)("are no worse than they claim: %s at %j", (_, problem, at, exact) => {
    const random = new Random(20);
    for (let trial = 0; trial < 10; trial++) {
      const raw = [...normals(random, at.length)];
      const v = raw.map(
        (entry) =>
          entry /
          distance(
            raw,
            raw.map(() => 0),
          ),
      );
      const probe = new Probe(asObjective(problem, at.length)).at(at);
      const error = distance(probe.product(v), exact(v));
      const claimed = probe.productError();
      expect(error).toBeLessThanOrEqual(2 * claimed);
      const size = distance(
        exact(v),
        v.map(() => 0),
      );
      // The claim is of use: digits are left where the point is of ordinary size.
      if (Math.max(...at.map(Math.abs)) < 10) expect(claimed).toBeLessThan(1e-2 * Math.max(1, size));
    }
  });

  it("in f32 are taken in f64 and lose no more than the result's own rounding", () => {
    const probe = new Probe(asObjective(withGradient(rosenbrock), 2), "f32").at([1, 1]);
    const error = distance(probe.product([1, 0]), [802, -400]);
    expect(error).toBeLessThan(1e-4);
    expect(error).toBeLessThanOrEqual(probe.productError());
  });

  it("an exact product's error is rounding alone", () => {
    const probe = new Probe(asObjective(rosenbrock)).at([1, 1]);
    probe.product([1, 0]);
    expect(probe.productError()).toBeGreaterThan(0);
    expect(probe.productError()).toBeLessThan(1e-11);
  });
});
