import type { AuditEvent } from "../audit/audit-store.ts";
import type { Applied, Awaitable } from "../awaitable.ts";
import type { ExpectedRights } from "../users/role-store.ts";

/** A link on which a wall screen shows one section. Times are milliseconds since 1970. */
export interface DisplayLink {
  readonly id: string;
  readonly name: string;
  readonly sectionId: string;
  /** Its slug and title of now. */
  readonly section: string;
  readonly title: string;
  readonly madeBy: { readonly id: string; readonly username: string; readonly displayName: string };
  readonly createdAt: number;
  readonly expiresAt: number;
  /** To the minute; null for never. */
  readonly lastSeenAt: number | null;
}

export interface NewDisplayLink extends Pick<
  DisplayLink,
  "id" | "name" | "section" | "createdAt" | "expiresAt"
> {
  readonly tokenHash: Uint8Array;
  /** A user. */
  readonly madeBy: string;
}

export interface DisplayLinkStore {
  /** The newest first. @param section a slug; null for all */
  list(
    section: string | null,
    after: readonly [createdAt: number, id: string] | null,
    limit: number,
  ): Awaitable<readonly DisplayLink[]>;
  read(id: string): Awaitable<DisplayLink | null>;
  findByToken(tokenHash: Uint8Array): Awaitable<DisplayLink | null>;
  /** Nothing where one of the expected is another by now, or no section has this slug. */
  add(link: NewDisplayLink, expected: ExpectedRights, audit: AuditEvent): Promise<Applied>;
  /** Nothing where one of the expected is another by now, or the link is gone. */
  remove(id: string, expected: ExpectedRights, audit: AuditEvent): Promise<Applied>;
  /** A screen has asked. No list has changed by it. */
  noteSeen(id: string, at: number): Promise<void>;
  /** Forgets those that ended before. @returns how many */
  purge(endedBefore: number): Promise<number>;
}
