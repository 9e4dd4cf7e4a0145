import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { longestFirst } from "../../.ci/longest-first.mjs";

const source = "sallyport-source";

export default defineConfig({
  test: {
    sequence: {
      sequencer: longestFirst(import.meta.dirname, [
        "e2e/real/appearance.test.ts",
        "e2e/real/whole-way.test.ts",
        "e2e/real/panels.test.ts",
        "e2e/mock/demo.test.ts",
        "e2e/engines/engines.test.ts",
        "e2e/real/section-pages.test.ts",
        "e2e/real/live-changes.test.ts",
        "e2e/real/several-tabs.test.ts",
        "e2e/real/lost-connection.test.ts",
        "e2e/real/signing-in.test.ts",
        "e2e/real/plain-example.test.ts",
        "e2e/mock/behaviours.test.ts",
        "e2e/real/session-over.test.ts",
        "e2e/real/silent-refresh.test.ts",
        "e2e/real/section-editor.test.ts",
        "e2e/real/add-sallyport-guide.test.ts",
        "e2e/real/static-hosting.test.ts",
        "e2e/real/little-room.test.ts",
      ]),
    },
    projects: [
      {
        extends: "./vite.config.ts",
        // As many workers as the browser tests have: so they are of one run, and not one after the
        // other with a single worker.
        test: { name: "unit", include: ["{src,build}/**/*.test.{ts,tsx}"], maxWorkers: 2 },
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
          execArgv: [
            "--import",
            fileURLToPath(new URL("../../.ci/quick-start.mjs", import.meta.url)),
          ],
          maxWorkers: 2,
          // What is waited for comes in a moment, or, on a busy machine, in many.
          testTimeout: 180_000,
          expect: { poll: { timeout: 60_000 } },
          hookTimeout: 180_000,
          // As in the API's tests: where memory can be the disk, no commit waits for one.
          env: existsSync("/dev/shm") ? { TMPDIR: "/dev/shm" } : {},
        },
      },
    ],
  },
});
