/**
 * Refresh tokens: `sid.generation.secret.tag`. The secret of each generation follows from the one before it, so that
 * whoever holds generation n can be given the same n+1 again although no secret is ever stored.
 */
import { hash, randomBytes, timingSafeEqual } from "node:crypto";
import { hmac, type MasterSecret, type MasterSecrets } from "./master-secret.ts";

const format = /^(ses_[A-Za-z0-9_-]{22})\.([0-9]{10})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})$/;

export interface RefreshToken {
  readonly sessionId: string;
  readonly generation: number;
  readonly secret: Buffer;
}

const width = (generation: number): string => String(generation).padStart(10, "0");
const tagOf = (master: MasterSecret, { sessionId, generation, secret }: RefreshToken): Buffer =>
  hmac(master.macKey.tag, "rt/v1/tag", sessionId, width(generation), secret);

/** The base64url bytes, or null when the text is another spelling of them. */
const decodeCanonical = (text: string): Buffer | null => {
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? bytes : null;
};

export const hashSecret = (secret: Buffer): Buffer => hash("sha256", secret, "buffer");
export const hashIdempotencyKey = (key: string): Buffer => hash("sha256", key, "buffer");

/** The secret and the salt of a new family. */
export const startFamily = (): { readonly secret: Buffer; readonly salt: Buffer } => ({
  secret: randomBytes(32),
  salt: randomBytes(32),
});

/** secret(n+1) = HMAC(K_refresh, "rt/v1/next" ‖ sid ‖ n+1 ‖ salt ‖ secret(n)) */
export const deriveNext = (
  master: MasterSecret,
  parent: RefreshToken,
  salt: Buffer,
): RefreshToken => {
  const generation = parent.generation + 1;
  return {
    sessionId: parent.sessionId,
    generation,
    secret: hmac(
      master.macKey.refresh,
      "rt/v1/next",
      parent.sessionId,
      width(generation),
      salt,
      parent.secret,
    ),
  };
};

export const writeRefreshToken = (master: MasterSecret, token: RefreshToken): string =>
  `${token.sessionId}.${width(token.generation)}.${token.secret.toString("base64url")}.${tagOf(master, token).toString("base64url")}`;

/**
 * Takes a refresh token apart and checks its tag under every listed master secret.
 * Says only that Sallyport once issued it: whether it is live is the family's row to tell.
 * @returns null for anything malformed, non-canonical or wrongly tagged
 */
export const readRefreshToken = (secrets: MasterSecrets, text: string): RefreshToken | null => {
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
  return secrets.all.some((master) => timingSafeEqual(tagOf(master, token), tag)) ? token : null;
};
