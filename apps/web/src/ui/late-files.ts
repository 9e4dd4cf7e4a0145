/**
 * What a page does about files of its own that are refused for a while, by a limit of requests or
 * by a server that restarts: it says so, and asks again, for as long as it takes. Part of the boot
 * script, so it is kept small.
 */

const longestPauseMilliseconds = 15_000;

/** @param tries how often it has been in vain before */
export const pauseBeforeNextTry = (tries: number): Promise<void> =>
  new Promise((resolve) => {
    const most = Math.min(longestPauseMilliseconds, 1000 * 2 ** tries);
    // Not all the tabs of a browser at the same moment.
    setTimeout(resolve, most * (0.5 + Math.random() / 2));
  });

/**
 * It is there, but not for now: something that limits, restarts or maintains has answered, or
 * nothing has.
 */
export const isRefused = (response: Response | null): boolean =>
  response === null || response.status === 429 || response.status >= 500;

/**
 * What there is at an address; null where nothing answers. Its body is read to the end: one that
 * nobody reads holds Chromium's place for the file in the cache, and whoever asks for it next waits
 * twenty seconds for that. And WebKit, which asks no second time for a module whose preload has
 * failed, takes it out of the cache.
 */
export const lookAt = async (address: string): Promise<Response | null> => {
  try {
    const response = await fetch(address);
    await response.arrayBuffer();
    return response;
  } catch {
    return null;
  }
};

/** In the place of the page, until there is one. */
export const sayFilesAreLate = (): void => {
  const place = document.getElementById("root");
  if (!place || place.firstChild) return;
  const words = document.createElement("p");
  words.setAttribute("role", "status");
  // Its styles may be what has not arrived. The page's policy lets scripts set them, one by one.
  words.style.cssText =
    "max-width:28rem;margin:20vh auto;padding:0 1rem;font:1rem/1.5 system-ui,sans-serif;text-align:center";
  words.textContent =
    "This page’s files have not arrived: the server is busy, or about to be back. Trying again…";
  place.append(words);
};
