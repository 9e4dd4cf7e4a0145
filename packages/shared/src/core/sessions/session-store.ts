import type { SessionEndReason } from "../../contract/error-codes.ts";
import type { AuditEvent } from "../audit/audit-store.ts";
import type { Applied, Awaitable } from "../awaitable.ts";
import type { ListPlace } from "../look-through.ts";
import type { NewNotice } from "../users/notice-store.ts";
import type { ExpectedRights } from "../users/role-store.ts";

/** What every request needs to know of the session and the user that its access token names. */
export interface SessionState {
  readonly userId: string;
  readonly delivery: "cookie" | "body";
  readonly endedAt: number | null;
  readonly endReason: string | null;
  readonly idleExpiresAt: number;
  readonly absoluteExpiresAt: number;
  /** When the user last proved who they are: by signing in, or by a step-up. */
  readonly authTime: number;
  readonly remembered: boolean;
  /** Is the user active? */
  readonly active: boolean;
  /** The user's, which rises with every change of what they may do. */
  readonly epoch: number;
}

/**
 * A session: one signed-in device, one family of refresh tokens, one row. Rotation adds none.
 * Times are milliseconds since 1970.
 */
export interface SessionRow {
  readonly id: string;
  readonly userId: string;
  /** Rises by one with each rotation. */
  readonly generation: number;
  /** SHA-256 of the current secret. */
  readonly secretHash: Uint8Array;
  readonly salt: Uint8Array;
  /** Which master secret derived the current generation. */
  readonly masterSecretId: string;
  /** SHA-256 of the Idempotency-Key of the last rotation. */
  readonly idempotencyKeyHash: Uint8Array | null;
  readonly rotatedAt: number;
  /**
   * When the rotations before the last one happened, newest first, as far back as the conflict
   * window reaches.
   */
  readonly earlierRotations: readonly number[];
  readonly idleExpiresAt: number;
  readonly absoluteExpiresAt: number;
  readonly endedAt: number | null;
  readonly endReason: string | null;
  readonly delivery: "cookie" | "body";
  /** Otherwise its cookies end with the browser, and it lives for an hour without use. */
  readonly remembered: boolean;
  readonly userAgent: string;
  readonly address: string;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  readonly amr: readonly string[];
  readonly authTime: number;
}

export interface NewSession extends Omit<
  SessionRow,
  "earlierRotations" | "endedAt" | "endReason" | "idempotencyKeyHash"
> {}

/** A session as a decision finds it. */
export interface FoundSession {
  readonly row: SessionRow;
  /** Another one when the session has rotated or ended since. */
  readonly version: number;
  /**
   * Is its user active? A user who is deactivated loses every session, so that the version tells of
   * it.
   */
  readonly userIsActive: boolean;
}

/** What a rotation writes, all of it. */
export type RotationWrites = Pick<
  SessionRow,
  | "generation"
  | "secretHash"
  | "masterSecretId"
  | "idempotencyKeyHash"
  | "rotatedAt"
  | "earlierRotations"
  | "idleExpiresAt"
  | "lastUsedAt"
  | "userAgent"
  | "address"
>;

/**
 * Hashes of what a device may be called: the value that came along, and one that nobody has seen.
 */
export interface DeviceHashes {
  readonly presented: Uint8Array | null;
  readonly fresh: Uint8Array;
}

/** Another password for the user of a session, who has shown that they know the one of before. */
export interface PasswordWrites {
  /** The hash that the one of before was checked against. */
  readonly from: string | null;
  readonly to: string;
  /** The device that stays known, where it is; all others are forgotten. */
  readonly device: Uint8Array | null;
}

