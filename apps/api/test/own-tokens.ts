/**
 * Access tokens by a key ring of the tests' own, so that they can write what no server of ours
 * would.
 */
import {
  AppError,
  type AccessTokenUse,
  type AccessTokens,
  type Awaitable,
} from "@sallyport/shared/core";
import { createHmac, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { createAccessTokens } from "../src/tokens/access-token.ts";
import { deriveMasterSecrets } from "../src/tokens/master-secret.ts";
import type { SigningKeys } from "../src/tokens/signing-keys.ts";

export const now = Date.parse("2026-11-22T09:00:00Z");
export const issuer = "https://api.example.com";
export const secrets = deriveMasterSecrets(randomBytes(32), []);

export const given = {
  sub: "usr_mike",
  sid: "ses_one",
  epoch: 3,
  sections: ["marketing"],
  amr: ["pwd"],
  auth_time: now / 1000,
} as const;
export const cookieKid = "own-secret";

/**
 * A ring of one key for each use whose private and secret halves the test holds, so that it can
 * sign whatever it likes.
 */
export const createOwnRing = async () => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const secret = randomBytes(32);
  const verifies = await crypto.subtle.importKey(
    "raw",
    secret,
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["verify"],
  );
  const bearer = { kid: "own", use: "bearer", algorithm: "EdDSA", key: publicKey } as const;
  const cookie = { kid: cookieKid, use: "cookie", algorithm: "HS256", key: verifies } as const;
  const keys: SigningKeys = {
    sign: (use) => ({
      ...(use === "bearer" ? bearer : cookie),
      signature: (data) =>
        use === "bearer"
          ? sign(null, Buffer.from(data), privateKey)
          : createHmac("sha256", secret).update(data).digest(),
    }),
    find: (kid) => [bearer, cookie].find((key) => key.kid === kid) ?? null,
    jwks: () => ({ keys: [] }),
    load: async () => {},
    maintain: async () => {},
    rotate: async () => [],
  };
  return { keys, publicKey, privateKey, secret };
};

export const { keys, publicKey, privateKey, secret } = await createOwnRing();

/** Access tokens of one use: those that programs bear, where a test says nothing else. */
export const create = (
  options: {
    use?: AccessTokenUse;
    encrypted?: boolean;
    audience?: string;
    issuer?: string;
    keys?: SigningKeys;
    secrets?: typeof secrets;
  } = {},
) => {
  const { use = "bearer", ...rest } = options;
  const tokens = createAccessTokens({
    keys,
    secrets,
    issuer,
    audience: issuer,
    ttlSeconds: 300,
    encrypted: false,
    ...rest,
  });
  type Arguments<K extends keyof AccessTokens> =
    Parameters<AccessTokens[K]> extends [unknown, ...infer Others] ? Others : never;
  return {
    tokens,
    issue: (...given: Arguments<"issue">) => tokens.issue(use, ...given),
    verify: (...given: Arguments<"verify">) => tokens.verify(use, ...given),
    verifyKnown: (...given: Arguments<"verifyKnown">) => tokens.verifyKnown(use, ...given),
  };
};

export const segment = (value: object): string =>
  Buffer.from(JSON.stringify(value)).toString("base64url");

export const claims = {
  ...given,
  iss: issuer,
  aud: issuer,
  jti: "x",
  iat: now / 1000,
  exp: now / 1000 + 300,
};

export const ownHeader = { alg: "EdDSA", typ: "at+jwt", kid: "own" };

/** A token that our own key has signed, whatever it says. */
export const signed = (header: object, payload: object | string = claims): string => {
  const data = `${segment(header)}.${typeof payload === "string" ? Buffer.from(payload).toString("base64url") : segment(payload)}`;
  return `${data}.${sign(null, Buffer.from(data), privateKey).toString("base64url")}`;
};

export const codeOf = async (verified: Awaitable<unknown>): Promise<string> => {
  try {
    await verified;
    return "accepted";
  } catch (error) {
    return error instanceof AppError ? error.code : `thrown: ${String(error)}`;
  }
};

export const check = (token: string, at = now): Promise<string> =>
  codeOf(create().verify(token, at));
