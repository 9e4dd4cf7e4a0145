import type { Preferences } from "../../contract/preferences.ts";
import type { AuditEvent } from "../audit/audit-store.ts";
import type { Applied, Awaitable } from "../awaitable.ts";
import type { NewNotice } from "./notice-store.ts";
import type { OneUseToken } from "./one-use-token-store.ts";
import type { ExpectedRights, Role, SectionUntil } from "./role-store.ts";

/** A person who can sign in. Times are milliseconds since 1970. */
export interface User {
  readonly id: string;
  /** As shown. */
  readonly username: string;
  readonly email: string | null;
  /** They have shown that what is sent there reaches them. */
  readonly emailVerified: boolean;
  readonly displayName: string;
  /** Means something to whoever verifies passwords; null for a user who cannot sign in with one. */
  readonly passwordHash: string | null;
  readonly active: boolean;
  /** Rises whenever what the user may do changes. The store raises it, whoever makes the change. */
  readonly epoch: number;
  /** Rises with every edit of the user, their roles included, whoever makes it. */
  readonly version: number;
}

export interface NewUser extends Omit<User, "epoch" | "version"> {
  /** NFKC, lower case: what sign-in compares. No two users have the same. */
  readonly usernameKey: string;
  /** No two users have the same; null for those without an address. */
  readonly emailKey: string | null;
  readonly createdAt: number;
}

/** What a user is and may do, of one moment, so that the epoch fits the rest. */
export interface UserRights {
  readonly user: User;
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  /** Slugs of the granted sections, or the wildcard alone. */
  readonly sections: readonly string[];
  /** Each of them once, the wildcard beside others, with its latest end. */
  readonly grants: readonly SectionUntil[];
  /**
   * When the first of their grants ends, in milliseconds since 1970; null where none does. From
   * then on the rights are others, under the same epoch until the row is gone.
   */
  readonly sectionsEndAt: number | null;
  readonly preferences: Preferences;
}

export type NamedRole = Pick<Role, "id" | "name">;

/** A user as those see them who administer. */
export interface DescribedUser {
  readonly user: User;
  /** By name. */
  readonly isIn: readonly NamedRole[];
  readonly createdAt: number;
  /** When one of their sessions was used last; null for somebody who never signed in. */
  readonly lastSeenAt: number | null;
}

/** The same with what they may do, of one moment. */
export interface UserDetails extends DescribedUser {
  readonly permissions: readonly string[];
  /** Slugs of the granted sections, or the wildcard alone. */
  readonly sections: readonly string[];
  /** Each of them once, the wildcard beside others, with its latest end. */
  readonly grants: readonly SectionUntil[];
}

/** Which users a list has. Whatever is null holds nobody back. */
export interface UserFilter {
  /** A part of the user name, the name or the address, as `displayNameKey` makes it. */
  readonly text: string | null;
  readonly roleId: string | null;
  readonly active: boolean | null;
}

export interface UserOrder {
  readonly by: "username" | "displayName" | "createdAt";
  readonly descending: boolean;
}

/** Where a user stands in an order: what it goes by, and the id. */
export type UserPlace = readonly [key: string | number, id: string];

export interface UserPage {
  readonly items: readonly (DescribedUser & { readonly place: UserPlace })[];
  /** How many there are on all pages. */
  readonly total: number;
}

/** Everything that gives a user something: each right as often as it is given. */
export interface RightsWithReasons {
  readonly permissions: readonly { readonly permission: string; readonly role: NamedRole }[];
  /**
   * The role is null where the grant is the user's own; the section is a slug or the wildcard; one
   * without an end is for good.
   */
  readonly grants: readonly {
    readonly section: string;
    readonly role: NamedRole | null;
    readonly expiresAt: number | null;
  }[];
}

/** Somebody who is to be added. */
export interface NewPerson {
  readonly user: NewUser;
  /** The roles that they are in from the beginning. */
  readonly roleIds: readonly string[];
  /** On which they choose their password. */
  readonly link: OneUseToken | null;
  readonly audit: AuditEvent;
}

/** Whatever is left out stays as it is. */
export interface UserWrites {
  readonly displayName?: string;
  readonly email?: { readonly address: string; readonly key: string } | null;
  readonly active?: boolean;
  /** A role that they are in already, or not at all, stays as it is. */
  readonly roles?: { readonly add: readonly string[]; readonly remove: readonly string[] };
}

