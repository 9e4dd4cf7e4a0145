import { and, eq, gte, inArray, isNull, lte, ne, sql } from "drizzle-orm";
import {
  lookedAtInTurn,
  lookThrough,
  mostKnownDevices,
  nameDevice,
  type SessionStore,
} from "@sallyport/shared/core";
import type {
  AuditEvent,
  DeviceHashes,
  ListedSession,
  LookedAt,
  PasswordWrites,
  RotationWrites,
  SessionRow,
  SessionState,
} from "@sallyport/shared/core";
import { insertAuditEvent } from "./audit.ts";
import { assignmentsOf, columnsOf } from "./columns.ts";
import { insertNotice } from "./notices.ts";
import { passwordPurposes, removeOneUseTokens } from "./one-use-tokens.ts";
import type { Parts } from "./parts.ts";
import { areAsRead } from "./roles.ts";
import { auditEvents, knownDevices, sessions, users } from "./schema.ts";
import { storableText } from "./storable-text.ts";
import type { Transaction } from "./writer.ts";

const purgeBatchSize = 500;

// The statements of every authenticated request and every refresh are raw and have a name: the
// server parses and plans them once for each connection.
const stateColumns = `s.user_id AS "userId", s.delivery, s.ended_at AS "endedAt", s.end_reason AS "endReason", s.idle_expires_at AS "idleExpiresAt", s.absolute_expires_at AS "absoluteExpiresAt", s.auth_time AS "authTime", s.remembered, u.active, u.epoch`;
const withUser = "sessions s JOIN users u ON u.id = s.user_id";
const listed = `s.id, s.user_id AS "userId", u.username, u.display_name AS "displayName", s.user_agent AS "userAgent", s.address, s.created_at AS "createdAt", s.last_used_at AS "lastUsedAt", s.idle_expires_at AS "idleExpiresAt", s.absolute_expires_at AS "absoluteExpiresAt"`;
/** What a session's device says of itself, where it is and whose it is, in lower case. */
const describedBy = "(lower(s.user_agent || ' ' || s.address) || ' ' || u.username_key)";

/** Another one after each rotation, and after the end. */
const versionOf = (table: string): string =>
  `(${table}.generation * 2 + (${table}.ended_at IS NOT NULL)::int)`;

/**
 * What a rotation writes, in the order in which it is bound. One that is left out does not compile.
 */
const rotated = Object.keys({
  generation: true,
  secretHash: true,
  masterSecretId: true,
  idempotencyKeyHash: true,
  rotatedAt: true,
  earlierRotations: true,
  idleExpiresAt: true,
  lastUsedAt: true,
  userAgent: true,
  address: true,
} satisfies Record<keyof RotationWrites, true>) as (keyof RotationWrites)[];

const statements = {
  readState: {
    name: "session-state",
    text: `SELECT ${stateColumns} FROM ${withUser} WHERE s.id = $1`,
  },
  read: {
    name: "session",
    text: `SELECT ${columnsOf(sessions, "s")}, ${versionOf("s")} AS version, u.active AS "userIsActive" FROM ${withUser} WHERE s.id = $1`,
  },
  rotate: {
    name: "session-rotate",
    text: `UPDATE sessions SET ${assignmentsOf(sessions, rotated)} WHERE id = $${rotated.length + 1} AND ${versionOf("sessions")} = $${rotated.length + 2}`,
  },
  end: {
    name: "session-end",
    text: `UPDATE sessions SET ended_at = $1, end_reason = $2 WHERE id = $3 AND ${versionOf("sessions")} = $4`,
  },
  lockVersion: {
    name: "session-version",
    text: `SELECT ${versionOf("sessions")} AS version FROM sessions WHERE id = $1 FOR UPDATE`,
  },
};

/** @returns which of the two the device is called by from now on */
const rememberDevice = async (
  { orm }: Transaction,
  userId: string,
  device: DeviceHashes,
  at: number,
): Promise<keyof DeviceHashes> => {
  const known =
    device.presented === null
      ? []
      : await orm
          .select({ userId: knownDevices.userId })
          .from(knownDevices)
          .where(
            and(eq(knownDevices.userId, userId), eq(knownDevices.deviceHash, device.presented)),
          );
  const { value: deviceHash, replaces } = nameDevice(device, () => known.length > 0);
  if (replaces !== null)
    await orm.update(knownDevices).set({ deviceHash }).where(eq(knownDevices.deviceHash, replaces));
  await orm
    .insert(knownDevices)
    .values({ userId, deviceHash, lastSignInAt: at })
    .onConflictDoUpdate({
      target: [knownDevices.userId, knownDevices.deviceHash],
      set: { lastSignInAt: at },
    });
  await orm
    .delete(knownDevices)
    .where(
      sql`${knownDevices.userId} = ${userId} and ${knownDevices.deviceHash} not in (select device_hash from ${knownDevices} where user_id = ${userId} order by last_sign_in_at desc limit ${mostKnownDevices})`,
    );
  return deviceHash === device.fresh ? "fresh" : "presented";
};

