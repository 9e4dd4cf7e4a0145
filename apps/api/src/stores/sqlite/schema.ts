/**
 * The tables. Times are milliseconds since 1970 in UTC; ids carry their prefix.
 * Beside what drizzle can describe, `migrations/0001_triggers.sql` and the custom ones after it
 * hold the triggers that raise `users.epoch` and keep `audit_events` append-only, and the index
 * that lets a grant exist only once.
 */
import { sql } from "drizzle-orm";
import {
  blob,
  check,
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";
import type { DatasetColumn, PanelDefinition, Preferences } from "@sallyport/shared/contract";
import type { KeptAnswer, MailKind, NewNotice } from "@sallyport/shared/core";

export const users = sqliteTable(
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
    emailVerified: integer("email_verified", { mode: "boolean" }).notNull().default(false),
    displayName: text("display_name").notNull(),
    /**
     * NFKC, lower case: what a search finds and lists are in the order of. Empty where the row was
     * written by hand, until the next start.
     */
    displayNameKey: text("display_name_key").notNull().default(""),
    /** PHC string, or null for a user who cannot sign in with a password. */
    passwordHash: text("password_hash"),
    active: integer({ mode: "boolean" }).notNull().default(true),
    /** Rises whenever what the user may do changes. Triggers raise it; nothing else writes it. */
    epoch: integer().notNull().default(1),
    /**
     * Rises with every edit: of what is written here, but for the password, and of the user's
     * roles. Triggers raise it.
     */
    version: integer().notNull().default(1),
    /** What they have chosen for themselves; of no version, since nobody else changes it. */
    preferences: text({ mode: "json" }).$type<Preferences>().notNull().default({}),
    createdAt: integer("created_at").notNull(),
    /** By the sessions that have been purged; triggers write it. Those that there are know more. */
    lastSeenAt: integer("last_seen_at"),
  },
  (table) => [
    uniqueIndex("users_username_key").on(table.usernameKey),
    uniqueIndex("users_email_key").on(table.emailKey),
    index("users_display_name").on(table.displayNameKey, table.id),
    // All that a search compares, so that it reads no row of whoever is not meant.
    index("users_searched").on(
      table.usernameKey,
      table.displayNameKey,
      table.emailKey,
      table.active,
      table.id,
    ),
    index("users_created").on(table.createdAt, table.id),
  ],
);

export const roles = sqliteTable(
  "roles",
  {
    id: text().primaryKey(),
    name: text().notNull().unique(),
    description: text().notNull().default(""),
    /** Of one role: whoever is in it has every permission that there is, whatever rows say. */
    builtIn: integer("built_in", { mode: "boolean" }).notNull().default(false),
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
export const retiredNames = sqliteTable("retired_names", {
  usernameKey: text("username_key").primaryKey(),
});

export const rolePermissions = sqliteTable(
  "role_permissions",
  {
    roleId: text("role_id")
      .notNull()
      .references(() => roles.id, { onDelete: "cascade" }),
    permission: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.roleId, table.permission] })],
);

export const userRoles = sqliteTable(
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

export const sections = sqliteTable(
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
    /**
     * Rises with every edit of the section or of its panels, by whatever hand, and with nothing
     * else: triggers raise it where the store has not. It begins with the time at which the section
     * was made, so that no section that had the slug before has ever had it.
     */
    version: integer().notNull().default(1),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
  },
  (table) => [
    index("sections_position").on(table.position, table.slug),
    index("sections_title").on(sql`lower(${table.title})`, table.slug),
    index("sections_updated").on(table.updatedAt, table.slug),
    check("sections_slug_is_not_the_wildcard", sql`${table.slug} <> '_all_'`),
    check("sections_visibility", sql`${table.visibility} in ('restricted', 'public')`),
  ],
);

/**
 * Slugs that sections had, which lead to them until another section takes them. Triggers write
 * them.
 */
export const sectionSlugs = sqliteTable(
  "section_slugs",
  {
    slug: text().primaryKey(),
    sectionId: text("section_id")
      .notNull()
      .references(() => sections.id, { onDelete: "cascade" }),
  },
  (table) => [index("section_slugs_section").on(table.sectionId)],
);

