import { and, eq, gte, inArray, isNull, lte, ne } from "drizzle-orm";
import {
  lookedAtInTurn,
  lookThrough,
  mostKnownDevices,
  nameDevice,
  queueCallerOfRecord,
  type SessionStore,
} from "@sallyport/shared/core";
import type {
  AuditEvent,
  DeviceHashes,
  ListedSession,
  ListPlace,
  PasswordWrites,
  RotationWrites,
  SessionRow,
  SessionState,
} from "@sallyport/shared/core";
import { insertAuditEvent } from "./audit.ts";
import { assignmentsOf, columnsOf } from "./columns.ts";
import { prepareNotices } from "./notices.ts";
import { passwordPurposes, removeOneUseTokens } from "./one-use-tokens.ts";
import type { Parts } from "./parts.ts";
import { areAsRead } from "./roles.ts";
import { auditEvents, knownDevices, sessions, users } from "./schema.ts";

const purgeBatchSize = 500;

type Raw<T> = { readonly [K in keyof T]: T[K] extends boolean ? 0 | 1 : T[K] };
type RawSession = Omit<SessionRow, "earlierRotations" | "amr" | "remembered"> & {
  readonly earlierRotations: string;
  readonly amr: string;
  readonly remembered: 0 | 1;
  readonly active: 0 | 1;
  readonly version: number;
};

// The statements of every authenticated request and every refresh are raw: drizzle's mapping costs
// more than they do. And they have no join: with one, better-sqlite3 takes six times as long for
// the same row as with a subquery.
const ofUser = (column: "active" | "epoch"): string =>
  `(SELECT ${column} FROM users WHERE id = s.user_id) AS ${column}`;
export const sessionStateColumns = `s.user_id AS userId, s.delivery, s.ended_at AS endedAt, s.end_reason AS endReason, s.idle_expires_at AS idleExpiresAt,
  s.absolute_expires_at AS absoluteExpiresAt, s.auth_time AS authTime, s.remembered, ${ofUser("active")}, ${ofUser("epoch")}`;

export type RawSessionState = Raw<SessionState>;
export const sessionStateOf = ({
  active,
  remembered,
  ...state
}: RawSessionState): SessionState => ({
  ...state,
  remembered: remembered === 1,
  active: active === 1,
});

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

/** Another one after each rotation, and after the end. */
const version = "generation * 2 + (ended_at IS NOT NULL)";

/** What a session's device says of itself, where it is and whose it is, in lower case. */
const describedBy =
  "lower(s.user_agent || ' ' || s.address) || ' ' || (SELECT username_key FROM users WHERE id = s.user_id)";

/**
 * Lists of sessions are in the order of their beginning, which nothing changes: an index on the
 * last use would be written with every rotation.
 */
const createList = ({ sqlite }: Pick<Parts, "sqlite">): SessionStore["list"] => {
  const inOrder = "ORDER BY s.created_at DESC, s.rowid DESC";
  const rowidOf = sqlite
    .prepare<[string], number>("SELECT rowid FROM sessions WHERE id = ?")
    .pluck();
  const readThese = sqlite.prepare<[string], ListedSession>(
    `SELECT s.id, s.user_id AS userId, u.username, u.display_name AS displayName, s.user_agent AS userAgent, s.address,
            s.created_at AS createdAt, s.last_used_at AS lastUsedAt, s.idle_expires_at AS idleExpiresAt, s.absolute_expires_at AS absoluteExpiresAt
     FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id IN (SELECT value FROM json_each(?)) ${inOrder}`,
  );
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  return async ({ userId, words = [] }, now, after, limit) => {
    const fits = [
      "s.ended_at IS NULL AND s.idle_expires_at > ? AND s.absolute_expires_at > ?",
      ...words.map(() => `instr(${describedBy}, ?) > 0`),
    ].join(" AND ");
    const found =
      userId === undefined
        ? "sessions s INDEXED BY sessions_begun WHERE s.ended_at IS NULL"
        : "sessions s INDEXED BY sessions_user WHERE s.user_id = ?";
    const look = sqlite.prepare<(string | number)[], ListPlace & { readonly fits: 0 | 1 }>(
      `SELECT s.id, s.created_at AS at, ${fits} AS fits FROM ${found} AND (s.created_at, s.rowid) < (?, ?) ${inOrder} LIMIT ?`,
    );
    const { ids, next } = await lookThrough(limit, after, async (place) => {
      if (place !== after) await turn();
      return look
        .all(
          now,
          now,
          ...words,
          ...(userId === undefined ? [] : [userId]),
          // Of one that has been purged meanwhile, the moment is left.
          ...(place === null
            ? [Number.MAX_SAFE_INTEGER, 0]
            : [place.at, rowidOf.get(place.id) ?? 0]),
          lookedAtInTurn,
        )
        .map((seen) => ({ ...seen, fits: seen.fits === 1 }));
    });
    return { sessions: readThese.all(JSON.stringify(ids)), next };
  };
};

