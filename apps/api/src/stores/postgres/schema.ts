/**
 * The tables. Times are milliseconds since 1970 in UTC; ids carry their prefix.
 * Beside what drizzle can describe, `migrations-postgres/0001_triggers.sql` holds the triggers that
 * raise `users.epoch` and `roles.version` and keep `audit_events` append-only, and the index that
 * lets a grant exist only once.
 */
import type { Preferences } from "@sallyport/shared/contract";
import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  customType,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import type { MailKind, NewNotice } from "@sallyport/shared/core";

const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({
  dataType: () => "bytea",
});
const milliseconds = (name: string) => bigint(name, { mode: "number" });

export const users = pgTable(
  "users",
  {
    id: text().primaryKey(),
    /** As shown. */
    username: text().notNull(),
    /** NFKC, lower case: what sign-in compares. */
    usernameKey: text("username_key").notNull(),
    /** Null for a person who has none, or whose address nobody knows. */
    email: text(),
    emailKey: text("email_key"),
    /**
     * Triggers take it away with another address, and the links that were sent to the one before.
     */
    emailVerified: boolean("email_verified").notNull().default(false),
    displayName: text("display_name").notNull(),
    /**
     * NFKC, lower case: what a search finds and lists are in the order of. Empty where the row was
     * written by hand.
     */
    displayNameKey: text("display_name_key").notNull().default(""),
    /** PHC string, or null for a user who cannot sign in with a password. */
    passwordHash: text("password_hash"),
    active: boolean().notNull().default(true),
    /** Rises whenever what the user may do changes. Triggers raise it; nothing else writes it. */
    epoch: integer().notNull().default(1),
    /**
     * Rises with every edit: of what is written here, but for the password, and of the user's
     * roles. Triggers raise it.
     */
    version: integer().notNull().default(1),
    /** What they have chosen for themselves; of no version, since nobody else changes it. */
    preferences: jsonb().$type<Preferences>().notNull().default({}),
    createdAt: milliseconds("created_at").notNull(),
    /** By the sessions that have been purged; triggers write it. Those that there are know more. */
    lastSeenAt: milliseconds("last_seen_at"),
  },
  (table) => [
    uniqueIndex("users_username_key").on(table.usernameKey),
    uniqueIndex("users_email_key").on(table.emailKey),
    index("users_display_name").on(table.displayNameKey, table.id),
    index("users_created").on(table.createdAt, table.id),
  ],
);

export const roles = pgTable(
  "roles",
  {
    id: text().primaryKey(),
    name: text().notNull().unique(),
    description: text().notNull().default(""),
    /** Of one role: whoever is in it has every permission that there is, whatever rows say. */
    builtIn: boolean("built_in").notNull().default(false),
    /** Rises whenever what the role gives changes, its grants included. Triggers raise it. */
    epoch: integer().notNull().default(1),
    /**
     * Rises with every change of what is written in the role, its permissions included. Triggers
     * raise it.
     */
    version: integer().notNull().default(1),
  },
  (table) => [
    uniqueIndex("roles_built_in")
      .on(table.builtIn)
      .where(sql`${table.builtIn}`),
  ],
);

/** Names of users who are gone. Nobody is ever called so again: others know people by them. */
export const retiredNames = pgTable("retired_names", {
  usernameKey: text("username_key").primaryKey(),
});

export const rolePermissions = pgTable(
  "role_permissions",
  {
    roleId: text("role_id")
      .notNull()
      .references(() => roles.id, { onDelete: "cascade" }),
    permission: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.roleId, table.permission] })],
);

export const userRoles = pgTable(
  "user_roles",
  {
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    roleId: text("role_id")
      .notNull()
      .references(() => roles.id, { onDelete: "cascade" }),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.roleId] }),
    index("user_roles_role").on(table.roleId),
  ],
);

export const sections = pgTable(
  "sections",
  {
    id: text().primaryKey(),
    slug: text().notNull().unique(),
    title: text().notNull(),
    description: text().notNull().default(""),
    icon: text().notNull().default("layout-dashboard"),
    position: integer().notNull(),
    visibility: text({ enum: ["restricted", "public"] })
      .notNull()
      .default("restricted"),
    /** How often an open page asks again; null for when something changes. */
    refreshSeconds: integer("refresh_seconds"),
    /** The range of time its page opens with, as an ISO 8601 duration; null for all of it. */
    last: text(),
    createdAt: milliseconds("created_at").notNull(),
    updatedAt: milliseconds("updated_at").notNull(),
  },
  (table) => [
    index("sections_position").on(table.position, table.slug),
    check("sections_slug_is_not_the_wildcard", sql`${table.slug} <> '_all_'`),
    check("sections_visibility", sql`${table.visibility} in ('restricted', 'public')`),
  ],
);

