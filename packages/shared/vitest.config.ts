import { defineConfig } from "vitest/config";
import { longestFirst } from "../../.ci/longest-first.mjs";

export default defineConfig({
  resolve: { conditions: ["sallyport-source", "import", "default"] },
  ssr: { resolve: { conditions: ["sallyport-source", "node", "import", "default"] } },
  test: {
    include: ["src/**/*.test.ts", "src/**/*.test.tsx", "test/**/*.test.ts"],
    passWithNoTests: true,
    globalSetup: "test/packing-place.ts",
    sequence: {
      sequencer: longestFirst(import.meta.dirname, [
        "test/mock-sallyport.test.ts",
        "src/mock/behaviour.test.ts",
        "test/packed.test.ts",
        "src/core/sessions/sign-in-limits.test.ts",
        "src/client/stress.test.ts",
      ]),
    },
    // Not one fewer than there are cores: where there are two, that would be one.
    maxWorkers: "100%",
    // Nothing here asserts speed either.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
