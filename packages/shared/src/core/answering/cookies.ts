/**
 * The names, the flags and the reading of the cookies (RFC 6265bis). They are `__Host-` and
 * `Secure`, but for one place: an API on plain http of this very machine whose pages are of the
 * same site. WebKit keeps no `Secure` cookie there, and nobody else's machine is on the way.
 */
import { isLoopbackHost } from "./loopback.ts";

export type CookieMode = "same-site" | "cross-site";

export interface TokenCookies {
  readonly mode: CookieMode;
  readonly accessName: string;
  readonly refreshName: string;
  /** Of the cookie by which a device is known from which somebody has signed in. */
  readonly deviceName: string;
  /**
   * Set-Cookie values for a new pair. @param expiresAt the session's absolute expiry; null for one
   * that ends with the browser
   */
  set(
    accessToken: string,
    refreshToken: string,
    expiresAt: number | null,
    now: number,
  ): readonly string[];
  /**
   * The Set-Cookie value that lets the device be known from now on, as long as browsers keep a
   * cookie.
   */
  setDevice(device: string): string;
  /** Set-Cookie values that clear both tokens. */
  readonly cleared: readonly string[];
  /**
   * Set-Cookie values that clear every pair that a browser may have sent with a request for this
   * path, as it stands in the address.
   */
  clearedAlong(path: string): readonly string[];
}

/** 400 days: browsers keep no cookie longer. */
const deviceLifeSeconds = 34_560_000;

/** No endpoint's path is deeper. An answer is no longer than this, whatever was asked for. */
const deepestPath = 16;

/**
 * Where a cookie may lie that is sent with a request for the path: `/`, and each prefix with and
 * without its slash (RFC 6265, 5.1.4).
 */
const cookiePathsOf = (path: string): string[] => {
  const paths = ["/"];
  let prefix = "";
  for (const part of path.split("/").slice(1, deepestPath + 1)) {
    // What else an attribute of a cookie could hold would end it.
    if (!/^[!-:<-~]+$/.test(part)) break;
    prefix += `/${part}`;
    paths.push(prefix, `${prefix}/`);
  }
  return paths;
};

/**
 * @param instance part of the names, so that two installations on one host (cookies ignore ports)
 * stay apart
 * @param publicUrl the API's own URL: what decides, with the mode, whether the cookies are `Secure`
 */
export const createTokenCookies = ({
  mode,
  instance,
  publicUrl,
}: {
  readonly mode: CookieMode;
  readonly instance: string;
  readonly publicUrl: string;
}): TokenCookies => {
  const { protocol, hostname, port } = new URL(publicUrl);
  const isPlain = mode === "same-site" && protocol === "http:" && isLoopbackHost(hostname);
  const nameOf = (kind: string): string => {
    if (isPlain) return `${instance}-${kind}-${port || "80"}`;
    return `__Host-${instance}-${kind}${mode === "cross-site" ? "-x" : ""}`;
  };
  const [accessName, refreshName, deviceName] = [
    nameOf("access"),
    nameOf("refresh"),
    nameOf("device"),
  ];
  const secure = isPlain ? "" : "Secure; ";
  const flags = `${secure}HttpOnly; ${mode === "cross-site" ? "SameSite=None; Partitioned" : "SameSite=Strict"}`;
  const clearedAt = (path: string): string[] =>
    [accessName, refreshName].map((name) => `${name}=; Max-Age=0; Path=${path}; ${flags}`);
  const cleared = clearedAt("/");
  return {
    mode,
    accessName,
    refreshName,
    deviceName,
    setDevice: (device) =>
      `${deviceName}=${device}; Max-Age=${deviceLifeSeconds}; Path=/; ${flags}`,
    set: (accessToken, refreshToken, expiresAt, now) => {
      const lasts =
        expiresAt === null
          ? "Path=/"
          : `Max-Age=${Math.max(0, Math.floor((expiresAt - now) / 1000))}; Path=/`;
      return [
        `${accessName}=${accessToken}; ${lasts}; ${flags}`,
        `${refreshName}=${refreshToken}; ${lasts}; ${flags}`,
      ];
    },
    cleared,
    // By its name a `__Host-` cookie lies at `/`.
    clearedAlong: (path) => (isPlain ? cookiePathsOf(path).flatMap(clearedAt) : cleared),
  };
};

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;

/**
 * One cookie of a Cookie header. Names are compared byte by byte, and only space and tab are
 * trimmed: a name with a no-break space in front is another name.
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
