import { existsSync } from "node:fs";
import { defineConfig } from "vitest/config";

const source = "sallyport-source";

export default defineConfig({
  test: {
    projects: [
      {
        extends: "./vite.config.ts",
        test: { name: "unit", include: ["{src,build}/**/*.test.{ts,tsx}"] },
      },
      {
        // The API runs inside the tests, from its sources.
        resolve: { conditions: [source, "import", "default"] },
        ssr: { resolve: { conditions: [source, "node", "import", "default"] } },
        test: {
          name: "e2e",
          include: ["e2e/{real,mock,engines}/**/*.test.ts"],
          globalSetup: "e2e/real/build-and-browser.ts",
          pool: "forks",
          maxWorkers: 2,
          // What is waited for comes in a moment, or, on a busy machine, in many.
          testTimeout: 180_000,
          expect: { poll: { timeout: 30_000 } },
          hookTimeout: 60_000,
          // As in the API's tests: where memory can be the disk, no commit waits for one.
          env: existsSync("/dev/shm") ? { TMPDIR: "/dev/shm" } : {},
        },
      },
    ],
  },
});
