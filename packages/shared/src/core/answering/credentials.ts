/** What a request brings along to say who it comes from. */
import { countCharacters, longestPassword } from "../../contract/password-length.ts";
import { readCookie, type TokenCookies } from "./cookies.ts";
import { AppError } from "./errors.ts";

type Header = (name: string) => string | undefined;

/**
 * @throws AppError `duplicate_cookie`, which clears both cookies: nobody can say which of the two
 * is meant
 */
export const readTokenCookie = (
  header: Header,
  cookies: TokenCookies,
  which: "access" | "refresh",
): string | undefined => {
  const value = readCookie(
    header("cookie"),
    which === "access" ? cookies.accessName : cookies.refreshName,
  );
  if (value === null) throw new AppError("duplicate_cookie", { cookies: cookies.clearedAlong });
  return value;
};

/**
 * The bearer token, where there is an Authorization header. With one, cookies do not count (RFC
 * 6750, 2.1).
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
export const readBasicCredentials = (
  authorization: string,
): { readonly username: string; readonly password: string } | null => {
  const encoded = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization)?.[1];
  if (encoded === undefined) return null;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(
      Uint8Array.from(
        atob(encoded.replace(/=+$/, "")),
        (character) => character.codePointAt(0) ?? 0,
      ),
    );
  } catch {
    return null;
  }
  const colon = text.indexOf(":");
  return colon < 1 ? null : { username: text.slice(0, colon), password: text.slice(colon + 1) };
};

interface Credentials {
  readonly username: string;
  readonly password: string;
}

/**
 * The credentials of a sign-in, from the body or from Basic.
 * @throws AppError `invalid_credentials` for an Authorization header that is no well-formed Basic,
 * `validation_failed` where one is missing, both ways are used, or one is longer than any that
 * exists
 */
export const readCredentials = (
  authorization: string | undefined,
  body: { readonly username?: string; readonly password?: string } | undefined,
): Credentials => {
  const basic = authorization === undefined ? undefined : readBasicCredentials(authorization);
  if (basic === null)
    throw new AppError("invalid_credentials", {
      detail: "The Authorization header holds no well-formed Basic credentials.",
    });
  const { username, password } = basic ?? { username: body?.username, password: body?.password };
  const problems = [
    ...(basic && (body?.username !== undefined || body?.password !== undefined)
      ? [
          {
            pointer: "/username",
            code: "ambiguous",
            detail: "Send the credentials in the body or as Basic, not both.",
          },
        ]
      : []),
    ...(username === undefined
      ? [{ pointer: "/username", code: "required", detail: "This is required." }]
      : []),
    ...(password === undefined
      ? [{ pointer: "/password", code: "required", detail: "This is required." }]
      : []),
    ...(username !== undefined && username.length > 64
      ? [{ pointer: "/username", code: "too_big", detail: "This may have at most 64 characters." }]
      : []),
    ...(password !== undefined && (countCharacters(password) > longestPassword || password === "")
      ? [
          {
            pointer: "/password",
            code: "too_big",
            detail: `This must have 1 to ${longestPassword} characters.`,
          },
        ]
      : []),
  ];
  if (username === undefined || password === undefined || problems.length > 0)
    throw new AppError("validation_failed", { errors: problems });
  return { username, password };
};