/** The user is locked. @returns how many other sessions have ended by it */
const changePassword = async (
  transaction: Transaction,
  { id, userId }: Pick<SessionRow, "id" | "userId">,
  { to, device }: PasswordWrites,
  at: number,
): Promise<number> => {
  const { orm } = transaction;
  const known =
    device === null
      ? []
      : await orm
          .select()
          .from(knownDevices)
          .where(and(eq(knownDevices.userId, userId), eq(knownDevices.deviceHash, device)));
  await orm.update(users).set({ passwordHash: to }).where(eq(users.id, userId));
  // The trigger has forgotten all of them.
  if (known.length > 0) await orm.insert(knownDevices).values(known).onConflictDoNothing();
  await removeOneUseTokens(transaction, userId, passwordPurposes);
  const { rowCount } = await orm
    .update(sessions)
    .set({ endedAt: at, endReason: "passwordChanged" })
    .where(and(eq(sessions.userId, userId), ne(sessions.id, id), isNull(sessions.endedAt)));
  return rowCount ?? 0;
};

/**
 * Looked for among what the user did since the session began, which is indexed. The session is
 * locked.
 */
const isRecorded = async (
  { orm }: Transaction,
  { action }: AuditEvent,
  session: Pick<SessionRow, "id" | "userId" | "createdAt">,
): Promise<boolean> => {
  const found = await orm
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
    .limit(1);
  return found.length > 0;
};

