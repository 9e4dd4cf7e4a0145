import type { AuditEvent } from "../audit/audit-store.ts";
import type { Applied, Awaitable } from "../awaitable.ts";
import type { NewNotice } from "./notice-store.ts";
import type { ExpectedRights } from "./role-store.ts";

/** A token that works once. Only the SHA-256 of it is kept. Times are milliseconds since 1970. */
export interface OneUseToken {
  readonly tokenHash: Uint8Array;
  /**
   * To make the first admin; to choose the password of a user, on a link that somebody made or on
   * one that was sent to the user's verified address; to verify their address.
   */
  readonly purpose: "setup" | "password" | "passwordReset" | "emailVerification";
  /** Whose it is; null for a setup. */
  readonly userId: string | null;
  /** Who had it made, and can use it as well; null for the command line and the first start. */
  readonly madeBy: string | null;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** A link on which a password can be chosen. */
export interface PasswordLink extends Pick<OneUseToken, "madeBy" | "expiresAt"> {
  readonly userId: string;
  /** It was sent to the user's address, and to nobody else. */
  readonly isMailed: boolean;
}

/** A token is used up by the store of what it is for, in the same write. */
export interface OneUseTokenStore {
  /** For a setup. */
  isUsable(tokenHash: Uint8Array, at: number): Awaitable<boolean>;
  /** Of a link on which a password can still be chosen; null for any other. */
  findPasswordLink(tokenHash: Uint8Array, at: number): Awaitable<PasswordLink | null>;
  /** Whose address is verified by it; null where it works no more. */
  findEmailVerification(
    tokenHash: Uint8Array,
    at: number,
  ): Awaitable<{ readonly userId: string } | null>;
  /**
   * In the place of every other link on which this user could choose a password; they are told of
   * it by the notice.
   */
  replacePasswordLink(
    link: OneUseToken & { readonly userId: string },
    expected: ExpectedRights,
    audit: AuditEvent,
    notice: NewNotice,
  ): Promise<Applied>;
  /** Forgets those that have expired by then, too. */
  add(token: OneUseToken): Promise<void>;
}