/** What a refresh, a step-up or a change of password does to a session. */
export interface SessionWrites {
  readonly rotation?: RotationWrites;
  /** The user has just proved who they are. */
  readonly authTime?: number;
  /**
   * Together with it every other session of the user ends, and links stop on which they could
   * choose a password. How many ended is told by the audit event.
   */
  readonly password?: PasswordWrites;
  readonly end?: { readonly at: number; readonly reason: SessionEndReason };
  readonly audit?: AuditEvent;
  /** Left out where there is one already of the same action and session. */
  readonly auditOnce?: AuditEvent;
  readonly notice?: NewNotice;
}

/** A session that lives, as lists have it. Times are milliseconds since 1970. */
export interface ListedSession extends Pick<
  SessionRow,
  | "id"
  | "userId"
  | "userAgent"
  | "address"
  | "createdAt"
  | "lastUsedAt"
  | "idleExpiresAt"
  | "absoluteExpiresAt"
> {
  readonly username: string;
  readonly displayName: string;
}

export interface SessionFilter {
  readonly userId?: string | undefined;
  /** In lower case; each has to be in what the device says of itself, its address or the name. */
  readonly words?: readonly string[] | undefined;
}

/**
 * One, those of a user, or of all that had begun by then but one, the oldest so many: nobody waits
 * for everybody's to be written.
 */
export type SessionsToEnd =
  | { readonly sessionId: string }
  | { readonly userId: string }
  | { readonly begunBy: number; readonly except: string; readonly most: number };

export interface SessionStore {
  /** Null when no such session exists. */
  readState(sessionId: string): Awaitable<SessionState | null>;
  /** Null when no such session exists. */
  read(sessionId: string): Awaitable<FoundSession | null>;
  /**
   * Adds a session and ends the one that it replaces on that device, which is a known one of the
   * user from now on.
   * @param device null where there is nothing to know the device by
   * @param ofNewDevice what the user is told where this is none of theirs yet, and no first sign-in
   * @returns which of the two it is called by from now on; null, with nothing added, when the user
   * is gone or has been deactivated meanwhile
   */
  add(
    session: NewSession,
    replaced: string | null,
    device: DeviceHashes | null,
    audit: AuditEvent,
    ofNewDevice?: NewNotice,
  ): Promise<{ readonly device: keyof DeviceHashes | null } | null>;
  /**
   * Carries out what was decided on this version of the session. All that arrive in one turn may
   * share one write.
   * @returns `otherPassword`, with nothing written, where the password is no longer the one that
   * was to be changed
   */
  apply(
    session: Pick<SessionRow, "id" | "userId" | "createdAt">,
    expectedVersion: number,
    writes: SessionWrites,
  ): Promise<Applied | "otherPassword">;
  /**
   * Those that live at that moment, the last sign-in first; of one moment, in an order that stays.
   * It looks at a bounded number of sessions: where it has found too few by then, it gives those.
   * @param after where the page before ended; null to begin
   * @returns where to go on; null where nothing follows
   */
  list(
    filter: SessionFilter,
    now: number,
    after: ListPlace | null,
    limit: number,
  ): Awaitable<{
    readonly sessions: readonly ListedSession[];
    readonly next: ListPlace | null;
  }>;
  /**
   * Ends what lives of this, where those whom it was decided on have the rights that they had. What
   * ended nothing is not recorded.
   * @returns how many
   */
  endAsDecided(
    which: SessionsToEnd,
    expected: ExpectedRights,
    reason: SessionEndReason,
    audit: AuditEvent,
  ): Promise<number | "changed">;
  /** Ends a session that lives. @returns whether there was one to end */
  end(sessionId: string, reason: SessionEndReason, audit: AuditEvent): Promise<boolean>;
  /** Ends all of a user's living sessions, but for the one that is excepted. @returns how many */
  endOfUser(
    userId: string,
    reason: SessionEndReason,
    audit: AuditEvent,
    except?: string,
  ): Promise<number>;
  /**
   * Deletes sessions that have been over since before `deadSince`, in small batches. @returns how
   * many
   */
  purge(deadSince: number): Promise<number>;
}
