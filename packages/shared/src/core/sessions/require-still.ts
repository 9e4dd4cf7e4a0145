import type { Permission } from "../../contract/permissions.ts";
import type { Caller } from "../answering/endpoint.ts";
import { AppError } from "../answering/errors.ts";
import { endOfSession } from "../tokens/rotation.ts";
import type { UserStore } from "../users/user-store.ts";
import type { SessionStore } from "./session-store.ts";

/**
 * Asks again what has been found when a request came, in the midst of an answer that takes long.
 * It throws the AppError `session_ended` or `forbidden`.
 */
export const createRequireStill =
  ({
    stores: { sessions, users },
    now,
  }: {
    readonly stores: {
      readonly sessions: Pick<SessionStore, "readState">;
      readonly users: Pick<UserStore, "readRights">;
    };
    readonly now: () => number;
  }): ((caller: Caller, permission: Permission | null) => Promise<void>) =>
  async ({ sessionId, userId }, permission) => {
    const session = await sessions.readState(sessionId);
    if (session === null || endOfSession(session, session.active, now()) !== null)
      throw new AppError("session_ended");
    if (permission === null) return;
    const rights = await users.readRights(userId);
    if (!rights?.permissions.includes(permission)) throw new AppError("forbidden");
  };
