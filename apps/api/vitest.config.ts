import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["sallyport-source", "import", "default"] },
  ssr: { resolve: { conditions: ["sallyport-source", "node", "import", "default"] } },
  // better-sqlite3 is native: each test file gets a process of its own.
  test: { include: ["src/**/*.test.ts", "test/**/*.test.ts"], pool: "forks", passWithNoTests: true },
});
