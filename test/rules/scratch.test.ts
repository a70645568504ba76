import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.ts";
import { Workspace } from "../../src/core/workspace.ts";
import { Stepper, stepperMemory } from "../../src/descent/stepper.ts";
import { ruleNames, rules } from "../../src/rules/index.ts";
import type { AnyRuleFactory } from "../../src/rules/rule.ts";
import { makeRule, optionSetsOf } from "./every-rule.ts";

const shapes = [
  [1],
  [2],
  [7],
  [1, 9],
  [9, 1],
  [2, 3],
  [3, 2],
  [4, 4],
  [8, 8],
  [5, 17],
  [17, 5],
  [3, 2, 4],
  [33, 20],
];
const takesBlocks = ruleNames.filter(
  (name) => (rules[name] as AnyRuleFactory).declaration.blockTextbook !== undefined,
);
const GUARD = 4096;

describe.each(takesBlocks)("%s", (name) => {
  test("stays within the room that it asked for, and touches no other block, at every shape", () => {
    for (const options of optionSetsOf(name)) {
      const rule = makeRule(name, options);
      for (const precision of ["f64", "f32"] as const) {
        for (const shape of shapes) {
          const length = shape.reduce((product, side) => product * side, 1);
          const placed = [{ name: "", shape, offset: 0, length }];
          const guard = (at: string) => ({ name: at, length: GUARD, kind: "f64" as const });
          const workspace = new Workspace(
            [
              { name: "x", length },
              guard("behind x"),
              { name: "gradient", length },
              guard("behind the gradient"),
              ...stepperMemory("rule", rule, placed, precision),
              guard("behind the scratch"),
            ],
            precision,
          );
          const guards = ["behind x", "behind the gradient", "behind the scratch"];
          for (const at of guards) workspace.f64(at).fill(Math.PI);
          const [x, gradient] = ["x", "gradient"].map((block) => workspace.pointer(block));
          const stepper = new Stepper("rule", rule, workspace, placed, { x, gradient });
          const [block] = stepper.blocks;
          stepper.measureOver({ ...block, slotsAt: {} }, stepper.blocks);
          const random = new Random(1);
          for (let t = 0; t < 3; t++) {
            workspace.real("gradient").forEach((_, i, values) => {
              values[i] = random.normal();
            });
            stepper.resolve();
            stepper.step(Number.NaN);
          }
          for (const at of guards) {
            const intact = workspace.f64(at).every((value) => value === Math.PI);
            expect(intact, `${at}: ${JSON.stringify(options)}, ${precision} ${shape}`).toBe(true);
          }
          workspace.dispose();
        }
      }
    }
  });
});
