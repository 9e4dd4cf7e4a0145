import type { AuditEvent } from "../audit/audit-store.ts";
import type { Applied, Awaitable } from "../awaitable.ts";

/**
 * The built-in role: of the first admin, and of those whom the command-line tool adds. Whoever is
 * in it has every permission that there is, those of later versions too. It is made where somebody
 * has deleted it by hand.
 */
export const adminRole = { name: "admin", description: "May do everything" } as const;

/** What a user is in, and has permissions and grants by. */
export interface Role {
  readonly id: string;
  /** As shown. No two roles have the same. */
  readonly name: string;
  readonly description: string;
  /** Each once, in the order of the alphabet. */
  readonly permissions: readonly string[];
}

/** A role as a decision finds it. */
export interface FoundRole extends Role {
  /** It gives every permission, and stays as it is. One role is. */
  readonly builtIn: boolean;
  /**
   * Another one when what the role gives has changed since, by whatever hand: its permissions or
   * its grants.
   */
  readonly epoch: number;
  /**
   * Another one when what is written in a role has changed since, by whatever hand. Who is in it,
   * and what it may see, is not written in it.
   */
  readonly version: number;
}

/**
 * Users and roles as a decision about rights found them. An epoch says what somebody may do, or
 * what a role gives: where it is another one by the time of the write, it is decided again.
 */
export interface ExpectedRights {
  readonly users: readonly { readonly id: string; readonly epoch: number }[];
  readonly roles: readonly { readonly id: string; readonly epoch: number }[];
}

/** Whatever is left out stays as it is. */
export type RoleWrites = Partial<Omit<Role, "id">>;

/** A section that is granted, or the wildcard, until then; null for good. */
export interface SectionUntil {
  readonly section: string;
  /** In milliseconds since 1970. */
  readonly expiresAt: number | null;
}

/** What a role gives, of one moment, so that the epoch fits the rest. */
export interface RoleRights extends Pick<FoundRole, "id" | "name" | "epoch" | "permissions"> {
  /** Slugs of the granted sections, or the wildcard alone. */
  readonly sections: readonly string[];
  /** Each of them once, the wildcard beside others, with its latest end. */
  readonly grants: readonly SectionUntil[];
}

/**
 * Roles, and who is in which. Whatever is changed here is in force on the next request of everybody
 * whom it concerns.
 *
 * `lastAdmin`: there was an admin, and none would be left; nothing was written. No two such changes
 * at once leave none either. No row tells of it, so that a decision cannot.
 */
export interface RoleStore {
  /** By name. */
  list(): Awaitable<readonly FoundRole[]>;
  /** Null when no such role exists. */
  read(roleId: string): Awaitable<FoundRole | null>;
  /** Of those that exist. */
  readRights(roleIds: readonly string[]): Awaitable<readonly RoleRights[]>;
  /** What those who are in it have besides, of one moment. */
  readMembers(roleId: string): Awaitable<{
    /** Every role that any of them is in. */
    readonly roleIds: readonly string[];
    /** Their own grants in force, each section once, with its latest end. */
    readonly grants: readonly SectionUntil[];
  }>;
  /** How many are in each of these, where anybody is. */
  countUsers(roleIds: readonly string[]): Awaitable<ReadonlyMap<string, number>>;
  add(
    role: Role,
    expected: ExpectedRights,
    audit: AuditEvent,
  ): Promise<"added" | "nameTaken" | "changed">;
  /** @param role as it was read */
  apply(
    role: Pick<FoundRole, "id" | "version">,
    expected: ExpectedRights,
    writes: RoleWrites,
    audit: AuditEvent,
  ): Promise<Applied | "nameTaken" | "lastAdmin">;
  /** Everybody leaves it, and its grants go with it. */
  remove(
    role: Pick<FoundRole, "id" | "version">,
    expected: ExpectedRights,
    audit: AuditEvent,
  ): Promise<Applied | "lastAdmin">;
}
