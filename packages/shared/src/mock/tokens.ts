/**
 * Tokens in the form of the server's, with its claims, and with digests where the server has
 * signatures.
 */
import {
  accessTokenAlgorithms,
  AppError,
  isAccessTokenOver,
  decodeBase64Url,
  defaults,
  encodeBase64Url,
  isKeyForUse,
  joinBytes,
  largestIssuedTokenBytes,
  largestTokenBytes,
  lifeOfAccessToken,
  readClaims,
  type AccessClaims,
  type AccessGrant,
  type AccessTokenUse,
  type Chance,
  type CsrfTokens,
  type Digests,
  type Lots,
  type Passwords,
  type RefreshToken,
  type RefreshTokens,
  type Sealing,
} from "../core/core.ts";
import { digest, longDigest, shortDigest, uuidOf } from "./digest.ts";
import type { MockState } from "./state.ts";
import { newId, type World } from "./world.ts";

const uses = ["cookie", "bearer"] as const satisfies readonly AccessTokenUse[];

const encode = (value: object): string =>
  encodeBase64Url(new TextEncoder().encode(JSON.stringify(value)));
/**
 * As long as the names that the server gives them: a thumbprint where there is a public half, else
 * 128 bits.
 */
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

const decode = decodeBase64Url;

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

/** @throws AppError `token_invalid`, `token_expired` */
const readAccessToken = (
  { state, publicUrl }: Pick<World, "state" | "publicUrl">,
  use: AccessTokenUse,
  token: string,
  now: number,
  expiredToo: boolean,
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
  if (!expiredToo && (spent || isAccessTokenOver(claims, defaults.accessTtlSeconds, now)))
    throw new AppError("token_expired");
  return claims;
};

/** An access token in the form of the server's. The last one of a session is known by its name. */
export const createAccessTokens = (
  world: Pick<World, "state" | "publicUrl">,
): {
  issue(
    use: AccessTokenUse,
    claims: AccessGrant,
    now: number,
    rightsEndAt?: number | null,
  ): { readonly token: string; readonly expiresAt: number };
  verifyKnown(use: AccessTokenUse, token: string, now: number): AccessClaims;
  verify(
    use: AccessTokenUse,
    token: string,
    now: number,
    options?: { readonly expiredToo?: boolean },
  ): AccessClaims;
} => ({
  issue: (use, claims, now, rightsEndAt) => {
    const { state, publicUrl } = world;
    const { sections, ...rest } = claims;
    const common: AccessClaims = {
      iss: publicUrl,
      aud: publicUrl,
      ...rest,
      jti: uuidOf(state.seed, "token", (state.made += 1)),
      ...lifeOfAccessToken(now, defaults.accessTtlSeconds, rightsEndAt),
    };
    const write = (payload: AccessClaims): string => {
      const text = `${headerOf(state, use)}.${encode(payload)}`;
      return `${text}.${signatures[use](state, text)}`;
    };
    const session = state.sessions.find(({ id }) => id === claims.sid);
    if (session) session.lastToken = common.jti;
    const whole = write(sections === undefined ? common : { ...common, sections });
    return {
      token: whole.length > largestIssuedTokenBytes ? write(common) : whole,
      expiresAt: common.exp * 1000,
    };
  },
  verifyKnown: (use, token, now) => readAccessToken(world, use, token, now, false),
  verify: (use, token, now, { expiredToo = false } = {}) =>
    readAccessToken(world, use, token, now, expiredToo),
});

const width = (generation: number): string => String(generation).padStart(10, "0");
const tagOf = (
  { seed }: MockState,
  sessionId: string,
  generation: number,
  secret: string,
): string => digest(seed, "tag", sessionId, generation, secret);

const format = /^(ses_[A-Za-z0-9_-]{22})\.([0-9]{10})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})$/;

/** @param state as it is now */
export const refreshTokensOf = (state: () => MockState): RefreshTokens => ({
  masterSecretId: "mock",
  read: (text): RefreshToken | null => {
    const [, sessionId, generation, secret, tag] = format.exec(text) ?? [];
    if (sessionId === undefined || generation === undefined || secret === undefined) return null;
    return tag === tagOf(state(), sessionId, Number(generation), secret)
      ? { sessionId, generation: Number(generation), secret: decode(secret) }
      : null;
  },
  write: ({ sessionId, generation, secret }) => {
    const text = encodeBase64Url(secret);
    return `${sessionId}.${width(generation)}.${text}.${tagOf(state(), sessionId, generation, text)}`;
  },
  next: ({ sessionId, generation, secret }, salt) => ({
    sessionId,
    generation: generation + 1,
    secret: decode(
      digest("next", sessionId, generation + 1, encodeBase64Url(salt), encodeBase64Url(secret)),
    ),
  }),
});

/** @param state as it is now */
export const csrfTokensOf = (state: () => MockState): CsrfTokens => {
  const of = (sessionId: string): string => digest(state().seed, "csrf", sessionId);
  return { of, isOf: (sessionId, token) => token === of(sessionId) };
};

/** Nothing is hidden by it: of a secret, it is the secret itself. */
export const digests: Digests = {
  hash: (value) => (typeof value === "string" ? decode(digest(value)) : value),
  tag: (text) => digest(text),
  pieces: () => {
    const all: Uint8Array[] = [];
    return {
      add: (piece) => void all.push(piece),
      end: () => decode(digest(encodeBase64Url(joinBytes(all)))),
    };
  },
};

/** It follows from the seed, and from how much has been made before. */
export const chanceOf = (state: () => MockState): Chance => ({
  newId: (prefix) => newId(state(), prefix),
  secret: () => decode(digest(state().seed, "secret", (state().made += 1))),
  requestId: () => uuidOf(state().seed, "request", (state().made += 1)),
});

/** They follow from the seed. */
export const lotsOf = (state: () => MockState): Lots => ({
  of: (text) => decode(digest(state().seed, "lot", text)),
});

/** As they are typed. The list of common ones is the server's: it is larger than the mock. */
export const passwords: Passwords = {
  hash: async (password) => password,
  verify: async (stored, password) => stored === password,
  isOutdated: () => false,
  loadCommon: () => () => false,
};

/** Here nothing is hidden. */
export const sealing: Sealing = { seal: (text) => text, open: (text) => text };
