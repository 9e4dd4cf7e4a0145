import { existsSync } from "node:fs";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["sallyport-source", "import", "default"] },
  ssr: { resolve: { conditions: ["sallyport-source", "node", "import", "default"] } },
  // better-sqlite3 is native: each test file gets a process of its own.
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    pool: "forks",
    passWithNoTests: true,
    // Hundreds of databases are made, each commit waiting for the disk: where memory can be the disk, it is.
    env: existsSync("/dev/shm") ? { TMPDIR: "/dev/shm" } : {},
  },
});
