import { everySection, permissions as everyPermission } from "../../contract/permissions.ts";
import type { userEndpoints } from "../../contract/users.ts";
import { readActor } from "../access/acting.ts";
import type { SectionVisibility } from "../access/decide-access.ts";
import { requireRights } from "../access/decide-rights-change.ts";
import { endOfGrant } from "../access/grants-in-force.ts";
import { recordOf, type Handlers, type RequestContext } from "../answering/endpoint.ts";
import { requireMatch, versionTag } from "../answering/entity-tags.ts";
import type { Exports } from "../answering/exports.ts";
import { AppError } from "../answering/errors.ts";
import { decodeCursor, pageOf } from "../answering/list-pages.ts";
import { applyDecision } from "../apply-decision.ts";
import type { AuditStore } from "../audit/audit-store.ts";
import { after, type Awaitable } from "../awaitable.ts";
import type { Chance, Digests, Passwords } from "../ports.ts";
import { readNameable } from "../sections/nameable-sections.ts";
import type { SectionStore } from "../sections/section-store.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import type { SignInQueue } from "../sessions/sign-in-queue.ts";
import type { OneUseTokenStore } from "../users/one-use-token-store.ts";
import type { RoleStore } from "../users/role-store.ts";
import type { RightsWithReasons, UserOrder, UserPlace, UserStore } from "../users/user-store.ts";
import { displayNameKey } from "../users/usernames.ts";
import { addPeople, refusePerson, type Adding } from "./add-people.ts";
import { changeMany } from "./change-many.ts";
import { changeUser, expectedOf, lastAdmin, unknownUser } from "./change-user.ts";
import { asAttempt } from "./as-attempt.ts";
import { checkPasswordLink, choosePassword } from "./choose-password.ts";
import { describeUser } from "./describe-user.ts";
import { readPeople, refusePeople } from "./read-people.ts";
import { userColumns, userRecord, type ListedUser } from "./user-csv.ts";
import { makePasswordLink, noticeOfLink, type PasswordLinkMeans } from "./password-links.ts";

