import type { Awaitable } from "../awaitable.ts";

/** A token that works once. Only the SHA-256 of it is kept. Times are milliseconds since 1970. */
export interface OneUseToken {
  readonly tokenHash: Uint8Array;
  readonly purpose: "setup";
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** A token is used up by the store of what it is for, in the same write. */
export interface OneUseTokenStore {
  isUsable(tokenHash: Uint8Array, at: number): Awaitable<boolean>;
  /** Forgets those that have expired by then, too. */
  add(token: OneUseToken): Promise<void>;
}
