/**
 * The key ring: next, current and retired signing keys. There is always a next one, so that each key but the very
 * first has been published, for longer than anybody may keep the published keys, before it signs. A retired one stays
 * until every token that it signed has expired. So rotation logs nobody out, and no verifier meets a key that it
 * cannot know.
 */
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  randomBytes,
  sign,
  type KeyObject,
} from "node:crypto";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from "jose";
import type { SigningKeyRow, Store } from "../database/store.ts";
import type { MasterSecret, MasterSecrets } from "./master-secret.ts";

const algorithm = "EdDSA";
const day = 24 * 60 * 60 * 1000;
/** How long verifiers may keep the published keys. */
export const jwksLifeSeconds = 300;
export const signingKeySchedule = {
  signsForMilliseconds: 30 * day,
  /** A running API publishes what another process has made within the hour; then copies of the old list expire. */
  publishedBeforeMilliseconds: 60 * 60 * 1000 + jwksLifeSeconds * 1000,
  keptAfterMilliseconds: day,
} as const;

export interface VerificationKey {
  readonly kid: string;
  readonly algorithm: string;
  readonly publicKey: KeyObject;
}

export interface SigningKeys {
  /** Signs with the current key: Ed25519 (RFC 8032), synchronously because that is twice as fast as WebCrypto. */
  sign(now: number): {
    readonly kid: string;
    readonly algorithm: string;
    signature(data: string): Buffer;
  };
  find(kid: string): VerificationKey | null;
  /** RFC 7517, public halves only. The same object until the keys change. */
  jwks(): { readonly keys: readonly Record<string, unknown>[] };
  /** Makes what is due: a first key, a next key, the end of a retired one. Reads what other processes made. */
  maintain(): Promise<void>;
  /**
   * Lets the next key sign from now on, or as soon as it has been published for long enough. With `leaked` no key of
   * before is trusted any more, the next one included: new ones take their place at once, and every access token that
   * is out has to be refreshed.
   */
  rotate(options?: {
    readonly leaked?: boolean;
  }): Promise<{ readonly kid: string; readonly signsFrom: number }>;
}

const encrypt = (master: MasterSecret, kid: string, text: string): Buffer => {
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", master.key["signing-keys"], iv).setAAD(
    Buffer.from(kid),
  );
  const encrypted = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), encrypted]);
};

const decrypt = (master: MasterSecret, kid: string, bytes: Buffer): string => {
  const decipher = createDecipheriv(
    "aes-256-gcm",
    master.key["signing-keys"],
    bytes.subarray(0, 12),
  )
    .setAAD(Buffer.from(kid))
    .setAuthTag(bytes.subarray(12, 28));
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8");
};

const generate = async (
  master: MasterSecret,
  createdAt: number,
  activatesAt: number,
): Promise<SigningKeyRow> => {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, {
    crv: "Ed25519",
    extractable: true,
  });
  const publicJwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(publicJwk);
  const encryptedPrivateJwk = encrypt(master, kid, JSON.stringify(await exportJWK(privateKey)));
  return {
    kid,
    algorithm,
    publicJwk: { ...publicJwk, kid, alg: algorithm, use: "sig" },
    encryptedPrivateJwk,
    masterSecretId: master.id,
    createdAt,
    activatesAt,
    removedAt: null,
  };
};

interface RingKey extends VerificationKey {
  readonly activatesAt: number;
  readonly publicJwk: Record<string, unknown>;
  /** Null when the master secret that encrypts it is not listed any more: it still verifies. */
  readonly privateKey: KeyObject | null;
}

