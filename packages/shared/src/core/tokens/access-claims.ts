import { everySection } from "../../contract/permissions.ts";
import { clockToleranceSeconds } from "../defaults.ts";

/** Longer ones are not looked at. */
export const largestTokenBytes = 8_192;
/**
 * Of a token with its sections; they are left out of one that would be longer, which no cookie
 * holds.
 */
export const largestIssuedTokenBytes = 2_048;

/** What an access token says (RFC 9068). No name and no address stands in it. */
export interface AccessClaims {
  readonly iss: string;
  readonly aud: string;
  readonly sub: string;
  readonly sid: string;
  readonly jti: string;
  /** Seconds since 1970. */
  readonly iat: number;
  readonly exp: number;
  readonly epoch: number;
  /** Slugs, or the wildcard alone; absent when they would not fit. */
  readonly sections?: readonly string[];
  readonly amr: readonly string[];
  readonly auth_time: number;
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;
/** In seconds since 1970, and of a year with four digits. */
const isMoment = (value: unknown): value is number => isCount(value) && value < 253_402_300_800;
const isIdOf = (prefix: string, value: unknown): value is string =>
  isText(value) && value.startsWith(prefix) && /^[A-Za-z0-9_-]{5,}$/.test(value);

/**
 * A right signature says who wrote it and nothing of what was written (RFC 8725, 3.11): every claim
 * is looked at before anything rests on it.
 * @returns the claims that we know of, frozen; null where one of them is missing or is not what it
 * has to be
 */
export const readClaims = (payload: Readonly<Record<string, unknown>>): AccessClaims | null => {
  const { iss, aud, sub, sid, jti, iat, exp, epoch, sections, amr, auth_time } = payload;
  if (!isText(iss) || !isText(aud) || !isText(jti)) return null;
  if (!isIdOf("usr_", sub) || !isIdOf("ses_", sid)) return null;
  if (!isMoment(iat) || !isMoment(exp) || !isMoment(auth_time) || !isCount(epoch)) return null;
  if (!isTexts(amr) || amr.length === 0) return null;
  const shared = { iss, aud, sub, sid, jti, iat, exp, epoch, amr: Object.freeze(amr), auth_time };
  if (sections === undefined) return Object.freeze(shared);
  if (!isTexts(sections) || (sections.includes(everySection) && sections.length > 1)) return null;
  return Object.freeze({ ...shared, sections: Object.freeze(sections) });
};

/**
 * From when to when a token is good. One whose rights end before it would is shorter than others,
 * by a second at least, and that tells whoever checks it that clocks which differ do not prolong
 * it.
 * @param rightsEndAt in milliseconds since 1970; null for rights that have no end
 */
export const lifeOfAccessToken = (
  now: number,
  ttlSeconds: number,
  rightsEndAt: number | null = null,
): Pick<AccessClaims, "iat" | "exp"> => {
  const iat = Math.floor(now / 1000);
  const end = rightsEndAt === null ? Infinity : Math.floor(rightsEndAt / 1000);
  const endsWithRights = end <= iat + ttlSeconds + clockToleranceSeconds;
  return { iat, exp: endsWithRights ? Math.min(end, iat + ttlSeconds - 1) : iat + ttlSeconds };
};

/** Is it over, as `lifeOfAccessToken` means it? Clocks that differ are allowed five seconds. */
export const isAccessTokenOver = (
  { iat, exp }: Pick<AccessClaims, "iat" | "exp">,
  ttlSeconds: number,
  now: number,
): boolean => exp + (exp - iat === ttlSeconds ? clockToleranceSeconds : 0) <= now / 1000;
