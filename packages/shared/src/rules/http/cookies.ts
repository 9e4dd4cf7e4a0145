/** The names, the flags and the reading of the two cookies (RFC 6265bis). */

export type CookieMode = "same-site" | "cross-site";

export interface TokenCookies {
  readonly mode: CookieMode;
  readonly accessName: string;
  readonly refreshName: string;
  /** Set-Cookie values for a new pair; both last until the session's absolute expiry. */
  set(accessToken: string, refreshToken: string, expiresAt: number, now: number): readonly string[];
  /** Set-Cookie values that clear both. */
  readonly cleared: readonly string[];
}

/** @param instance part of the names, so that two installations on one host (cookies ignore ports) stay apart */
export const createTokenCookies = (mode: CookieMode, instance: string): TokenCookies => {
  const suffix = mode === "cross-site" ? "-x" : "";
  const accessName = `__Host-${instance}-access${suffix}`;
  const refreshName = `__Host-${instance}-refresh${suffix}`;
  const flags =
    mode === "cross-site"
      ? "Path=/; Secure; HttpOnly; SameSite=None; Partitioned"
      : "Path=/; Secure; HttpOnly; SameSite=Strict";
  return {
    mode,
    accessName,
    refreshName,
    set: (accessToken, refreshToken, expiresAt, now) => {
      const lasts = `Max-Age=${Math.max(0, Math.floor((expiresAt - now) / 1000))}`;
      return [
        `${accessName}=${accessToken}; ${lasts}; ${flags}`,
        `${refreshName}=${refreshToken}; ${lasts}; ${flags}`,
      ];
    },
    cleared: [`${accessName}=; Max-Age=0; ${flags}`, `${refreshName}=; Max-Age=0; ${flags}`],
  };
};

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;

/**
 * One cookie of a Cookie header. Names are compared byte by byte, and only space and tab are trimmed: a name
 * with a no-break space in front is another name.
 * @returns undefined when it is absent, null when it is there twice
 */
export const readCookie = (header: string | undefined, name: string): string | null | undefined => {
  if (header === undefined) return undefined;
  let found: string | undefined;
  for (let start = 0; start <= header.length;) {
    const semicolon = header.indexOf(";", start);
    const end = semicolon === -1 ? header.length : semicolon;
    while (start < end && isBlank(header.charCodeAt(start))) start += 1;
    if (
      header.startsWith(name, start) &&
      header.charCodeAt(start + name.length) === 0x3d &&
      start + name.length < end
    ) {
      if (found !== undefined) return null;
      let last = end;
      while (last > start && isBlank(header.charCodeAt(last - 1))) last -= 1;
      found = header.slice(start + name.length + 1, last);
    }
    start = end + 1;
  }
  return found;
};
