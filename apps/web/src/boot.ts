/**
 * Runs before anything else, inlined at the top of the page; its hash is in the page's Content-Security-Policy.
 * Sets the colour scheme before the first paint, the base that every relative address hangs on, and asks for the
 * configuration while the scripts are still on their way.
 */
import { basePathCandidates, rememberedBasePaths } from "./base-path.ts";
import { colorSchemeKey } from "./ui/color-scheme.ts";

const root = document.documentElement;
let scheme: string | null = null;
try {
  scheme = localStorage.getItem(colorSchemeKey);
} catch {
  // Storage is forbidden: the system's scheme it is.
}
if (scheme !== "light" && scheme !== "dark")
  scheme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
root.dataset["mantineColorScheme"] = scheme;
root.style.colorScheme = scheme;

const candidates = basePathCandidates(
  location.pathname,
  root.dataset["base"],
  rememberedBasePaths(),
);
const base = document.createElement("base");
const mountAt = (path: string): void => {
  base.href = location.origin + path;
  window.sallyportConfig = fetch(`${base.href}config.json`, { cache: "no-cache" });
  // Whoever awaits it handles the failure; without this the browser would report it before.
  window.sallyportConfig.catch(() => undefined);
};
mountAt(candidates.shift() ?? "/");
document.head.prepend(base);

// The scripts are not where the first guess says: try the next folder.
addEventListener(
  "error",
  ({ target }) => {
    if (!(target instanceof HTMLScriptElement) || !target.src) return;
    const next = candidates.shift();
    if (next === undefined) return;
    mountAt(next);
    for (const old of document.head.querySelectorAll<HTMLLinkElement>("link[href]"))
      old.replaceWith(old.cloneNode());
    const again = document.createElement("script");
    again.type = "module";
    again.setAttribute("src", target.getAttribute("src") ?? "");
    target.replaceWith(again);
  },
  true,
);