/** Opens the key ring and makes the first keys when there are none. */
export const openSigningKeys = async (
  store: Store,
  secrets: MasterSecrets,
  clock: { now(): number },
): Promise<SigningKeys> => {
  let ring: readonly RingKey[] = [];
  let published:
    | { readonly of: unknown; readonly jwks: ReturnType<SigningKeys["jwks"]> }
    | undefined;

  const open = (row: SigningKeyRow): RingKey => {
    const master = secrets.all.find((secret) => secret.id === row.masterSecretId);
    const known = ring.find((key) => key.kid === row.kid);
    return {
      kid: row.kid,
      algorithm: row.algorithm,
      activatesAt: row.activatesAt,
      publicJwk: row.publicJwk,
      publicKey: known?.publicKey ?? createPublicKey({ key: row.publicJwk as JWK, format: "jwk" }),
      privateKey:
        known?.privateKey ??
        (master
          ? createPrivateKey({
              key: JSON.parse(decrypt(master, row.kid, row.encryptedPrivateJwk)) as JWK,
              format: "jwk",
            })
          : null),
    };
  };

  const isUsable = (key: RingKey): key is RingKey & { readonly privateKey: KeyObject } =>
    key.privateKey !== null;
  /** The youngest key whose time has come. None has when the clock was set back: then the oldest signs. */
  const currentAt = (now: number): (RingKey & { readonly privateKey: KeyObject }) | undefined => {
    const usable = ring.filter(isUsable);
    return usable.findLast((key) => key.activatesAt <= now) ?? usable[0];
  };

  const load = async (): Promise<readonly SigningKeyRow[]> => {
    const rows = await store.listSigningKeys();
    ring = rows.map(open);
    return rows;
  };

  const maintain = async (): Promise<void> => {
    const now = clock.now();
    const rows = await load();
    const readable = rows.filter((row) =>
      secrets.all.some((secret) => secret.id === row.masterSecretId),
    );
    const add: SigningKeyRow[] = [];
    let current = readable.findLast((row) => row.activatesAt <= now);
    if (!current) add.push((current = await generate(secrets.current, now, now)));
    if (!readable.some((row) => row.activatesAt > now)) {
      const successorAt = current.activatesAt + signingKeySchedule.signsForMilliseconds;
      add.push(
        await generate(
          secrets.current,
          now,
          Math.max(successorAt, now + signingKeySchedule.publishedBeforeMilliseconds),
        ),
      );
    }

    const update = rows.flatMap((row): SigningKeyRow[] => {
      // Keys encrypted under an older master secret move to the current one, so that the older can be dropped.
      const master = secrets.all.find((secret) => secret.id === row.masterSecretId);
      const moved =
        master && master.id !== secrets.current.id
          ? {
              masterSecretId: secrets.current.id,
              encryptedPrivateJwk: encrypt(
                secrets.current,
                row.kid,
                decrypt(master, row.kid, row.encryptedPrivateJwk),
              ),
            }
          : {};
      const retired =
        row.activatesAt < current.activatesAt && row.removedAt === null
          ? { removedAt: now + signingKeySchedule.keptAfterMilliseconds }
          : {};
      const changed = { ...moved, ...retired };
      return Object.keys(changed).length > 0 ? [{ ...row, ...changed }] : [];
    });
    const expired = rows.some((row) => row.removedAt !== null && row.removedAt < now);
    if (add.length > 0 || update.length > 0 || expired)
      await store.changeSigningKeys({ add, update, removedBefore: now });
    await load();
  };

  await maintain();

  return {
    sign: (now) => {
      const key = currentAt(now);
      if (!key) throw new Error("No signing key is current");
      return {
        kid: key.kid,
        algorithm: key.algorithm,
        signature: (data) => sign(null, Buffer.from(data), key.privateKey),
      };
    },
    find: (kid) => ring.find((key) => key.kid === kid) ?? null,
    jwks: () => {
      if (published?.of !== ring)
        published = { of: ring, jwks: { keys: ring.map((key) => key.publicJwk) } };
      return published.jwks;
    },
    maintain,
    rotate: async ({ leaked = false } = {}) => {
      const now = clock.now();
      const rows = await load();
      const next = ring.filter(isUsable).find((key) => key.activatesAt > now);
      let rotated = rows.find((row) => row.kid === next?.kid);
      if (leaked || !rotated) {
        rotated = await generate(secrets.current, now, now);
        // What has been removed by now is deleted.
        await store.changeSigningKeys({
          add: [rotated],
          update: leaked ? rows.map((row) => ({ ...row, removedAt: now - 1 })) : [],
          removedBefore: now,
        });
      } else {
        const publishedAt = rotated.createdAt + signingKeySchedule.publishedBeforeMilliseconds;
        rotated = {
          ...rotated,
          activatesAt: Math.min(rotated.activatesAt, Math.max(now, publishedAt)),
        };
        await store.changeSigningKeys({ add: [], update: [rotated], removedBefore: now });
      }
      await maintain();
      const { kid, activatesAt: signsFrom } = rotated;
      const detail = { by: "command line", ...(leaked && { leaked }) };
      await store.addAuditEvent({
        at: now,
        action: "signingKey.rotate",
        result: "success",
        subjectType: "signing key",
        subjectId: kid,
        detail,
      });
      return { kid, signsFrom };
    },
  };
};
