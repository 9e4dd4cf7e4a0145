import { and, asc, eq, inArray, ne, notInArray, sql } from "drizzle-orm";
import type { FoundRole, Role, RoleStore, RoleToGive } from "@sallyport/shared/core";
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

/** Is each of these roles as it was read? They stay so until the end of the transaction. */
export const areAsRead = async (
  { orm }: Transaction,
  expected: readonly RoleToGive[],
  lock: "share" | "update" = "share",
): Promise<boolean> => {
  if (expected.length === 0) return true;
  const found = await orm
    .select({ id: roles.id, version: roles.version })
    .from(roles)
    .where(
      inArray(
        roles.id,
        expected.map(({ id }) => id),
      ),
    )
    .orderBy(asc(roles.id))
    .for(lock);
  return expected.every(({ id, version }) =>
    found.some((role) => role.id === id && role.version === version),
  );
};

export const createRoleStore = (parts: Parts): RoleStore => {
  /** All of them, or one. One statement sees one state of the database. */
  const find = async (roleId?: string): Promise<FoundRole[]> =>
    parts.orm
      .select({
        id: roles.id,
        name: roles.name,
        description: roles.description,
        version: roles.version,
        // In the order of bytes, as everywhere else, whatever order the database is set to.
        permissions: listOf<string>(
          sql`select ${rolePermissions.permission} collate "C" from ${rolePermissions} where ${rolePermissions.roleId} = ${roles.id} order by 1`,
        ),
      })
      .from(roles)
      .where(roleId === undefined ? undefined : eq(roles.id, roleId))
      .orderBy(sql`${roles.name} collate "C"`);

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
        if (!(await areAsRead(transaction, [{ id: roleId, version: expectedVersion }], "update")))
          return "changed";
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
        if (!(await areAsRead(transaction, [{ id: roleId, version: expectedVersion }], "update")))
          return "changed";
        await transaction.orm.delete(roles).where(eq(roles.id, roleId));
        await insertAuditEvent(transaction, audit);
        return "applied";
      }),

    applyToUser: (userId, expectedEpoch, { add, remove }, audit) =>
      keepAnAdmin(parts, async (transaction) => {
        const { orm } = transaction;
        const [user] = await orm
          .select({ epoch: users.epoch })
          .from(users)
          .where(eq(users.id, userId))
          .for("no key update");
        if (user?.epoch !== expectedEpoch || !(await areAsRead(transaction, add))) return "changed";
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
