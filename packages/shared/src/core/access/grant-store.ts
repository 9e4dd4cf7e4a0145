import type { AuditEvent } from "../audit/audit-store.ts";
import type { Applied, Awaitable } from "../awaitable.ts";
import type { ExpectedRights } from "../users/role-store.ts";
import type { RequestAnswer } from "./access-request-store.ts";
import type { HeldGrant } from "./grants-in-force.ts";

/** Who has a grant. */
export type GrantHolder = { readonly userId: string } | { readonly roleId: string };

/** A user or a role may see a section, or every one. Times are milliseconds since 1970. */
export interface Grant extends HeldGrant {
  readonly id: string;
  readonly holder: GrantHolder;
  readonly createdAt: number;
}

/** With what its holder and its section are called. */
export interface NamedGrant extends Grant {
  /** Null for a role. */
  readonly user: { readonly username: string; readonly displayName: string } | null;
  /** Null for a user. */
  readonly role: { readonly name: string } | null;
  /** Null for the wildcard. */
  readonly title: string | null;
}

export interface GrantFilter {
  /** Of one of these users or roles; null for everybody's. */
  readonly holders: {
    readonly userIds: readonly string[];
    readonly roleIds: readonly string[];
  } | null;
  /** Of one of these slugs, or of the wildcard where it is among them; null for all. */
  readonly sections: readonly string[] | null;
}

/** Where a list of grants goes on: behind this one. */
export type GrantPlace = readonly [createdAt: number, id: string];

/** What a decision about grants goes by, those included that have ended and are still there. */
export interface FoundGrants {
  readonly grants: readonly NamedGrant[];
  /** The titles of those of the sections that there are, by slug. */
  readonly titles: ReadonlyMap<string, string>;
}

export interface GrantWrites {
  /** Ids of grants, which go before any are added. */
  readonly remove: readonly string[];
  readonly change: readonly Pick<Grant, "id" | "expiresAt">[];
  readonly add: readonly Grant[];
  readonly audit: readonly AuditEvent[];
  /** The request that they answer, if any. */
  readonly answer?: RequestAnswer | null;
}

export interface GrantStore {
  /** Those in force now, the newest first. */
  list(
    filter: GrantFilter,
    after: GrantPlace | null,
    limit: number,
  ): Awaitable<readonly NamedGrant[]>;
  /** Those of these ids, and those of these holders and sections. */
  find(wanted: {
    readonly ids: readonly string[];
    readonly userIds: readonly string[];
    readonly roleIds: readonly string[];
    readonly sections: readonly string[];
  }): Awaitable<FoundGrants>;
  /**
   * All of it, or nothing where one of the expected is another by now: every grant of theirs that
   * has changed since makes them another. Nothing either where a section has gone, or the request
   * that is answered by it is not open any more. In force on the next request of whomever it
   * concerns.
   */
  apply(expected: ExpectedRights, writes: GrantWrites): Promise<Applied>;
  /**
   * Deletes grants that have ended by then, in small batches, each with an event of the audit
   * trail. @returns how many
   */
  purge(endedBy: number): Promise<number>;
}
