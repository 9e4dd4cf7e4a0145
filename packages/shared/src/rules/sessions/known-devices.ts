/**
 * A device from which an account has signed in before is known by a random cookie. It is no credential: all it gives is
 * that others' failures do not hold up who signs in there. So it is set by a successful sign-in only, kept by sign-out,
 * and of a value that is there twice nobody knows which is meant: then there is none.
 */
import { readCookie, type TokenCookies } from "../http/cookies.ts";

/** Of each user; the one that was used longest ago goes. */
export const mostKnownDevices = 20;

/** @returns null where there is none that can be used */
export const readDevice = (
  header: (name: string) => string | undefined,
  cookies: TokenCookies,
): string | null => {
  const value = readCookie(header("cookie"), cookies.deviceName);
  return typeof value === "string" && /^[A-Za-z0-9_-]{43}$/.test(value) ? value : null;
};
