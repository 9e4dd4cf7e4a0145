import { and, asc, count, eq, inArray, sql } from "drizzle-orm";
import { everySection, permissions as everyPermission } from "@sallyport/shared/contract";
import {
  sectionsInForce,
  type ExpectedRights,
  type FoundRole,
  type Role,
  type RoleStore,
} from "@sallyport/shared/core";
import { createAdminKeeper } from "./admins.ts";
import { insertAuditEvent } from "./audit.ts";
import type { Parts } from "./parts.ts";
import { grants, rolePermissions, roles, sections, userRoles, users } from "./schema.ts";

/** To be called inside a transaction. */
export const insertRole = ({ orm }: Pick<Parts, "orm">, { permissions, ...role }: Role): void => {
  orm.insert(roles).values(role).run();
  insertPermissions({ orm }, role.id, permissions);
};

/** To be called inside a transaction. */
export const insertPermissions = (
  { orm }: Pick<Parts, "orm">,
  roleId: string,
  permissions: readonly string[],
): void => {
  if (permissions.length > 0)
    orm
      .insert(rolePermissions)
      .values(permissions.map((permission) => ({ roleId, permission })))
      .onConflictDoNothing()
      .run();
};

/** To be called inside a transaction. */
export const insertUserRoles = (
  { orm }: Pick<Parts, "orm">,
  userId: string,
  roleIds: readonly string[],
): void => {
  if (roleIds.length > 0)
    orm
      .insert(userRoles)
      .values(roleIds.map((roleId) => ({ userId, roleId })))
      .onConflictDoNothing()
      .run();
};

/** May each of these users do what they could when it was decided, and does each role give it? */
export const areAsRead = (
  { orm }: Pick<Parts, "orm">,
  { users: someUsers = [], roles: someRoles = [] }: Partial<ExpectedRights>,
): boolean => {
  const areFound = (table: typeof users | typeof roles, expected: ExpectedRights["users"]) => {
    if (expected.length === 0) return true;
    const ids = expected.map(({ id }) => id);
    const epochs = new Map(
      orm
        .select({ id: table.id, epoch: table.epoch })
        .from(table)
        .where(inArray(table.id, ids))
        .all()
        .map(({ id, epoch }) => [id, epoch]),
    );
    return expected.every(({ id, epoch }) => epochs.get(id) === epoch);
  };
  return areFound(users, someUsers) && areFound(roles, someRoles);
};

export const createRoleStore = (parts: Parts): RoleStore => {
  const { orm, sqlite, now, writer, memory } = parts;
  const keepingAnAdmin = createAdminKeeper(parts);
  const isAsRead = (roleId: string, version: number): boolean =>
    orm.select({ version: roles.version }).from(roles).where(eq(roles.id, roleId)).get()
      ?.version === version;
  const isTaken = (name: string, roleId: string): boolean => {
    const holder = orm.select({ id: roles.id }).from(roles).where(eq(roles.name, name)).get();
    return holder !== undefined && holder.id !== roleId;
  };
  /** All of them, or these. */
  const find = (roleIds?: string[]): FoundRole[] =>
    // A deferred transaction: both reads see one state of the database.
    sqlite.transaction(() => {
      const permissions = orm
        .select()
        .from(rolePermissions)
        .where(roleIds && inArray(rolePermissions.roleId, roleIds))
        .orderBy(asc(rolePermissions.roleId), asc(rolePermissions.permission))
        .all();
      const permissionsOf = new Map<string, string[]>();
      for (const { roleId, permission } of permissions)
        permissionsOf.set(roleId, [...(permissionsOf.get(roleId) ?? []), permission]);
      return orm
        .select()
        .from(roles)
        .where(roleIds && inArray(roles.id, roleIds))
        .orderBy(asc(roles.name))
        .all()
        .map((role) => ({
          ...role,
          permissions: role.builtIn
            ? everyPermission.toSorted()
            : (permissionsOf.get(role.id) ?? []),
        }));
    })();

  return {
    list: () => memory.recall("roles", () => find()),
    read: (roleId) => find([roleId])[0] ?? null,

    readRights: (roleIds) =>
      sqlite.transaction(() => {
        const wanted = [...roleIds];
        const granted = orm
          .select({ roleId: grants.roleId, slug: sections.slug, expiresAt: grants.expiresAt })
          .from(grants)
          .leftJoin(sections, eq(sections.id, grants.sectionId))
          .where(inArray(grants.roleId, wanted))
          .all();
        return find(wanted).map(({ id, name, epoch, permissions }) => {
          const inForce = sectionsInForce(
            granted
              .filter((grant) => grant.roleId === id)
              .map(({ slug, expiresAt }) => ({ section: slug ?? everySection, expiresAt })),
            now(),
          );
          const { sections: slugs, grants: held } = inForce;
          return { id, name, epoch, permissions, sections: slugs, grants: held };
        });
      })(),

    readMembers: (roleId) =>
      sqlite.transaction(() => {
        const members = orm
          .select({ id: userRoles.userId })
          .from(userRoles)
          .where(eq(userRoles.roleId, roleId));
        const isIn = orm
          .selectDistinct({ id: userRoles.roleId })
          .from(userRoles)
          .where(inArray(userRoles.userId, members))
          .all();
        const own = orm
          .selectDistinct({ slug: sections.slug, expiresAt: grants.expiresAt })
          .from(grants)
          .leftJoin(sections, eq(sections.id, grants.sectionId))
          .where(inArray(grants.userId, members))
          .all();
        return {
          roleIds: isIn.map(({ id }) => id),
          grants: sectionsInForce(
            own.map(({ slug, expiresAt }) => ({ section: slug ?? everySection, expiresAt })),
            now(),
          ).grants,
        };
      })(),

    countUsers: (roleIds) =>
      new Map(
        orm
          .select({ roleId: userRoles.roleId, users: count() })
          .from(userRoles)
          .where(inArray(userRoles.roleId, [...roleIds]))
          .groupBy(userRoles.roleId)
          .all()
          .map(({ roleId, users: number }) => [roleId, number]),
      ),

    add: (role, expected, audit) =>
      writer.write(() => {
        if (!areAsRead(parts, expected)) return "changed";
        if (isTaken(role.name, role.id)) return "nameTaken";
        insertRole(parts, role);
        insertAuditEvent(parts, audit);
        return "added";
      }),

    apply: ({ id: roleId, version }, expected, { permissions, ...columns }, audit) =>
      keepingAnAdmin(() => {
        if (!isAsRead(roleId, version) || !areAsRead(parts, expected)) return "changed";
        if (columns.name !== undefined && isTaken(columns.name, roleId)) return "nameTaken";
        if (Object.keys(columns).length > 0)
          orm.update(roles).set(columns).where(eq(roles.id, roleId)).run();
        if (permissions) {
          orm
            .delete(rolePermissions)
            .where(
              and(
                eq(rolePermissions.roleId, roleId),
                sql`${rolePermissions.permission} not in (select value from json_each(${JSON.stringify(permissions)}))`,
              ),
            )
            .run();
          insertPermissions(parts, roleId, permissions);
        }
        insertAuditEvent(parts, audit);
        return "applied";
      }),

    remove: ({ id: roleId, version }, expected, audit) =>
      keepingAnAdmin(() => {
        if (!isAsRead(roleId, version) || !areAsRead(parts, expected)) return "changed";
        orm.delete(roles).where(eq(roles.id, roleId)).run();
        insertAuditEvent(parts, audit);
        return "applied";
      }),
  };
};
