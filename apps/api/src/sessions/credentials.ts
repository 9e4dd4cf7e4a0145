/** What a request brings along to say who it comes from. */
import { AppError } from "@sallyport/shared/rules";
import { readCookie, type TokenCookies } from "../http/cookies.ts";

type Header = (name: string) => string | undefined;

/** @throws AppError `duplicate_cookie`, with both cookies cleared: nobody can say which of the two is meant */
export const readTokenCookie = (header: Header, cookies: TokenCookies, which: "access" | "refresh"): string | undefined => {
  const value = readCookie(header("cookie"), which === "access" ? cookies.accessName : cookies.refreshName);
  if (value === null) throw new AppError("duplicate_cookie", { cookies: cookies.cleared });
  return value;
};

/**
 * The bearer token, where there is an Authorization header. With one, cookies do not count (RFC 6750, 2.1).
 * @returns undefined without the header, null for any other scheme
 */
export const readBearerToken = (header: Header): string | null | undefined => {
  const authorization = header("authorization");
  if (authorization === undefined) return undefined;
  return /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization)?.[1] ?? null;
};

/**
 * User name and password of HTTP Basic (RFC 7617, UTF-8).
 * @returns null for anything that is not well-formed Basic
 */
export const readBasicCredentials = (authorization: string): { readonly username: string; readonly password: string } | null => {
  const encoded = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization)?.[1];
  if (encoded === undefined) return null;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(encoded, "base64"));
  } catch {
    return null;
  }
  const colon = text.indexOf(":");
  return colon < 1 ? null : { username: text.slice(0, colon), password: text.slice(colon + 1) };
};
