/**
 * The key ring: for each use next, current and retired signing keys. There is always a next one, so
 * that each key but the very first has been known, for longer than anybody may keep the published
 * keys or goes without a look at the ring, before it signs. A retired one stays until every token
 * that it signed has expired. So rotation logs nobody out, and no verifier meets a key that it
 * cannot know. Keys for cookies are secrets of ours alone, and are never published.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  randomBytes,
  sign,
  type KeyObject,
} from "node:crypto";
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  generateSecret,
  type CryptoKey,
  type JWK,
} from "jose";
import {
  accessTokenAlgorithms,
  type AccessTokenUse,
  type SigningKeyRow,
  type Stores,
} from "@sallyport/shared/core";
import type { MasterSecret, MasterSecrets } from "./master-secret.ts";

const uses = ["bearer", "cookie"] as const satisfies readonly AccessTokenUse[];
const day = 24 * 60 * 60 * 1000;
/** How long verifiers may keep the published keys. */
export const jwksLifeSeconds = 300;
export const signingKeySchedule = {
  signsForMilliseconds: 30 * day,
  /**
   * A running API publishes what another process has made within the hour; then copies of the old
   * list expire.
   */
  publishedBeforeMilliseconds: 60 * 60 * 1000 + jwksLifeSeconds * 1000,
  keptAfterMilliseconds: day,
} as const;

export interface VerificationKey {
  readonly kid: string;
  readonly use: AccessTokenUse;
  readonly algorithm: string;
  /** The public half, or the secret of a MAC in the form that WebCrypto takes at once. */
  readonly key: KeyObject | CryptoKey;
}

export interface RotatedKey {
  readonly use: AccessTokenUse;
  readonly kid: string;
  readonly signsFrom: number;
}

export interface SigningKeys {
  /**
   * Signs with the current key of that use, synchronously: for Ed25519 (RFC 8032) that is twice as
   * fast as WebCrypto, for HS256 (RFC 7518, 3.2) ten times.
   */
  sign(
    use: AccessTokenUse,
    now: number,
  ): {
    readonly kid: string;
    readonly algorithm: string;
    signature(data: string): Buffer;
  };
  find(kid: string): VerificationKey | null;
  /**
   * RFC 7517, public halves only, and of the keys that have one. The same object until the keys
   * change.
   */
  jwks(): { readonly keys: readonly Record<string, unknown>[] };
  /** Reads what other processes made. */
  load(): Promise<void>;
  /** The same, and makes what is due: a first key, a next key, the end of a retired one. */
  maintain(): Promise<void>;
  /**
   * Lets the next key of each use sign from now on, or as soon as it has been known for long
   * enough. With `leaked` no key of before is trusted any more, the next ones included: new ones
   * take their place at once, and every access token that is out has to be refreshed.
   */
  rotate(options?: { readonly leaked?: boolean }): Promise<readonly RotatedKey[]>;
}

type Place = Pick<SigningKeyRow, "use" | "kid">;

/** What a ciphertext is bound to, so that no key can be put where another is, or to another use. */
const bytesOf = ({ use, kid }: Place): Buffer =>
  Buffer.from(use === "bearer" ? kid : `${use} ${kid}`);

const encrypt = (master: MasterSecret, place: Place, text: string): Buffer => {
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", master.key["signing-keys"], iv).setAAD(
    bytesOf(place),
  );
  const encrypted = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), encrypted]);
};

const decrypt = (
  master: MasterSecret,
  { encryptedPrivateJwk: bytes, ...place }: SigningKeyRow,
): string => {
  const decipher = createDecipheriv(
    "aes-256-gcm",
    master.key["signing-keys"],
    bytes.subarray(0, 12),
  )
    .setAAD(bytesOf(place))
    .setAuthTag(bytes.subarray(12, 28));
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8");
};

const extractable = true;
/** A key's name tells nothing of a secret: there it is random, and no thumbprint. */
const generators: Readonly<
  Record<
    AccessTokenUse,
    () => Promise<{ kid: string; privateJwk: JWK; publicJwk: Record<string, unknown> | null }>
  >
