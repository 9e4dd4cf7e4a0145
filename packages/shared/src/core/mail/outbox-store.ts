import type { Applied, Awaitable } from "../awaitable.ts";
import type { AuditEvent } from "../audit/audit-store.ts";
import type { NewNotice } from "../users/notice-store.ts";
import type { OneUseToken } from "../users/one-use-token-store.ts";

/** What a mail is about: a notice, or a link that the user asked for. */
export type LinkKind = "passwordReset" | "emailVerification";
export type MailKind = NewNotice["kind"] | LinkKind;

/**
 * What is written with a notice for a user who has an address, and is there until it is sent. Times
 * are milliseconds since 1970.
 */
export interface WaitingMail extends Pick<NewNotice, "at" | "data"> {
  readonly id: string;
  readonly kind: MailKind;
  /** The address that the user had when it was written. */
  readonly to: string;
  /** The token of its link, sealed in the place of its id; null where it has no link. */
  readonly sealed: string | null;
  /** How often somebody has begun to send it. */
  readonly attempts: number;
}

/** What has failed to be sent at least once. */
export interface UndeliveredMail extends Pick<WaitingMail, "id" | "kind" | "at" | "attempts"> {
  readonly user: {
    readonly id: string;
    readonly username: string;
    readonly displayName: string;
  };
  readonly to: string;
  /** Why, in words for an admin. */
  readonly failure: string;
  /** When it is tried again; null once it is given up. */
  readonly dueAt: number | null;
}

/**
 * Mails that have still to be sent. Of each user the last ones are kept, as many as of notices;
 * they are added with the notices.
 */
export interface OutboxStore {
  /**
   * A link for this user, and the mail that brings it, in the place of every other link of theirs
   * for the same purpose. Nothing is written where the user is not active, or has another address
   * by now.
   */
  addLink(
    token: OneUseToken & { readonly userId: string; readonly purpose: LinkKind },
    mail: Pick<WaitingMail, "id" | "to"> & { readonly sealed: string },
    audit: AuditEvent,
  ): Promise<Applied>;
  /** Those whose time has come, the one that has waited longest first. */
  listDue(at: number, limit: number): Awaitable<readonly WaitingMail[]>;
  /**
   * Counts an attempt, and keeps others from sending it until then: should whoever has it die, it
   * is due again. Nothing happens where another has got it.
   */
  claim(mail: Pick<WaitingMail, "id" | "attempts">, until: number): Promise<Applied>;
  /**
   * It is sent, and forgotten. So is what of this user's could not be delivered to the same address
   * before.
   */
  forget(id: string): Promise<void>;
  /** @param dueAt when it is to be tried again; null to give it up */
  noteFailure(id: string, failure: string, dueAt: number | null): Promise<void>;
  /** The newest first. */
  listUndelivered(limit: number): Awaitable<readonly UndeliveredMail[]>;
  /** Forgets those that have been given up and are older. */
  purge(writtenBefore: number): Promise<number>;
}
