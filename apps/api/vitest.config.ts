import { existsSync } from "node:fs";
import { defineConfig } from "vitest/config";

const onPostgres = "src/stores/postgres/**/*.test.ts";

export default defineConfig({
  resolve: { conditions: ["sallyport-source", "import", "default"] },
  // Without "import", which Vitest would hand to `require` as well, where pg means something else
  // by it.
  ssr: { resolve: { conditions: ["sallyport-source", "node", "default"] } },
  // better-sqlite3 is native: each test file gets a process of its own.
  test: {
    pool: "forks",
    // Not one fewer than there are cores: where there are two, that would be one.
    maxWorkers: "100%",
    passWithNoTests: true,
    // Nothing here asserts speed, and some tests start processes: on a busy machine that takes
    // long.
    testTimeout: 30_000,
    hookTimeout: 60_000,
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
