import {
  decodeBase64Url,
  encodeBase64Url,
  mostKnownDevices,
  nameDevice,
  usernameKey,
  type AuditEvent,
  type ListedSession,
  type PasswordWrites,
  type SessionRow,
  type SessionState,
  type SessionStore,
} from "../../core/core.ts";
import type { MockDevice, MockSession, MockState } from "../state.ts";
import { changeRights, endSessions, userOf } from "../world.ts";
import { addEvent } from "./audit.ts";
import { addNotice } from "./notices.ts";
import type { Parts } from "./parts.ts";
import { areAsRead } from "./as-read.ts";

const versionOf = ({ generation, endedAt }: MockSession): number =>
  generation * 2 + Number(endedAt !== null);

const bytesOf = (text: string | null): Uint8Array | null =>
  text === null ? null : decodeBase64Url(text);
const textOf = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : encodeBase64Url(bytes);

export const rowOf = (session: MockSession): SessionRow => ({
  ...session,
  secretHash: decodeBase64Url(session.secretHash),
  salt: decodeBase64Url(session.salt),
  idempotencyKeyHash: bytesOf(session.idempotencyKeyHash),
});

export const findSession = (state: MockState, id: string): MockSession | undefined =>
  state.sessions.find((session) => session.id === id);

export const sessionStateOf = (state: MockState, session: MockSession): SessionState | null => {
  const user = userOf(state, session.userId);
  return user ? { ...session, active: user.active, epoch: user.epoch } : null;
};

/** @returns which of the two the device is called by from now on */
export const rememberDevice = (
  state: MockState,
  userId: string,
  names: { readonly presented: string | null; readonly fresh: string },
): "presented" | "fresh" => {
  const { value: device, replaces } = nameDevice(names, (value) =>
    state.devices.some((kept) => kept.userId === userId && kept.device === value),
  );
  if (replaces !== null)
    state.devices = state.devices.map((kept) =>
      kept.device === replaces ? { ...kept, device } : kept,
    );
  const isOther = (kept: MockDevice): boolean => kept.userId !== userId || kept.device !== device;
  const others = state.devices.filter(isOther);
  const ofUser = others.filter((kept) => kept.userId === userId);
  const forgotten = new Set(ofUser.slice(0, Math.max(0, ofUser.length + 1 - mostKnownDevices)));
  state.devices = [...others.filter((kept) => !forgotten.has(kept)), { userId, device }];
  return device === names.fresh ? "fresh" : "presented";
};

/** @returns the event with how many other sessions have ended by it */
const endingOthers = (
  { state: of, now }: Parts,
  { id, userId }: MockSession,
  { to, device }: PasswordWrites,
  audit: AuditEvent,
): AuditEvent => {
  const state = of();
  const known = state.devices.filter(
    (kept) => kept.userId === userId && kept.device === textOf(device),
  );
  changeRights({ state, now }, () => {
    state.users = state.users.map((user) =>
      user.id === userId ? { ...user, password: to } : user,
    );
  });
  state.devices = [...state.devices, ...known];
  const others = state.sessions.filter(
    (one) => one.userId === userId && one.id !== id && one.endedAt === null,
  );
  endSessions(state, (session) => others.includes(session), "passwordChanged", audit.at);
  state.oneUseTokens = state.oneUseTokens.filter((token) => token.userId !== userId);
  return { ...audit, detail: { ...audit.detail, sessions: others.length } };
};

