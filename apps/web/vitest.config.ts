import { defineConfig } from "vitest/config";

const source = "sallyport-source";

export default defineConfig({
  test: {
    projects: [
      { extends: "./vite.config.ts", test: { name: "unit", include: ["{src,build}/**/*.test.{ts,tsx}"] } },
      {
        // The API runs inside the tests, from its sources.
        resolve: { conditions: [source, "import", "default"] },
        ssr: { resolve: { conditions: [source, "node", "import", "default"] } },
        test: {
          name: "e2e",
          include: ["e2e/{real,mock}/**/*.test.ts"],
          globalSetup: "e2e/real/build-and-browser.ts",
          pool: "forks",
          maxWorkers: 2,
          testTimeout: 60_000,
          // A second is not long for a browser on a busy machine.
          expect: { poll: { timeout: 10_000 } },
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