> = {
  cookie: async () => ({
    kid: randomBytes(16).toString("base64url"),
    privateJwk: await exportJWK(
      await generateSecret(accessTokenAlgorithms.cookie, { extractable }),
    ),
    publicJwk: null,
  }),
  bearer: async () => {
    const algorithm = accessTokenAlgorithms.bearer;
    const { publicKey, privateKey } = await generateKeyPair(algorithm, {
      crv: "Ed25519",
      extractable,
    });
    const publicJwk = await exportJWK(publicKey);
    const kid = await calculateJwkThumbprint(publicJwk);
    return {
      kid,
      privateJwk: await exportJWK(privateKey),
      publicJwk: { ...publicJwk, kid, alg: algorithm, use: "sig" },
    };
  },
};

const generate = async (
  use: AccessTokenUse,
  master: MasterSecret,
  createdAt: number,
  activatesAt: number,
): Promise<SigningKeyRow> => {
  const { kid, privateJwk, publicJwk } = await generators[use]();
  return {
    kid,
    use,
    algorithm: accessTokenAlgorithms[use],
    publicJwk,
    encryptedPrivateJwk: encrypt(master, { use, kid }, JSON.stringify(privateJwk)),
    masterSecretId: master.id,
    createdAt,
    activatesAt,
    removedAt: null,
  };
};

/** What a key does, once it has been opened. */
interface OpenKey {
  readonly verifies: VerificationKey["key"];
  /** Null when the master secret that encrypts it is not listed any more: it still verifies. */
  readonly signs: ((data: string) => Buffer) | null;
}

const parseJwk = (text: string): JWK => JSON.parse(text) as JWK;

const openers: Readonly<
  Record<
    AccessTokenUse,
    (row: SigningKeyRow, master: MasterSecret | undefined) => Promise<OpenKey | null>
  >
> = {
  cookie: async (row, master) => {
    // A secret that cannot be read verifies nothing either.
    if (master === undefined) return null;
    const secret = createSecretKey(parseJwk(decrypt(master, row)).k ?? "", "base64url");
    return {
      // jose takes it as it is. A KeyObject it would export and import again for each token.
      verifies: await crypto.subtle.importKey(
        "raw",
        secret.export(),
        { name: "HMAC", hash: "SHA-256" },
        false,
        ["verify"],
      ),
      signs: (data) => createHmac("sha256", secret).update(data).digest(),
    };
  },
  bearer: async (row, master) => {
    const privateKey =
      master && createPrivateKey({ key: parseJwk(decrypt(master, row)), format: "jwk" });
    return {
      verifies: createPublicKey({ key: row.publicJwk as JWK, format: "jwk" }),
      signs: privateKey ? (data) => sign(null, Buffer.from(data), privateKey) : null,
    };
  },
};

interface RingKey extends VerificationKey {
  readonly activatesAt: number;
  readonly publicJwk: Record<string, unknown> | null;
  readonly opened: OpenKey;
}

