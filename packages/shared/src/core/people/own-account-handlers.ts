import type { Handlers } from "../answering/endpoint.ts";
import { recordOf, signedIn, type RequestContext } from "../answering/endpoint.ts";
import type { TokenCookies } from "../answering/cookies.ts";
import { AppError } from "../answering/errors.ts";
import type { Exports } from "../answering/exports.ts";
import { applyDecision } from "../apply-decision.ts";
import type { Contract, ResponseBody } from "../../contract/contract.ts";
import type { AccessRequestStore } from "../access/access-request-store.ts";
import { describeOwnRequest } from "../access/access-request-handlers.ts";
import { readActor } from "../access/acting.ts";
import { describeGrant } from "../access/grant-handlers.ts";
import type { GrantPlace, GrantStore } from "../access/grant-store.ts";
import { describeEvent } from "../audit/audit-handlers.ts";
import type { AuditStore, WrittenAuditEvent } from "../audit/audit-store.ts";
import { describeNotices } from "../sessions/describe-session.ts";
import { describeListed } from "../sessions/living-session-handlers.ts";
import type { ListedSession, SessionStore } from "../sessions/session-store.ts";
import type { NoticeStore } from "../users/notice-store.ts";
import type { UserStore } from "../users/user-store.ts";
import { lastAdmin } from "./change-user.ts";
import { describeUser } from "./describe-user.ts";

interface Dependencies {
  readonly stores: {
    readonly accessRequests: Pick<AccessRequestStore, "readOf">;
    readonly audit: Pick<AuditStore, "add" | "read">;
    readonly grants: Pick<GrantStore, "list">;
    readonly notices: Pick<NoticeStore, "listOpen">;
    readonly sessions: Pick<SessionStore, "list">;
    readonly users: Pick<UserStore, "read" | "readRights" | "remove">;
  };
  readonly cookies: TokenCookies;
  readonly exports: Exports;
  readonly now: () => number;
}

type Exported = ResponseBody<Contract["GET /account/export"]>;
/** Where a file of rows goes on: behind an event of the audit trail. */
type Place = NonNullable<Awaited<ReturnType<AuditStore["read"]>>["next"]>;

const pageSize = 200;

/** What one can do with one's account as a whole: take all that is kept about it, and delete it. */
export const createOwnAccountHandlers = ({
  stores,
  cookies,
  exports,
  now,
}: Dependencies): Pick<Handlers, "GET /account/export" | "DELETE /account"> => {
  const { users, sessions, grants, notices, accessRequests, audit } = stores;

  const readSessions = async (userId: string): Promise<readonly ListedSession[]> => {
    const found: ListedSession[] = [];
    let place: Parameters<SessionStore["list"]>[2] = null;
    do {
      const page: Awaited<ReturnType<SessionStore["list"]>> = await sessions.list(
        { userId },
        now(),
        place,
        pageSize,
      );
      found.push(...page.sessions);
      place = page.next;
    } while (place !== null);
    return found;
  };

  const readGrants = async (userId: string, roleIds: readonly string[]) => {
    const holders = { userIds: [userId], roleIds };
    const found: ReturnType<typeof describeGrant>[] = [];
    for (let place: GrantPlace | null = null; ;) {
      const page = await grants.list({ holders, sections: null }, place, pageSize);
      found.push(...page.map(describeGrant));
      const last = page.at(-1);
      if (last === undefined || page.length < pageSize) return found;
      place = [last.createdAt, last.id];
    }
  };

  /** All but the events of the audit trail, of which there may be any number. */
  const readAll = async (context: RequestContext): Promise<Omit<Exported, "auditEvents">> => {
    const { userId, sessionId } = signedIn(context);
    const found = await users.read(userId);
    const rights = await users.readRights(userId);
    if (found === null || rights === null) throw new AppError("session_ended");
    return {
      exportedAt: new Date(now()).toISOString(),
      user: describeUser(found),
      preferences: rights.preferences,
      permissions: [...rights.permissions],
      grants: await readGrants(
        userId,
        found.isIn.map(({ id }) => id),
      ),
      sessions: (await readSessions(userId)).map((session) => describeListed(session, sessionId)),
      notices: describeNotices(await notices.listOpen(userId), null),
      accessRequests: (await accessRequests.readOf(userId)).map((request) =>
        describeOwnRequest(request, now()),
      ),
    };
  };

  return {
    "GET /account/export": async ({ context, ok }) => {
      const { userId } = signedIn(context);
      const all = JSON.stringify(await readAll(context));
      const file = await exports.begin<WrittenAuditEvent, Place>(context, {
        name: "account",
        format: "json",
        permission: null,
        object: { before: `${all.slice(0, -1)},"auditEvents":[`, after: "]}\n" },
        read: async (after, most) => {
          const { events, next } = await audit.read({ actorUserId: userId }, after, most);
          return { rows: events, next };
        },
        write: (event) => JSON.stringify(describeEvent(event)),
        record: () =>
          audit.add({
            ...recordOf(context),
            at: now(),
            action: "account.export",
            result: "success",
            subjectType: "user",
            subjectId: userId,
          }),
      });
      return ok(200, { file });
    },

    "DELETE /account": async ({ context, ok }) => {
      const { via } = signedIn(context);
      await applyDecision(
        async () => {
          const actor = await readActor(users, context);
          const found = await users.read(actor.id);
          if (found === null) throw new AppError("session_ended");
          return { actor, found };
        },
        () => null,
        async ({ actor: { id, epoch }, found: { user, isIn } }) => {
          const { username, displayName, email } = user;
          const outcome = await users.remove(
            user,
            { users: [{ id, epoch }], roles: [] },
            {
              ...recordOf(context),
              at: now(),
              action: "user.delete",
              result: "success",
              // Nobody is there any more who could be asked.
              actorName: username,
              subjectType: "user",
              subjectId: id,
              subjectName: username,
              detail: {
                before: { username, displayName, email, roles: isIn.map(({ name }) => name) },
              },
            },
          );
          if (outcome === "lastAdmin") throw lastAdmin();
          return outcome;
        },
      );
      return ok(204, null, via === "cookie" ? { cookies: cookies.cleared } : {});
    },
  };
};