interface Dependencies extends PasswordLinkMeans {
  readonly stores: {
    readonly users: UserStore;
    readonly roles: Pick<RoleStore, "list" | "readRights">;
    readonly oneUseTokens: OneUseTokenStore;
    readonly sections: Pick<SectionStore, "listLinks">;
    readonly sessions: Pick<SessionStore, "endAsDecided">;
    readonly audit: Pick<AuditStore, "add">;
  };
  readonly exports: Exports;
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

/** By what somebody of this name may open a section. Grants may be many: sorted out once. */
const becauseOf = (username: string, grants: RightsWithReasons["grants"]) => {
  const found = Map.groupBy(
    grants.map(({ section, role, expiresAt }) => {
      const kind = role === null ? ("user" as const) : ("role" as const);
      const name = role?.name ?? username;
      const end = endOfGrant(expiresAt);
      return {
        section,
        order: `${kind} ${name}`,
        reason: {
          kind,
          name,
          everySection: section === everySection,
          ...(end !== null && { expiresAt: new Date(end).toISOString() }),
        },
      };
    }),
    ({ section }) => section,
  );
  const ofEvery = found.get(everySection) ?? [];
  return (slug: string, visibility: SectionVisibility) => [
    ...[...(found.get(slug) ?? []), ...ofEvery]
      .sort((one, other) => (one.order < other.order ? -1 : 1))
      .map(({ reason }) => reason),
    ...(visibility === "public"
      ? [{ kind: "public" as const, name: "", everySection: false }]
      : []),
  ];
};

/** The handlers of people, for those who may read or change them. */
export const createUserHandlers = (
  dependencies: Dependencies,
): Pick<Handlers, keyof typeof userEndpoints> => {
  const { stores, exports, now } = dependencies;
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
    "GET /users": async ({ query, context, ok }) => {
      const { q, role, active, sort, limit, cursor, format } = query;
      const filter = {
        text: q === undefined ? null : displayNameKey(q),
        roleId: role ?? null,
        active: active === undefined ? null : active === "true",
      };
      const asked = {
        ...(q !== undefined && { q }),
        ...(role !== undefined && { role }),
        ...(active !== undefined && { active }),
        sort,
      };
      if (format !== undefined) {
        const file = await exports.begin<ListedUser, UserPlace>(context, {
          name: "users",
          format,
          permission: "users:read",
          columns: userColumns,
          read: async (place, most) => {
            const { items } = await users.list(filter, orderOf(sort), place, most);
            return { rows: items, next: (items.length === most && items.at(-1)?.place) || null };
          },
          write: userRecord,
          record: () =>
            stores.audit.add({
              ...recordOf(context),
              at: now(),
              action: "user.export",
              result: "success",
              detail: { format, ...asked },
            }),
        });
        return ok(200, { file });
      }
      const place = cursor === undefined ? null : decodeCursor(cursor, placeIn(sort));
      const { items: found, total } = await users.list(
        filter,
        orderOf(sort),
        place && [place[1], place[2]],
        limit + 1,
      );
      const { items, nextCursor, headers } = pageOf(
        found,
        limit,
        (item) => [sort, ...item.place],
        asked,
      );
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
        async () => ({
          acting: await readActing(context),
          found: await readUser(userId),
          maker: (await readActor(users, context)).username,
        }),
        ({ acting, found }) => {
          requireRights(acting, { actsOn: [found] });
          return makePasswordLink(dependencies, userId, acting.id, now());
        },
        ({ acting, found, maker }, { stored, told }) =>
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
            noticeOfLink(stored, maker),
          ),
      );
      return ok(200, made.told);
    },

    "GET /users/:userId/access": async ({ params: { userId }, context, ok }) => {
      const actor = await readActor(users, context);
      const { user, sections: granted } = await readUser(userId);
      const reasons = await users.readReasons(userId);
      const links = await sections.listLinks(granted);
      const mayName = await readNameable(sections, actor);
      const named = links.filter(({ slug }) => mayName(slug));
      const because = becauseOf(user.username, reasons.grants);
      return ok(200, {
        items: named.map(({ slug, title, visibility }) => ({
          slug,
          title,
          because: because(slug, visibility),
        })),
        isComplete: named.length === links.length,
        permissions: everyPermission.flatMap((permission) => {
          const by = reasons.permissions.filter((one) => one.permission === permission);
          return by.length === 0
            ? []
            : [{ permission, roles: by.map(({ role }) => ({ ...role })) }];
        }),
      });
    },

    "POST /users/import": async ({ query, upload, context, ok }) => {
      const known = await stores.roles.list();
      const roleNamed = new Map(known.map((role) => [role.name, role]));
      const people = await readPeople(upload.bytes, (name) => roleNamed.get(name)?.id);
      const isTrial = query.dryRun === "true";
      const added = await addPeople(
        dependencies,
        people,
        () => readActing(context),
        (issues) => refusePeople(people, issues),
        recordOf(context),
        isTrial,
      );
      if (!isTrial)
        return ok(201, {
          items: added.map(({ id, username, link }, index) => ({
            id,
            username,
            displayName: people[index]?.displayName ?? username,
            ...link,
          })),
        });
      return ok(200, {
        items: people.map(({ line, username, displayName, email, roleIds }) => ({
          line,
          username,
          displayName,
          email,
          roles: known
            .filter(({ id }) => roleIds.includes(id))
            .map(({ id, name }) => ({ id, name })),
        })),
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

    "POST /password-resets/check": async ({ body, context, ok }) =>
      ok(
        200,
        await asAttempt(dependencies, context, () => checkPasswordLink(dependencies, body.token)),
      ),

    "POST /password-resets/confirm": async ({ body, context, ok }) => {
      await asAttempt(dependencies, context, () => choosePassword(dependencies, body, context));
      return ok(204, null);
    },
  };
};
