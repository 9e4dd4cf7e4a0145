import { and, asc, count, eq, inArray, ne, notInArray, sql } from "drizzle-orm";
import { permissions as everyPermission } from "@sallyport/shared/contract";
import {
  sectionsInForce,
  type SectionsInForce,
  type ExpectedRights,
  type FoundRole,
  type HeldGrant,
  type Role,
  type RoleStore,
} from "@sallyport/shared/core";
import { keepAnAdmin } from "./admins.ts";
import { insertAuditEvent } from "./audit.ts";
import { listOf } from "./columns.ts";
import { heldGrants } from "./held-grants.ts";
import type { Parts } from "./parts.ts";
import { grants, rolePermissions, roles, userRoles, users } from "./schema.ts";
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
  lockOfRoles: "share" | "no key update" = "share",
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
    (await areFound(roles, someRoles, lockOfRoles))
  );
};

/** Is what is written in the role as it was read? It stays so until the end of the transaction. */
const isAsRead = async (
  { orm }: Transaction,
  { id, version, epoch }: Pick<FoundRole, "id" | "version"> & { readonly epoch?: number },
): Promise<boolean> => {
  const [found] = await orm
    .select({ version: roles.version, epoch: roles.epoch })
    .from(roles)
    .where(eq(roles.id, id))
    .for("update");
  return found?.version === version && (epoch === undefined || found.epoch === epoch);
};

export const createRoleStore = (parts: Parts): RoleStore => {
  /** All of them, or these. One statement sees one state of the database. */
  const find = async (
    roleIds?: readonly string[],
  ): Promise<{ readonly role: FoundRole; readonly inForce: SectionsInForce }[]> => {
    const found = await parts.orm
      .select({
        id: roles.id,
        name: roles.name,
        description: roles.description,
        builtIn: roles.builtIn,
        epoch: roles.epoch,
        version: roles.version,
        // In the order of bytes, as everywhere else, whatever order the database is set to.
        granted: heldGrants(sql`${grants.roleId} = ${roles.id}`),
        permissions: listOf<string>(
          sql`select ${rolePermissions.permission} collate "C" from ${rolePermissions} where ${rolePermissions.roleId} = ${roles.id} order by 1`,
        ),
      })
      .from(roles)
      .where(roleIds && inArray(roles.id, [...roleIds]))
      .orderBy(sql`${roles.name} collate "C"`);
    return found.map(({ granted, ...role }) => ({
      role: role.builtIn ? { ...role, permissions: everyPermission.toSorted() } : role,
      inForce: sectionsInForce(granted, parts.now()),
    }));
  };

  return {
    list: async () => (await find()).map(({ role }) => role),
    read: async (roleId) => (await find([roleId]))[0]?.role ?? null,
    readRights: async (roleIds) =>
      roleIds.length === 0
        ? []
        : (await find(roleIds)).map(({ role: { id, name, epoch, permissions }, inForce }) => ({
            id,
            name,
            epoch,
            permissions,
            sections: inForce.sections,
            grants: inForce.grants,
          })),

    readMembers: async (roleId) => {
      const members = sql`(select ${userRoles.userId} from ${userRoles} where ${userRoles.roleId} = ${roleId})`;
      const result = await parts.orm.execute<{
        roleIds: readonly string[];
        granted: readonly HeldGrant[];
      }>(
        sql`select ${listOf<string>(
          sql`select distinct ${userRoles.roleId} from ${userRoles} where ${userRoles.userId} in ${members}`,
        )} as "roleIds", ${heldGrants(sql`${grants.userId} in ${members}`)} as granted`,
      );
      const [found] = result.rows;
      return {
        roleIds: found?.roleIds ?? [],
        grants: sectionsInForce(found?.granted ?? [], parts.now()).grants,
      };
    },

    countUsers: async (roleIds) => {
      if (roleIds.length === 0) return new Map();
      const rows = await parts.orm
        .select({ roleId: userRoles.roleId, users: count() })
        .from(userRoles)
        .where(inArray(userRoles.roleId, [...roleIds]))
        .groupBy(userRoles.roleId);
      return new Map(rows.map((row) => [row.roleId, row.users]));
    },

    add: (role, expected, audit) =>
      parts.writer.write(async (transaction) => {
        if (!(await areAsRead(transaction, expected))) return "changed";
        if (!(await insertRole(transaction, role))) return "nameTaken";
        await insertAuditEvent(transaction, audit);
        return "added";
      }),

    apply: ({ id: roleId, version }, expected, { permissions, ...given }, audit) =>
      keepAnAdmin(parts, async (transaction) => {
        const { orm } = transaction;
        const columns = storable(given);
        const others = expected.roles.filter((role) => role.id !== roleId);
        const itself = expected.roles.find((role) => role.id === roleId);
        if (
          !(await areAsRead(transaction, { users: expected.users, roles: others })) ||
          !(await isAsRead(transaction, { id: roleId, version, ...itself }))
        )
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

    remove: ({ id: roleId, version }, expected, audit) =>
      keepAnAdmin(parts, async (transaction) => {
        const others = expected.roles.filter((role) => role.id !== roleId);
        const itself = expected.roles.find((role) => role.id === roleId);
        if (
          !(await areAsRead(transaction, { users: expected.users, roles: others })) ||
          !(await isAsRead(transaction, { id: roleId, version, ...itself }))
        )
          return "changed";
        await transaction.orm.delete(roles).where(eq(roles.id, roleId));
        await insertAuditEvent(transaction, audit);
        return "applied";
      }),
  };
};
