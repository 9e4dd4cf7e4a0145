import type { AuditEvent } from "../audit/audit-store.ts";
import type { Awaitable } from "../awaitable.ts";
import type { RoleToGive } from "./role-store.ts";

/** A person who can sign in. Times are milliseconds since 1970. */
export interface User {
  readonly id: string;
  /** As shown. */
  readonly username: string;
  readonly email: string | null;
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
}

export interface UserStore {
  /** @param usernameKey as `usernameKey` makes it */
  find(usernameKey: string): Awaitable<User | null>;
  readRights(userId: string): Awaitable<UserRights | null>;
  /** Has the user of this name signed in on this device before? */
  isKnownDevice(usernameKey: string, deviceHash: Uint8Array): Awaitable<boolean>;
  /**
   * Another hash of the same password, so that the user's devices stay known. Does nothing where it
   * is no longer `from`.
   */
  replacePasswordHash(userId: string, from: string, to: string): Promise<void>;
  /** Is there somebody in the built-in role who is active and can sign in? */
  hasAdmin(): Awaitable<boolean>;
  /**
   * @param roles that the user is in from the beginning
   * @returns `changed` where one of the roles is no longer as it was read
   */
  add(
    user: NewUser,
    roles: readonly RoleToGive[],
    audit: AuditEvent,
  ): Promise<"added" | "nameTaken" | "changed">;
  /**
   * Creates a user with the built-in role that holds every permission, and uses up the setup token,
   * or neither.
   * @param tokenHash null when the command-line tool asks, which needs no token and may add another
   * admin
   */
  addAdmin(
    user: NewUser,
    tokenHash: Uint8Array | null,
    audit: AuditEvent,
  ): Promise<"added" | "tokenInvalid" | "nameTaken" | "adminExists">;
}
