import { permissions as everyPermission } from "../../contract/permissions.ts";
import type { Role as ToldRole, roleEndpoints } from "../../contract/roles.ts";
import { readActor } from "../access/acting.ts";
import { requireRights } from "../access/decide-rights-change.ts";
import { nobody, readRoleMembers } from "../access/role-members.ts";
import { recordOf, type Handlers, type RequestContext } from "../answering/endpoint.ts";
import { requireMatch, versionTag } from "../answering/entity-tags.ts";
import { AppError } from "../answering/errors.ts";
import { decodeCursor, pageOf } from "../answering/list-pages.ts";
import { applyDecision } from "../apply-decision.ts";
import type { AuditEvent } from "../audit/audit-store.ts";
import type { Chance } from "../ports.ts";
import type { FoundRole, RoleRights, RoleStore, RoleWrites } from "../users/role-store.ts";
import type { UserStore } from "../users/user-store.ts";
import { displayNameKey } from "../users/usernames.ts";

interface Dependencies {
  readonly stores: {
    readonly roles: RoleStore;
    readonly users: Pick<UserStore, "readRights" | "list">;
  };
  readonly chance: Pick<Chance, "newId">;
  readonly now: () => number;
  /** Which sections a caller may be told of by name. @throws AppError `token_stale` */
  nameableTo(context: RequestContext): Promise<(slug: string) => boolean>;
}

/** How many of those who are in a role are named. */
const namedUsers = 10;

type Place = readonly [sort: string, key: string, id: string];
const isPlace = (place: readonly unknown[]): place is Place =>
  place.length === 3 && place.every((part) => typeof part === "string");

const unknownRole = (): AppError =>
  new AppError("not_found", { detail: "There is no role of this id." });
const nameTaken = (): AppError => {
  const detail = "Another role has this name.";
  return new AppError("role_name_taken", {
    detail,
    errors: [{ pointer: "/name", code: "taken", detail }],
  });
};
const refuseBuiltIn = ({ builtIn }: FoundRole): void => {
  if (builtIn)
    throw new AppError("forbidden", {
      detail: "The built-in role stays as it is: whoever is in it may do everything.",
    });
};

const isAmong = (list: readonly string[], one: string): boolean => list.includes(one);

const describeRole = (
  role: FoundRole,
  { sections }: Pick<RoleRights, "sections">,
  users: number,
  mayName: (slug: string) => boolean,
): ToldRole => ({
  id: role.id,
  name: role.name,
  description: role.description,
  builtIn: role.builtIn,
  // One may be named that this version does not know: it gives nothing.
  permissions: everyPermission.filter((permission) => role.permissions.includes(permission)),
  sections: sections.filter(mayName),
  isComplete: sections.every(mayName),
  users,
});

