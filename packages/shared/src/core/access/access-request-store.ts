import type { AuditEvent } from "../audit/audit-store.ts";
import type { Applied, Awaitable } from "../awaitable.ts";
import type { ExpectedRights } from "../users/role-store.ts";
import type { SectionVisibility } from "./decide-access.ts";

/** Somebody asks for a section. Times are milliseconds since 1970. */
export interface AccessRequest {
  readonly id: string;
  readonly userId: string;
  /** The address as they know it. */
  readonly askedFor: string;
  /** Null where there was no such section: nobody is ever shown the request then. */
  readonly sectionId: string | null;
  readonly note: string;
  readonly askedAt: number;
  /**
   * From then on it is answered. Null while nobody has; never null where nobody can. Whoever asks
   * is told by `overAt`.
   */
  readonly answeredAt: number | null;
}

/** As those see it who may answer, with what the section is called now. */
export interface NamedAccessRequest extends Pick<
  AccessRequest,
  "id" | "note" | "askedAt" | "answeredAt"
> {
  readonly user: { readonly id: string; readonly username: string; readonly displayName: string };
  readonly section: string;
  readonly title: string;
}

/** What a decision about somebody's next request goes by. */
export interface AskedSoFar {
  /** Another one when any of it has changed since. */
  readonly version: string;
  /** The oldest first. */
  readonly requests: readonly AccessRequest[];
  /** The section of this address, or else the one that had it last. */
  readonly section: {
    readonly id: string;
    readonly slug: string;
    readonly visibility: SectionVisibility;
  } | null;
}

export interface AskingWrites {
  /** Ids, which go before any is added. */
  readonly remove: readonly string[];
  readonly add: AccessRequest | null;
  readonly note: Pick<AccessRequest, "id" | "note"> | null;
  readonly audit: AuditEvent;
}

/** An open request is answered by this. */
export interface RequestAnswer {
  readonly requestId: string;
  readonly at: number;
}

export interface AccessRequestListing {
  /** Of these sections only, by their slugs; null for all. */
  readonly sections: readonly string[] | null;
  readonly isDescending: boolean;
  readonly after: readonly [askedAt: number, id: string] | null;
  readonly limit: number;
}

export interface AccessRequestStore {
  /** What somebody has asked for, the oldest first. */
  readOf(userId: string): Awaitable<readonly AccessRequest[]>;
  find(userId: string, slug: string): Awaitable<AskedSoFar>;
  /** All of it, or nothing where what was found is no longer so. */
  ask(
    userId: string,
    slug: string,
    expectedVersion: string,
    writes: AskingWrites,
  ): Promise<Applied>;
  /**
   * Open requests of active users for restricted sections that they have no grant to now, by when
   * they asked; and how many there are on all pages.
   */
  list(listing: AccessRequestListing): Awaitable<{
    readonly requests: readonly NamedAccessRequest[];
    readonly total: number;
  }>;
  /** Null where there is none of this id, or no section that it asks for. */
  read(requestId: string): Awaitable<NamedAccessRequest | null>;
  /** Nothing where one of the expected is another by now, or the request is not open any more. */
  answer(expected: ExpectedRights, answer: RequestAnswer, audit: AuditEvent): Promise<Applied>;
  /** Forgets what was answered before the one, and asked before the other. @returns how many */
  purge(before: { readonly answered: number; readonly asked: number }): Promise<number>;
}
