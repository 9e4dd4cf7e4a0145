import type { grantEndpoints, Grant, NewGrant } from "../../contract/grants.ts";
import { recordOf, type Handlers } from "../answering/endpoint.ts";
import { decodeCursor, pageOf } from "../answering/list-pages.ts";
import type { UserStore } from "../users/user-store.ts";
import { readActor } from "./acting.ts";
import {
  actingUser,
  changeGrants,
  tagOfGrant,
  type GrantDependencies,
  type GrantWish,
} from "./change-grants.ts";
import type { GrantStore, NamedGrant } from "./grant-store.ts";

interface Dependencies extends GrantDependencies {
  readonly stores: GrantDependencies["stores"] & {
    readonly grants: GrantStore;
    readonly users: Pick<UserStore, "readRights">;
  };
}

const isPlace = (place: readonly unknown[]): place is readonly [createdAt: number, id: string] =>
  place.length === 2 && Number.isSafeInteger(place[0]) && typeof place[1] === "string";

const listed = (names: string | undefined): readonly string[] => names?.split(",") ?? [];

export const describeGrant = (found: NamedGrant): Grant => {
  const { id, holder, user, role, section, title, expiresAt, createdAt } = found;
  return {
    id,
    user: user && "userId" in holder ? { id: holder.userId, ...user } : null,
    role: role && "roleId" in holder ? { id: holder.roleId, ...role } : null,
    section,
    title,
    expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
    createdAt: new Date(createdAt).toISOString(),
    etag: tagOfGrant(found),
  };
};

/** In milliseconds since 1970; null for good. */
export const endOf = (expiresAt: string | null | undefined): number | null =>
  expiresAt == null ? null : Date.parse(expiresAt);

const giving = (
  { userId, roleId, section, expiresAt, etag }: NewGrant & { readonly etag?: string | null },
  pointer: string,
  other: "refuse" | "replace",
): GrantWish => ({
  kind: "give",
  // The contract sees to it that one of them is there.
  holder: userId === undefined ? { roleId: roleId ?? "" } : { userId },
  section,
  expiresAt: endOf(expiresAt),
  pointer,
  other,
  ...(etag !== undefined && { seen: etag }),
});

/** The handlers of grants. They take as decided that the caller has the permission. */
export const createGrantHandlers = (
  dependencies: Dependencies,
): Pick<Handlers, keyof typeof grantEndpoints> => {
  const { grants, users } = dependencies.stores;
  const change = (
    context: Parameters<Handlers["POST /grants"]>[0]["context"],
    wishes: readonly GrantWish[],
  ) =>
    changeGrants(
      dependencies,
      wishes,
      async () => actingUser(await readActor(users, context)),
      recordOf(context),
    );
  const only = ([one]: readonly NamedGrant[]): NamedGrant => {
    if (one === undefined) throw new Error("A grant was given, and is not there");
    return one;
  };

  return {
    "GET /grants": async ({ query: { userId, roleId, section, limit, cursor }, ok }) => {
      const place = cursor === undefined ? null : decodeCursor(cursor, isPlace);
      const isOfSome = userId !== undefined || roleId !== undefined;
      const found = await grants.list(
        {
          holders: isOfSome ? { userIds: listed(userId), roleIds: listed(roleId) } : null,
          sections: section === undefined ? null : listed(section),
        },
        place,
        limit + 1,
      );
      const { items, nextCursor, headers } = pageOf(
        found,
        limit,
        ({ createdAt, id }) => [createdAt, id],
        {
          ...(userId !== undefined && { userId }),
          ...(roleId !== undefined && { roleId }),
          ...(section !== undefined && { section }),
        },
      );
      return ok(200, { items: items.map(describeGrant), nextCursor }, { headers });
    },

    "POST /grants": async ({ body, context, ok }) => {
      const { given } = await change(context, [giving(body, "", "refuse")]);
      const made = describeGrant(only(given));
      return ok(201, made, { headers: { ETag: made.etag } });
    },

    "POST /grants/changes": async ({ body: { add, remove }, context, ok }) => {
      const { given, taken } = await change(context, [
        ...add.map((one, index) => giving(one, `/add/${index}`, "replace")),
        ...remove.map((one, index): GrantWish => {
          const pointer = `/remove/${index}`;
          return typeof one === "string"
            ? { kind: "take", grantId: one, pointer }
            : { kind: "take", grantId: one.id, pointer, seen: one.etag };
        }),
      ]);
      return ok(200, { items: given.map(describeGrant), removed: [...taken] });
    },

    "PATCH /grants/:grantId": async ({ params: { grantId }, headers, body, context, ok }) => {
      const ifMatch = headers["if-match"];
      const expiresAt = endOf(body.expiresAt);
      const { given } = await change(context, [{ kind: "change", grantId, expiresAt, ifMatch }]);
      const changed = describeGrant(only(given));
      return ok(200, changed, { headers: { ETag: changed.etag } });
    },

    "DELETE /grants/:grantId": async ({ params: { grantId }, headers, context, ok }) => {
      const condition = { ifMatch: headers["if-match"] };
      await change(context, [{ kind: "take", grantId, condition }]);
      return ok(204, null);
    },
  };
};
