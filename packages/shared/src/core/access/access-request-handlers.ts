import type { accessRequestEndpoints } from "../../contract/access-requests.ts";
import { everySection } from "../../contract/permissions.ts";
import { recordOf, signedIn, type Handlers, type RequestContext } from "../answering/endpoint.ts";
import { AppError } from "../answering/errors.ts";
import { decodeCursor, pageOf } from "../answering/list-pages.ts";
import { refusalOf, type Taken, type WindowLimit } from "../answering/rate-limit.ts";
import type { Awaitable } from "../awaitable.ts";
import { applyDecision } from "../apply-decision.ts";
import type { AuditEvent } from "../audit/audit-store.ts";
import type { Chance, Lots } from "../ports.ts";
import type { UserStore } from "../users/user-store.ts";
import type {
  AccessRequest,
  AccessRequestStore,
  NamedAccessRequest,
} from "./access-request-store.ts";
import { readActor, type Actor } from "./acting.ts";
import { decideAsking } from "./ask-for-access.ts";
import { actingUser, changeGrants, type GrantDependencies } from "./change-grants.ts";
import { maySeeSection } from "./decide-access.ts";
import { endOf } from "./grant-handlers.ts";
import { overAt } from "./waiting-in-vain.ts";

interface Dependencies extends GrantDependencies {
  readonly stores: GrantDependencies["stores"] & {
    readonly accessRequests: AccessRequestStore;
    readonly limits: { take(limit: WindowLimit, key: string, now: number): Awaitable<Taken> };
    readonly users: Pick<UserStore, "readRights">;
  };
  readonly chance: Pick<Chance, "newId" | "secret">;
  readonly lots: Lots;
}

/** Each asking is an event of the audit trail, and a change of a list that others look at. */
const askingLimit: WindowLimit = {
  name: "asking",
  limit: 60,
  windowSeconds: 3_600,
  mostKeys: 10_000,
};

const isPlace = (place: readonly unknown[]): place is readonly [askedAt: number, id: string] =>
  place.length === 2 && Number.isSafeInteger(place[0]) && typeof place[1] === "string";

/** Slugs of the sections whose requests somebody may answer; null for all. */
const coveredBy = ({ permissions, grants }: Actor): readonly string[] | null =>
  permissions.includes("sections:write") || grants.some(({ section }) => section === everySection)
    ? null
    : grants.map(({ section }) => section);

const unknownRequest = (): AppError =>
  new AppError("not_found", { detail: "There is no request of this id that you may answer." });

/** As whoever has made it sees it. */
export const describeOwnRequest = (request: AccessRequest, now: number) => ({
  section: request.askedFor,
  note: request.note,
  askedAt: new Date(request.askedAt).toISOString(),
  answered: overAt(request) <= now,
});

/** The handlers of access requests. They take as decided that the caller has the permission. */
export const createAccessRequestHandlers = (
  dependencies: Dependencies,
): Pick<Handlers, keyof typeof accessRequestEndpoints> => {
  const { now, chance, lots, stores } = dependencies;
  const { accessRequests, limits, users } = stores;

  const describeOwn = (request: AccessRequest) => describeOwnRequest(request, now());

  /** As it is now, and who answers it. Read again for each decision. */
  const readOpen = async (
    requestId: string,
    context: RequestContext,
  ): Promise<{ readonly request: NamedAccessRequest; readonly actor: Actor }> => {
    const request = await accessRequests.read(requestId);
    const actor = await readActor(users, context);
    const covered = coveredBy(actor);
    if (request === null || (covered !== null && !covered.includes(request.section)))
      throw unknownRequest();
    if (request.answeredAt !== null) throw new AppError("access_request_answered");
    return { request, actor };
  };

  return {
    "POST /access-requests": async ({ body: { section: slug, note = "" }, context, ok }) => {
      const { userId, sections } = signedIn(context);
      const taken = await limits.take(askingLimit, userId, now());
      if (!taken.isAllowed) throw refusalOf(askingLimit, taken, now());
      // Made before anything is looked up, so that the work is the same for every address.
      const made = {
        id: chance.newId("acr"),
        lot: lots.of(slug),
        chance: chance.secret(),
        userId,
        slug,
        note,
      };
      const { request } = await applyDecision(
        () => accessRequests.find(userId, slug),
        (found) =>
          decideAsking(found, {
            ...made,
            at: now(),
            maySee:
              found.section !== null &&
              maySeeSection(sections, found.section.slug, found.section.visibility),
            record: recordOf(context),
          }),
        ({ version }, { writes }) =>
          writes === null ? "applied" : accessRequests.ask(userId, slug, version, writes),
      );
      return ok(202, describeOwn(request));
    },

    "GET /account/access-requests": async ({ context, ok }) => {
      const found = await accessRequests.readOf(signedIn(context).userId);
      return ok(200, { items: found.toReversed().map(describeOwn) });
    },

    "GET /access-requests": async ({ query: { sort = "askedAt", limit, cursor }, context, ok }) => {
      const place = cursor === undefined ? null : decodeCursor(cursor, isPlace);
      const { requests, total } = await accessRequests.list({
        sections: coveredBy(await readActor(users, context)),
        isDescending: sort.startsWith("-"),
        after: place,
        limit: limit + 1,
      });
      const { items, nextCursor, headers } = pageOf(
        requests,
        limit,
        ({ askedAt, id }) => [askedAt, id],
        { sort },
      );
      return ok(
        200,
        {
          items: items.map(({ id, user, section, title, note, askedAt }) => ({
            id,
            user: { ...user },
            section,
            title,
            note,
            askedAt: new Date(askedAt).toISOString(),
          })),
          nextCursor,
          total,
        },
        { headers },
      );
    },

    "POST /access-requests/:accessRequestId/answer": async ({
      params: { accessRequestId: requestId },
      body: { granted, expiresAt },
      context,
      ok,
    }) => {
      const answer = { requestId, at: now() };
      const end = endOf(expiresAt);
      const eventOf = ({ user, section }: NamedAccessRequest): AuditEvent => ({
        ...recordOf(context),
        at: answer.at,
        action: "accessRequest.answer",
        result: "success",
        subjectType: "user",
        subjectId: user.id,
        detail: {
          section,
          granted,
          ...(granted && { expiresAt: end === null ? null : new Date(end).toISOString() }),
        },
      });
      if (granted) {
        const { request } = await readOpen(requestId, context);
        await changeGrants(
          dependencies,
          [
            {
              kind: "give",
              holder: { userId: request.user.id },
              section: request.section,
              expiresAt: end,
              pointer: "",
              other: "extend",
            },
          ],
          async () => actingUser((await readOpen(requestId, context)).actor),
          recordOf(context),
          { answer, audit: eventOf(request) },
        );
      } else
        await applyDecision(
          () => readOpen(requestId, context),
          ({ request }) => eventOf(request),
          ({ actor: { id, epoch } }, audit) =>
            accessRequests.answer({ users: [{ id, epoch }], roles: [] }, answer, audit),
        );
      return ok(204, null);
    },
  };
};
