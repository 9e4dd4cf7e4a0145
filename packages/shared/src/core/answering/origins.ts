import { AppError } from "./errors.ts";

export interface Origins {
  isAllowed(origin: string | undefined): boolean;
  /**
   * Any unsafe request: an origin, where there is one, must be allowed (RFC 6454; compared as text,
   * never by pattern).
   */
  requireNotForeign(origin: string | undefined): void;
  /**
   * Sign-in, refresh and sign-out by cookie: the origin must be there, or the browser must vouch
   * for its absence.
   */
  requireForCookies(origin: string | undefined, fetchSite: string | undefined): void;
}

export const createOrigins = (allowed: readonly string[], publicUrl: string): Origins => {
  const list = new Set(allowed);
  const ownOriginIsAllowed = list.has(new URL(publicUrl).origin);
  const forbidden = (origin: string | undefined): AppError =>
    new AppError(
      "origin_forbidden",
      origin === undefined
        ? {}
        : {
            detail: "The request comes from an origin that is not listed in SALLYPORT_WEB_ORIGINS.",
          },
    );
  return {
    isAllowed: (origin) => origin !== undefined && list.has(origin),
    requireNotForeign: (origin) => {
      if (origin !== undefined && !list.has(origin)) throw forbidden(origin);
    },
    requireForCookies: (origin, fetchSite) => {
      if (
        origin !== undefined
          ? !list.has(origin)
          : !(fetchSite === "same-origin" && ownOriginIsAllowed)
      )
        throw forbidden(origin);
    },
  };
};
