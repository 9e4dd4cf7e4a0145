/**
 * A target that came in the address, as a path of this site, or `/` where it is anything else.
 * Starts with exactly one slash, holds no backslash and no control character, and resolves to the
 * same origin: `//evil.example`, `/\evil.example` and `/<tab>/evil.example` all leave the site in
 * one browser or another. Nor does it lead back to `signInPath`: who has just signed in has no use
 * for that page, wherever it would lead on to.
 */
export const safeNext = (
  next: string | null | undefined,
  signInPath: string,
  origin: string = globalThis.location.origin,
): string => {
  if (!next || !/^\/(?!\/)/.test(next) || /[\\\p{Cc}]/u.test(next)) return "/";
  if (!URL.canParse(next, origin)) return "/";
  const url = new URL(next, origin);
  // `/./` and `/%2e/` can leave two slashes at the start once they are resolved.
  if (url.origin !== origin || url.pathname.startsWith("//")) return "/";
  if (url.pathname.replace(/\/$/, "") === signInPath) return "/";
  return url.pathname + url.search + url.hash;
};
