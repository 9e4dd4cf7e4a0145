import { and, asc, eq, inArray, isNull, or, sql } from "drizzle-orm";
import { everySection, permissions as everyPermission } from "@sallyport/shared/contract";
import {
  adminRole,
  displayNameKey,
  isInForce,
  sectionsInForce,
  type NewUser,
  type User,
  type UserStore,
} from "@sallyport/shared/core";
import { createAdminKeeper, prepareHasAdmin } from "./admins.ts";
import { insertAuditEvent } from "./audit.ts";
import { newId } from "../../tokens/chance.ts";
import { insertGrant } from "./grants.ts";
import { lastSeen, prepareUserList } from "./list-users.ts";
import { prepareNotices } from "./notices.ts";
import {
  findOneUseToken,
  insertOneUseToken,
  passwordPurposes,
  removeOneUseTokens,
} from "./one-use-tokens.ts";
import { prepareMails } from "./insert-mail.ts";
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
  sessions,
  userRoles,
  users,
} from "./schema.ts";

const user = {
  id: users.id,
  username: users.username,
  email: users.email,
  emailVerified: users.emailVerified,
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
  const { orm, sqlite, now, writer, memory } = parts;
  const id = sql.placeholder("id");
  const byId = orm.select(user).from(users).where(eq(users.id, id)).prepare();
  const preferencesOf = orm
    .select({ preferences: users.preferences })
    .from(users)
    .where(eq(users.id, id))
    .prepare();
  const byKey = orm
    .select(user)
    .from(users)
    .where(eq(users.usernameKey, sql.placeholder("key")))
    .prepare();
  const rolesOf = orm
    .select({ id: roles.id, name: roles.name, builtIn: roles.builtIn })
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
    .select({ slug: sections.slug, expiresAt: grants.expiresAt })
    .from(grants)
    .leftJoin(sections, eq(sections.id, grants.sectionId))
    .where(
      sql`${grants.userId} = ${id} or ${grants.roleId} in (select ${userRoles.roleId} from ${userRoles} where ${userRoles.userId} = ${id})`,
    )
    .prepare();
  const byVerifiedEmail = orm
    .select(user)
    .from(users)
    .where(and(eq(users.emailKey, sql.placeholder("key")), eq(users.emailVerified, true)))
    .prepare();
  const insertNotice = prepareNotices(parts);
  const addMail = prepareMails(parts);
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
  const isEmpty = (): boolean =>
    orm.select({ id: users.id }).from(users).limit(1).get() === undefined;
  const givesEverySection = (roleId: string): boolean =>
    orm
      .select({ id: grants.id })
      .from(grants)
      .where(and(eq(grants.roleId, roleId), isNull(grants.sectionId), isNull(grants.expiresAt)))
      .get() !== undefined;
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

  const keepingAnAdmin = createAdminKeeper(parts);
  const list = prepareUserList(parts);
  const about = sqlite.prepare<
    [string],
    { readonly createdAt: number; readonly lastSeenAt: number | null }
  >(`SELECT created_at AS createdAt, ${lastSeen("users")} AS lastSeenAt FROM users WHERE id = ?`);
  const readRights: UserStore["readRights"] = (userId) => {
    const kept = memory.recall(`rights ${userId}`, () =>
      // A deferred transaction: all reads see one state of the database.
      sqlite.transaction(() => {
        const found = byId.get({ id: userId });
        const chosen = preferencesOf.get({ id: userId });
        if (!found || !chosen) return null;
        const granted = grantedTo
          .all({ id: userId })
          .map(({ slug, expiresAt }) => ({ section: slug ?? everySection, expiresAt }));
        const isIn = rolesOf.all({ id: userId });
        return {
          user: found,
          ...chosen,
          roles: isIn.map((role) => role.name),
          permissions: isIn.some((role) => role.builtIn)
            ? everyPermission
            : permissionsOf.all({ id: userId }).map((row) => row.permission),
          granted,
        };
      })(),
    );
    if (kept === null) return null;
    const { granted, ...rights } = kept;
    return { ...rights, ...sectionsInForce(granted, now()) };
  };
  /** Is what is written in this user as it was read? */
  const isAsRead = ({ id: userId, version }: Pick<User, "id" | "version">): boolean =>
    byId.get({ id: userId })?.version === version;

  return {
    find: (usernameKey) => byKey.get({ key: usernameKey }) ?? null,
    findByVerifiedEmail: (emailKey) => byVerifiedEmail.get({ key: emailKey }) ?? null,
    readRights,
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
    read: (userId) =>
      sqlite.transaction(() => {
        const rights = readRights(userId);
        const more = about.get(userId);
        if (rights instanceof Promise || rights === null || more === undefined) return null;
        const { user: found, permissions, sections: granted, grants: held } = rights;
        return {
          user: found,
          isIn: rolesOf.all({ id: userId }).map(({ id: roleId, name }) => ({ id: roleId, name })),
          permissions,
          sections: granted,
          grants: held,
          ...more,
        };
      })(),
    list,
    readReasons: (userId) =>
      sqlite.transaction(() => {
        const isIn = rolesOf.all({ id: userId });
        const rows = orm
          .select()
          .from(rolePermissions)
          .where(
            inArray(
              rolePermissions.roleId,
              isIn.map((role) => role.id),
            ),
          )
          .all();
        const given = orm
          .select({ slug: sections.slug, roleId: grants.roleId, expiresAt: grants.expiresAt })
          .from(grants)
          .leftJoin(sections, eq(sections.id, grants.sectionId))
          .where(
            or(
              eq(grants.userId, userId),
              inArray(
                grants.roleId,
                isIn.map((role) => role.id),
              ),
            ),
          )
          .all();
        const named = new Map(isIn.map(({ id: roleId, name }) => [roleId, { id: roleId, name }]));
        return {
          permissions: isIn.flatMap(({ id: roleId, name, builtIn }) =>
            (builtIn
              ? everyPermission
              : rows.filter((row) => row.roleId === roleId).map((row) => row.permission)
            ).map((permission) => ({ permission, role: { id: roleId, name } })),
          ),
          grants: given
            .filter((grant) => isInForce(grant, now()))
            .map(({ slug, roleId, expiresAt }) => ({
              section: slug ?? everySection,
              expiresAt,
              role: roleId === null ? null : (named.get(roleId) ?? null),
            })),
        };
      })(),
    findTaken: (usernameKeys, emailKeys) => {
      const namesOf = (table: typeof users | typeof retiredNames): string[] =>
        orm
          .select({ key: table.usernameKey })
          .from(table)
          .where(inArray(table.usernameKey, [...usernameKeys]))
          .all()
          .map(({ key }) => key);
      return {
        usernameKeys: [...namesOf(users), ...namesOf(retiredNames)],
        emailKeys: orm
          .select({ key: users.emailKey })
          .from(users)
          .where(inArray(users.emailKey, [...emailKeys]))
          .all()
          .flatMap(({ key }) => key ?? []),
      };
    },

    add: (people, expected) =>
      writer.write(() => {
        if (!areAsRead(parts, expected)) return "changed";
        // All of them first: what has been written when somebody's name is taken stays written.
        if (people.some(({ user: added }) => isTaken(added))) return "nameTaken";
        for (const { user: added, roleIds, link, audit } of people) {
          insertUser(parts, added, roleIds);
          if (link) insertOneUseToken(parts, link);
          insertAuditEvent(parts, audit);
        }
        return "added";
      }),
    apply: (found, expected, { displayName, email, active, roles: moves }, audit, notice = null) =>
      keepingAnAdmin(() => {
        if (!isAsRead(found) || !areAsRead(parts, expected)) return "changed";
        if (email) {
          const holder = orm
            .select({ id: users.id })
            .from(users)
            .where(eq(users.emailKey, email.key))
            .get();
          if (holder !== undefined && holder.id !== found.id) return "nameTaken";
        }
        const columns = {
          ...(displayName !== undefined && {
            displayName,
            displayNameKey: displayNameKey(displayName),
          }),
          ...(email !== undefined && {
            email: email?.address ?? null,
            emailKey: email?.key ?? null,
          }),
          ...(active !== undefined && { active }),
        };
        // To the address before; the one after is told by the notice.
        if (notice) addMail({ ...notice, id: newId("mai"), sealed: null });
        if (Object.keys(columns).length > 0)
          orm.update(users).set(columns).where(eq(users.id, found.id)).run();
        if (notice) insertNotice(notice);
        if (moves) {
          orm
            .delete(userRoles)
            .where(
              and(eq(userRoles.userId, found.id), inArray(userRoles.roleId, [...moves.remove])),
            )
            .run();
          insertUserRoles(parts, found.id, moves.add);
        }
        insertAuditEvent(parts, audit);
        return "applied";
      }),
    applyOwn: ({ user: found, preferences: before }, { displayName, preferences }, audit) =>
      writer.write(() => {
        const chosen = preferencesOf.get({ id: found.id })?.preferences;
        if (!isAsRead(found) || JSON.stringify(chosen) !== JSON.stringify(before)) return "changed";
        const { changes } = orm
          .update(users)
          .set({
            preferences,
            // A version rises wherever a name is written, the same one too.
            ...(byId.get({ id: found.id })?.displayName !== displayName && {
              displayName,
              displayNameKey: displayNameKey(displayName),
            }),
          })
          .where(eq(users.id, found.id))
          .run();
        insertAuditEvent(parts, audit);
        return changes === 1 ? "applied" : "changed";
      }),
    remove: (found, expected, audit) =>
      keepingAnAdmin(() => {
        if (!isAsRead(found) || !areAsRead(parts, expected)) return "changed";
        orm.delete(users).where(eq(users.id, found.id)).run();
        insertAuditEvent(parts, audit);
        return "applied";
      }),
    choosePassword: ({ userId, tokenHash, passwordHash }, expected, audit, notice) =>
      writer.write(() => {
        if (!areAsRead(parts, expected)) return "changed";
        const link = findOneUseToken(parts, passwordPurposes, tokenHash, audit.at);
        if (link?.userId !== userId || byId.get({ id: userId })?.active !== true)
          return "tokenInvalid";
        orm.update(users).set({ passwordHash }).where(eq(users.id, userId)).run();
        orm
          .update(sessions)
          .set({ endedAt: audit.at, endReason: "passwordChanged" })
          .where(and(eq(sessions.userId, userId), isNull(sessions.endedAt)))
          .run();
        removeOneUseTokens(parts, userId, passwordPurposes);
        if (notice) insertNotice(notice);
        insertAuditEvent(parts, audit);
        return "applied";
      }),
    verifyEmail: ({ userId, tokenHash }, audit) =>
      writer.write(() => {
        const link = findOneUseToken(parts, ["emailVerification"], tokenHash, audit.at);
        if (link?.userId !== userId) return "tokenInvalid";
        orm.update(users).set({ emailVerified: true }).where(eq(users.id, userId)).run();
        removeOneUseTokens(parts, userId, ["emailVerification"]);
        insertAuditEvent(parts, audit);
        return "applied";
      }),
    addAdmin: (added, tokenHash, audit) =>
      writer.write(() => {
        if (tokenHash !== null) {
          if (hasAdmin()) return "adminExists";
          if (!findOneUseToken(parts, ["setup"], tokenHash, audit.at)) return "tokenInvalid";
        }
        if (isTaken(added)) return "nameTaken";
        if (tokenHash !== null)
          orm
            .update(oneUseTokens)
            .set({ usedAt: audit.at })
            .where(eq(oneUseTokens.purpose, "setup"))
            .run();
        const roleId = adminRoleId();
        if (isEmpty()) insertGrant(parts, { roleId }, null, audit.at);
        insertUser(parts, added, [roleId]);
        if (!givesEverySection(roleId)) insertGrant(parts, { userId: added.id }, null, audit.at);
        insertAuditEvent(parts, audit);
        return "added";
      }),
  };
};
