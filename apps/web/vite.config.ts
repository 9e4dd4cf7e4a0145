import react from "@vitejs/plugin-react";
import { msw } from "msw/vite";
import { defaultClientConditions, defaultServerConditions, defineConfig } from "vite";
import { localConfig } from "./build/local-config.ts";
import { oneLanguage } from "./build/one-language.ts";
import { staticPage } from "./build/static-page.ts";
import { typeface } from "./build/typeface.ts";

// The workspace's own packages are used from their sources, without a build.
const source = "sallyport-source";

export default defineConfig(({ mode }) => ({
  // Relative: the page finds its base path at run time.
  base: "./",
  plugins: [
    react(),
    typeface(),
    oneLanguage(),
    staticPage(),
    localConfig(),
    ...(mode === "mock" ? [msw({ mode: "worker-only" })] : []),
  ],
  resolve: { conditions: [source, ...defaultClientConditions] },
  ssr: { resolve: { conditions: [source, ...defaultServerConditions] } },
  build: {
    target: "es2024",
    reportCompressedSize: true,
    // Every browser of that target knows `modulepreload`.
    modulePreload: { polyfill: false },
    // What every page begins with is one file: it compresses better than in pieces, and is one
    // request.
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: "initial", tags: ["$initial"] }] } },
    },
  },
}));
