/** The only place where links are built. Paths are those of the router: the base path is not part of them. */

export const routePaths = {
  section: "sections/:slug",
  signIn: "sign-in",
  setup: "setup",
  cookiesBlocked: "cookies-blocked",
  account: "account",
} as const;

const withNext = (path: string, next: string | undefined): string => (next === undefined || next === "/" ? path : `${path}?next=${encodeURIComponent(next)}`);

export const paths = {
  home: () => "/",
  section: (slug: string) => `/sections/${encodeURIComponent(slug)}`,
  signIn: (options: { next?: string } = {}) => withNext("/sign-in", options.next),
  cookiesBlocked: (options: { next?: string } = {}) => withNext("/cookies-blocked", options.next),
  setup: () => "/setup",
  account: () => "/account",
};

/**
 * A target that came in the address, as a path of this site, or `/` where it is anything else.
 * Starts with exactly one slash, holds no backslash and no control character, and resolves to the same origin:
 * `//evil.example`, `/\evil.example` and `/<tab>/evil.example` all leave the site in one browser or another.
 */
export const safeNext = (next: string | null | undefined, origin: string = window.location.origin): string => {
  if (!next || !/^\/(?!\/)/.test(next) || /[\\\p{Cc}]/u.test(next)) return "/";
  if (!URL.canParse(next, origin)) return "/";
  const url = new URL(next, origin);
  // `/./` and `/%2e/` can leave two slashes at the start once they are resolved.
  if (url.origin !== origin || url.pathname.startsWith("//")) return "/";
  // Who has just signed in has no use for that page, wherever it would lead on to.
  if (/^\/sign-in\/?$/.test(url.pathname)) return "/";
  return url.pathname + url.search + url.hash;
};