/** Sessions and the devices that they began on. Nothing else writes into either. */
export const createSessionStore = ({ pool, orm, writer }: Parts): SessionStore => ({
  readState: async (sessionId) => {
    const { rows } = await pool.query<SessionState>({
      ...statements.readState,
      values: [sessionId],
    });
    return rows[0] ?? null;
  },

  read: async (sessionId) => {
    const { rows } = await pool.query<
      SessionRow & { readonly version: number; readonly userIsActive: boolean }
    >({ ...statements.read, values: [sessionId] });
    if (rows[0] === undefined) return null;
    const { version, userIsActive, ...row } = rows[0];
    return { row, version, userIsActive };
  },

  add: (session, replaced, device, audit, ofNewDevice) =>
    writer.write(async (transaction) => {
      // Read again inside the transaction: the password was hashed since the user was looked up.
      // Locked, so that who is deactivated meanwhile waits, and then ends this session too.
      const [user] = await transaction.orm
        .select({ active: users.active, lastSeenAt: users.lastSeenAt })
        .from(users)
        .where(eq(users.id, session.userId))
        .for("share");
      if (user?.active !== true) return null;
      const earlier = await transaction.orm
        .select({ id: sessions.id })
        .from(sessions)
        .where(eq(sessions.userId, session.userId))
        .limit(1);
      const isFirst = user.lastSeenAt === null && earlier.length === 0;
      if (replaced !== null) {
        const { rowCount } = await transaction.orm
          .update(sessions)
          .set({ endedAt: audit.at, endReason: "signedOut" })
          .where(and(eq(sessions.id, replaced), isNull(sessions.endedAt)));
        if (rowCount === 1)
          await insertAuditEvent(transaction, {
            ...audit,
            action: "session.replace",
            subjectId: replaced,
            sessionId: replaced,
            detail: { by: session.id },
          });
      }
      await transaction.orm
        .insert(sessions)
        .values({ ...session, userAgent: storableText(session.userAgent) });
      const known = device && (await rememberDevice(transaction, session.userId, device, audit.at));
      await insertAuditEvent(transaction, audit);
      if (ofNewDevice && known === "fresh" && !isFirst)
        await insertNotice(transaction, ofNewDevice);
      return { device: known };
    }),

  apply: (
    session,
    expectedVersion,
    { rotation, authTime, password, end, audit, auditOnce, notice },
  ) =>
    writer.write(async (transaction) => {
      const { client } = transaction;
      // Before anything is written: what has been stays written.
      if (password) {
        const [user] = await transaction.orm
          .select({ passwordHash: users.passwordHash })
          .from(users)
          .where(eq(users.id, session.userId))
          .for("no key update");
        if (user?.passwordHash !== password.from) return "otherPassword";
      }
      if (rotation) {
        const values = rotated.map((name) =>
          name === "earlierRotations"
            ? JSON.stringify(rotation[name])
            : name === "userAgent"
              ? storableText(rotation[name])
              : rotation[name],
        );
        const { rowCount } = await client.query({
          ...statements.rotate,
          values: [...values, session.id, expectedVersion],
        });
        if (rowCount !== 1) return "changed";
      } else if (end) {
        const { rowCount } = await client.query({
          ...statements.end,
          values: [end.at, end.reason, session.id, expectedVersion],
        });
        if (rowCount !== 1) return "changed";
      } else {
        const { rows } = await client.query<{ readonly version: number }>({
          ...statements.lockVersion,
          values: [session.id],
        });
        if (rows[0]?.version !== expectedVersion) return "changed";
      }
      if (authTime !== undefined)
        await transaction.orm.update(sessions).set({ authTime }).where(eq(sessions.id, session.id));
      if (audit)
        await insertAuditEvent(
          transaction,
          password
            ? {
                ...audit,
                detail: {
                  ...audit.detail,
                  sessions: await changePassword(transaction, session, password, audit.at),
                },
              }
            : audit,
        );
      if (auditOnce && !(await isRecorded(transaction, auditOnce, session)))
        await insertAuditEvent(transaction, auditOnce);
      if (notice) await insertNotice(transaction, notice);
      return "applied";
    }),

  list: async ({ userId, words = [] }, now, after, limit) => {
    const { ids, next } = await lookThrough(limit, after, async (place) => {
      const values: unknown[] = [];
      const bind = (value: unknown): string => `$${values.push(value)}`;
      const fits = [
        `s.ended_at IS NULL AND s.idle_expires_at > ${bind(now)} AND s.absolute_expires_at > ${bind(now)}`,
        ...words.map((word) => `position(${bind(storableText(word))} IN ${describedBy}) > 0`),
      ];
      const found = [
        userId === undefined ? "s.ended_at IS NULL" : `s.user_id = ${bind(userId)}`,
        ...(place === null
          ? []
          : [`(s.created_at, s.id) < (${bind(place.at)}, ${bind(place.id)})`]),
      ];
      const { rows } = await pool.query<LookedAt>(
        `SELECT s.id, s.created_at AS at, ${fits.join(" AND ")} AS fits FROM ${withUser}
         WHERE ${found.join(" AND ")} ORDER BY s.created_at DESC, s.id DESC LIMIT ${bind(lookedAtInTurn)}`,
        values,
      );
      return rows;
    });
    const { rows } = await pool.query<ListedSession>(
      `SELECT ${listed} FROM ${withUser} WHERE s.id = ANY($1) ORDER BY s.created_at DESC, s.id DESC`,
      [ids],
    );
    return { sessions: rows, next };
  },

  endAsDecided: (which, expected, reason, audit) =>
    writer.write(async (transaction) => {
      if (!(await areAsRead(transaction, expected))) return "changed";
      const { rowCount } = await transaction.orm
        .update(sessions)
        .set({ endedAt: audit.at, endReason: reason })
        .where(
          and(
            "sessionId" in which
              ? eq(sessions.id, which.sessionId)
              : "userId" in which
                ? eq(sessions.userId, which.userId)
                : inArray(
                    sessions.id,
                    transaction.orm
                      .select({ id: sessions.id })
                      .from(sessions)
                      .where(
                        and(
                          isNull(sessions.endedAt),
                          lte(sessions.createdAt, which.begunBy),
                          ne(sessions.id, which.except),
                        ),
                      )
                      .orderBy(sessions.createdAt)
                      .limit(which.most),
                  ),
            isNull(sessions.endedAt),
          ),
        );
      const ended = rowCount ?? 0;
      if (ended > 0)
        await insertAuditEvent(transaction, {
          ...audit,
          detail: { ...audit.detail, sessions: ended },
        });
      return ended;
    }),

  end: (sessionId, reason, audit) =>
    writer.write(async (transaction) => {
      const { rowCount } = await transaction.orm
        .update(sessions)
        .set({ endedAt: audit.at, endReason: reason })
        .where(and(eq(sessions.id, sessionId), isNull(sessions.endedAt)));
      if (rowCount !== 1) return false;
      await insertAuditEvent(transaction, audit);
      return true;
    }),

  endOfUser: (userId, reason, audit, except) =>
    writer.write(async (transaction) => {
      const { rowCount } = await transaction.orm
        .update(sessions)
        .set({ endedAt: audit.at, endReason: reason })
        .where(
          and(
            eq(sessions.userId, userId),
            isNull(sessions.endedAt),
            except === undefined ? undefined : ne(sessions.id, except),
          ),
        );
      const ended = rowCount ?? 0;
      await insertAuditEvent(transaction, {
        ...audit,
        detail: { ...audit.detail, sessions: ended },
      });
      return ended;
    }),

  purge: async (deadSince) => {
    const isDead = sql<boolean>`least(coalesce(${sessions.endedAt}, ${sessions.absoluteExpiresAt}), ${sessions.idleExpiresAt}, ${sessions.absoluteExpiresAt}) < ${deadSince}`;
    let purged = 0;
    for (let after = ""; ;) {
      const batch = await orm
        .select({ id: sessions.id, isDead })
        .from(sessions)
        .where(sql`${sessions.id} > ${after}`)
        .orderBy(sessions.id)
        .limit(purgeBatchSize);
      const last = batch.at(-1);
      if (last === undefined) return purged;
      after = last.id;
      const dead = batch.filter((row) => row.isDead).map(({ id }) => id);
      if (dead.length === 0) continue;
      purged += await writer.write(async (transaction) => {
        const { rowCount } = await transaction.orm
          .delete(sessions)
          .where(and(inArray(sessions.id, dead), isDead));
        return rowCount ?? 0;
      });
    }
  },
});