/** Opens the key ring and makes the first keys when there are none. */
export const openSigningKeys = async (
  stores: Pick<Stores, "audit" | "signingKeys">,
  secrets: MasterSecrets,
  clock: { now(): number },
): Promise<SigningKeys> => {
  let ring: readonly RingKey[] = [];
  let published:
    | { readonly of: unknown; readonly jwks: ReturnType<SigningKeys["jwks"]> }
    | undefined;

  const masterOf = (row: SigningKeyRow): MasterSecret | undefined =>
    secrets.all.find((secret) => secret.id === row.masterSecretId);

  const open = async (row: SigningKeyRow): Promise<RingKey[]> => {
    const { kid, use, algorithm, activatesAt, publicJwk } = row;
    const opened =
      ring.find((key) => key.kid === kid)?.opened ?? (await openers[use](row, masterOf(row)));
    return opened === null
      ? []
      : [{ kid, use, algorithm, activatesAt, publicJwk, opened, key: opened.verifies }];
  };

  const signers = (use: AccessTokenUse): readonly RingKey[] =>
    ring.filter((key) => key.use === use && key.opened.signs !== null);
  /**
   * The youngest key whose time has come. None has when the clock was set back: then the oldest
   * signs.
   */
  const currentAt = (use: AccessTokenUse, now: number): RingKey | undefined => {
    const usable = signers(use);
    return usable.findLast((key) => key.activatesAt <= now) ?? usable[0];
  };

  const load = async (): Promise<readonly SigningKeyRow[]> => {
    const rows = await stores.signingKeys.list();
    ring = (await Promise.all(rows.map(open))).flat();
    return rows;
  };

  /** What has to be done to the keys of one use, so that one is current and one is next. */
  const findDue = async (
    use: AccessTokenUse,
    rows: readonly SigningKeyRow[],
    now: number,
  ): Promise<{ readonly add: SigningKeyRow[]; readonly update: SigningKeyRow[] }> => {
    const readable = rows.filter((row) => masterOf(row) !== undefined);
    const add: SigningKeyRow[] = [];
    let current = readable.findLast((row) => row.activatesAt <= now);
    if (!current) add.push((current = await generate(use, secrets.current, now, now)));
    if (!readable.some((row) => row.activatesAt > now)) {
      const successorAt = current.activatesAt + signingKeySchedule.signsForMilliseconds;
      add.push(
        await generate(
          use,
          secrets.current,
          now,
          Math.max(successorAt, now + signingKeySchedule.publishedBeforeMilliseconds),
        ),
      );
    }

    const update = rows.flatMap((row): SigningKeyRow[] => {
      // Keys encrypted under an older master secret move to the current one, so that the older can
      // be dropped.
      const master = masterOf(row);
      const moved =
        master && master.id !== secrets.current.id
          ? {
              masterSecretId: secrets.current.id,
              encryptedPrivateJwk: encrypt(secrets.current, row, decrypt(master, row)),
            }
          : {};
      const retired =
        row.activatesAt < current.activatesAt && row.removedAt === null
          ? { removedAt: now + signingKeySchedule.keptAfterMilliseconds }
          : {};
      const changed = { ...moved, ...retired };
      return Object.keys(changed).length > 0 ? [{ ...row, ...changed }] : [];
    });
    return { add, update };
  };

  const maintain = async (): Promise<void> => {
    const now = clock.now();
    const rows = await load();
    const due = await Promise.all(
      uses.map((use) =>
        findDue(
          use,
          rows.filter((row) => row.use === use),
          now,
        ),
      ),
    );
    const add = due.flatMap((one) => one.add);
    const update = due.flatMap((one) => one.update);
    const expired = rows.some((row) => row.removedAt !== null && row.removedAt < now);
    if (add.length > 0 || update.length > 0 || expired)
      await stores.signingKeys.change({ add, update, removedBefore: now });
    await load();
  };

  /** The key of that use that is to sign next: the one there is, or with `leaked` a new one. */
  const findNext = async (
    use: AccessTokenUse,
    rows: readonly SigningKeyRow[],
    now: number,
    leaked: boolean,
  ): Promise<{ readonly row: SigningKeyRow; readonly isNew: boolean }> => {
    const next = signers(use).find((key) => key.activatesAt > now);
    const row = leaked ? undefined : rows.find(({ kid }) => kid === next?.kid);
    if (!row) return { row: await generate(use, secrets.current, now, now), isNew: true };
    const knownAt = row.createdAt + signingKeySchedule.publishedBeforeMilliseconds;
    const activatesAt = Math.min(row.activatesAt, Math.max(now, knownAt));
    return { row: { ...row, activatesAt }, isNew: false };
  };

  await maintain();

  return {
    sign: (use, now) => {
      const key = currentAt(use, now);
      if (!key?.opened.signs) throw new Error("No signing key is current");
      return { kid: key.kid, algorithm: key.algorithm, signature: key.opened.signs };
    },
    find: (kid) => ring.find((key) => key.kid === kid) ?? null,
    jwks: () => {
      if (published?.of !== ring) {
        const keys = ring.flatMap(({ publicJwk }) => (publicJwk === null ? [] : [publicJwk]));
        published = { of: ring, jwks: { keys } };
      }
      return published.jwks;
    },
    load: async () => void (await load()),
    maintain,
    rotate: async ({ leaked = false } = {}) => {
      const now = clock.now();
      const rows = await load();
      const next = await Promise.all(uses.map((use) => findNext(use, rows, now, leaked)));
      await stores.signingKeys.change({
        add: next.flatMap(({ row, isNew }) => (isNew ? row : [])),
        update: [
          ...next.flatMap(({ row, isNew }) => (isNew ? [] : row)),
          // What has been removed by now is deleted.
          ...(leaked ? rows.map((row) => ({ ...row, removedAt: now - 1 })) : []),
        ],
        removedBefore: now,
      });
      await maintain();
      const detail = { by: "command line", ...(leaked && { leaked }) };
      for (const { row } of next)
        await stores.audit.add({
          at: now,
          action: "signingKey.rotate",
          result: "success",
          subjectType: "signing key",
          subjectId: row.kid,
          detail: { ...detail, use: row.use },
        });
      return next.map(({ row }) => ({ use: row.use, kid: row.kid, signsFrom: row.activatesAt }));
    },
  };
};
