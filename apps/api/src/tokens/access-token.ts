/**
 * Access tokens (RFC 9068): a JWS that any holder of the public key can check, or in a cookie we
 * alone, and that a change of rights still outdates at once, because the session and the epoch are
 * read on every request. What a token is used for is told by the way on which it comes, and never
 * by the token.
 */
import { createSecretKey, hash, randomUUID } from "node:crypto";
import { compactDecrypt, compactVerify, CompactEncrypt } from "jose";
import {
  AppError,
  isAccessTokenOver,
  isKeyForUse,
  largestIssuedTokenBytes,
  largestTokenBytes,
  lifeOfAccessToken,
  readClaims,
  type AccessClaims,
  type AccessTokens,
  type AccessTokenUse,
} from "@sallyport/shared/core";
import type { SigningKeys } from "./signing-keys.ts";
import type { MasterSecrets } from "./master-secret.ts";

/** For each use. */
const cacheSize = 20_000;
const type = "at+jwt";

const isCanonical = (segment: string): boolean =>
  segment !== "" && Buffer.from(segment, "base64url").toString("base64url") === segment;
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const invalid = (detail: string): AppError => new AppError("token_invalid", { detail });

const parseObject = (segment: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(Buffer.from(segment, "base64url").toString("utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Falls through to the one answer for everything unreadable.
  }
  throw invalid("The access token cannot be read.");
};

export const createAccessTokens = (options: {
  readonly keys: SigningKeys;
  readonly secrets: MasterSecrets;
  readonly issuer: string;
  readonly audience: string;
  readonly ttlSeconds: number;
  readonly encrypted: boolean;
}): AccessTokens => {
  const { keys, secrets, issuer, audience, ttlSeconds, encrypted } = options;
  /**
   * Verified tokens only, by the use they were verified for and the SHA-256 of their whole text.
   * Insertion order is age: the oldest leaves first.
   */
  type Verified = Map<string, { readonly claims: AccessClaims; readonly kid: string }>;
  const verified: Readonly<Record<AccessTokenUse, Verified>> = {
    cookie: new Map(),
    bearer: new Map(),
  };
  const encryptionKeys = secrets.all.map((secret) => createSecretKey(secret.key.jwe));
  const headers: Partial<
    Record<AccessTokenUse, { readonly kid: string; readonly encoded: string }>
  > = {};

  const checkClaims = (claims: AccessClaims, now: number, expiredToo: boolean): void => {
    if (claims.iss !== issuer) throw invalid("The access token is another issuer's.");
    if (claims.aud !== audience) throw invalid("The access token is for another audience.");
    if (!expiredToo && isAccessTokenOver(claims, ttlSeconds, now))
      throw new AppError("token_expired");
  };

  /**
   * RFC 7516; only our own direct encryption, so that a hostile token cannot ask for costly key
   * derivation or inflation.
   */
  const decryptToken = async (token: string): Promise<string> => {
    const segments = token.split(".");
    // The second segment, an encrypted key, is empty with direct encryption; the others have one
    // spelling each.
    if (
      segments.length !== 5 ||
      !segments.every((segment, index) => (index === 1 ? segment === "" : isCanonical(segment)))
    )
      throw invalid("The access token is malformed.");
    const header = parseObject(segments[0] as string);
    if (header["alg"] !== "dir" || header["enc"] !== "A256GCM" || "zip" in header)
      throw invalid("The access token is encrypted in a way we do not use.");
    for (const key of encryptionKeys) {
      try {
        const { plaintext } = await compactDecrypt(token, key, {
          keyManagementAlgorithms: ["dir"],
          contentEncryptionAlgorithms: ["A256GCM"],
        });
        return Buffer.from(plaintext).toString("utf8");
      } catch {
        continue;
      }
    }
    throw invalid("The access token cannot be decrypted.");
  };

  const verifySignature = async (
    use: AccessTokenUse,
    token: string,
  ): Promise<{ claims: AccessClaims; kid: string }> => {
    const segments = token.split(".");
    // One Ed25519 signature can be spelled in 16 ways in base64url, a MAC in 4; only one of them is
    // the token.
    if (segments.length !== 3 || !segments.every(isCanonical))
      throw invalid("The access token is malformed.");
    const header = parseObject(segments[0] as string);
    const key = typeof header["kid"] === "string" ? keys.find(header["kid"]) : null;
    // RFC 8725, 3.1: algorithm and use are the key's. What the header says of keys and algorithms
    // is not believed.
    if (!key || !isKeyForUse(key.use, use) || header["alg"] !== key.algorithm)
      throw invalid("The access token is not signed by one of our keys.");
    try {
      // jose compares a MAC in constant time, and only one of its full length: both are
      // WebCrypto's.
      await compactVerify(token, key.key, { algorithms: [key.algorithm] });
    } catch {
      throw invalid("The signature of the access token is wrong.");
    }
    if (header["typ"] !== type) throw invalid("This is not an access token.");
    const claims = readClaims(parseObject(segments[1] as string));
    if (claims === null) throw invalid("The access token says nothing that we would write.");
    return { claims, kid: key.kid };
  };

  const verifyKnown = (
    use: AccessTokenUse,
    token: string,
    now: number,
    expiredToo = false,
  ): AccessClaims | null => {
    if (token.length > largestTokenBytes) throw invalid("The access token is too long.");
    const known = verified[use].get(hash("sha256", token, "base64"));
    if (!known || !keys.find(known.kid)) return null;
    checkClaims(known.claims, now, expiredToo);
    return known.claims;
  };

  return {
    issue: async (use, claims, now, rightsEndAt) => {
      const { iat, exp } = lifeOfAccessToken(now, ttlSeconds, rightsEndAt);
      const { kid, algorithm, signature } = keys.sign(use, now);
      let header = headers[use];
      if (header?.kid !== kid)
        headers[use] = header = { kid, encoded: encode({ alg: algorithm, typ: type, kid }) };
      const { sections, ...rest } = claims;
      const common = { iss: issuer, aud: audience, ...rest, jti: randomUUID(), iat, exp };
      const write = (payload: object): string => {
        const data = `${header.encoded}.${encode(payload)}`;
        return `${data}.${signature(data).toString("base64url")}`;
      };
      const seal = async (payload: object): Promise<string> => {
        const token = write(payload);
        if (!encrypted) return token;
        return await new CompactEncrypt(Buffer.from(token))
          .setProtectedHeader({ alg: "dir", enc: "A256GCM", cty: "JWT" })
          .encrypt(encryptionKeys[0] as (typeof encryptionKeys)[number]);
      };
      let token = await seal({ ...common, sections });
      if (sections !== undefined && token.length > largestIssuedTokenBytes)
        token = await seal(common);
      return { token, expiresAt: exp * 1000 };
    },
    verifyKnown: (use, token, now) => verifyKnown(use, token, now),
    verify: async (use, token, now, { expiredToo = false } = {}) => {
      const known = verifyKnown(use, token, now, expiredToo);
      if (known) return known;
      const isEncrypted = token.split(".", 5).length === 5;
      if (isEncrypted !== encrypted) throw invalid("The access token is malformed.");
      const found = await verifySignature(use, isEncrypted ? await decryptToken(token) : token);
      checkClaims(found.claims, now, expiredToo);
      const kept = verified[use];
      if (kept.size >= cacheSize) kept.delete(kept.keys().next().value as string);
      kept.set(hash("sha256", token, "base64"), found);
      return found.claims;
    },
  };
};
