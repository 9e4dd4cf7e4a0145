/**
 * What an installation looks like from its settings, in words: the lines of a start that whoever
 * runs it reads first.
 */
import { isLoopbackHost } from "@sallyport/shared/core";
import { isSameSite, type Config } from "../config.ts";

export interface StartLine {
  readonly level: "info" | "warn";
  readonly text: string;
}

const isLoopback = (url: string): boolean => isLoopbackHost(new URL(url).hostname);
const isHttps = (url: string): boolean => url.startsWith("https:");
const and = (names: readonly string[]): string => names.join(" and ");

const proxiesInWords = ({ trustedProxies, publicUrl }: Config): StartLine => {
  if (trustedProxies.length > 0)
    return {
      level: "info",
      text: `proxies: X-Forwarded-For counts from ${and(trustedProxies)}, and from nobody else`,
    };
  return isHttps(publicUrl)
    ? {
        level: "warn",
        text: `proxies: none is trusted, though ${publicUrl} needs one for its TLS. All who come through it count as one address, and share the limits of sign-in: list it in SALLYPORT_TRUSTED_PROXIES`,
      }
    : {
        level: "info",
        text: "proxies: none is trusted, so an address is that of the connection, and X-Forwarded-For is not read",
      };
};

const cookiesInWords = ({ cookieMode, publicUrl, webOrigins }: Config): StartLine => {
  const elsewhere = webOrigins.filter((origin) => !isSameSite(publicUrl, origin));
  if (cookieMode === "same-site")
    return elsewhere.length === 0
      ? { level: "info", text: `cookies: same-site, since ${publicUrl} and its pages share a site` }
      : {
          level: "warn",
          text: `cookies: same-site by SALLYPORT_COOKIE_MODE, but ${and(elsewhere)} is of another site than ${publicUrl}: browsers will send no cookies from there`,
        };
  return {
    level: "info",
    text:
      elsewhere.length === 0
        ? "cookies: cross-site by SALLYPORT_COOKIE_MODE, though all pages are of the same site"
        : `cookies: cross-site, since ${and(elsewhere)} is of another site than ${publicUrl}. Safari keeps them from version 26.2 only`,
  };
};

const addressesInWords = ({
  host,
  port,
  publicUrl,
  webOrigins,
  trustedProxies,
}: Config): StartLine[] => {
  const local = webOrigins.filter(isLoopback);
  const publicPort = new URL(publicUrl).port || (isHttps(publicUrl) ? "443" : "80");
  // Port 0 is chosen by the system, by whoever knows what they are doing.
  const isElsewhere = isLoopback(publicUrl) && port !== 0 && String(port) !== publicPort;
  const listensToAll = !["127.0.0.1", "::1", "localhost"].includes(host);
  return [
    ...(isHttps(publicUrl) && local.length > 0
      ? [
          {
            level: "warn",
            text: `pages: ${and(local)} may call ${publicUrl} with people's cookies, and is whatever runs on their own machine. Where that is not meant, name the address of the pages in SALLYPORT_WEB_ORIGINS`,
          } as const,
        ]
      : []),
    ...(isElsewhere && trustedProxies.length === 0
      ? [
          {
            level: "warn",
            text: `address: listens on port ${port}, but its links lead to ${publicUrl}. Where no proxy answers there, set SALLYPORT_PUBLIC_URL to http://localhost:${port}`,
          } as const,
        ]
      : []),
    ...(isLoopback(publicUrl) && listensToAll
      ? [
          {
            level: "warn",
            text: `address: listens on ${host}, but SALLYPORT_PUBLIC_URL is ${publicUrl}, which from another machine leads to that machine itself. Others need an https address there`,
          } as const,
        ]
      : []),
    ...(!isLoopback(publicUrl) || webOrigins.every(isLoopback)
      ? []
      : [
          {
            level: "warn",
            text: `pages: ${and(webOrigins.filter((origin) => !isLoopback(origin)))} may call ${publicUrl}, which only browsers on this machine reach. Set SALLYPORT_PUBLIC_URL to the address of this API`,
          } as const,
        ]),
  ];
};

/** Trusted proxies, the mode of the cookies, and whether the addresses fit one another. */
export const describeInstallation = (config: Config): readonly StartLine[] => [
  proxiesInWords(config),
  cookiesInWords(config),
  ...addressesInWords(config),
];
