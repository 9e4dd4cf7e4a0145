import type { Applied, Awaitable } from "../awaitable.ts";

/** An answer as it is given again: what the handler said of it, and its body as it was sent. */
export interface KeptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** One use of a key: by whom, for what, and in which of their requests. */
export interface KeyUse {
  /** Whose key it is. Nobody else's key is ever looked at. */
  readonly callerId: string;
  /** SHA-256 of the key and of what it was sent to. */
  readonly keyHash: Uint8Array;
  /** The request that carries it out, as the audit trail calls it. */
  readonly requestId: string;
}

export interface NewKeyUse extends KeyUse {
  /** SHA-256 of everything that the request asks for. */
  readonly requestHash: Uint8Array;
  readonly usedAt: number;
  readonly heldUntil: number;
}

export interface FoundKeyUse {
  readonly requestId: string;
  readonly requestHash: Uint8Array;
  readonly usedAt: number;
  /**
   * Until then whoever carries it out is believed to be at it; null once nothing more will come of
   * it.
   */
  readonly heldUntil: number | null;
  /** Null before there is one, and where it was too large to be kept. */
  readonly answer: KeptAnswer | null;
  /**
   * Has the request changed anything? A change is written together with an event that names the
   * request, so that the audit trail knows.
   */
  readonly hasChanged: boolean;
}

/**
 * Keys that callers have made up for their requests, each with the request that it was first sent
 * with and the answer to it. Times are milliseconds since 1970.
 */
export interface IdempotencyKeyStore {
  find(callerId: string, keyHash: Uint8Array): Awaitable<FoundKeyUse | null>;
  /**
   * The request takes the key, in the place of what was found. Of the caller's other keys the
   * oldest go, so that at most so many are left; those that are held stay.
   * @param found null where there was nothing
   */
  claim(use: NewKeyUse, found: FoundKeyUse | null, most: number): Promise<Applied>;
  /** What comes of a request that still has the key; nothing where another one has taken it. */
  keep(use: KeyUse, answer: KeptAnswer | null, heldUntil: number | null): Promise<void>;
  /** Requests that still have their keys, and are not over, hold them until then. */
  hold(uses: readonly KeyUse[], until: number): Promise<void>;
  /** Deletes those that were used before then. @returns how many */
  purge(before: number): Awaitable<number>;
}
