import { everySection, permissions as everyPermission } from "../../contract/permissions.ts";
import type { userEndpoints } from "../../contract/users.ts";
import { readActor } from "../access/acting.ts";
import { requireRights } from "../access/decide-rights-change.ts";
import { recordOf, type Handlers, type RequestContext } from "../answering/endpoint.ts";
import { requireMatch, versionTag } from "../answering/entity-tags.ts";
import { AppError } from "../answering/errors.ts";
import { decodeCursor, pageOf } from "../answering/list-pages.ts";
import { networksOf } from "../answering/networks.ts";
import { applyDecision } from "../apply-decision.ts";
import { after, type Awaitable } from "../awaitable.ts";
import type { Chance, Digests, Passwords } from "../ports.ts";
import type { SectionStore } from "../sections/section-store.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import type { SignInQueue } from "../sessions/sign-in-queue.ts";
import type { OneUseTokenStore } from "../users/one-use-token-store.ts";
import type { RoleStore } from "../users/role-store.ts";
import type { UserOrder, UserPlace, UserStore } from "../users/user-store.ts";
import { displayNameKey } from "../users/usernames.ts";
import { addPeople, refusePerson, type Adding } from "./add-people.ts";
import { changeMany } from "./change-many.ts";
import { changeUser, expectedOf, lastAdmin, unknownUser } from "./change-user.ts";
import { choosePassword } from "./choose-password.ts";
import { describeUser } from "./describe-user.ts";
import { makePasswordLink, type PasswordLinkMeans } from "./password-links.ts";

interface Dependencies extends PasswordLinkMeans {
  readonly stores: {
    readonly users: UserStore;
    readonly roles: Pick<RoleStore, "readRights">;
    readonly oneUseTokens: OneUseTokenStore;
    readonly sections: Pick<SectionStore, "listLinks">;
    readonly sessions: Pick<SessionStore, "endAsDecided">;
  };
  readonly chance: Chance;
  readonly digests: Digests;
  readonly passwords: Passwords;
  readonly signInQueue: Pick<SignInQueue, "enter">;
  readonly now: () => number;
}

type Sort = "username" | "-username" | "displayName" | "-displayName" | "createdAt" | "-createdAt";
const orderOf = (sort: Sort): UserOrder => ({
  by: sort.replace("-", "") as UserOrder["by"],
  descending: sort.startsWith("-"),
});

/** A cursor is of one order: in another, its place means nothing. */
const placeIn =
  (sort: Sort) =>
  (place: readonly unknown[]): place is readonly [sort: Sort, ...UserPlace] =>
    place.length === 3 &&
    place[0] === sort &&
    (orderOf(sort).by === "createdAt"
      ? Number.isSafeInteger(place[1])
      : typeof place[1] === "string") &&
    typeof place[2] === "string";