/** A user or a role may see a section; no section means every one (`_all_`). */
export const grants = sqliteTable(
  "grants",
  {
    id: text().primaryKey(),
    userId: text("user_id").references(() => users.id, { onDelete: "cascade" }),
    roleId: text("role_id").references(() => roles.id, { onDelete: "cascade" }),
    sectionId: text("section_id").references(() => sections.id, { onDelete: "cascade" }),
    /** From then on it counts no more, and its row goes soon; null for good. */
    expiresAt: integer("expires_at"),
    createdAt: integer("created_at").notNull(),
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
export const accessRequests = sqliteTable(
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
    askedAt: integer("asked_at").notNull(),
    answeredAt: integer("answered_at"),
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
export const displayLinks = sqliteTable(
  "display_links",
  {
    id: text().primaryKey(),
    /** SHA-256 of the token. */
    tokenHash: blob("token_hash", { mode: "buffer" }).$type<Uint8Array>().notNull().unique(),
    name: text().notNull(),
    sectionId: text("section_id")
      .notNull()
      .references(() => sections.id, { onDelete: "cascade" }),
    /** It gives no more than they may give now. */
    madeBy: text("made_by")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    createdAt: integer("created_at").notNull(),
    expiresAt: integer("expires_at").notNull(),
    lastSeenAt: integer("last_seen_at"),
  },
  (table) => [
    index("display_links_section").on(table.sectionId),
    index("display_links_maker").on(table.madeBy),
    index("display_links_created").on(table.createdAt, table.id),
    index("display_links_end").on(table.expiresAt),
  ],
);

export const datasets = sqliteTable(
  "datasets",
  {
    id: text().primaryKey(),
    name: text().notNull().unique(),
    title: text().notNull(),
    attribution: text(),
    /** The table that holds the rows; made by us, never from a name that a person chose. */
    tableName: text("table_name").notNull().unique(),
    columns: text({ mode: "json" }).$type<DatasetColumn[]>().notNull(),
    rowCount: integer("row_count").notNull().default(0),
    /**
     * Rises with every change of rows or columns: what was computed from another version is out of
     * date.
     */
    version: integer().notNull().default(1),
    /**
     * The first and the last value of each column of dates or timestamps that has any, in stored
     * form.
     */
    timeBounds: text("time_bounds", { mode: "json" })
      .$type<Readonly<Record<string, readonly [first: string | number, last: string | number]>>>()
      .notNull()
      .default({}),
    updatedAt: integer("updated_at").notNull(),
  },
  (table) => [
    index("datasets_title").on(sql`lower(${table.title})`, table.name),
    index("datasets_rows").on(table.rowCount, table.name),
    index("datasets_updated").on(table.updatedAt, table.name),
  ],
);

export const panels = sqliteTable(
  "panels",
  {
    id: text().primaryKey(),
    sectionId: text("section_id")
      .notNull()
      .references(() => sections.id, { onDelete: "cascade" }),
    position: integer().notNull(),
    datasetId: text("dataset_id").references(() => datasets.id, { onDelete: "restrict" }),
    definition: text({ mode: "json" }).$type<PanelDefinition>().notNull(),
  },
  (table) => [
    index("panels_section").on(table.sectionId, table.position),
    index("panels_dataset").on(table.datasetId),
  ],
);

/**
 * One row for each session: one signed-in device, one refresh-token family. Rotation never adds a
 * row.
 */
export const sessions = sqliteTable(
  "sessions",
  {
    id: text().primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    generation: integer().notNull(),
    /** SHA-256 of the current secret. */
    secretHash: blob("secret_hash", { mode: "buffer" }).$type<Uint8Array>().notNull(),
    salt: blob({ mode: "buffer" }).$type<Uint8Array>().notNull(),
    /** Which master secret derived the current generation; a replay uses the same one. */
    masterSecretId: text("master_secret_id").notNull(),
    /** SHA-256 of the Idempotency-Key of the last rotation. */
    idempotencyKeyHash: blob("idempotency_key_hash", { mode: "buffer" }).$type<Uint8Array>(),
    rotatedAt: integer("rotated_at").notNull(),
    /**
     * When the rotations before the last one happened, newest first, as far back as the conflict
     * window reaches.
     */
    earlierRotations: text("earlier_rotations", { mode: "json" })
      .$type<number[]>()
      .notNull()
      .default([]),
    idleExpiresAt: integer("idle_expires_at").notNull(),
    absoluteExpiresAt: integer("absolute_expires_at").notNull(),
    endedAt: integer("ended_at"),
    endReason: text("end_reason"),
    delivery: text({ enum: ["cookie", "body"] }).notNull(),
    userAgent: text("user_agent").notNull().default(""),
    address: text().notNull().default(""),
    createdAt: integer("created_at").notNull(),
    lastUsedAt: integer("last_used_at").notNull(),
    amr: text({ mode: "json" }).$type<string[]>().notNull(),
    /** Otherwise its cookies end with the browser, and it lives for an hour without use. */
    remembered: integer({ mode: "boolean" }).notNull().default(true),
    authTime: integer("auth_time").notNull(),
  },
  // Nothing that a rotation writes is indexed, so that a rotation touches one page.
  (table) => [
    index("sessions_user").on(table.userId, table.createdAt),
    // Of those that nobody has ended, for the list of all.
    index("sessions_begun")
      .on(table.createdAt)
      .where(sql`${table.endedAt} is null`),
  ],
);

/**
 * Devices from which a user has signed in, so that others' failures do not hold them up there.
 * Triggers forget them when the password changes.
 */
export const knownDevices = sqliteTable(
  "known_devices",
  {
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** SHA-256 of the random value in the device's cookie. */
    deviceHash: blob("device_hash", { mode: "buffer" }).$type<Uint8Array>().notNull(),
    lastSignInAt: integer("last_sign_in_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.deviceHash] }),
    // Of one value, whoever knows it.
    index("known_devices_hash").on(table.deviceHash),
  ],
);

export const oneUseTokens = sqliteTable(
  "one_use_tokens",
  {
    /** SHA-256 of the token. */
    tokenHash: blob("token_hash", { mode: "buffer" }).$type<Uint8Array>().primaryKey(),
    purpose: text({ enum: ["setup", "password", "passwordReset", "emailVerification"] }).notNull(),
    userId: text("user_id").references(() => users.id, { onDelete: "cascade" }),
    /** Who had it made, and can use it as well; null for the command line and the first start. */
    madeBy: text("made_by").references(() => users.id, { onDelete: "cascade" }),
    createdAt: integer("created_at").notNull(),
    expiresAt: integer("expires_at").notNull(),
    usedAt: integer("used_at"),
  },
  (table) => [
    index("one_use_tokens_user").on(table.userId),
    index("one_use_tokens_maker").on(table.madeBy),
  ],
);

/** Keys of access tokens. A key's use and its algorithm are its own: no token has a say in them. */
export const signingKeys = sqliteTable(
  "signing_keys",
  {
    kid: text().primaryKey(),
    /** For tokens in cookies, which nobody but us reads, or for those that programs bear. */
    use: text({ enum: ["cookie", "bearer"] }).notNull(),
    algorithm: text().notNull(),
    /** Null for keys of cookies, which have no public half. */
    publicJwk: text("public_jwk", { mode: "json" }).$type<Record<string, unknown>>(),
    /**
     * The private or secret JWK under AES-256-GCM, with a key derived from the master secret named
     * beside it.
     */
    encryptedPrivateJwk: blob("encrypted_private_jwk", { mode: "buffer" })
      .$type<Uint8Array>()
      .notNull(),
    masterSecretId: text("master_secret_id").notNull(),
    createdAt: integer("created_at").notNull(),
    /** It signs from here … */
    activatesAt: integer("activates_at").notNull(),
    /** … and is forgotten here; null until its successor is known. */
    removedAt: integer("removed_at"),
  },
  (table) => [
    check("signing_keys_use", sql`${table.use} in ('cookie', 'bearer')`),
    check(
      "signing_keys_of_cookies_are_secret",
      sql`(${table.use} = 'cookie') = (${table.publicJwk} is null)`,
    ),
  ],
);

/**
 * Who did what. Triggers refuse changes, and all deletions but those of the job that sees to the
 * retention.
 */
export const auditEvents = sqliteTable(
  "audit_events",
  {
    id: text().primaryKey(),
    at: integer().notNull(),
    action: text().notNull(),
    result: text({ enum: ["success", "failure"] }).notNull(),
    actorUserId: text("actor_user_id"),
    /** As they were called then; null in events that are older than these columns. */
    actorName: text("actor_name"),
    subjectName: text("subject_name"),
    subjectType: text("subject_type"),
    subjectId: text("subject_id"),
    sessionId: text("session_id"),
    address: text(),
    userAgent: text("user_agent"),
    requestId: text("request_id"),
    detail: text({ mode: "json" }).$type<Record<string, unknown>>().notNull().default({}),
  },
  // Each ends in the rowid, which is the order of events of one moment.
  (table) => [
    index("audit_events_at").on(table.at),
    index("audit_events_actor").on(table.actorUserId, table.at),
    index("audit_events_action").on(table.action, table.at),
    index("audit_events_subject")
      .on(table.subjectId, table.at)
      .where(sql`${table.subjectId} is not null`),
  ],
);

/** What users have to be told; shown from the next sign-in until dismissed. */
export const notices = sqliteTable(
  "notices",
  {
    id: text().primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    kind: text().$type<NewNotice["kind"]>().notNull(),
    data: text({ mode: "json" }).$type<Record<string, string>>().notNull(),
    at: integer().notNull(),
    dismissedAt: integer("dismissed_at"),
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
export const outbox = sqliteTable(
  "outbox",
  {
    id: text().primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** As the user had it when the mail was written. */
    address: text().notNull(),
    kind: text().$type<MailKind>().notNull(),
    data: text({ mode: "json" }).$type<Readonly<Record<string, string>>>().notNull(),
    /** The token of its link, encrypted with a key that is made from the master secret. */
    sealed: text(),
    at: integer().notNull(),
    /** When somebody may send it; null once it is given up. */
    dueAt: integer("due_at"),
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

/**
 * Keys that callers made up for their requests, with the request that each was first sent with and
 * the answer to it.
 */
export const idempotencyKeys = sqliteTable(
  "idempotency_keys",
  {
    /** A user. */
    callerId: text("caller_id").notNull(),
    /** SHA-256 of the key and of what it was sent to. */
    keyHash: blob("key_hash", { mode: "buffer" }).$type<Uint8Array>().notNull(),
    /** As the audit trail calls it. */
    requestId: text("request_id").notNull(),
    /** SHA-256 of everything that the request asks for. */
    requestHash: blob("request_hash", { mode: "buffer" }).$type<Uint8Array>().notNull(),
    usedAt: integer("used_at").notNull(),
    /** Until then it is believed to be under way; null once it is over. */
    heldUntil: integer("held_until"),
    answer: text({ mode: "json" }).$type<KeptAnswer>(),
  },
  (table) => [
    primaryKey({ columns: [table.callerId, table.keyHash] }),
    index("idempotency_keys_caller").on(table.callerId, table.usedAt),
    index("idempotency_keys_used").on(table.usedAt),
  ],
);

/** Work that is done by the clock: when it was done last, and by whom it is being done. */
export const scheduledWork = sqliteTable("scheduled_work", {
  job: text().primaryKey(),
  doneAt: integer("done_at"),
  /** Null while nobody is at it. */
  holder: text(),
  heldUntil: integer("held_until"),
});

/**
 * How often lists of the admin side have changed, and when last. Triggers count it, so that a look
 * reads one row for each list, and not the list.
 */
export const listChanges = sqliteTable("list_changes", {
  list: text().primaryKey(),
  version: integer().notNull().default(0),
  changedAt: integer("changed_at").notNull().default(0),
});

/** Facts about this installation, such as that it holds sample data. */
export const installation = sqliteTable("installation", {
  name: text().primaryKey(),
  value: text().notNull(),
});
