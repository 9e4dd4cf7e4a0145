import { and, eq, sql } from "drizzle-orm";
import { everySection, permissions as everyPermission } from "@sallyport/shared/contract";
import { adminRole, displayNameKey, type NewUser, type UserStore } from "@sallyport/shared/core";
import { hasAdmin, lockAdmins } from "./admins.ts";
import { insertAuditEvent } from "./audit.ts";
import { listOf } from "./columns.ts";
import { insertGrant } from "./grants.ts";
import { newId } from "../../tokens/chance.ts";
import { isOneUseTokenUsable } from "./one-use-tokens.ts";
import type { Parts } from "./parts.ts";
import { areAsRead, insertUserRoles } from "./roles.ts";
import {
  grants,
  knownDevices,
  oneUseTokens,
  retiredNames,
  rolePermissions,
  roles,
  sections,
  userRoles,
  users,
} from "./schema.ts";
import { isStorable, storable } from "./storable-text.ts";
import type { Transaction } from "./writer.ts";

const user = {
  id: users.id,
  username: users.username,
  email: users.email,
  displayName: users.displayName,
  passwordHash: users.passwordHash,
  active: users.active,
  epoch: users.epoch,
  version: users.version,
};

/** @returns false where the name or the address is another's, or the name was */
const insertUser = async (
  transaction: Transaction,
  added: NewUser,
  roleIds: readonly string[],
): Promise<boolean> => {
  const { rowCount } = await transaction.orm
    .insert(users)
    .values(storable({ ...added, displayNameKey: displayNameKey(added.displayName) }))
    .onConflictDoNothing();
  if (rowCount !== 1) return false;
  // After the insertion, which has waited for whoever was about to delete a user of that name.
  const retired = await transaction.orm
    .select()
    .from(retiredNames)
    .where(eq(retiredNames.usernameKey, storable(added).usernameKey));
  if (retired.length > 0) {
    await transaction.orm.delete(users).where(eq(users.id, added.id));
    return false;
  }
  await insertUserRoles(transaction, added.id, roleIds);
  return true;
};

const adminRoleId = async ({ orm }: Transaction): Promise<string> => {
  const find = (): Promise<{ readonly id: string }[]> =>
    orm.select({ id: roles.id }).from(roles).where(eq(roles.builtIn, true)).for("no key update");
  const [found] = await find();
  if (found !== undefined) return found.id;
  await orm
    .insert(roles)
    .values({ id: newId("rol"), ...adminRole, builtIn: true })
    .onConflictDoUpdate({ target: roles.name, set: { builtIn: true } });
  const [made] = await find();
  if (made === undefined) throw new Error("The role has just been there");
  return made.id;
};

/** Users, and what they may do. */
export const createUserStore = (parts: Parts): UserStore => {
  const { orm, writer } = parts;
  const ofUser = sql`select ${userRoles.roleId} from ${userRoles} where ${userRoles.userId} = ${users.id}`;

  return {
    find: async (usernameKey) => {
      if (!isStorable(usernameKey)) return null;
      const [found] = await orm.select(user).from(users).where(eq(users.usernameKey, usernameKey));
      return found ?? null;
    },
    readRights: async (userId) => {
      // One statement sees one state of the database. Lists are in the order of bytes, whatever the
      // database is set to.
      const [found] = await orm
        .select({
          user,
          isAdmin: sql<boolean>`exists (select from ${roles} where ${roles.builtIn} and ${roles.id} in (${ofUser}))`,
          roles: listOf<string>(
            sql`select ${roles.name} collate "C" from ${roles} where ${roles.id} in (${ofUser}) order by 1`,
          ),
          permissions: listOf<string>(
            sql`select distinct ${rolePermissions.permission} collate "C" from ${rolePermissions} where ${rolePermissions.roleId} in (${ofUser}) order by 1`,
          ),
          // Null stands for every section.
          sections: listOf<string | null>(
            sql`select distinct ${sections.slug} collate "C" from ${grants} left join ${sections} on ${sections.id} = ${grants.sectionId} where ${grants.userId} = ${users.id} or ${grants.roleId} in (${ofUser}) order by 1`,
          ),
        })
        .from(users)
        .where(eq(users.id, userId));
      if (found === undefined) return null;
      const { isAdmin, ...rights } = found;
      const slugs = found.sections.flatMap((slug) => slug ?? []);
      return {
        ...rights,
        permissions: isAdmin ? everyPermission : rights.permissions,
        sections: slugs.length < found.sections.length ? [everySection] : slugs,
      };
    },
    isKnownDevice: async (usernameKey, deviceHash) => {
      if (!isStorable(usernameKey)) return false;
      const found = await orm
        .select({ userId: knownDevices.userId })
        .from(knownDevices)
        .innerJoin(users, eq(users.id, knownDevices.userId))
        .where(and(eq(users.usernameKey, usernameKey), eq(knownDevices.deviceHash, deviceHash)));
      return found.length > 0;
    },
    replacePasswordHash: (userId, from, to) =>
      writer.write(async (transaction) => {
        await transaction.orm
          .select({ id: users.id })
          .from(users)
          .where(eq(users.id, userId))
          .for("no key update");
        const devices = await transaction.orm
          .select()
          .from(knownDevices)
          .where(eq(knownDevices.userId, userId));
        const { rowCount } = await transaction.orm
          .update(users)
          .set({ passwordHash: to })
          .where(and(eq(users.id, userId), eq(users.passwordHash, from)));
        // The trigger has taken them for another password's.
        if (rowCount === 1 && devices.length > 0)
          await transaction.orm.insert(knownDevices).values(devices).onConflictDoNothing();
      }),

    hasAdmin: () => hasAdmin(parts),
    add: (added, given, audit) =>
      writer.write(async (transaction) => {
        if (!(await areAsRead(transaction, { roles: given }))) return "changed";
        const roleIds = given.map(({ id }) => id);
        if (!(await insertUser(transaction, added, roleIds))) return "nameTaken";
        await insertAuditEvent(transaction, audit);
        return "added";
      }),
    addAdmin: (added, tokenHash, audit) =>
      writer.write(async (transaction) => {
        await lockAdmins(transaction);
        if (tokenHash !== null) {
          if (await hasAdmin(transaction)) return "adminExists";
          if (!(await isOneUseTokenUsable(transaction, "setup", tokenHash, audit.at)))
            return "tokenInvalid";
        }
        if (!(await insertUser(transaction, added, []))) return "nameTaken";
        if (tokenHash !== null)
          await transaction.orm
            .update(oneUseTokens)
            .set({ usedAt: audit.at })
            .where(eq(oneUseTokens.purpose, "setup"));
        await insertUserRoles(transaction, added.id, [await adminRoleId(transaction)]);
        await insertGrant(transaction, { userId: added.id }, null, audit.at);
        await insertAuditEvent(transaction, audit);
        return "added";
      }),
  };
};
