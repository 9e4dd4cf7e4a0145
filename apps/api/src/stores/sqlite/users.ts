import { and, asc, eq, isNull, or, sql } from "drizzle-orm";
import { everySection, permissions as everyPermission } from "@sallyport/shared/contract";
import { adminRole, displayNameKey, type NewUser, type UserStore } from "@sallyport/shared/core";
import { prepareHasAdmin } from "./admins.ts";
import { insertAuditEvent } from "./audit.ts";
import { newId } from "../../tokens/chance.ts";
import { insertGrant } from "./grants.ts";
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

/** To be called inside a transaction. */
export const insertUser = (
  { orm }: Pick<Parts, "orm">,
  added: NewUser,
  roleIds: readonly string[],
): void => {
  orm
    .insert(users)
    .values({ ...added, displayNameKey: displayNameKey(added.displayName) })
    .run();
  insertUserRoles({ orm }, added.id, roleIds);
};

/** Users, and what they may do. */
export const createUserStore = (parts: Parts): UserStore => {
  const { orm, sqlite, writer, memory } = parts;
  const id = sql.placeholder("id");
  const byId = orm.select(user).from(users).where(eq(users.id, id)).prepare();
  const byKey = orm
    .select(user)
    .from(users)
    .where(eq(users.usernameKey, sql.placeholder("key")))
    .prepare();
  const rolesOf = orm
    .select({ name: roles.name, builtIn: roles.builtIn })
    .from(userRoles)
    .innerJoin(roles, eq(roles.id, userRoles.roleId))
    .where(eq(userRoles.userId, id))
    .orderBy(asc(roles.name))
    .prepare();
  const permissionsOf = orm
    .selectDistinct({ permission: rolePermissions.permission })
    .from(userRoles)
    .innerJoin(rolePermissions, eq(rolePermissions.roleId, userRoles.roleId))
    .where(eq(userRoles.userId, id))
    .prepare();
  const grantedTo = orm
    .selectDistinct({ slug: sections.slug, wildcard: isNull(grants.sectionId).mapWith(Boolean) })
    .from(grants)
    .leftJoin(sections, eq(sections.id, grants.sectionId))
    .where(
      sql`${grants.userId} = ${id} or ${grants.roleId} in (select ${userRoles.roleId} from ${userRoles} where ${userRoles.userId} = ${id})`,
    )
    .prepare();
  const hasAdmin = prepareHasAdmin(parts);
  const isKnownDevice = sqlite
    .prepare<[string, Uint8Array], number>(
      `SELECT 1 FROM known_devices WHERE user_id = (SELECT id FROM users WHERE username_key = ?) AND device_hash = ?`,
    )
    .pluck();

  const adminRoleId = (): string => {
    const existing = orm.select({ id: roles.id }).from(roles).where(eq(roles.builtIn, true)).get();
    if (existing) return existing.id;
    const named = orm
      .update(roles)
      .set({ builtIn: true })
      .where(eq(roles.name, adminRole.name))
      .returning({ id: roles.id })
      .get();
    if (named) return named.id;
    const id = newId("rol");
    orm
      .insert(roles)
      .values({ id, ...adminRole, builtIn: true })
      .run();
    return id;
  };
  const isTaken = ({ usernameKey, emailKey }: NewUser): boolean =>
    orm
      .select({ id: users.id })
      .from(users)
      .where(
        or(
          eq(users.usernameKey, usernameKey),
          emailKey === null ? undefined : eq(users.emailKey, emailKey),
        ),
      )
      .get() !== undefined ||
    orm.select().from(retiredNames).where(eq(retiredNames.usernameKey, usernameKey)).get() !==
      undefined;

  return {
    find: (usernameKey) => byKey.get({ key: usernameKey }) ?? null,
    readRights: (userId) =>
      memory.recall(`rights ${userId}`, () =>
        // A deferred transaction: all reads see one state of the database.
        sqlite.transaction(() => {
          const found = byId.get({ id: userId });
          if (!found) return null;
          const granted = grantedTo.all({ id: userId });
          const isIn = rolesOf.all({ id: userId });
          return {
            user: found,
            roles: isIn.map((role) => role.name),
            permissions: isIn.some((role) => role.builtIn)
              ? everyPermission
              : permissionsOf.all({ id: userId }).map((row) => row.permission),
            sections: granted.some((grant) => grant.wildcard)
              ? [everySection]
              : granted.flatMap((grant) => grant.slug ?? []).sort(),
          };
        })(),
      ),
    isKnownDevice: (usernameKey, deviceHash) =>
      isKnownDevice.get(usernameKey, deviceHash) !== undefined,

    replacePasswordHash: (userId, from, to) =>
      writer.write(() => {
        const devices = orm
          .select()
          .from(knownDevices)
          .where(eq(knownDevices.userId, userId))
          .all();
        const { changes } = orm
          .update(users)
          .set({ passwordHash: to })
          .where(and(eq(users.id, userId), eq(users.passwordHash, from)))
          .run();
        // The trigger has taken them for another password's.
        if (changes > 0 && devices.length > 0)
          orm.insert(knownDevices).values(devices).onConflictDoNothing().run();
      }),

    hasAdmin,
    add: (added, given, audit) =>
      writer.write(() => {
        if (isTaken(added)) return "nameTaken";
        if (!areAsRead(parts, { roles: given })) return "changed";
        insertUser(
          parts,
          added,
          given.map(({ id }) => id),
        );
        insertAuditEvent(parts, audit);
        return "added";
      }),
    addAdmin: (added, tokenHash, audit) =>
      writer.write(() => {
        if (tokenHash !== null) {
          if (hasAdmin()) return "adminExists";
          if (!isOneUseTokenUsable(parts, "setup", tokenHash, audit.at)) return "tokenInvalid";
        }
        if (isTaken(added)) return "nameTaken";
        if (tokenHash !== null)
          orm
            .update(oneUseTokens)
            .set({ usedAt: audit.at })
            .where(eq(oneUseTokens.purpose, "setup"))
            .run();
        insertUser(parts, added, [adminRoleId()]);
        insertGrant(parts, { userId: added.id }, null, audit.at);
        insertAuditEvent(parts, audit);
        return "added";
      }),
  };
};
