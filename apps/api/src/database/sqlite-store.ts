import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { and, asc, eq, gt, gte, isNull, sql } from "drizzle-orm";
import { everySection, permissions as everyPermission } from "@sallyport/shared/contract";
import { AppError, keptNotices, mostKnownDevices, nameDevice } from "@sallyport/shared/rules";
import { diskUnwritable } from "../http/unwritable-disk.ts";
import { changeSections } from "./change-sections.ts";
import type { Database } from "./connection.ts";
import { queueCallerOfRecord } from "../http/fair-queue.ts";
import { newId } from "./identifier.ts";
import { createReadMemory } from "./read-memory.ts";
import * as schema from "./schema.ts";
import type { SectionMark, SessionState } from "@sallyport/shared/rules";
import type { AuditEvent, NewNotice, SectionSummary, SessionRow, Store } from "./store.ts";
import type { Writer } from "./writer.ts";

const purgeBatchSize = 500;
export const adminRole = "admin";
/** With less room than this, a log of writes that has to grow soon finds none. */
const leastFreeBytes = 4 * 1024 * 1024;

/** The store on SQLite. Reads go straight to the connection; every write goes through the writer. */
export const createSqliteStore = (
  { orm, sqlite, deleteAuditEvents }: Database,
  writer: Writer,
): Store => {
  const {
    users,
    roles,
    rolePermissions,
    userRoles,
    sections,
    panels,
    datasets,
    grants,
    sessions,
    knownDevices,
    oneUseTokens,
    signingKeys,
    auditEvents,
    notices,
    installation,
  } = schema;

  // Rotations and sign-ins tell it what they change, so that they leave the rest as it is.
  const memory = createReadMemory(sqlite);
  const stateKey = (sessionId: string): string => `session ${sessionId}`;

  // The statements of every authenticated request and every refresh are raw: drizzle's mapping costs more than they do.
  // And they have no join: with one, better-sqlite3 takes six times as long for the same row as with a subquery.
  const readSessionState = sqlite.prepare<
    [string],
    Omit<SessionState, "active"> & { active: number }
  >(
    `SELECT s.user_id AS userId, s.delivery, s.ended_at AS endedAt, s.end_reason AS endReason, s.idle_expires_at AS idleExpiresAt,
            s.absolute_expires_at AS absoluteExpiresAt,
            (SELECT active FROM users WHERE id = s.user_id) AS active, (SELECT epoch FROM users WHERE id = s.user_id) AS epoch
     FROM sessions s WHERE s.id = ?`,
  );
  const readFamily = sqlite.prepare<
    [string],
    Omit<SessionRow, "earlierRotations" | "amr"> & {
      earlierRotations: string;
      amr: string;
      active: number;
    }
  >(
    `SELECT s.id, s.user_id AS userId, s.generation, s.secret_hash AS secretHash, s.salt, s.master_secret_id AS masterSecretId,
            s.idempotency_key_hash AS idempotencyKeyHash, s.rotated_at AS rotatedAt, s.earlier_rotations AS earlierRotations,
            s.idle_expires_at AS idleExpiresAt, s.absolute_expires_at AS absoluteExpiresAt, s.ended_at AS endedAt, s.end_reason AS endReason,
            s.delivery, s.user_agent AS userAgent, s.address, s.created_at AS createdAt, s.last_used_at AS lastUsedAt, s.amr, s.auth_time AS authTime,
            (SELECT active FROM users WHERE id = s.user_id) AS active
     FROM sessions s WHERE s.id = ?`,
  );
  const readSessionStates = sqlite.prepare<
    [string],
    Omit<SessionState, "active"> & { id: string; active: number }
  >(
    `SELECT s.id, s.user_id AS userId, s.delivery, s.ended_at AS endedAt, s.end_reason AS endReason, s.idle_expires_at AS idleExpiresAt,
            s.absolute_expires_at AS absoluteExpiresAt,
            (SELECT active FROM users WHERE id = s.user_id) AS active, (SELECT epoch FROM users WHERE id = s.user_id) AS epoch
     FROM sessions s WHERE s.id IN (SELECT value FROM json_each(?))`,
  );
  // Definitions of panels are not read: a trigger raises `updated_at` with them, whoever changes them.
  const readSectionMarks = sqlite.prepare<[], SectionMark>(
    `SELECT s.id, s.slug, s.visibility, json_array(s.title, s.icon, s.position) AS listed,
            json_array(s.description, s.refresh_seconds, s.last, s.updated_at,
              (SELECT json_group_array(json_array(p.id, d.id, d.version)) FROM panels p LEFT JOIN datasets d ON d.id = p.dataset_id WHERE p.section_id = s.id)) AS content,
            max(s.updated_at, coalesce((SELECT max(d.updated_at) FROM panels p JOIN datasets d ON d.id = p.dataset_id WHERE p.section_id = s.id), 0)) AS changedAt
     FROM sections s`,
  );
  const dataVersion = sqlite.prepare<[], number>("PRAGMA data_version").pluck();
  const totalChanges = sqlite.prepare<[], number>("SELECT total_changes()").pluck();
  const rotate = sqlite.prepare(
    `UPDATE sessions SET generation = ?, secret_hash = ?, master_secret_id = ?, idempotency_key_hash = ?, rotated_at = ?, earlier_rotations = ?,
            idle_expires_at = ?, last_used_at = ?, user_agent = ?, address = ? WHERE id = ? AND generation = ?`,
  );

  const isKnownDevice = sqlite
    .prepare<[string, Buffer], number>(
      `SELECT 1 FROM known_devices WHERE user_id = (SELECT id FROM users WHERE username_key = ?) AND device_hash = ?`,
    )
    .pluck();
  const isDeviceOf = sqlite
    .prepare<[string, Buffer], number>(
      `SELECT 1 FROM known_devices WHERE user_id = ? AND device_hash = ?`,
    )
    .pluck();
  const renameDevice = sqlite.prepare<[Buffer, Buffer]>(
    `UPDATE known_devices SET device_hash = ? WHERE device_hash = ?`,
  );
  const forgetDevices = sqlite.prepare<[string, string, number]>(
    `DELETE FROM known_devices WHERE user_id = ? AND device_hash NOT IN
       (SELECT device_hash FROM known_devices WHERE user_id = ? ORDER BY last_sign_in_at DESC LIMIT ?)`,
  );

  const summary = {
    id: sections.id,
    slug: sections.slug,
    title: sections.title,
    description: sections.description,
    icon: sections.icon,
    position: sections.position,
    visibility: sections.visibility,
  };
  const panelRow = {
    id: panels.id,
    definition: panels.definition,
    dataset: {
      name: datasets.name,
      tableName: datasets.tableName,
      columns: datasets.columns,
      attribution: datasets.attribution,
      version: datasets.version,
      timeBounds: datasets.timeBounds,
    },
  };
  /** True for public sections and for those in the placeholders that `bindGrants` fills. */
  const isPermitted = sql`(${sections.visibility} = 'public' or ${sql.placeholder("everything")} or ${sections.slug} in (select value from json_each(${sql.placeholder("granted")})))`;
  const bindGrants = (granted: readonly string[]): { everything: 0 | 1; granted: string } => ({
    everything: granted.includes(everySection) ? 1 : 0,
    granted: JSON.stringify(granted),
  });

  /** Reads a page of the file, which `SELECT 1` does not. */
  const checkSchema = sqlite.prepare("SELECT count(*) FROM sqlite_schema");

  const statement = {
    visibility: orm
      .select({ visibility: sections.visibility })
      .from(sections)
      .where(eq(sections.slug, sql.placeholder("slug")))
      .prepare(),
    sectionLinks: orm
      .select({
        slug: sections.slug,
        title: sections.title,
        icon: sections.icon,
        position: sections.position,
        visibility: sections.visibility,
      })
      .from(sections)
      .where(isPermitted)
      .orderBy(asc(sections.position), asc(sections.slug))
      .prepare(),
    sections: orm
      .select(summary)
      .from(sections)
      .where(
        and(
          sql`(${sections.position}, ${sections.slug}) > (${sql.placeholder("position")}, ${sql.placeholder("slug")})`,
          isPermitted,
        ),
      )
      .orderBy(asc(sections.position), asc(sections.slug))
      .limit(sql.placeholder("limit"))
      .prepare(),
    section: orm
      .select({ ...summary, refreshSeconds: sections.refreshSeconds, last: sections.last })
      .from(sections)
      .where(eq(sections.slug, sql.placeholder("slug")))
      .prepare(),
    panels: orm
      .select(panelRow)
      .from(panels)
      .leftJoin(datasets, eq(datasets.id, panels.datasetId))
      .where(eq(panels.sectionId, sql.placeholder("sectionId")))
      .orderBy(asc(panels.position), asc(panels.id))
      .prepare(),
    panel: orm
      .select({ ...panelRow, sectionLast: sections.last })
      .from(panels)
      .innerJoin(sections, eq(sections.id, panels.sectionId))
      .leftJoin(datasets, eq(datasets.id, panels.datasetId))
      .where(
        and(eq(panels.id, sql.placeholder("panelId")), eq(sections.slug, sql.placeholder("slug"))),
      )
      .prepare(),
    session: orm
      .select()
      .from(sessions)
      .where(eq(sessions.id, sql.placeholder("id")))
      .prepare(),
    user: orm
      .select()
      .from(users)
      .where(eq(users.id, sql.placeholder("id")))
      .prepare(),
    userByKey: orm
      .select()
      .from(users)
      .where(eq(users.usernameKey, sql.placeholder("key")))
      .prepare(),
    roles: orm
      .select({ name: roles.name })
      .from(userRoles)
      .innerJoin(roles, eq(roles.id, userRoles.roleId))
      .where(eq(userRoles.userId, sql.placeholder("id")))
      .orderBy(asc(roles.name))
      .prepare(),
    permissions: orm
      .selectDistinct({ permission: rolePermissions.permission })
      .from(userRoles)
      .innerJoin(rolePermissions, eq(rolePermissions.roleId, userRoles.roleId))
      .where(eq(userRoles.userId, sql.placeholder("id")))
      .prepare(),
    grantedSections: orm
      .selectDistinct({ slug: sections.slug, wildcard: isNull(grants.sectionId).mapWith(Boolean) })
      .from(grants)
      .leftJoin(sections, eq(sections.id, grants.sectionId))
      .where(
        sql`${grants.userId} = ${sql.placeholder("id")} or ${grants.roleId} in (select ${userRoles.roleId} from ${userRoles} where ${userRoles.userId} = ${sql.placeholder("id")})`,
      )
      .prepare(),
    notices: orm
      .select()
      .from(notices)
      .where(and(eq(notices.userId, sql.placeholder("id")), isNull(notices.dismissedAt)))
      .orderBy(asc(notices.at))
      .prepare(),
    hasAdmin: orm
      .select({ userId: users.id })
      .from(users)
      .innerJoin(userRoles, eq(userRoles.userId, users.id))
      .innerJoin(rolePermissions, eq(rolePermissions.roleId, userRoles.roleId))
      .where(eq(users.active, true))
      .groupBy(users.id)
      .having(sql`count(distinct ${rolePermissions.permission}) >= ${everyPermission.length}`)
      .limit(1)
      .prepare(),
  };

  const insertAuditEvent = (event: AuditEvent): void =>
    memory.overlook(
      orm
        .insert(auditEvents)
        .values({ id: newId("evt"), ...event })
        .run().changes,
    );
  /** Looked for among what the user did since the session began, which is indexed. */
  const isRecorded = ({ action }: AuditEvent, session: SessionRow): boolean =>
    orm
      .select({ id: auditEvents.id })
      .from(auditEvents)
      .where(
        and(
          eq(auditEvents.actorUserId, session.userId),
          gte(auditEvents.at, session.createdAt),
          eq(auditEvents.sessionId, session.id),
          eq(auditEvents.action, action),
        ),
      )
      .limit(1)
      .get() !== undefined;
  const forgetOldNotices = sqlite.prepare(
    "DELETE FROM notices WHERE user_id = ? AND id NOT IN (SELECT id FROM notices WHERE user_id = ? ORDER BY at DESC, rowid DESC LIMIT ?)",
  );
  const insertNotice = (notice: NewNotice): void => {
    orm
      .insert(notices)
      .values({ id: newId("ntc"), ...notice })
      .run();
    forgetOldNotices.run(notice.userId, notice.userId, keptNotices);
  };

  const updateFamily = (row: SessionRow, update: Partial<SessionRow>): void => {
    if (update.generation === undefined) {
      orm.update(sessions).set(update).where(eq(sessions.id, row.id)).run();
      return;
    }
    const next = { ...row, ...update };
    const { changes } = rotate.run(
      next.generation,
      next.secretHash,
      next.masterSecretId,
      next.idempotencyKeyHash,
      next.rotatedAt,
      JSON.stringify(next.earlierRotations),
      next.idleExpiresAt,
      next.lastUsedAt,
      next.userAgent,
      next.address,
      row.id,
      row.generation,
    );
    memory.forget(stateKey(row.id));
    memory.overlook(changes);
    if (changes !== 1) throw new Error("The family changed between reading and rotating it");
  };

  /** @returns the hash of the value that the device is called by from now on */
  const rememberDevice = (
    userId: string,
    device: { readonly presented: Buffer | null; readonly fresh: Buffer },
    at: number,
  ): Buffer => {
    const { value: deviceHash, replaces } = nameDevice(
      device,
      (hash) => isDeviceOf.get(userId, hash) !== undefined,
    );
    if (replaces !== null) memory.overlook(renameDevice.run(deviceHash, replaces).changes);
    const { changes } = orm
      .insert(knownDevices)
      .values({ userId, deviceHash, lastSignInAt: at })
      .onConflictDoUpdate({
        target: [knownDevices.userId, knownDevices.deviceHash],
        set: { lastSignInAt: at },
      })
      .run();
    memory.overlook(changes + forgetDevices.run(userId, userId, mostKnownDevices).changes);
    return deviceHash;
  };

  const isSetupTokenUsable = (tokenHash: Buffer, at: number): boolean =>
    orm
      .select({ at: oneUseTokens.createdAt })
      .from(oneUseTokens)
      .where(
        and(
          eq(oneUseTokens.tokenHash, tokenHash),
          eq(oneUseTokens.purpose, "setup"),
          isNull(oneUseTokens.usedAt),
          gt(oneUseTokens.expiresAt, at),
        ),
      )
      .get() !== undefined;

  const adminRoleId = (): string => {
    const existing = orm
      .select({ id: roles.id })
      .from(roles)
      .where(eq(roles.name, adminRole))
      .get();
    const id = existing?.id ?? newId("rol");
    if (!existing)
      orm.insert(roles).values({ id, name: adminRole, description: "May do everything" }).run();
    orm
      .insert(rolePermissions)
      .values(everyPermission.map((permission) => ({ roleId: id, permission })))
      .onConflictDoNothing()
      .run();
    return id;
  };

  /** Only while the disk has failed, and once for all who ask meanwhile. */
  let tryingToWrite: Promise<void> | undefined;
  const tryToWrite = (): Promise<void> =>
    writer
      .write(
        () =>
          void orm
            .insert(installation)
            .values({ name: "room", value: "1" })
            .onConflictDoUpdate({
              target: installation.name,
              set: { value: sql`1 - ${installation.value}` },
            })
            .run(),
      )
      .finally(() => {
        tryingToWrite = undefined;
      });

  return {
    readSessionState: (sessionId) =>
      memory.recall(stateKey(sessionId), () => {
        const row = readSessionState.get(sessionId);
        return row ? Object.assign(row, { active: row.active === 1 }) : null;
      }),
    readChangeMark: () => `${dataVersion.get()} ${totalChanges.get()}`,
    readLiveState: (sessionIds) =>
      sqlite.transaction(() => ({
        sessions: new Map(
          readSessionStates
            .all(JSON.stringify(sessionIds))
            .map(({ id, active, ...state }) => [id, { ...state, active: active === 1 }]),
        ),
        sections: readSectionMarks.all(),
      }))(),
    readSession: (sessionId) => statement.session.get({ id: sessionId }) ?? null,
    readUserRights: (userId) =>
      memory.recall(`rights ${userId}`, () =>
        // A deferred transaction: all reads see one state of the database.
        sqlite.transaction(() => {
          const user = statement.user.get({ id: userId });
          if (!user) return null;
          const granted = statement.grantedSections.all({ id: userId });
          return {
            user,
            roles: statement.roles.all({ id: userId }).map((role) => role.name),
            permissions: statement.permissions.all({ id: userId }).map((row) => row.permission),
            sections: granted.some((grant) => grant.wildcard)
              ? [everySection]
              : granted.flatMap((grant) => grant.slug ?? []).sort(),
          };
        })(),
      ),
    findUser: (usernameKey) => statement.userByKey.get({ key: usernameKey }) ?? null,
    readNotices: (userId) =>
      memory.recall(`notices ${userId}`, () => statement.notices.all({ id: userId })),

    isKnownDevice: (usernameKey, deviceHash) =>
      isKnownDevice.get(usernameKey, deviceHash) !== undefined,

    addSession: (session, replaced, device, audit) =>
      writer.write(
        () => {
          // Read again inside the transaction: the password was hashed since the user was looked up.
          if (statement.user.get({ id: session.userId })?.active !== true) return null;
          if (replaced !== null) {
            const { changes } = orm
              .update(sessions)
              .set({ endedAt: audit.at, endReason: "signedOut" })
              .where(and(eq(sessions.id, replaced), isNull(sessions.endedAt)))
              .run();
            if (changes > 0)
              insertAuditEvent({
                ...audit,
                action: "session.replace",
                subjectId: replaced,
                sessionId: replaced,
                detail: { by: session.id },
              });
          }
          memory.forget(stateKey(session.id));
          memory.overlook(orm.insert(sessions).values(session).run().changes);
          const deviceHash = device && rememberDevice(session.userId, device, audit.at);
          insertAuditEvent(audit);
          return { deviceHash };
        },
        queueCallerOfRecord({ address: audit.address }),
      ),
    changeFamily: (sessionId, decide) =>
      writer.write(
        () => {
          const found = readFamily.get(sessionId);
          const family: SessionRow | null = found
            ? {
                ...found,
                earlierRotations: JSON.parse(found.earlierRotations) as number[],
                amr: JSON.parse(found.amr) as string[],
              }
            : null;
          const decision = decide(family, found?.active === 1);
          const { change } = decision;
          if (change?.update && family) updateFamily(family, change.update);
          if (change?.audit) insertAuditEvent(change.audit);
          if (change?.auditOnce && family && !isRecorded(change.auditOnce, family))
            insertAuditEvent(change.auditOnce);
          if (change?.notice) insertNotice(change.notice);
          return decision;
        },
        { kind: "session", key: sessionId },
      ),
    endSession: (sessionId, reason, audit) =>
      writer.write(() => {
        const { changes } = orm
          .update(sessions)
          .set({ endedAt: audit.at, endReason: reason })
          .where(and(eq(sessions.id, sessionId), isNull(sessions.endedAt)))
          .run();
        if (changes > 0) insertAuditEvent(audit);
        return changes > 0;
      }, queueCallerOfRecord(audit)),
    endUserSessions: (userId, reason, audit) =>
      writer.write(() => {
        const { changes } = orm
          .update(sessions)
          .set({ endedAt: audit.at, endReason: reason })
          .where(and(eq(sessions.userId, userId), isNull(sessions.endedAt)))
          .run();
        insertAuditEvent({ ...audit, detail: { ...audit.detail, sessions: changes } });
        return changes;
      }, queueCallerOfRecord(audit)),
    purgeSessions: async (deadSince) => {
      const findBatch = sqlite.prepare<[number, number, number], { rowid: number; dead: number }>(
        `SELECT rowid, min(coalesce(ended_at, absolute_expires_at), idle_expires_at, absolute_expires_at) < ? AS dead FROM sessions WHERE rowid > ? ORDER BY rowid LIMIT ?`,
      );
      const remove = sqlite.prepare("DELETE FROM sessions WHERE rowid = ?");
      let purged = 0;
      for (let after = -1; ;) {
        const batch = findBatch.all(deadSince, after, purgeBatchSize);
        const last = batch.at(-1);
        if (!last) return purged;
        after = last.rowid;
        const dead = batch.filter((row) => row.dead === 1);
        if (dead.length > 0) await writer.write(() => dead.forEach((row) => remove.run(row.rowid)));
        else await new Promise<void>((resolve) => setImmediate(resolve));
        purged += dead.length;
      }
    },
    purgeAuditEvents: async (before) => {
      const findLast = sqlite
        .prepare<[number, number], number>(
          "SELECT at FROM audit_events WHERE at < ? ORDER BY at LIMIT 1 OFFSET ?",
        )
        .pluck();
      for (let purged = 0; ;) {
        const last = findLast.get(before, purgeBatchSize - 1);
        const upTo = last === undefined ? before : last + 1;
        const deleted = await writer.write(() => {
          const count = deleteAuditEvents(upTo);
          memory.overlook(count);
          return count;
        });
        purged += deleted;
        if (last === undefined) return purged;
      }
    },

    addAuditEvent: (event) =>
      writer.write(() => insertAuditEvent(event), queueCallerOfRecord(event)),
    dismissNotice: (userId, noticeId, at) =>
      writer.write(
        () =>
          void orm
            .update(notices)
            .set({ dismissedAt: at })
            .where(
              and(
                eq(notices.id, noticeId),
                eq(notices.userId, userId),
                isNull(notices.dismissedAt),
              ),
            )
            .run(),
        { kind: "session", key: userId },
      ),
    replacePasswordHash: (userId, from, to) =>
      writer.write(() => {
        const devices = orm
          .select()
          .from(knownDevices)
          .where(eq(knownDevices.userId, userId))
          .all();
        const { changes } = orm
          .update(users)
          .set({ passwordHash: to })
          .where(and(eq(users.id, userId), eq(users.passwordHash, from)))
          .run();
        // The trigger has taken them for another password's.
        if (changes > 0 && devices.length > 0)
          orm.insert(knownDevices).values(devices).onConflictDoNothing().run();
      }),

    hasAdmin: () => statement.hasAdmin.get() !== undefined,
    isOneUseTokenUsable: isSetupTokenUsable,
    addOneUseToken: (token) =>
      writer.write(() => {
        orm
          .delete(oneUseTokens)
          .where(sql`${oneUseTokens.expiresAt} < ${token.createdAt}`)
          .run();
        orm.insert(oneUseTokens).values(token).run();
      }),
    createAdmin: (user, tokenHash, audit) =>
      writer.write(() => {
        if (tokenHash !== null) {
          if (statement.hasAdmin.get()) return "adminExists";
          if (!isSetupTokenUsable(tokenHash, audit.at)) return "tokenInvalid";
        }
        const taken = orm
          .select({ id: users.id })
          .from(users)
          .where(
            sql`${users.usernameKey} = ${user.usernameKey} or ${users.emailKey} = ${user.emailKey}`,
          )
          .get();
        if (taken) return "nameTaken";
        if (tokenHash !== null)
          orm
            .update(oneUseTokens)
            .set({ usedAt: audit.at })
            .where(eq(oneUseTokens.purpose, "setup"))
            .run();
        orm.insert(users).values(user).run();
        orm.insert(userRoles).values({ userId: user.id, roleId: adminRoleId() }).run();
        orm
          .insert(grants)
          .values({ id: newId("grt"), userId: user.id, createdAt: audit.at })
          .run();
        insertAuditEvent(audit);
        return "created";
      }),

    changeGrant: ({ add, subject, section, at }) =>
      writer.write(() => {
        const subjectId =
          "username" in subject
            ? orm
                .select({ id: users.id })
                .from(users)
                .where(eq(users.usernameKey, subject.username))
                .get()?.id
            : orm.select({ id: roles.id }).from(roles).where(eq(roles.name, subject.role)).get()
                ?.id;
        if (subjectId === undefined) return "noSubject";
        const sectionId =
          section === everySection
            ? null
            : orm.select({ id: sections.id }).from(sections).where(eq(sections.slug, section)).get()
                ?.id;
        if (sectionId === undefined) return "noSection";
        const holder = "username" in subject ? { userId: subjectId } : { roleId: subjectId };
        const { changes } = add
          ? orm
              .insert(grants)
              .values({ id: newId("grt"), ...holder, sectionId, createdAt: at })
              .onConflictDoNothing()
              .run()
          : orm
              .delete(grants)
              .where(
                and(
                  "userId" in holder
                    ? eq(grants.userId, holder.userId)
                    : eq(grants.roleId, holder.roleId),
                  sectionId === null ? isNull(grants.sectionId) : eq(grants.sectionId, sectionId),
                ),
              )
              .run();
        if (changes === 0) return "unchanged";
        insertAuditEvent({
          at,
          action: add ? "grant.add" : "grant.remove",
          result: "success",
          subjectType: "username" in subject ? "user" : "role",
          subjectId,
          detail: { section, by: "command line" },
        });
        return "changed";
      }),

    changeSections: (decide) =>
      writer.write(() => changeSections({ orm }, decide, insertAuditEvent)),
    readSectionVisibility: (slug) => statement.visibility.get({ slug })?.visibility ?? null,
    listSectionLinks: (granted) =>
      memory.recall(`links ${JSON.stringify(granted)}`, () =>
        statement.sectionLinks.all(bindGrants(granted)),
      ),
    listSections: (granted, after, limit) => {
      const read = (): SectionSummary[] =>
        statement.sections.all({
          ...(after ?? { position: Number.MIN_SAFE_INTEGER, slug: "" }),
          ...bindGrants(granted),
          limit,
        });
      // Further pages are rare, and a caller can make up any number of places.
      return after === null
        ? memory.recall(`sections ${limit} ${JSON.stringify(granted)}`, read)
        : read();
    },
    readSection: (slug) => {
      const section = statement.section.get({ slug });
      return section ? { section, panels: statement.panels.all({ sectionId: section.id }) } : null;
    },
    readPanel: (slug, panelId) => statement.panel.get({ slug, panelId }) ?? null,

    listSigningKeys: () =>
      orm.select().from(signingKeys).orderBy(asc(signingKeys.activatesAt)).all(),
    changeSigningKeys: ({ add, update, removedBefore }) =>
      writer.write(() => {
        for (const key of add) orm.insert(signingKeys).values(key).run();
        for (const { kid, ...changes } of update)
          orm.update(signingKeys).set(changes).where(eq(signingKeys.kid, kid)).run();
        orm
          .delete(signingKeys)
          .where(sql`${signingKeys.removedAt} < ${removedBefore}`)
          .run();
      }),

    check: async () => {
      try {
        checkSchema.get();
      } catch (error) {
        throw new AppError("busy", {
          detail: "The database does not answer.",
          retryAfterSeconds: 5,
          cause: error,
        });
      }
      // The last write has failed: whether there is room again, only another one can tell.
      if (!writer.isDiskWritable()) await (tryingToWrite ??= tryToWrite());
      if (sqlite.memory) return;
      const { bavail, bsize } = await statfs(dirname(sqlite.name));
      if (bavail * bsize < leastFreeBytes) throw diskUnwritable();
    },
  };
};