/** Sessions and the devices that they began on. Nothing else writes into either. */
export const createSessionStore = (parts: Parts): SessionStore => {
  const { orm, sqlite, writer, memory } = parts;
  const stateKey = (sessionId: string): string => `session ${sessionId}`;
  const insertNotice = prepareNotices(parts);

  const readState = sqlite.prepare<[string], RawSessionState>(
    `SELECT ${sessionStateColumns} FROM sessions s WHERE s.id = ?`,
  );
  const read = sqlite.prepare<[string], RawSession>(
    `SELECT ${columnsOf(sessions, "s")}, ${version} AS version, ${ofUser("active")} FROM sessions s WHERE s.id = ?`,
  );
  const rotate = sqlite.prepare(
    `UPDATE sessions SET ${assignmentsOf(sessions, rotated)} WHERE id = ? AND ${version} = ?`,
  );
  const end = sqlite.prepare<[number, string, string, number]>(
    `UPDATE sessions SET ended_at = ?, end_reason = ? WHERE id = ? AND ${version} = ?`,
  );
  const readVersion = sqlite
    .prepare<[string], number>(`SELECT ${version} FROM sessions WHERE id = ?`)
    .pluck();
  const isActive = sqlite.prepare<[string], 0 | 1>("SELECT active FROM users WHERE id = ?").pluck();
  const isDeviceOf = sqlite
    .prepare<[string, Uint8Array], number>(
      "SELECT 1 FROM known_devices WHERE user_id = ? AND device_hash = ?",
    )
    .pluck();
  const renameDevice = sqlite.prepare<[Uint8Array, Uint8Array]>(
    "UPDATE known_devices SET device_hash = ? WHERE device_hash = ?",
  );
  const authenticate = sqlite.prepare<[number, string]>(
    "UPDATE sessions SET auth_time = ? WHERE id = ?",
  );
  const passwordOf = sqlite
    .prepare<[string], string | null>("SELECT password_hash FROM users WHERE id = ?")
    .pluck();
  const forgetDevices = sqlite.prepare<[string, string, number]>(
    `DELETE FROM known_devices WHERE user_id = ? AND device_hash NOT IN
       (SELECT device_hash FROM known_devices WHERE user_id = ? ORDER BY last_sign_in_at DESC LIMIT ?)`,
  );

  const hasSignedIn = sqlite
    .prepare<[string, string], 0 | 1>(
      "SELECT EXISTS (SELECT 1 FROM sessions WHERE user_id = ?) OR EXISTS (SELECT 1 FROM users WHERE id = ? AND last_seen_at IS NOT NULL)",
    )
    .pluck();

  /** @returns which of the two the device is called by from now on */
  const rememberDevice = (userId: string, device: DeviceHashes, at: number): keyof DeviceHashes => {
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
    return deviceHash === device.fresh ? "fresh" : "presented";
  };

  /** @returns how many other sessions have ended by it */
  const changePassword = (
    { id, userId }: Pick<SessionRow, "id" | "userId">,
    { to, device }: PasswordWrites,
    at: number,
  ): number => {
    const ofDevice = and(
      eq(knownDevices.userId, userId),
      eq(knownDevices.deviceHash, device ?? new Uint8Array()),
    );
    const known = orm.select().from(knownDevices).where(ofDevice).all();
    orm.update(users).set({ passwordHash: to }).where(eq(users.id, userId)).run();
    // The trigger has forgotten all of them.
    if (known.length > 0) orm.insert(knownDevices).values(known).run();
    removeOneUseTokens(parts, userId, passwordPurposes);
    return orm
      .update(sessions)
      .set({ endedAt: at, endReason: "passwordChanged" })
      .where(and(eq(sessions.userId, userId), ne(sessions.id, id), isNull(sessions.endedAt)))
      .run().changes;
  };

  /** Looked for among what the user did since the session began, which is indexed. */
  const isRecorded = (
    { action }: AuditEvent,
    session: Pick<SessionRow, "id" | "userId" | "createdAt">,
  ): boolean =>
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

  return {
    readState: (sessionId) =>
      memory.recall(stateKey(sessionId), () => {
        const row = readState.get(sessionId);
        return row ? sessionStateOf(row) : null;
      }),

    read: (sessionId) => {
      const found = read.get(sessionId);
      if (!found) return null;
      const { active, version, ...row } = found;
      return {
        row: {
          ...row,
          earlierRotations: JSON.parse(row.earlierRotations) as number[],
          amr: JSON.parse(row.amr) as string[],
          remembered: row.remembered === 1,
        },
        version,
        userIsActive: active === 1,
      };
    },

    add: (session, replaced, device, audit, ofNewDevice) =>
      writer.write(
        () => {
          // Read again inside the transaction: the password was hashed since the user was looked
          // up.
          if (isActive.get(session.userId) !== 1) return null;
          const isFirst = hasSignedIn.get(session.userId, session.userId) !== 1;
          if (replaced !== null) {
            const { changes } = orm
              .update(sessions)
              .set({ endedAt: audit.at, endReason: "signedOut" })
              .where(and(eq(sessions.id, replaced), isNull(sessions.endedAt)))
              .run();
            if (changes > 0)
              insertAuditEvent(parts, {
                ...audit,
                action: "session.replace",
                subjectId: replaced,
                sessionId: replaced,
                detail: { by: session.id },
              });
          }
          memory.forget(stateKey(session.id));
          const { changes } = orm
            .insert(sessions)
            .values({ ...session, amr: [...session.amr] })
            .run();
          memory.overlook(changes);
          const known = device && rememberDevice(session.userId, device, audit.at);
          insertAuditEvent(parts, audit);
          if (ofNewDevice && known === "fresh" && !isFirst) insertNotice(ofNewDevice);
          return { device: known };
        },
        queueCallerOfRecord({ address: audit.address }),
      ),

    apply: (
      session,
      expectedVersion,
      { rotation, authTime, password, end: ending, audit, auditOnce, notice },
    ) =>
      writer.write(
        () => {
          // Before anything is written: what has been stays written.
          if (password && passwordOf.get(session.userId) !== password.from) return "otherPassword";
          if (rotation) {
            const { changes } = rotate.run(
              ...rotated.map((name) =>
                name === "earlierRotations" ? JSON.stringify(rotation[name]) : rotation[name],
              ),
              session.id,
              expectedVersion,
            );
            if (changes !== 1) return "changed";
            memory.forget(stateKey(session.id));
            memory.overlook(changes);
          } else if (ending) {
            const { changes } = end.run(ending.at, ending.reason, session.id, expectedVersion);
            if (changes !== 1) return "changed";
          } else if (readVersion.get(session.id) !== expectedVersion) return "changed";
          if (authTime !== undefined) {
            memory.forget(stateKey(session.id));
            memory.overlook(authenticate.run(authTime, session.id).changes);
          }
          if (audit)
            insertAuditEvent(
              parts,
              password
                ? {
                    ...audit,
                    detail: {
                      ...audit.detail,
                      sessions: changePassword(session, password, audit.at),
                    },
                  }
                : audit,
            );
          if (auditOnce && !isRecorded(auditOnce, session)) insertAuditEvent(parts, auditOnce);
          if (notice) insertNotice(notice);
          return "applied";
        },
        { kind: "session", key: session.id },
      ),

    list: createList(parts),

    endAsDecided: (which, expected, reason, audit) =>
      writer.write(() => {
        if (!areAsRead(parts, expected)) return "changed";
        const { changes } = orm
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
                      orm
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
          )
          .run();
        if (changes > 0)
          insertAuditEvent(parts, { ...audit, detail: { ...audit.detail, sessions: changes } });
        return changes;
      }, queueCallerOfRecord(audit)),

    end: (sessionId, reason, audit) =>
      writer.write(() => {
        const { changes } = orm
          .update(sessions)
          .set({ endedAt: audit.at, endReason: reason })
          .where(and(eq(sessions.id, sessionId), isNull(sessions.endedAt)))
          .run();
        if (changes > 0) insertAuditEvent(parts, audit);
        return changes > 0;
      }, queueCallerOfRecord(audit)),

    endOfUser: (userId, reason, audit, except) =>
      writer.write(() => {
        const { changes } = orm
          .update(sessions)
          .set({ endedAt: audit.at, endReason: reason })
          .where(
            and(
              eq(sessions.userId, userId),
              isNull(sessions.endedAt),
              except === undefined ? undefined : ne(sessions.id, except),
            ),
          )
          .run();
        insertAuditEvent(parts, { ...audit, detail: { ...audit.detail, sessions: changes } });
        return changes;
      }, queueCallerOfRecord(audit)),

    purge: async (deadSince) => {
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
  };
};
