/**
 * What the rest of the API asks of a database, the rows of datasets apart. Narrow on purpose: another database
 * has to offer this, and a compiler of panel queries, and nothing else. Reads may answer at once; whatever changes something has it
 * on disk before it resolves. Times are milliseconds since 1970.
 */
import type { SessionEndReason } from "@sallyport/shared/contract";
import type { PanelDefinition } from "@sallyport/shared/contract";
import type {
  SectionMark,
  SectionsFound as FoundSections,
  SectionVisibility,
  SessionState,
  StoredSection,
} from "@sallyport/shared/rules";
import type * as schema from "./schema.ts";

export type Awaitable<T> = T | Promise<T>;

export type UserRow = typeof schema.users.$inferSelect;
export type SessionRow = typeof schema.sessions.$inferSelect;
export type NewSessionRow = typeof schema.sessions.$inferInsert;
export type SigningKeyRow = typeof schema.signingKeys.$inferSelect;
export type AuditEvent = Omit<typeof schema.auditEvents.$inferInsert, "id">;
export type NewNotice = Omit<typeof schema.notices.$inferInsert, "id" | "dismissedAt">;
export type NoticeRow = typeof schema.notices.$inferSelect;

/** What a user is and may do, read in one go so that the epoch fits the rest. */
export interface UserRights {
  readonly user: UserRow;
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  /** Slugs of the granted sections, or the wildcard alone. */
  readonly sections: readonly string[];
}

/** What a rotation does to the family, decided while its row is locked. */
export interface FamilyChange {
  readonly update?: Partial<Omit<SessionRow, "id" | "userId">>;
  readonly audit?: AuditEvent;
  /** Left out where there is one already of the same action and session. */
  readonly auditOnce?: AuditEvent;
  readonly notice?: NewNotice;
}

export type SectionRow = Omit<typeof schema.sections.$inferSelect, "createdAt" | "updatedAt">;
export type SectionSummary = Omit<SectionRow, "refreshSeconds" | "last">;
export type SectionLink = Pick<
  SectionSummary,
  "slug" | "title" | "icon" | "position" | "visibility"
>;

/** A panel with what its query has to know of the dataset; null for a panel without one. */
export interface PanelRow {
  readonly id: string;
  readonly definition: PanelDefinition;
  readonly dataset: Pick<
    typeof schema.datasets.$inferSelect,
    "name" | "tableName" | "columns" | "attribution" | "version" | "timeBounds"
  > | null;
}

/** What there is when sections are about to change. */
export type SectionsFound = FoundSections<NonNullable<PanelRow["dataset"]>>;

/** A section as it is to be from now on, all of it. */
export interface SectionChange {
  readonly at: number;
  readonly isNew: boolean;
  readonly stored: StoredSection;
  readonly audit: AuditEvent | null;
}

export interface Store {
  /** Null when no such session exists. */
  readSessionState(sessionId: string): Awaitable<SessionState | null>;
  readSession(sessionId: string): Awaitable<SessionRow | null>;
  readUserRights(userId: string): Awaitable<UserRights | null>;
  /** Differs from before when anything may have been committed since, by whatever process. Reads no table. */
  readChangeMark(): Awaitable<string>;
  /** The states of these sessions, those that exist, and the marks of all sections, of one moment. Takes two statements. */
  readLiveState(sessionIds: readonly string[]): Awaitable<{
    readonly sessions: ReadonlyMap<string, SessionState>;
    readonly sections: readonly SectionMark[];
  }>;
  findUser(usernameKey: string): Awaitable<UserRow | null>;
  /** Has the user of this name signed in on this device before? */
  isKnownDevice(usernameKey: string, deviceHash: Buffer): Awaitable<boolean>;
  /** The notices the user has not dismissed, oldest first. */
  readNotices(userId: string): Awaitable<readonly NoticeRow[]>;

