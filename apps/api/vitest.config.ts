import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { longestFirst } from "../../.ci/longest-first.mjs";

/** Those of more than ten seconds. */
const longest = [
  "test/behaviour.test.ts",
  "test/command-line.test.ts",
  "test/strangers/strangers.test.ts",
  "test/definitions.test.ts",
  "test/datasets-tool.test.ts",
  "test/every-route.test.ts",
  "src/stores/sqlite/rows/imports.test.ts",
  "test/rights-walk.test.ts",
  "test/kill.test.ts",
  "test/kill-pushes.test.ts",
  "test/section-files.test.ts",
  "test/strangers/code-lines.test.ts",
  "test/mock-and-server.test.ts",
  "test/starting.test.ts",
  "src/stores/sqlite/queries/run-query.test.ts",
  "test/refused-sign-ins.test.ts",
  "src/stores/postgres/stores.test.ts",
];
const onPostgres = "src/stores/postgres/**/*.test.ts";

export default defineConfig({
  resolve: { conditions: ["sallyport-source", "import", "default"] },
  // Without "import", which Vitest would hand to `require` as well, where pg means something else
  // by it.
  ssr: { resolve: { conditions: ["sallyport-source", "node", "default"] } },
  // better-sqlite3 is native: each test file gets a process of its own.
  test: {
    pool: "forks",
    execArgv: ["--import", fileURLToPath(new URL("../../.ci/quick-start.mjs", import.meta.url))],
    sequence: { sequencer: longestFirst(import.meta.dirname, longest) },
    // Not one fewer than there are cores: where there are two, that would be one.
    maxWorkers: "100%",
    passWithNoTests: true,
    // Nothing here asserts speed, and some tests start processes: on a busy machine that takes
    // long.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Hundreds of databases are made, each commit waiting for the disk: where memory can be the
    // disk, it is.
    env: existsSync("/dev/shm") ? { TMPDIR: "/dev/shm" } : {},
    projects: [
      {
        extends: true,
        test: {
          name: "api",
          include: ["src/**/*.test.ts", "test/**/*.test.ts"],
          exclude: [onPostgres],
          globalSetup: "test/sample-database.ts",
        },
      },
      {
        extends: true,
        test: {
          name: "postgres",
          include: [onPostgres],
          globalSetup: "test/postgres/global-setup.ts",
        },
      },
    ],
  },
});
