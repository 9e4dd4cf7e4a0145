import type { Plugin } from "vite";

/**
 * React Aria brings its few spoken words in 34 languages, and takes the browser's. The screens are
 * English, and a page speaks one language: the others are left out.
 */
export const oneLanguage = (): Plugin => ({
  name: "sallyport-one-language",
  load: {
    filter: { id: /\/react-(?:aria|aria-components|stately)\/dist\/private\/intl\/.+\.mjs$/ },
    handler: (id) => (id.endsWith("/en-US.mjs") ? null : "export default {};"),
  },
});
