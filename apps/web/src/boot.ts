/**
 * Runs before anything else, inlined at the top of the page; its hash is in the page's
 * Content-Security-Policy. Sets the colour scheme before the first paint, the base that every
 * relative address hangs on, and asks for the configuration while the scripts are still on their
 * way; then, where somebody is remembered to be signed in, for the session and the section. Files
 * that are refused it asks for again.
 */
import { remembersSession } from "@sallyport/shared/client";
import { basePathCandidates, isSection, rememberedBasePaths } from "./base-path.ts";
import { askEarly, earlyUrls, type EarlyRequest } from "./session/early-requests.ts";
import { lookAt, pauseBeforeNextTry, sayFilesAreLate } from "./ui/late-files.ts";
import { readColorScheme, showColorScheme } from "./ui/color-scheme.ts";

const root = document.documentElement;
root.style.colorScheme = showColorScheme(readColorScheme());

const allCandidates = basePathCandidates(
  location.pathname,
  root.dataset["base"],
  rememberedBasePaths(),
);
const candidates = [...allCandidates];
const base = document.createElement("base");
/**
 * A section's page would be asked for when the first script has come and been read: here it comes
 * beside it.
 */
const fetchSectionFiles = (): void => {
  for (const file of root.dataset["sectionFiles"]?.split(" ") ?? []) {
    const link = document.createElement("link");
    // Not as a module: Firefox asks no second time for one that has failed.
    link.rel = "preload";
    link.as = file.endsWith(".css") ? "style" : "script";
    link.crossOrigin = "anonymous";
    link.setAttribute("href", file);
    document.head.append(link);
  }
};
const askFirstQuestions = async (
  config: Promise<Response>,
  path: string,
): Promise<EarlyRequest[]> => {
  try {
    const { apiUrl } = (await (await config).clone().json()) as { readonly apiUrl: string };
    if (!remembersSession(apiUrl)) return [];
    return askEarly(earlyUrls(apiUrl, location.pathname.slice(path.length), location.search));
  } catch {
    // Whoever reads the configuration says what is wrong with it.
    return [];
  }
};
const mountAt = (path: string): void => {
  base.href = location.origin + path;
  window.sallyportConfig = fetch(`${base.href}config.json`, { cache: "no-cache" });
  // Whoever awaits it handles the failure; without this the browser would report it before.
  window.sallyportConfig.catch(() => undefined);
  // The mock is in this page, and not there yet.
  if (import.meta.env.MODE !== "mock")
    window.sallyportEarly = askFirstQuestions(window.sallyportConfig, path);
};
mountAt(candidates.shift() ?? "/");
document.head.prepend(base);
// Written, and so a part of the page as if it had stood there: nothing is painted before its styles
// have come.
document.write(root.dataset["files"] ?? "");
// After what every page needs: that is in the part of the page that is read next.
if (isSection(location.pathname)) setTimeout(fetchSectionFiles);

const moveTo = (path: string): void => {
  if (base.href === location.origin + path) return;
  mountAt(path);
  for (const old of document.head.querySelectorAll<HTMLLinkElement>("link[href]"))
    old.replaceWith(old.cloneNode());
};

/** How often a script that had been handed out was kept out of the page all the same. */
let keptOut = 0;
/**
 * Firefox asks no second time for a module that has failed. So its folder is spelled in another
 * way: to servers that is the same, to Firefox another, and what the script itself fetches later
 * hangs on it as well. Where the browser does ask again, it never comes to that.
 */
const spelled = (source: string): string =>
  source.replace(/[^/]+(?=\/[^/]*$)/, (folder) =>
    [...folder]
      .map((letter, place) =>
        keptOut & (1 << place) ? `%${letter.charCodeAt(0).toString(16)}` : letter,
      )
      .join(""),
  );

let tries = 0;
/** Waits until the script is handed out, and says in which folder. */
const findScript = async (source: string): Promise<string> => {
  for (;;) {
    await pauseBeforeNextTry(tries);
    sayFilesAreLate();
    tries += 1;
    for (const path of allCandidates) {
      const response = await lookAt(location.origin + path + source);
      // A server that answers every address with the page has no script there.
      if (response?.ok && /javascript/.test(response.headers.get("content-type") ?? ""))
        return path;
    }
  }
};

const insertScript = (old: HTMLScriptElement, source: string): void => {
  const script = document.createElement("script");
  script.type = "module";
  script.setAttribute("src", source);
  old.replaceWith(script);
};

let scriptSource: string | undefined;
let wasFound = false;
let styleTries = 0;
addEventListener(
  "error",
  ({ target }) => {
    if (target instanceof HTMLLinkElement && target.rel === "stylesheet") {
      // Where the folder has been another meanwhile, this one is no longer in the page.
      void pauseBeforeNextTry(styleTries).then(() => target.replaceWith(target.cloneNode()));
      styleTries += 1;
    }
    if (!(target instanceof HTMLScriptElement) || !target.src) return;
    scriptSource ??= target.getAttribute("src") ?? "";
    // The scripts are not where the first guess says: try the next folder.
    const next = candidates.shift();
    if (next !== undefined) {
      moveTo(next);
      insertScript(target, scriptSource);
      return;
    }
    if (wasFound && / Firefox\//.test(navigator.userAgent)) keptOut += 1;
    const source = spelled(scriptSource);
    void findScript(source).then((path) => {
      wasFound = true;
      moveTo(path);
      insertScript(target, source);
    });
  },
  true,
);
