import type { AccessTokenUse } from "./access-uses.ts";
import type { Awaitable } from "../awaitable.ts";

/** A key of the ring. Times are milliseconds since 1970. */
export interface SigningKeyRow {
  readonly kid: string;
  /** A key's use and its algorithm are its own: no token has a say in them. */
  readonly use: AccessTokenUse;
  readonly algorithm: string;
  /** Null for keys of cookies, which have no public half. */
  readonly publicJwk: Record<string, unknown> | null;
  /** Under AES-256-GCM, with a key derived from the master secret named beside it. */
  readonly encryptedPrivateJwk: Uint8Array;
  readonly masterSecretId: string;
  readonly createdAt: number;
  /** It signs from here … */
  readonly activatesAt: number;
  /** … and is forgotten here; null until its successor is known. */
  readonly removedAt: number | null;
}

export interface SigningKeyStore {
  /** In the order in which they sign. */
  list(): Awaitable<readonly SigningKeyRow[]>;
  /**
   * Adds keys, changes the times and the wrapping of others, and forgets those removed before then,
   * at once.
   */
  change(change: {
    readonly add: readonly SigningKeyRow[];
    readonly update: readonly SigningKeyRow[];
    readonly removedBefore: number;
  }): Promise<void>;
}
