/**
 * Code that is fetched when it is needed. Where that is refused for a while (a limit of requests, a
 * server that restarts), it is fetched again until it comes, and the page says that it is late.
 */
import { isRefused, lookAt, pauseBeforeNextTry } from "./late-files.ts";

/**
 * The code is there, and the browser goes on refusing it: Firefox keeps a module's failure for as
 * long as the page lives, and WebKit that of one that was preloaded.
 */
export class CodeKeptOutError extends Error {
  override readonly name = "CodeKeptOutError";
}

const waiting = new Set<symbol>();
const listeners = new Set<() => void>();
const note = (change: () => void): void => {
  change();
  for (const listener of listeners) listener();
};
export const lateCode = {
  isAwaited: (): boolean => waiting.size > 0,
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

/** In the words of the three engines, and of what fetches a part's styles. */
const fetchFailure = /dynamically imported module|Importing a module|^Unable to preload CSS/;

/** Did code not come, for whatever reason? Anything else is a fault of the code itself. */
export const isFetchFailure = (error: unknown): error is Error =>
  error instanceof Error && fetchFailure.test(error.message);

/**
 * What the server says of the file that was not fetched; null where nothing answers. WebKit's error
 * does not name it, so it is read from the import as the bundler has written it: every file of code
 * lies in one folder.
 */
const lookAtFile = async (
  { message }: Error,
  load: () => Promise<unknown>,
): Promise<Response | null> => {
  const imported = /\bimport\(\s*["'`](\.[^"'`]+)/.exec(String(load))?.[1];
  const address =
    /https?:\/\/\S+/.exec(message)?.[0] ??
    (imported === undefined ? undefined : new URL(imported, import.meta.url).href);
  return address === undefined ? null : lookAt(address);
};

/**
 * What the page has asked for beforehand, of which the code may need a part: WebKit keeps the
 * failure of each until somebody looks at it.
 */
const lookAtPreloaded = async (): Promise<void> => {
  const links = document.querySelectorAll<HTMLLinkElement>('link[rel="preload"][as="script"]');
  await Promise.all([...links].map(({ href }) => lookAt(href)));
};

/**
 * @throws what fetching it failed with, where the site no longer has it; CodeKeptOutError where
 * only a reload helps
 */
export const fetchCode = async <T>(load: () => Promise<T>): Promise<T> => {
  const mark = Symbol("code");
  let failure: Error;
  let wasThere = false;
  try {
    for (let tries = 0; ; tries += 1) {
      try {
        return await load();
      } catch (error) {
        if (!isFetchFailure(error)) throw error;
        failure = error;
      }
      const file = await lookAtFile(failure, load);
      if (isRefused(file)) {
        note(() => waiting.add(mark));
        wasThere = false;
        await pauseBeforeNextTry(tries);
        continue;
      }
      // The site has been updated, and has other files.
      if (!file?.ok || /html/.test(file.headers.get("content-type") ?? "")) throw failure;
      if (wasThere) throw new CodeKeptOutError(failure.message, { cause: failure });
      wasThere = true;
      await lookAtPreloaded();
    }
  } finally {
    if (waiting.has(mark)) note(() => waiting.delete(mark));
  }
};
