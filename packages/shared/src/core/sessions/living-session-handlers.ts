import { recogniseDevice } from "../../contract/recognise-device.ts";
import type { livingSessionEndpoints } from "../../contract/living-sessions.ts";
import { readActor } from "../access/acting.ts";
import { everyRight, requireRights } from "../access/decide-rights-change.ts";
import { recordOf, signedIn, type Handlers, type RequestContext } from "../answering/endpoint.ts";
import { AppError } from "../answering/errors.ts";
import { decodeCursor, wayOn } from "../answering/list-pages.ts";
import { applyDecision } from "../apply-decision.ts";
import type { UserStore } from "../users/user-store.ts";
import type { ListedSession, SessionFilter, SessionStore } from "./session-store.ts";

interface Dependencies {
  readonly stores: {
    readonly sessions: Pick<SessionStore, "read" | "list" | "end" | "endAsDecided">;
    readonly users: Pick<UserStore, "readRights">;
  };
  readonly now: () => number;
}

const isPlace = (place: readonly unknown[]): place is readonly [at: number, id: string] =>
  place.length === 2 && Number.isSafeInteger(place[0]) && typeof place[1] === "string";

/** Of everybody's sessions, as many as are ended in one write; each write has its audit event. */
const mostEndedAtOnce = 2_000;

const timeOf = (milliseconds: number): string => new Date(milliseconds).toISOString();

const unknownSession = (): AppError =>
  new AppError("not_found", { detail: "There is no session of this id." });
const unknownUser = (): AppError =>
  new AppError("not_found", { detail: "There is no user of this id." });

export const describeListed = (
  { userId, username, displayName, ...session }: ListedSession,
  current: string,
) => ({
  id: session.id,
  current: session.id === current,
  user: { id: userId, username, displayName },
  userAgent: session.userAgent,
  ...recogniseDevice(session.userAgent),
  address: session.address,
  createdAt: timeOf(session.createdAt),
  lastUsedAt: timeOf(session.lastUsedAt),
  idleExpiresAt: timeOf(session.idleExpiresAt),
  absoluteExpiresAt: timeOf(session.absoluteExpiresAt),
});

/**
 * The handlers of one's own sessions, and of everybody's. For the latter they take as decided that
 * the caller has the permission, and decide whose sessions the caller may end: of nobody who may do
 * more.
 */
export const createLivingSessionHandlers = ({
  stores: { sessions, users },
  now,
}: Dependencies): Pick<Handlers, keyof typeof livingSessionEndpoints> => {
  const list = async (
    filter: SessionFilter,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string },
    asked: Readonly<Record<string, string>>,
    context: RequestContext,
  ) => {
    const place = cursor === undefined ? null : decodeCursor(cursor, isPlace);
    const after = place && { at: place[0], id: place[1] };
    const found = await sessions.list(filter, now(), after, limit);
    const { nextCursor, headers } = wayOn(
      found.next && [found.next.at, found.next.id],
      limit,
      asked,
    );
    const { sessionId } = signedIn(context);
    const items = found.sessions.map((session) => describeListed(session, sessionId));
    return { body: { items, nextCursor }, headers };
  };

  /** @throws AppError `rights_exceeded`, and what `missing` makes where there is no such user */
  const end = async (
    userId: string,
    which: Parameters<SessionStore["endAsDecided"]>[0],
    audit: Pick<
      Parameters<SessionStore["endAsDecided"]>[3],
      "action" | "subjectType" | "subjectId"
    >,
    context: RequestContext,
    missing: () => AppError,
  ): Promise<void> => {
    await applyDecision(
      async () => ({
        actor: await readActor(users, context),
        target: await users.readRights(userId),
      }),
      ({ actor, target }) => {
        if (target === null) throw missing();
        requireRights(actor, { actsOn: [target] });
        const { user } = target;
        return { users: [actor, user].map(({ id, epoch }) => ({ id, epoch })), roles: [] };
      },
      async (_, expected) => {
        const event = { ...recordOf(context), ...audit, at: now(), result: "success" as const };
        const outcome = await sessions.endAsDecided(which, expected, "endedByAdmin", event);
        return outcome === "changed" ? "changed" : "applied";
      },
    );
  };

  return {
    "GET /account/sessions": async ({ query, context, ok }) => {
      const { userId } = signedIn(context);
      const { body, headers } = await list({ userId }, query, {}, context);
      return ok(200, body, { headers });
    },

    "DELETE /account/sessions/:sessionId": async ({ params: { sessionId }, context, ok }) => {
      const found = await sessions.read(sessionId);
      if (found?.row.userId !== signedIn(context).userId) throw unknownSession();
      await sessions.end(sessionId, "endedByUser", {
        ...recordOf(context),
        at: now(),
        action: "session.end",
        result: "success",
        subjectType: "session",
        subjectId: sessionId,
      });
      return ok(204, null);
    },

    "GET /sessions": async ({ query, context, ok }) => {
      const { user, q = "" } = query;
      const words = q.toLowerCase().split(/\s+/).filter(Boolean);
      const asked = { ...(user !== undefined && { user }), ...(q !== "" && { q }) };
      const { body, headers } = await list({ userId: user, words }, query, asked, context);
      return ok(200, body, { headers });
    },

    "DELETE /sessions": async ({ context, ok }) => {
      const begunBy = now();
      const which = { begunBy, except: signedIn(context).sessionId, most: mostEndedAtOnce };
      let ended = 0;
      do {
        await applyDecision(
          () => readActor(users, context),
          (actor) => {
            requireRights(actor, { actsOn: [everyRight] });
            return { users: [{ id: actor.id, epoch: actor.epoch }], roles: [] };
          },
          async (_, expected) => {
            const outcome = await sessions.endAsDecided(which, expected, "endedByAdmin", {
              ...recordOf(context),
              action: "session.endAll",
              at: begunBy,
              result: "success",
              subjectType: "session",
            });
            if (outcome === "changed") return "changed";
            ended = outcome;
            return "applied";
          },
        );
      } while (ended === mostEndedAtOnce);
      return ok(204, null);
    },

    "DELETE /sessions/:sessionId": async ({ params: { sessionId }, context, ok }) => {
      const found = await sessions.read(sessionId);
      if (found === null) throw unknownSession();
      await end(
        found.row.userId,
        { sessionId },
        { action: "session.end", subjectType: "session", subjectId: sessionId },
        context,
        unknownSession,
      );
      return ok(204, null);
    },

    "GET /users/:userId/sessions": async ({ params: { userId }, query, context, ok }) => {
      if ((await users.readRights(userId)) === null) throw unknownUser();
      const { body, headers } = await list({ userId }, query, {}, context);
      return ok(200, body, { headers });
    },

    "DELETE /users/:userId/sessions": async ({ params: { userId }, context, ok }) => {
      await end(
        userId,
        { userId },
        { action: "user.endSessions", subjectType: "user", subjectId: userId },
        context,
        unknownUser,
      );
      return ok(204, null);
    },
  };
};