/**
 * Whatever is changed here is in force on the next request of everybody whom it concerns.
 *
 * `lastAdmin`: there was an admin, and none would be left; nothing was written. No two such changes
 * at once leave none either. No row tells of it, so that a decision cannot.
 */
export interface UserStore {
  /** @param usernameKey as `usernameKey` makes it */
  find(usernameKey: string): Awaitable<User | null>;
  /** Whose verified address it is. @param emailKey as `emailKey` makes it */
  findByVerifiedEmail(emailKey: string): Awaitable<User | null>;
  readRights(userId: string): Awaitable<UserRights | null>;
  /** Null when no such user exists. */
  read(userId: string): Awaitable<UserDetails | null>;
  /** Those behind a place in the order, at most so many; ids decide between equals. */
  list(
    filter: UserFilter,
    order: UserOrder,
    after: UserPlace | null,
    limit: number,
  ): Awaitable<UserPage>;
  /** Nothing for somebody who does not exist. */
  readReasons(userId: string): Awaitable<RightsWithReasons>;
  /** Which of these are somebody's, or were somebody's name. */
  findTaken(
    usernameKeys: readonly string[],
    emailKeys: readonly string[],
  ): Awaitable<{ readonly usernameKeys: readonly string[]; readonly emailKeys: readonly string[] }>;
  /** Has the user of this name signed in on this device before? */
  isKnownDevice(usernameKey: string, deviceHash: Uint8Array): Awaitable<boolean>;
  /**
   * Another hash of the same password, so that the user's devices stay known. Does nothing where it
   * is no longer `from`.
   */
  replacePasswordHash(userId: string, from: string, to: string): Promise<void>;
  /** Is there somebody in the built-in role who is active and can sign in? */
  hasAdmin(): Awaitable<boolean>;
  /** All of them, or nobody. */
  add(
    people: readonly NewPerson[],
    expected: ExpectedRights,
  ): Promise<"added" | "nameTaken" | "changed">;
  /**
   * Another address is not verified, and links that were sent to the one before work no more.
   * @param user as it was read
   * @param notice goes by mail to the address before and to the one after
   */
  apply(
    user: Pick<User, "id" | "version">,
    expected: ExpectedRights,
    writes: UserWrites,
    audit: AuditEvent,
    notice?: NewNotice | null,
  ): Promise<Applied | "nameTaken" | "lastAdmin">;
  /** What a user changes of their own, where nothing of it has become another meanwhile. */
  applyOwn(
    found: {
      readonly user: Pick<User, "id" | "version">;
      readonly preferences: Preferences;
    },
    writes: { readonly displayName: string; readonly preferences: Preferences },
    audit: AuditEvent,
  ): Promise<Applied>;
  /** With everything that is theirs. Their name is given to nobody any more. */
  remove(
    user: Pick<User, "id" | "version">,
    expected: ExpectedRights,
    audit: AuditEvent,
  ): Promise<Applied | "lastAdmin">;
  /**
   * Uses up the link on which an active user chooses a password, and every other one of theirs, and
   * ends their sessions.
   */
  choosePassword(
    chosen: {
      readonly userId: string;
      readonly tokenHash: Uint8Array;
      readonly passwordHash: string;
    },
    expected: ExpectedRights,
    audit: AuditEvent,
    notice: NewNotice | null,
  ): Promise<Applied | "tokenInvalid">;
  /** Uses up the link, and every other one of theirs that verifies an address. */
  verifyEmail(
    verified: { readonly userId: string; readonly tokenHash: Uint8Array },
    audit: AuditEvent,
  ): Promise<"applied" | "tokenInvalid">;
  /**
   * Creates a user with the built-in role that holds every permission, and uses up the setup token,
   * or neither. Before anybody else is there, that role is granted every section; where it does not
   * give them, the user is granted them.
   * @param tokenHash null when the command-line tool asks, which needs no token and may add another
   * admin
   */
  addAdmin(
    user: NewUser,
    tokenHash: Uint8Array | null,
    audit: AuditEvent,
  ): Promise<"added" | "tokenInvalid" | "nameTaken" | "adminExists">;
}
