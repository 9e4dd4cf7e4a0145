/**
 * The first questions of a page, asked by the boot script while the scripts are still on their way,
 * and answered to the client when it comes to ask them: on a slow network the section is there as
 * soon as there is something to draw it with.
 */

export interface EarlyRequest {
  readonly url: string;
  /** By `performance.now()`. */
  readonly askedAt: number;
  readonly response: Promise<Response>;
}

declare global {
  interface Window {
    /** Begun by `boot.ts`. */
    sallyportEarly?: Promise<EarlyRequest[]>;
  }
}

/** Exactly as the client asks them with cookies: another header would be another request. */
const asClient: RequestInit = { headers: { accept: "application/json" }, credentials: "include" };

/** @param path of the address, below the folder that the page is mounted in */
export const earlyUrls = (apiUrl: string, path: string, search: string): string[] => {
  const api = apiUrl.replace(/\/+$/, "");
  // A range of time in the address is left to those who know what one is.
  const slug = search === "" ? /^sections\/([^/]+)\/?$/.exec(path)?.[1] : undefined;
  return [`${api}/session`, ...(slug ? [`${api}/sections/${slug}?include=data`] : [])];
};

export const askEarly = (urls: readonly string[]): EarlyRequest[] =>
  urls.map((url) => {
    const response = fetch(url, asClient);
    // The client asks again itself, and says what is wrong.
    response.catch(() => undefined);
    return { url, askedAt: performance.now(), response };
  });

/** Beyond this the page has long been there, and an answer would be an old one. */
const goodForMs = 10_000;

/**
 * As `fetch`, for the client: each early answer is given once, to the request it was asked for.
 * Where it has failed, the client's own request is sent.
 */
export const fetchAfter = (
  early: EarlyRequest[],
): ((url: string, init: RequestInit) => Promise<Response>) => {
  const take = (url: string, method: string | undefined): EarlyRequest | undefined => {
    const place = early.findIndex((request) => request.url === url);
    const [found] = place < 0 || method !== "GET" ? [] : early.splice(place, 1);
    return found && performance.now() - found.askedAt < goodForMs ? found : undefined;
  };
  return async (url, init) => {
    // What has been changed is not answered from before.
    if (init.method !== "GET") early.length = 0;
    return (await take(url, init.method)?.response.catch(() => undefined)) ?? fetch(url, init);
  };
};