/** A user or a role may see a section; no section means every one (`_all_`). */
export const grants = pgTable(
  "grants",
  {
    id: text().primaryKey(),
    userId: text("user_id").references(() => users.id, { onDelete: "cascade" }),
    roleId: text("role_id").references(() => roles.id, { onDelete: "cascade" }),
    sectionId: text("section_id").references(() => sections.id, { onDelete: "cascade" }),
    /** From then on it counts no more, and its row goes soon; null for good. */
    expiresAt: milliseconds("expires_at"),
    createdAt: milliseconds("created_at").notNull(),
  },
  (table) => [
    index("grants_user").on(table.userId),
    index("grants_role").on(table.roleId),
    index("grants_section").on(table.sectionId),
    index("grants_created").on(table.createdAt, table.id),
    index("grants_end")
      .on(table.expiresAt)
      .where(sql`${table.expiresAt} is not null`),
    check(
      "grants_name_a_user_or_a_role",
      sql`(${table.userId} is null) <> (${table.roleId} is null)`,
    ),
  ],
);

/**
 * Somebody asks for a section. Also for one that there is not: then no section stands here, and the
 * time from which it counts as answered, so that who asks cannot tell the difference.
 */
export const accessRequests = pgTable(
  "access_requests",
  {
    id: text().primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** The address as they know it. */
    askedFor: text("asked_for").notNull(),
    sectionId: text("section_id").references(() => sections.id, { onDelete: "cascade" }),
    note: text().notNull(),
    askedAt: milliseconds("asked_at").notNull(),
    answeredAt: milliseconds("answered_at"),
  },
  (table) => [
    uniqueIndex("access_requests_user").on(table.userId, table.askedFor),
    index("access_requests_section").on(table.sectionId),
    index("access_requests_asked").on(table.askedAt, table.id),
    index("access_requests_open")
      .on(table.askedAt, table.id)
      .where(sql`${table.answeredAt} is null`),
    index("access_requests_answered")
      .on(table.answeredAt)
      .where(sql`${table.answeredAt} is not null`),
    check(
      "access_requests_of_nothing_are_answered",
      sql`${table.sectionId} is not null or ${table.answeredAt} is not null`,
    ),
  ],
);

/** A link on which a wall screen shows one section, until its end. */
export const displayLinks = pgTable(
  "display_links",
  {
    id: text().primaryKey(),
    /** SHA-256 of the token. */
    tokenHash: bytes("token_hash").notNull().unique(),
    name: text().notNull(),
    sectionId: text("section_id")
      .notNull()
      .references(() => sections.id, { onDelete: "cascade" }),
    /** It gives no more than they may give now. */
    madeBy: text("made_by")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    createdAt: milliseconds("created_at").notNull(),
    expiresAt: milliseconds("expires_at").notNull(),
    lastSeenAt: milliseconds("last_seen_at"),
  },
  (table) => [
    index("display_links_section").on(table.sectionId),
    index("display_links_maker").on(table.madeBy),
    index("display_links_created").on(table.createdAt, table.id),
    index("display_links_end").on(table.expiresAt),
  ],
);

/**
 * One row for each session: one signed-in device, one refresh-token family. Rotation never adds a
 * row.
 */
export const sessions = pgTable(
  "sessions",
  {
    id: text().primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    generation: integer().notNull(),
    /** SHA-256 of the current secret. */
    secretHash: bytes("secret_hash").notNull(),
    salt: bytes().notNull(),
    /** Which master secret derived the current generation; a replay uses the same one. */
    masterSecretId: text("master_secret_id").notNull(),
    /** SHA-256 of the Idempotency-Key of the last rotation. */
    idempotencyKeyHash: bytes("idempotency_key_hash"),
    rotatedAt: milliseconds("rotated_at").notNull(),
    /**
     * When the rotations before the last one happened, newest first, as far back as the conflict
     * window reaches.
     */
    earlierRotations: jsonb("earlier_rotations").$type<readonly number[]>().notNull().default([]),
    idleExpiresAt: milliseconds("idle_expires_at").notNull(),
    absoluteExpiresAt: milliseconds("absolute_expires_at").notNull(),
    endedAt: milliseconds("ended_at"),
    endReason: text("end_reason"),
    delivery: text({ enum: ["cookie", "body"] }).notNull(),
    userAgent: text("user_agent").notNull().default(""),
    address: text().notNull().default(""),
    createdAt: milliseconds("created_at").notNull(),
    lastUsedAt: milliseconds("last_used_at").notNull(),
    amr: jsonb().$type<readonly string[]>().notNull(),
    /** Otherwise its cookies end with the browser, and it lives for an hour without use. */
    remembered: boolean().notNull().default(true),
    authTime: milliseconds("auth_time").notNull(),
  },
  // Nothing that a rotation writes is indexed, so that the row's new version stays on its page.
  (table) => [
    index("sessions_user").on(table.userId, table.createdAt, table.id),
    // Of those that nobody has ended, for the list of all.
    index("sessions_begun")
      .on(table.createdAt, table.id)
      .where(sql`${table.endedAt} is null`),
  ],
);