export const createSessionStore = (parts: Parts): SessionStore => ({
  readState: (sessionId) => {
    const state = parts.state();
    const session = findSession(state, sessionId);
    return session ? sessionStateOf(state, session) : null;
  },
  read: (sessionId) => {
    const state = parts.state();
    const session = findSession(state, sessionId);
    return session
      ? {
          row: rowOf(session),
          version: versionOf(session),
          userIsActive: userOf(state, session.userId)?.active === true,
        }
      : null;
  },
  add: async (session, replaced, device, audit, ofNewDevice) => {
    const state = parts.state();
    if (userOf(state, session.userId)?.active !== true) return null;
    const isFirst = !state.sessions.some(({ userId }) => userId === session.userId);
    const before = replaced === null ? undefined : findSession(state, replaced);
    if (before?.endedAt === null) {
      endSessions(state, ({ id }) => id === replaced, "signedOut", audit.at);
      addEvent(parts, {
        ...audit,
        action: "session.replace",
        subjectId: before.id,
        sessionId: before.id,
        detail: { by: session.id },
      });
    }
    state.sessions.push({
      ...session,
      secretHash: encodeBase64Url(session.secretHash),
      salt: encodeBase64Url(session.salt),
      idempotencyKeyHash: null,
      earlierRotations: [],
      endedAt: null,
      endReason: null,
      expiredTokens: [],
      lastToken: null,
    });
    const known =
      device &&
      rememberDevice(state, session.userId, {
        presented: textOf(device.presented),
        fresh: encodeBase64Url(device.fresh),
      });
    addEvent(parts, audit);
    if (ofNewDevice && known === "fresh" && !isFirst) addNotice(parts, ofNewDevice);
    return { device: known };
  },
  apply: async (
    { id, userId },
    expectedVersion,
    { rotation, authTime, password, end, audit, auditOnce, notice },
  ) => {
    const state = parts.state();
    if (password && userOf(state, userId)?.password !== password.from) return "otherPassword";
    const session = findSession(state, id);
    if (!session || versionOf(session) !== expectedVersion) return "changed";
    if (rotation)
      Object.assign(session, {
        ...rotation,
        secretHash: encodeBase64Url(rotation.secretHash),
        idempotencyKeyHash: textOf(rotation.idempotencyKeyHash),
      });
    if (authTime !== undefined) Object.assign(session, { authTime });
    if (end) Object.assign(session, { endedAt: end.at, endReason: end.reason });
    if (audit) addEvent(parts, password ? endingOthers(parts, session, password, audit) : audit);
    if (
      auditOnce &&
      !state.audit.some(({ action, sessionId }) => action === auditOnce.action && sessionId === id)
    )
      addEvent(parts, auditOnce);
    if (notice) addNotice(parts, notice);
    return "applied";
  },
  list: ({ userId, words = [] }, now, after, limit) => {
    const state = parts.state();
    const isBehind = (one: { readonly createdAt: number; readonly id: string }): boolean =>
      after === null ||
      one.createdAt < after.at ||
      (one.createdAt === after.at && one.id < after.id);
    const living = state.sessions
      .flatMap((session): ListedSession[] => {
        const user = userOf(state, session.userId);
        const isLiving =
          session.endedAt === null &&
          session.idleExpiresAt > now &&
          session.absoluteExpiresAt > now;
        if (user === undefined || !isLiving) return [];
        const { id, userAgent, address, createdAt, lastUsedAt } = session;
        const { idleExpiresAt, absoluteExpiresAt } = session;
        const { username, displayName } = user;
        const about = { id, userId: user.id, username, displayName, userAgent, address };
        return [{ ...about, createdAt, lastUsedAt, idleExpiresAt, absoluteExpiresAt }];
      })
      .filter((one) => {
        const told = `${one.userAgent} ${one.address}`.toLowerCase();
        const described = `${told} ${usernameKey(one.username)}`;
        return (
          (userId === undefined || one.userId === userId) &&
          words.every((word) => described.includes(word))
        );
      })
      .sort((one, other) => other.createdAt - one.createdAt || (other.id < one.id ? -1 : 1))
      .filter(isBehind);
    const page = living.slice(0, limit);
    const end = living.length > limit ? page.at(-1) : undefined;
    return { sessions: page, next: end ? { at: end.createdAt, id: end.id } : null };
  },
  endAsDecided: async (which, expected, reason, audit) => {
    const state = parts.state();
    if (!areAsRead(state, expected)) return "changed";
    const unended = state.sessions.filter((one) => one.endedAt === null);
    const living =
      "sessionId" in which
        ? unended.filter(({ id }) => id === which.sessionId)
        : "userId" in which
          ? unended.filter(({ userId }) => userId === which.userId)
          : unended
              .filter(({ id, createdAt }) => id !== which.except && createdAt <= which.begunBy)
              .sort((one, other) => one.createdAt - other.createdAt)
              .slice(0, which.most);
    endSessions(state, (session) => living.includes(session), reason, audit.at);
    if (living.length > 0)
      addEvent(parts, { ...audit, detail: { ...audit.detail, sessions: living.length } });
    return living.length;
  },
  end: async (sessionId, reason, audit) => {
    const state = parts.state();
    if (findSession(state, sessionId)?.endedAt !== null) return false;
    endSessions(state, ({ id }) => id === sessionId, reason, audit.at);
    addEvent(parts, audit);
    return true;
  },
  endOfUser: async (userId, reason, audit, except) => {
    const state = parts.state();
    const living = state.sessions.filter(
      (one) => one.userId === userId && one.endedAt === null && one.id !== except,
    );
    endSessions(state, (session) => living.includes(session), reason, audit.at);
    addEvent(parts, { ...audit, detail: { ...audit.detail, sessions: living.length } });
    return living.length;
  },
  purge: async (deadSince) => {
    const state = parts.state();
    const kept = state.sessions.filter(
      ({ endedAt, absoluteExpiresAt, idleExpiresAt }) =>
        Math.min(endedAt ?? absoluteExpiresAt, idleExpiresAt, absoluteExpiresAt) >= deadSince,
    );
    const purged = state.sessions.length - kept.length;
    state.sessions = kept;
    return purged;
  },
});
