/** One master secret, and from it one key for each purpose (HKDF-SHA-256, RFC 5869). */
import { createHmac, createSecretKey, hash, hkdfSync, type KeyObject } from "node:crypto";

const purposes = ["refresh", "tag", "csrf", "jwe", "signing-keys", "answers", "lots"] as const;
type Purpose = (typeof purposes)[number];

export interface MasterSecret {
  /** Names the secret in rows without telling anything about it. */
  readonly id: string;
  readonly key: Readonly<Record<Purpose, Buffer>>;
  /**
   * The same keys ready for use in an HMAC: preparing one from its bytes takes ten times as long as
   * the HMAC.
   */
  readonly macKey: Readonly<Record<Purpose, KeyObject>>;
}

/** The one that derives, and all that verify: itself first, then the older ones. */
export interface MasterSecrets {
  readonly current: MasterSecret;
  readonly all: readonly MasterSecret[];
}

export const masterSecretBytes = 32;

/** 32-byte keys that are printed in standards and copied from there (RFC 7520, 3.5 and 5.7). */
const published = new Set([
  "hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg",
  "AAPapAv4LbFbiVawEjagUBluYqN5rhna-8nuldDvOx8",
]);
const typed =
  /sallyport|secret|password|passphrase|changeme|change-me|example|letmein|qwerty|0123456|1234567|abcdefg|your-256-bit/i;

/**
 * Secrets that were typed rather than drawn, whether the words stand in the text or in the bytes.
 */
const isWeak = (text: string, bytes: Buffer): boolean =>
  new Set(bytes).size < 12 ||
  published.has(text.replace(/=+$/, "")) ||
  typed.test(text) ||
  typed.test(bytes.toString("latin1"));

/**
 * Reads a master secret: 32 bytes in base64url.
 * @returns the bytes, or in words why they are refused
 */
export const parseMasterSecret = (text: string): Buffer | string => {
  if (!/^[A-Za-z0-9_-]+={0,2}$/.test(text)) return "is not base64url";
  const bytes = Buffer.from(text, "base64url");
  if (bytes.length < masterSecretBytes)
    return `has ${bytes.length} bytes, needs ${masterSecretBytes}`;
  if (bytes.length > masterSecretBytes)
    return `has ${bytes.length} bytes, needs exactly ${masterSecretBytes}`;
  if (isWeak(text, bytes))
    return "is a known or guessable secret; make one with: openssl rand -base64 32 | tr '+/' '-_' | tr -d '='";
  return bytes;
};

const deriveMasterSecret = (bytes: Buffer): MasterSecret => {
  const forEachPurpose = <T>(make: (purpose: Purpose) => T): Record<Purpose, T> =>
    Object.fromEntries(purposes.map((purpose) => [purpose, make(purpose)])) as Record<Purpose, T>;
  const key = forEachPurpose((purpose) =>
    Buffer.from(hkdfSync("sha256", bytes, "", `sallyport/v1/${purpose}`, 32)),
  );
  return {
    id: hash("sha256", Buffer.concat([Buffer.from("sallyport/v1/secret-id\0"), bytes]), "buffer")
      .subarray(0, 9)
      .toString("base64url"),
    key,
    macKey: forEachPurpose((purpose) => createSecretKey(key[purpose])),
  };
};

/** @param current, previous 32 bytes each, as `parseMasterSecret` gives them */
export const deriveMasterSecrets = (
  current: Buffer,
  previous: readonly Buffer[],
): MasterSecrets => {
  const derived = deriveMasterSecret(current);
  return {
    current: derived,
    all: [
      derived,
      ...previous.map(deriveMasterSecret).filter((secret) => secret.id !== derived.id),
    ],
  };
};

export const hmac = (key: KeyObject, ...parts: readonly (string | Uint8Array)[]): Buffer => {
  const mac = createHmac("sha256", key);
  for (const part of parts) mac.update(part);
  return mac.digest();
};
