import { and, asc, eq, inArray, ne, notInArray, sql } from "drizzle-orm";
import { permissions as everyPermission } from "@sallyport/shared/contract";
import type { ExpectedRights, FoundRole, Role, RoleStore } from "@sallyport/shared/core";
import { keepAnAdmin } from "./admins.ts";
import { insertAuditEvent } from "./audit.ts";
import { listOf } from "./columns.ts";
import type { Parts } from "./parts.ts";
import { rolePermissions, roles, userRoles, users } from "./schema.ts";
import { storable } from "./storable-text.ts";
import type { Transaction } from "./writer.ts";

/** @returns false where another role has the name */
export const insertRole = async (
  transaction: Transaction,
  { permissions, ...role }: Role,
): Promise<boolean> => {
  const { rowCount } = await transaction.orm
    .insert(roles)
    .values(storable(role))
    .onConflictDoNothing();
  if (rowCount !== 1) return false;
  await insertPermissions(transaction, role.id, permissions);
  return true;
};

export const insertPermissions = async (
  { orm }: Transaction,
  roleId: string,
  permissions: readonly string[],
): Promise<void> => {
  if (permissions.length > 0)
    await orm
      .insert(rolePermissions)
      .values(permissions.map((permission) => ({ roleId, permission })))
      .onConflictDoNothing();
};

export const insertUserRoles = async (
  { orm }: Transaction,
  userId: string,
  roleIds: readonly string[],
): Promise<void> => {
  if (roleIds.length > 0)
    await orm
      .insert(userRoles)
      .values(roleIds.map((roleId) => ({ userId, roleId })))
      .onConflictDoNothing();
};

/**
 * May each of these users do what they could when it was decided, and does each role give it? They
 * stay so until the end of the transaction. Everybody locks in one order: users before roles, and
 * both by their ids.
 */
export const areAsRead = async (
  { orm }: Transaction,
  { users: someUsers = [], roles: someRoles = [] }: Partial<ExpectedRights>,
): Promise<boolean> => {
  const areFound = async (
    table: typeof users | typeof roles,
    expected: ExpectedRights["users"],
    lock: "share" | "no key update",
  ): Promise<boolean> => {
    if (expected.length === 0) return true;
    const ids = expected.map(({ id }) => id);
    const found = await orm
      .select({ id: table.id, epoch: table.epoch })
      .from(table)
      .where(inArray(table.id, ids))
      .orderBy(asc(table.id))
      .for(lock);
    const epochs = new Map(found.map(({ id, epoch }) => [id, epoch]));
    return expected.every(({ id, epoch }) => epochs.get(id) === epoch);
  };
  return (
    (await areFound(users, someUsers, "no key update")) &&
    (await areFound(roles, someRoles, "share"))
  );
};

/** Is what is written in the role as it was read? It stays so until the end of the transaction. */
const isAsRead = async (
  { orm }: Transaction,
  roleId: string,
  version: number,
): Promise<boolean> => {
  const [found] = await orm
    .select({ version: roles.version })
    .from(roles)
    .where(eq(roles.id, roleId))
    .for("update");
  return found?.version === version;
};

export const createRoleStore = (parts: Parts): RoleStore => {
  /** All of them, or one. One statement sees one state of the database. */
  const find = async (roleId?: string): Promise<FoundRole[]> => {
    const found = await parts.orm
      .select({
        id: roles.id,
        name: roles.name,
        description: roles.description,
        builtIn: roles.builtIn,
        epoch: roles.epoch,
        version: roles.version,
        // In the order of bytes, as everywhere else, whatever order the database is set to.
        permissions: listOf<string>(
          sql`select ${rolePermissions.permission} collate "C" from ${rolePermissions} where ${rolePermissions.roleId} = ${roles.id} order by 1`,
        ),
      })
      .from(roles)
      .where(roleId === undefined ? undefined : eq(roles.id, roleId))
      .orderBy(sql`${roles.name} collate "C"`);
    return found.map((role) =>
      role.builtIn ? { ...role, permissions: everyPermission.toSorted() } : role,
    );
  };

  return {
    list: () => find(),
    read: async (roleId) => (await find(roleId))[0] ?? null,

    add: (role, audit) =>
      parts.writer.write(async (transaction) => {
        if (!(await insertRole(transaction, role))) return "nameTaken";
        await insertAuditEvent(transaction, audit);
        return "added";
      }),

    apply: (roleId, expectedVersion, { permissions, ...given }, audit) =>
      keepAnAdmin(parts, async (transaction) => {
        const { orm } = transaction;
        const columns = storable(given);
        if (!(await isAsRead(transaction, roleId, expectedVersion))) return "changed";
        if (columns.name !== undefined) {
          const taken = await orm
            .select({ id: roles.id })
            .from(roles)
            .where(and(eq(roles.name, columns.name), ne(roles.id, roleId)));
          if (taken.length > 0) return "nameTaken";
        }
        if (Object.keys(columns).length > 0)
          await orm.update(roles).set(columns).where(eq(roles.id, roleId));
        if (permissions) {
          await orm
            .delete(rolePermissions)
            .where(
              and(
                eq(rolePermissions.roleId, roleId),
                notInArray(rolePermissions.permission, [...permissions]),
              ),
            );
          await insertPermissions(transaction, roleId, permissions);
        }
        await insertAuditEvent(transaction, audit);
        return "applied";
      }),

    remove: (roleId, expectedVersion, audit) =>
      keepAnAdmin(parts, async (transaction) => {
        if (!(await isAsRead(transaction, roleId, expectedVersion))) return "changed";
        await transaction.orm.delete(roles).where(eq(roles.id, roleId));
        await insertAuditEvent(transaction, audit);
        return "applied";
      }),

    applyToUser: (userId, expectedEpoch, { add, remove }, audit) =>
      keepAnAdmin(parts, async (transaction) => {
        const { orm } = transaction;
        const expected = { users: [{ id: userId, epoch: expectedEpoch }], roles: add };
        if (!(await areAsRead(transaction, expected))) return "changed";
        await orm
          .delete(userRoles)
          .where(and(eq(userRoles.userId, userId), inArray(userRoles.roleId, [...remove])));
        await insertUserRoles(
          transaction,
          userId,
          add.map(({ id }) => id),
        );
        await insertAuditEvent(transaction, audit);
        return "applied";
      }),
  };
};