  /**
   * Adds a session and ends the one it replaces on that device, which is a known one of the user from now on.
   * @param device hashes of the values it may be called by; null where there is nothing to know the device by
   * @returns the hash of the value that it is called by; null, with nothing added, when the user is gone or has been
   * deactivated meanwhile
   */
  addSession(
    session: NewSessionRow,
    replaced: string | null,
    device: { readonly presented: Buffer | null; readonly fresh: Buffer } | null,
    audit: AuditEvent,
  ): Promise<{ readonly deviceHash: Buffer | null } | null>;
  /**
   * Gives `decide` the family's row and whether its user is active, and carries out the change it returns, all in
   * one transaction that nothing else can enter. `decide` must be synchronous and must not throw for an expected outcome.
   */
  changeFamily<D extends { readonly change?: FamilyChange }>(
    sessionId: string,
    decide: (row: SessionRow | null, userIsActive: boolean) => D,
  ): Promise<D>;
  /** Ends a session that lives. @returns whether there was one to end */
  endSession(sessionId: string, reason: SessionEndReason, audit: AuditEvent): Promise<boolean>;
  /** Ends all of a user's living sessions. @returns how many */
  endUserSessions(userId: string, reason: SessionEndReason, audit: AuditEvent): Promise<number>;
  /** Deletes families that have been dead since before `deadSince`, in small batches. @returns how many */
  purgeSessions(deadSince: number): Promise<number>;
  /** Deletes the audit events of before then, the oldest first, in small batches. @returns how many */
  purgeAuditEvents(before: number): Promise<number>;

  addAuditEvent(event: AuditEvent): Promise<void>;
  dismissNotice(userId: string, noticeId: string, at: number): Promise<void>;
  /** Another hash of the same password, so that the user's devices stay known. */
  replacePasswordHash(userId: string, from: string, to: string): Promise<void>;

  /** Is there an active user with every permission? */
  hasAdmin(): Awaitable<boolean>;
  isOneUseTokenUsable(tokenHash: Buffer, at: number): Awaitable<boolean>;
  addOneUseToken(token: typeof schema.oneUseTokens.$inferInsert): Promise<void>;
  /**
   * Uses up the token by compare-and-swap and creates the first admin, or neither.
   * @param tokenHash null when the command-line tool asks, which needs no token
   */
  createAdmin(
    user: typeof schema.users.$inferInsert,
    tokenHash: Buffer | null,
    audit: AuditEvent,
  ): Promise<"created" | "tokenInvalid" | "nameTaken" | "adminExists">;

  changeGrant(change: {
    readonly add: boolean;
    readonly subject: { readonly username: string } | { readonly role: string };
    readonly section: string;
    readonly at: number;
  }): Promise<"changed" | "unchanged" | "noSubject" | "noSection">;

  /**
   * Gives `decide` what there is, and carries out the changes it returns, all in one transaction that nothing else can
   * enter. `decide` must be synchronous, and must not throw for an expected outcome. The panels' datasets must exist.
   */
  changeSections<D extends { readonly changes: readonly SectionChange[] }>(
    decide: (found: SectionsFound) => D,
  ): Promise<D>;
  /** Null when no such section exists. */
  readSectionVisibility(slug: string): Awaitable<SectionVisibility | null>;
  /**
   * The sections that somebody with these grants may open, public ones included, in order.
   * @param granted slugs, or the wildcard; none for a visitor
   */
  listSectionLinks(granted: readonly string[]): Awaitable<readonly SectionLink[]>;
  /** The same with all that is said of a section, at most `limit` of them, those after a place in the order. */
  listSections(
    granted: readonly string[],
    after: Pick<SectionLink, "position" | "slug"> | null,
    limit: number,
  ): Awaitable<readonly SectionSummary[]>;
  /** A section and its panels in order. Takes as many statements however many panels there are. */
  readSection(
    slug: string,
  ): Awaitable<{ readonly section: SectionRow; readonly panels: readonly PanelRow[] } | null>;
  /** A panel is found only under its own section, whose `last` comes with it. */
  readPanel(
    slug: string,
    panelId: string,
  ): Awaitable<(PanelRow & { readonly sectionLast: string | null }) | null>;

  listSigningKeys(): Awaitable<readonly SigningKeyRow[]>;
  /** Adds keys, changes the times of others and forgets those removed before `now`, at once. */
  changeSigningKeys(change: {
    readonly add: readonly SigningKeyRow[];
    readonly update: readonly SigningKeyRow[];
    readonly removedBefore: number;
  }): Promise<void>;

  /** Does the database answer, and can it be written? Changes nothing that anybody reads. @throws AppError `busy` */
  check(): Awaitable<void>;
}