/**
 * Devices from which a user has signed in, so that others' failures do not hold them up there.
 * Triggers forget them when the password changes.
 */
export const knownDevices = pgTable(
  "known_devices",
  {
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** SHA-256 of the random value in the device's cookie. */
    deviceHash: bytes("device_hash").notNull(),
    lastSignInAt: milliseconds("last_sign_in_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.deviceHash] }),
    // Of one value, whoever knows it.
    index("known_devices_hash").on(table.deviceHash),
  ],
);

export const oneUseTokens = pgTable(
  "one_use_tokens",
  {
    /** SHA-256 of the token. */
    tokenHash: bytes("token_hash").primaryKey(),
    purpose: text({ enum: ["setup", "password", "passwordReset", "emailVerification"] }).notNull(),
    userId: text("user_id").references(() => users.id, { onDelete: "cascade" }),
    /** Who had it made, and can use it as well; null for the command line and the first start. */
    madeBy: text("made_by").references(() => users.id, { onDelete: "cascade" }),
    createdAt: milliseconds("created_at").notNull(),
    expiresAt: milliseconds("expires_at").notNull(),
    usedAt: milliseconds("used_at"),
  },
  (table) => [
    index("one_use_tokens_user").on(table.userId),
    index("one_use_tokens_maker").on(table.madeBy),
  ],
);

/**
 * Who did what. Triggers refuse changes, and all deletions but those of the job that sees to the
 * retention.
 */
export const auditEvents = pgTable(
  "audit_events",
  {
    id: text().primaryKey(),
    /** In the order in which they were written, also those of one moment. */
    place: bigint({ mode: "number" }).generatedAlwaysAsIdentity(),
    at: milliseconds("at").notNull(),
    action: text().notNull(),
    result: text({ enum: ["success", "failure"] }).notNull(),
    actorUserId: text("actor_user_id"),
    /** As they were called when it was written. */
    actorName: text("actor_name"),
    subjectName: text("subject_name"),
    subjectType: text("subject_type"),
    subjectId: text("subject_id"),
    sessionId: text("session_id"),
    address: text(),
    userAgent: text("user_agent"),
    requestId: text("request_id"),
    detail: jsonb().$type<Readonly<Record<string, unknown>>>().notNull().default({}),
  },
  (table) => [
    index("audit_events_at").on(table.at, table.place),
    index("audit_events_actor").on(table.actorUserId, table.at, table.place),
    index("audit_events_action").on(table.action, table.at, table.place),
    index("audit_events_subject").on(table.subjectId, table.at, table.place),
  ],
);

/** What users have to be told; shown from the next sign-in until dismissed. */
export const notices = pgTable(
  "notices",
  {
    id: text().primaryKey(),
    /** In the order in which they came, also those of one moment. */
    place: bigint({ mode: "number" }).generatedAlwaysAsIdentity(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    kind: text().$type<NewNotice["kind"]>().notNull(),
    data: jsonb().$type<Readonly<Record<string, string>>>().notNull(),
    at: milliseconds("at").notNull(),
    dismissedAt: milliseconds("dismissed_at"),
  },
  (table) => [
    index("notices_open")
      .on(table.userId)
      .where(sql`${table.dismissedAt} is null`),
  ],
);

/**
 * Mails that have still to be sent: one for each notice of a user who has an address, and links
 * that they asked for. What has been sent is no longer here.
 */
export const outbox = pgTable(
  "outbox",
  {
    id: text().primaryKey(),
    /** In the order in which they came, also those of one moment. */
    place: bigint({ mode: "number" }).generatedAlwaysAsIdentity(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** As the user had it when the mail was written. */
    address: text().notNull(),
    kind: text().$type<MailKind>().notNull(),
    data: jsonb().$type<Readonly<Record<string, string>>>().notNull(),
    /** The token of its link, encrypted with a key that is made from the master secret. */
    sealed: text(),
    at: milliseconds("at").notNull(),
    /** When somebody may send it; null once it is given up. */
    dueAt: milliseconds("due_at"),
    attempts: integer().notNull().default(0),
    /** Why the last attempt failed; null where none has. */
    failure: text(),
  },
  (table) => [
    index("outbox_user").on(table.userId),
    index("outbox_due")
      .on(table.dueAt)
      .where(sql`${table.dueAt} is not null`),
    index("outbox_failed")
      .on(table.at)
      .where(sql`${table.failure} is not null`),
  ],
);

/** Facts about this installation, such as the version that it was brought up to date by. */
export const installation = pgTable("installation", {
  name: text().primaryKey(),
  value: text().notNull(),
});
