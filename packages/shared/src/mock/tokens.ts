/** Tokens in the form of the server's, with its claims, and with digests where the server has signatures. */
import {
  accessTokenAlgorithms,
  accessTokenUseOf,
  AppError,
  clockToleranceSeconds,
  defaults,
  isKeyForUse,
  largestIssuedTokenBytes,
  largestTokenBytes,
  readClaims,
  type AccessClaims,
  type AccessTokenUse,
} from "../rules/rules.ts";
import { digest, encodeBase64Url, longDigest, shortDigest, uuidOf } from "./digest.ts";
import type { MockSession, MockState } from "./state.ts";
import { grantsOf, userOf, type World } from "./world.ts";

const uses = ["cookie", "bearer"] as const satisfies readonly AccessTokenUse[];

const encode = (value: object): string =>
  encodeBase64Url(new TextEncoder().encode(JSON.stringify(value)));
/** As long as the names that the server gives them: a thumbprint where there is a public half, else 128 bits. */
const keyIds: Readonly<Record<AccessTokenUse, (state: MockState) => string>> = {
  cookie: ({ seed }) => shortDigest(seed, "cookie key"),
  bearer: ({ seed }) => digest(seed, "key"),
};
const headerOf = (state: MockState, use: AccessTokenUse): string =>
  encode({ alg: accessTokenAlgorithms[use], typ: "at+jwt", kid: keyIds[use](state) });
/** As long as those of HS256 and Ed25519. */
const signatures: Readonly<Record<AccessTokenUse, (state: MockState, text: string) => string>> = {
  cookie: ({ seed }, text) => digest(seed, "signature", text),
  bearer: ({ seed }, text) => longDigest(seed, "signature", text),
};

/** @returns the token and when it expires, in milliseconds since 1970 */
export const issueAccessToken = (
  { state, publicUrl, now }: World,
  session: MockSession,
): { readonly token: string; readonly expiresAt: number } => {
  const user = userOf(state, session.userId);
  if (!user) throw new Error("A session of nobody");
  const iat = Math.floor(now() / 1000);
  const sections = grantsOf(state, user);
  const claims: AccessClaims = {
    iss: publicUrl,
    aud: publicUrl,
    sub: user.id,
    sid: session.id,
    jti: uuidOf(state.seed, "token", (state.made += 1)),
    iat,
    exp: iat + defaults.accessTtlSeconds,
    epoch: user.epoch,
    amr: ["pwd"],
    auth_time: Math.floor(session.createdAt / 1000),
  };
  const use = accessTokenUseOf(session.delivery);
  const write = (payload: AccessClaims): string => {
    const text = `${headerOf(state, use)}.${encode(payload)}`;
    return `${text}.${signatures[use](state, text)}`;
  };
  const whole = write({ ...claims, sections });
  session.lastToken = claims.jti;
  return {
    token: whole.length > largestIssuedTokenBytes ? write(claims) : whole,
    expiresAt: claims.exp * 1000,
  };
};

const decode = (segment: string): Uint8Array =>
  Uint8Array.from(
    atob(segment.replaceAll("-", "+").replaceAll("_", "/")),
    (character) => character.codePointAt(0) ?? 0,
  );

const isCanonical = (segment: string): boolean => {
  try {
    return segment !== "" && encodeBase64Url(decode(segment)) === segment;
  } catch {
    return false;
  }
};

const parseObject = (segment: string): Record<string, unknown> | null => {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(decode(segment)));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
};

/**
 * @param use the way on which the token came
 * @throws AppError `token_invalid`, `token_expired`
 */
export const readAccessToken = (
  { state, publicUrl, now }: World,
  use: AccessTokenUse,
  token: string,
  { expiredToo = false } = {},
): AccessClaims => {
  const invalid = (detail: string): AppError => new AppError("token_invalid", { detail });
  if (token.length > largestTokenBytes) throw invalid("The access token is too long.");
  const segments = token.split(".");
  const [head = "", body = "", signature] = segments;
  if (segments.length !== 3 || !segments.every(isCanonical))
    throw invalid("The access token is malformed.");
  const header = parseObject(head);
  if (header === null) throw invalid("The access token cannot be read.");
  const keyUse = uses.find((one) => header["kid"] === keyIds[one](state));
  if (
    keyUse === undefined ||
    !isKeyForUse(keyUse, use) ||
    header["alg"] !== accessTokenAlgorithms[keyUse]
  )
    throw invalid("The access token is not signed by one of our keys.");
  if (signature !== signatures[keyUse](state, `${head}.${body}`))
    throw invalid("The signature of the access token is wrong.");
  const claims = readClaims(parseObject(body) ?? {});
  if (claims === null) throw invalid("The access token says nothing that we would write.");
  if (claims.iss !== publicUrl) throw invalid("The access token is another issuer's.");
  const spent =
    state.sessions.find(({ id }) => id === claims.sid)?.expiredTokens.includes(claims.jti) === true;
  if (!expiredToo && (spent || !(claims.exp + clockToleranceSeconds > now() / 1000)))
    throw new AppError("token_expired");
  return claims;
};

export interface RefreshToken {
  readonly sessionId: string;
  readonly generation: number;
  readonly secret: string;
}

const width = (generation: number): string => String(generation).padStart(10, "0");
const tagOf = ({ seed }: MockState, { sessionId, generation, secret }: RefreshToken): string =>
  digest(seed, "tag", sessionId, generation, secret);

export const nextSecret = (salt: string, { sessionId, generation, secret }: RefreshToken): string =>
  digest("next", sessionId, generation + 1, salt, secret);

export const writeRefreshToken = (state: MockState, token: RefreshToken): string =>
  `${token.sessionId}.${width(token.generation)}.${token.secret}.${tagOf(state, token)}`;

/** @returns null for anything that the mock has never given out */
export const readRefreshToken = (state: MockState, text: string): RefreshToken | null => {
  const [, sessionId, generation, secret, tag] =
    /^(ses_[A-Za-z0-9_-]{22})\.([0-9]{10})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})$/.exec(text) ??
    [];
  if (sessionId === undefined || generation === undefined || secret === undefined) return null;
  const token = { sessionId, generation: Number(generation), secret };
  return tag === tagOf(state, token) ? token : null;
};

export const csrfTokenOf = ({ seed }: MockState, sessionId: string): string =>
  digest(seed, "csrf", sessionId);
