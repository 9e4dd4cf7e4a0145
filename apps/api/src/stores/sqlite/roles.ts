import { and, asc, eq, inArray, sql } from "drizzle-orm";
import { permissions as everyPermission } from "@sallyport/shared/contract";
import type { ExpectedRights, FoundRole, Role, RoleStore } from "@sallyport/shared/core";
import { createAdminKeeper } from "./admins.ts";
import { insertAuditEvent } from "./audit.ts";
import type { Parts } from "./parts.ts";
import { rolePermissions, roles, userRoles, users } from "./schema.ts";

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
  const { orm, sqlite, writer } = parts;
  const keepingAnAdmin = createAdminKeeper(parts);
  const isAsRead = (roleId: string, version: number): boolean =>
    orm.select({ version: roles.version }).from(roles).where(eq(roles.id, roleId)).get()
      ?.version === version;
  const isTaken = (name: string, roleId: string): boolean => {
    const holder = orm.select({ id: roles.id }).from(roles).where(eq(roles.name, name)).get();
    return holder !== undefined && holder.id !== roleId;
  };
  /** All of them, or one. */
  const find = (roleId?: string): FoundRole[] =>
    // A deferred transaction: both reads see one state of the database.
    sqlite.transaction(() => {
      const permissions = orm
        .select()
        .from(rolePermissions)
        .where(roleId === undefined ? undefined : eq(rolePermissions.roleId, roleId))
        .orderBy(asc(rolePermissions.permission))
        .all();
      return orm
        .select()
        .from(roles)
        .where(roleId === undefined ? undefined : eq(roles.id, roleId))
        .orderBy(asc(roles.name))
        .all()
        .map((role) => ({
          ...role,
          permissions: role.builtIn
            ? everyPermission.toSorted()
            : permissions
                .filter((row) => row.roleId === role.id)
                .map(({ permission }) => permission),
        }));
    })();

  return {
    list: () => find(),
    read: (roleId) => find(roleId)[0] ?? null,

    add: (role, audit) =>
      writer.write(() => {
        if (isTaken(role.name, role.id)) return "nameTaken";
        insertRole(parts, role);
        insertAuditEvent(parts, audit);
        return "added";
      }),

    apply: (roleId, expectedVersion, { permissions, ...columns }, audit) =>
      keepingAnAdmin(() => {
        if (!isAsRead(roleId, expectedVersion)) return "changed";
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

    remove: (roleId, expectedVersion, audit) =>
      keepingAnAdmin(() => {
        if (!isAsRead(roleId, expectedVersion)) return "changed";
        orm.delete(roles).where(eq(roles.id, roleId)).run();
        insertAuditEvent(parts, audit);
        return "applied";
      }),

    applyToUser: (userId, expectedEpoch, { add, remove }, audit) =>
      keepingAnAdmin(() => {
        const expected = { users: [{ id: userId, epoch: expectedEpoch }], roles: add };
        if (!areAsRead(parts, expected)) return "changed";
        orm
          .delete(userRoles)
          .where(and(eq(userRoles.userId, userId), inArray(userRoles.roleId, [...remove])))
          .run();
        insertUserRoles(
          parts,
          userId,
          add.map(({ id }) => id),
        );
        insertAuditEvent(parts, audit);
        return "applied";
      }),
  };
};
