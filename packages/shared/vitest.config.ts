import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["sallyport-source", "import", "default"] },
  ssr: { resolve: { conditions: ["sallyport-source", "node", "import", "default"] } },
  test: {
    include: ["src/**/*.test.ts", "src/**/*.test.tsx", "test/**/*.test.ts"],
    passWithNoTests: true,
  },
});
