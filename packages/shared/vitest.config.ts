import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["sallyport-source", "import", "default"] },
  ssr: { resolve: { conditions: ["sallyport-source", "node", "import", "default"] } },
  test: {
    include: ["src/**/*.test.ts", "src/**/*.test.tsx", "test/**/*.test.ts"],
    passWithNoTests: true,
    // Not one fewer than there are cores: where there are two, that would be one.
    maxWorkers: "100%",
    // Nothing here asserts speed either.
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
