/**
 * Refresh tokens: `sid.generation.secret.tag`. The secret of each generation follows from the one
 * before it, so that whoever holds generation n can be given the same n+1 again although no secret
 * is ever stored.
 */
import { timingSafeEqual } from "node:crypto";
import type { RefreshToken, RefreshTokens } from "@sallyport/shared/core";
import { hmac, type MasterSecret, type MasterSecrets } from "./master-secret.ts";

const format = /^(ses_[A-Za-z0-9_-]{22})\.([0-9]{10})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})$/;

const width = (generation: number): string => String(generation).padStart(10, "0");
const tagOf = (master: MasterSecret, { sessionId, generation, secret }: RefreshToken): Buffer =>
  hmac(master.macKey.tag, "rt/v1/tag", sessionId, width(generation), secret);
const encode = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64url");

/** The base64url bytes, or null when the text is another spelling of them. */
const decodeCanonical = (text: string): Buffer | null => {
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? bytes : null;
};

/** secret(n+1) = HMAC(K_refresh, "rt/v1/next" ‖ sid ‖ n+1 ‖ salt ‖ secret(n)) */
const deriveNext = (
  master: MasterSecret,
  { sessionId, generation, secret }: RefreshToken,
  salt: Uint8Array,
): RefreshToken => ({
  sessionId,
  generation: generation + 1,
  secret: hmac(master.macKey.refresh, "rt/v1/next", sessionId, width(generation + 1), salt, secret),
});

/**
 * Tags verify under every listed master secret; each generation is derived by the one that its
 * session names.
 */
export const createRefreshTokens = (secrets: MasterSecrets): RefreshTokens => {
  const named = (id: string): MasterSecret | undefined => secrets.all.find((one) => one.id === id);
  return {
    masterSecretId: secrets.current.id,
    read: (text) => {
      const match = format.exec(text);
      if (!match) return null;
      const [, sessionId, generation, encodedSecret, encodedTag] = match as unknown as [
        string,
        string,
        string,
        string,
        string,
      ];
      const secret = decodeCanonical(encodedSecret);
      const tag = decodeCanonical(encodedTag);
      if (!secret || !tag) return null;
      const token: RefreshToken = { sessionId, generation: Number(generation), secret };
      return secrets.all.some((master) => timingSafeEqual(tagOf(master, token), tag))
        ? token
        : null;
    },
    write: (token, masterSecretId) => {
      const master = named(masterSecretId);
      if (!master) throw new Error("A refresh token is to be written under no listed secret");
      return `${token.sessionId}.${width(token.generation)}.${encode(token.secret)}.${tagOf(master, token).toString("base64url")}`;
    },
    next: (parent, salt, masterSecretId) => {
      const master = named(masterSecretId);
      return master ? deriveNext(master, parent, salt) : null;
    },
  };
};