/** The handlers of people, for those who may read or change them. */
export const createUserHandlers = (
  dependencies: Dependencies,
): Pick<Handlers, keyof typeof userEndpoints> => {
  const { stores, now } = dependencies;
  const { users, oneUseTokens, sections } = stores;

  const readActing = (context: RequestContext): Awaitable<Adding> =>
    after(readActor(users, context), ({ id, epoch, permissions, grants }) => ({
      id,
      permissions,
      grants,
      expected: [{ id, epoch }],
    }));

  const readUser = async (userId: string) => {
    const found = await users.read(userId);
    if (found === null) throw unknownUser();
    return found;
  };

  return {
    "GET /users": async ({ query, ok }) => {
      const { q, role, active, sort, limit, cursor } = query;
      const place = cursor === undefined ? null : decodeCursor(cursor, placeIn(sort));
      const { items: found, total } = await users.list(
        {
          text: q === undefined ? null : displayNameKey(q),
          roleId: role ?? null,
          active: active === undefined ? null : active === "true",
        },
        orderOf(sort),
        place && [place[1], place[2]],
        limit + 1,
      );
      const { items, nextCursor, headers } = pageOf(found, limit, (item) => [sort, ...item.place], {
        ...(q !== undefined && { q }),
        ...(role !== undefined && { role }),
        ...(active !== undefined && { active }),
        sort,
      });
      return ok(200, { items: items.map(describeUser), nextCursor, total }, { headers });
    },

    "POST /users": async ({ body, context, ok }) => {
      const { username, displayName, email = null, roleIds = [] } = body;
      const [added] = await addPeople(
        dependencies,
        [{ username, displayName, email, roleIds }],
        () => readActing(context),
        refusePerson,
        recordOf(context),
      );
      if (added === undefined) throw new Error("Somebody was added, and is not there");
      const found = await readUser(added.id);
      return ok(
        201,
        { ...describeUser(found), ...added.link },
        { headers: { Location: `/users/${added.id}`, ETag: versionTag(found.user.version) } },
      );
    },

    "GET /users/:userId": async ({ params, ok }) => {
      const found = await readUser(params.userId);
      return ok(200, describeUser(found), { headers: { ETag: versionTag(found.user.version) } });
    },

    "PATCH /users/:userId": async ({ params: { userId }, headers, body, context, ok }) => {
      await changeUser(
        dependencies,
        userId,
        body,
        () => readActing(context),
        ({ user }) => requireMatch(headers["if-match"], versionTag(user.version)),
        recordOf(context),
      );
      const found = await readUser(userId);
      return ok(200, describeUser(found), { headers: { ETag: versionTag(found.user.version) } });
    },

    "DELETE /users/:userId": async ({ params: { userId }, headers, context, ok }) => {
      await applyDecision(
        async () => ({ acting: await readActing(context), found: await readUser(userId) }),
        ({ acting, found }) => {
          requireMatch(headers["if-match"], versionTag(found.user.version));
          requireRights(acting, { actsOn: [found] });
          return found;
        },
        async ({ acting }, found) => {
          const { username, displayName, email } = found.user;
          const outcome = await users.remove(
            found.user,
            { users: expectedOf(acting, found), roles: [] },
            {
              ...recordOf(context),
              at: now(),
              action: "user.delete",
              result: "success",
              subjectType: "user",
              subjectId: userId,
              // Nobody is there any more who could be asked.
              subjectName: username,
              detail: {
                before: { username, displayName, email, roles: found.isIn.map(({ name }) => name) },
              },
            },
          );
          if (outcome === "lastAdmin") throw lastAdmin();
          return outcome;
        },
      );
      return ok(204, null);
    },

    "POST /users/:userId/password-link": async ({ params: { userId }, context, ok }) => {
      const made = await applyDecision(
        async () => ({ acting: await readActing(context), found: await readUser(userId) }),
        ({ acting, found }) => {
          requireRights(acting, { actsOn: [found] });
          return makePasswordLink(dependencies, userId, acting.id, now());
        },
        ({ acting, found }, { stored, told }) =>
          oneUseTokens.replacePasswordLink(
            stored,
            { users: expectedOf(acting, found), roles: [] },
            {
              ...recordOf(context),
              at: stored.createdAt,
              action: "user.makePasswordLink",
              result: "success",
              subjectType: "user",
              subjectId: userId,
              detail: { linkExpiresAt: told.linkExpiresAt },
            },
          ),
      );
      return ok(200, made.told);
    },

    "GET /users/:userId/access": async ({ params: { userId }, ok }) => {
      const { user, sections: granted } = await readUser(userId);
      const reasons = await users.readReasons(userId);
      const links = await sections.listLinks(granted);
      const because = (slug: string, isPublic: boolean) => [
        ...reasons.grants
          .filter(({ section }) => section === slug || section === everySection)
          .map(({ section, role }) => ({
            kind: role === null ? ("user" as const) : ("role" as const),
            name: role?.name ?? user.username,
            everySection: section === everySection,
          }))
          .sort((one, other) =>
            `${one.kind} ${one.name}` < `${other.kind} ${other.name}` ? -1 : 1,
          ),
        ...(isPublic ? [{ kind: "public" as const, name: "", everySection: false }] : []),
      ];
      return ok(200, {
        items: links.map(({ slug, title, visibility }) => ({
          slug,
          title,
          because: because(slug, visibility === "public"),
        })),
        permissions: everyPermission.flatMap((permission) => {
          const by = reasons.permissions.filter((one) => one.permission === permission);
          return by.length === 0
            ? []
            : [{ permission, roles: by.map(({ role }) => ({ ...role })) }];
        }),
      });
    },

    "POST /users/changes": async ({ body, context, ok }) => {
      const acting = (): Awaitable<Adding> =>
        after(readActing(context), (found) => {
          if (body.change === "endSessions" && !found.permissions.includes("sessions:write"))
            throw new AppError("forbidden");
          return found;
        });
      const items = await changeMany(dependencies, body.userIds, body, acting, recordOf(context));
      return ok(200, { items: [...items] });
    },

    "POST /password-resets/confirm": async ({ body, context, ok }) => {
      const attempt = await dependencies.signInQueue.enter({
        account: null,
        networks: networksOf(context.address),
        device: null,
      });
      try {
        await choosePassword(dependencies, body, context);
      } catch (error) {
        // Whoever gets further than the token has not guessed.
        if (error instanceof AppError && error.code !== "one_use_token_invalid")
          await attempt.end();
        else await attempt.fail();
        throw error;
      }
      await attempt.end();
      return ok(204, null);
    },
  };
};
