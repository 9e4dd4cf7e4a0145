/**
 * A device from which an account has signed in before is known by a random cookie. It is no
 * credential: all it gives is that others' failures do not hold up who signs in there. So it is set
 * by a successful sign-in only, kept by sign-out, and of a value that is there twice nobody knows
 * which is meant: then there is none.
 *
 * A value counts for an account only if it was made at a sign-in of that account: one that came
 * along otherwise may be known to whoever put it there. So the device gets a new one, for all who
 * have signed in there.
 */
import { decodeBase64Url } from "../answering/base64url.ts";
import { readCookie, type TokenCookies } from "../answering/cookies.ts";
import type { Digests } from "../ports.ts";

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

/** All that is kept of a value: whoever reads the database can be no device. */
export const hashDevice = (digests: Digests, value: string): Uint8Array =>
  digests.hash(decodeBase64Url(value));

/**
 * What a device is called after a sign-in there.
 * @param device.presented the value that came along, in whatever form it is stored
 * @param device.fresh one that nobody has seen
 * @returns the value, and the one that is called so from now on for whoever else knows it
 */
export const nameDevice = <T>(
  device: { readonly presented: T | null; readonly fresh: T },
  isOfThisAccount: (value: T) => boolean,
): { readonly value: T; readonly replaces: T | null } =>
  device.presented !== null && isOfThisAccount(device.presented)
    ? { value: device.presented, replaces: null }
    : { value: device.fresh, replaces: device.presented };