/** The handlers of roles, for those who may read or change them. */
export const createRoleHandlers = ({
  stores: { roles, users },
  chance,
  now,
  nameableTo,
}: Dependencies): Pick<Handlers, keyof typeof roleEndpoints> => {
  const readRole = async (roleId: string): Promise<FoundRole> => {
    const found = await roles.read(roleId);
    if (found === null) throw unknownRole();
    return found;
  };
  const tell = async (role: FoundRole, context: RequestContext) => {
    const mayName = await nameableTo(context);
    const [rights] = await roles.readRights([role.id]);
    const { items, total } = await users.list(
      { text: null, roleId: role.id, active: null },
      { by: "displayName", descending: false },
      null,
      namedUsers,
    );
    return {
      ...describeRole(role, rights ?? { sections: [] }, total, mayName),
      firstUsers: items.map(({ user: { id, username, displayName } }) => ({
        id,
        username,
        displayName,
      })),
    };
  };
  const eventOf = (
    action: "role.create" | "role.change" | "role.delete",
    roleId: string,
    detail: Readonly<Record<string, unknown>>,
    record: ReturnType<typeof recordOf>,
  ): AuditEvent => ({
    ...record,
    at: now(),
    action,
    result: "success",
    subjectType: "role",
    subjectId: roleId,
    detail,
  });

  return {
    "GET /roles": async ({ query: { q, sort, limit, cursor }, context, ok }) => {
      const mayName = await nameableTo(context);
      const after = cursor === undefined ? null : decodeCursor(cursor, isPlace);
      const text = displayNameKey(q ?? "");
      const direction = sort === "name" ? 1 : -1;
      const compare = ([, one, id]: Place, [, other, otherId]: Place): number =>
        direction * (one === other ? (id < otherId ? -1 : 1) : one < other ? -1 : 1);
      // All of them are read: a store keeps them until one changes, and there are not so many.
      const found = (await roles.list())
        .filter(({ name, description }) => displayNameKey(`${name}\n${description}`).includes(text))
        .map((role) => ({ role, place: [sort, displayNameKey(role.name), role.id] as const }))
        .sort((one, other) => compare(one.place, other.place));
      const beyond =
        after === null ? found : found.filter(({ place }) => compare(after, place) < 0);
      const { items, nextCursor, headers } = pageOf(
        beyond.filter(({ role }) => role.id !== after?.[2]),
        limit,
        ({ place }) => place,
        { ...(q !== undefined && { q }), sort },
      );
      const ids = items.map(({ role }) => role.id);
      const [rights, counts] = [await roles.readRights(ids), await roles.countUsers(ids)];
      const rightsOf = new Map(rights.map((one) => [one.id, one]));
      return ok(
        200,
        {
          items: items.map(({ role }) =>
            describeRole(
              role,
              rightsOf.get(role.id) ?? { sections: [] },
              counts.get(role.id) ?? 0,
              mayName,
            ),
          ),
          nextCursor,
          total: found.length,
        },
        { headers },
      );
    },

    "POST /roles": async ({ body, context, ok }) => {
      const { name, description = "", permissions } = body;
      const role = { id: chance.newId("rol"), name, description, permissions };
      await applyDecision(
        () => readActor(users, context),
        (actor) => requireRights(actor, { gives: [{ permissions, grants: [] }] }),
        async ({ id, epoch }) => {
          const outcome = await roles.add(
            role,
            { users: [{ id, epoch }], roles: [] },
            eventOf(
              "role.create",
              role.id,
              { after: { name, description, permissions } },
              recordOf(context),
            ),
          );
          if (outcome === "nameTaken") throw nameTaken();
          return outcome === "added" ? "applied" : "changed";
        },
      );
      const made = await readRole(role.id);
      return ok(
        201,
        describeRole(made, { sections: [] }, 0, () => true),
        {
          headers: { Location: `/roles/${role.id}`, ETag: versionTag(made.version) },
        },
      );
    },

    "GET /roles/:roleId": async ({ params, context, ok }) => {
      const found = await readRole(params.roleId);
      return ok(200, await tell(found, context), { headers: { ETag: versionTag(found.version) } });
    },

    "PATCH /roles/:roleId": async ({ params: { roleId }, headers, body, context, ok }) => {
      await applyDecision(
        async () => {
          const actor = await readActor(users, context);
          const found = await readRole(roleId);
          const [rights] = await roles.readRights([roleId]);
          if (rights === undefined) throw unknownRole();
          const { permissions = found.permissions } = body;
          const takes = found.permissions.some((one) => !isAmong(permissions, one));
          // There may be many, and whoever only names a role anew takes nothing from them.
          return {
            actor,
            found,
            rights,
            members: takes ? await readRoleMembers(roles, roleId) : nobody,
          };
        },
        ({ actor, found, rights, members }) => {
          refuseBuiltIn(found);
          requireMatch(headers["if-match"], versionTag(found.version));
          const { permissions = found.permissions } = body;
          requireRights(actor, {
            actsOn: [rights, ...members.rights],
            gives: [{ permissions, grants: [] }],
          });
          const wanted = {
            ...body,
            ...(body.permissions && { permissions: permissions.toSorted() }),
          };
          const changed = Object.entries(wanted).filter(
            ([name, value]) =>
              JSON.stringify(value) !== JSON.stringify(found[name as keyof RoleWrites]),
          );
          const before = changed.map(([name]) => [name, found[name as keyof RoleWrites]]);
          return {
            writes: Object.fromEntries(changed) as RoleWrites,
            detail: { before: Object.fromEntries(before), after: Object.fromEntries(changed) },
          };
        },
        async ({ actor, found, rights, members }, { writes, detail }) => {
          if (Object.keys(writes).length === 0) return "applied";
          const outcome = await roles.apply(
            found,
            {
              users: [{ id: actor.id, epoch: actor.epoch }],
              roles: [{ id: roleId, epoch: rights.epoch }, ...members.expected],
            },
            writes,
            eventOf("role.change", roleId, detail, recordOf(context)),
          );
          if (outcome === "nameTaken") throw nameTaken();
          if (outcome === "lastAdmin") throw new AppError("forbidden");
          return outcome;
        },
      );
      const changed = await readRole(roleId);
      return ok(200, await tell(changed, context), {
        headers: { ETag: versionTag(changed.version) },
      });
    },

    "DELETE /roles/:roleId": async ({ params: { roleId }, headers, context, ok }) => {
      await applyDecision(
        async () => {
          const actor = await readActor(users, context);
          const found = await readRole(roleId);
          const [rights] = await roles.readRights([roleId]);
          if (rights === undefined) throw unknownRole();
          const counts = await roles.countUsers([roleId]);
          const members = await readRoleMembers(roles, roleId);
          return { actor, found, rights, members, users: counts.get(roleId) ?? 0 };
        },
        ({ actor, found, rights, members, users: count }) => {
          refuseBuiltIn(found);
          requireMatch(headers["if-match"], versionTag(found.version));
          requireRights(actor, { actsOn: [rights, ...members.rights] });
          const { name, description, permissions } = found;
          const { sections } = rights;
          return { before: { name, description, permissions, sections, users: count } };
        },
        async ({ actor, found, rights, members }, detail) => {
          const outcome = await roles.remove(
            found,
            {
              users: [{ id: actor.id, epoch: actor.epoch }],
              roles: [{ id: roleId, epoch: rights.epoch }, ...members.expected],
            },
            {
              ...eventOf("role.delete", roleId, detail, recordOf(context)),
              // It is not there any more to be asked.
              subjectName: found.name,
            },
          );
          if (outcome === "lastAdmin") throw new AppError("forbidden");
          return outcome;
        },
      );
      return ok(204, null);
    },
  };
};
