import { and, asc, eq, isNull, sql } from "drizzle-orm";
import { everySection, permissions as everyPermission } from "@sallyport/shared/contract";
import type { UserStore } from "@sallyport/shared/core";
import { insertAuditEvent } from "./audit.ts";
import { newId } from "../../tokens/chance.ts";
import { isOneUseTokenUsable } from "./one-use-tokens.ts";
import type { Parts } from "./parts.ts";
import {
  grants,
  knownDevices,
  oneUseTokens,
  rolePermissions,
  roles,
  sections,
  userRoles,
  users,
} from "./schema.ts";

export const adminRole = "admin";

const user = {
  id: users.id,
  username: users.username,
  email: users.email,
  displayName: users.displayName,
  passwordHash: users.passwordHash,
  active: users.active,
  epoch: users.epoch,
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
    .select({ name: roles.name })
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
  const anAdmin = orm
    .select({ userId: users.id })
    .from(users)
    .innerJoin(userRoles, eq(userRoles.userId, users.id))
    .innerJoin(rolePermissions, eq(rolePermissions.roleId, userRoles.roleId))
    .where(eq(users.active, true))
    .groupBy(users.id)
    .having(sql`count(distinct ${rolePermissions.permission}) >= ${everyPermission.length}`)
    .limit(1)
    .prepare();
  const isKnownDevice = sqlite
    .prepare<[string, Uint8Array], number>(
      `SELECT 1 FROM known_devices WHERE user_id = (SELECT id FROM users WHERE username_key = ?) AND device_hash = ?`,
    )
    .pluck();

  const adminRoleId = (): string => {
    const existing = orm
      .select({ id: roles.id })
      .from(roles)
      .where(eq(roles.name, adminRole))
      .get();
    const roleId = existing?.id ?? newId("rol");
    if (!existing)
      orm
        .insert(roles)
        .values({ id: roleId, name: adminRole, description: "May do everything" })
        .run();
    orm
      .insert(rolePermissions)
      .values(everyPermission.map((permission) => ({ roleId, permission })))
      .onConflictDoNothing()
      .run();
    return roleId;
  };

  return {
    find: (usernameKey) => byKey.get({ key: usernameKey }) ?? null,
    readRights: (userId) =>
      memory.recall(`rights ${userId}`, () =>
        // A deferred transaction: all reads see one state of the database.
        sqlite.transaction(() => {
          const found = byId.get({ id: userId });
          if (!found) return null;
          const granted = grantedTo.all({ id: userId });
          return {
            user: found,
            roles: rolesOf.all({ id: userId }).map((role) => role.name),
            permissions: permissionsOf.all({ id: userId }).map((row) => row.permission),
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

    hasAdmin: () => anAdmin.get() !== undefined,
    addAdmin: (added, tokenHash, audit) =>
      writer.write(() => {
        if (tokenHash !== null) {
          if (anAdmin.get()) return "adminExists";
          if (!isOneUseTokenUsable(parts, "setup", tokenHash, audit.at)) return "tokenInvalid";
        }
        const taken = orm
          .select({ id: users.id })
          .from(users)
          .where(
            sql`${users.usernameKey} = ${added.usernameKey} or ${users.emailKey} = ${added.emailKey}`,
          )
          .get();
        if (taken) return "nameTaken";
        if (tokenHash !== null)
          orm
            .update(oneUseTokens)
            .set({ usedAt: audit.at })
            .where(eq(oneUseTokens.purpose, "setup"))
            .run();
        orm.insert(users).values(added).run();
        orm.insert(userRoles).values({ userId: added.id, roleId: adminRoleId() }).run();
        orm
          .insert(grants)
          .values({ id: newId("grt"), userId: added.id, createdAt: audit.at })
          .run();
        insertAuditEvent(parts, audit);
        return "added";
      }),
  };
};
