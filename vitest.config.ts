import { defineConfig } from "vitest/config";

/** Files that measure time or memory: they run after the others, one by one, so that nothing disturbs them. */
const measured = ["test/descent/async.test.ts", "test/lifecycle/**/*.test.ts", "test/state/refusals.test.ts"];

const shared = { testTimeout: 60_000 };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: "laws",
          include: ["test/**/*.test.ts"],
          exclude: measured,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...shared,
          name: "measured",
          include: measured,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
