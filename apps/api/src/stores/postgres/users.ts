import { and, asc, desc, eq, inArray, isNull, or, sql, type SQL } from "drizzle-orm";
import { everySection, permissions as everyPermission } from "@sallyport/shared/contract";
import {
  adminRole,
  displayNameKey,
  isInForce,
  sectionsInForce,
  type NewUser,
  type User,
  type UserFilter,
  type UserPlace,
  type UserRights,
  type UserStore,
} from "@sallyport/shared/core";
import { hasAdmin, keepAnAdmin, lockAdmins } from "./admins.ts";
import { insertAuditEvent } from "./audit.ts";
import { listOf } from "./columns.ts";
import { insertGrant } from "./grants.ts";
import { heldGrants } from "./held-grants.ts";
import { newId } from "../../tokens/chance.ts";
import { insertNotice } from "./notices.ts";
import {
  findOneUseToken,
  insertOneUseToken,
  passwordPurposes,
  removeOneUseTokens,
} from "./one-use-tokens.ts";
import { insertMail } from "./insert-mail.ts";
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
import { isStorable, storable, storableText } from "./storable-text.ts";
import type { Transaction } from "./writer.ts";

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

const isEmpty = async ({ orm }: Transaction): Promise<boolean> =>
  (await orm.select({ id: users.id }).from(users).limit(1)).length === 0;
const givesEverySection = async ({ orm }: Transaction, roleId: string): Promise<boolean> => {
  const found = await orm
    .select({ id: grants.id })
    .from(grants)
    .where(and(eq(grants.roleId, roleId), isNull(grants.sectionId), isNull(grants.expiresAt)))
    .limit(1);
  return found.length > 0;
};

/** As it is read, and locked until the end of the transaction. */
const isAsRead = async (
  { orm }: Transaction,
  { id, version }: Pick<User, "id" | "version">,
): Promise<boolean> => {
  const [found] = await orm
    .select({ version: users.version })
    .from(users)
    .where(eq(users.id, id))
    .for("update");
  return found?.version === version;
};

/** Thrown, so that nobody is added where somebody cannot be. */
class NameTaken extends Error {}

const orderKeys = {
  username: users.usernameKey,
  displayName: users.displayNameKey,
  createdAt: users.createdAt,
} as const;

const conditionOf = ({ text, roleId, active }: UserFilter): SQL | undefined =>
  and(
    text === null || text === ""
      ? undefined
      : sql`(strpos(${users.usernameKey}, ${text}) > 0 or strpos(${users.displayNameKey}, ${text}) > 0 or strpos(coalesce(${users.emailKey}, ''), ${text}) > 0)`,
    roleId === null
      ? undefined
      : sql`exists (select from ${userRoles} where ${userRoles.userId} = ${users.id} and ${userRoles.roleId} = ${roleId})`,
    active === null ? undefined : eq(users.active, active),
  );

/** Sessions that have been purged are told of by the user's own row. */
const lastUse = sql`select max(${sessions.lastUsedAt}) from ${sessions} where ${sessions.userId} = ${users.id}`;
const lastSeen = sql<string | null>`greatest(${users.lastSeenAt}, (${lastUse}))`;
const timeOf = (text: string | null): number | null => (text === null ? null : Number(text));

/** Users, and what they may do. */
export const createUserStore = (parts: Parts): UserStore => {
  const { orm, writer, now } = parts;
  const ofUser = sql`select ${userRoles.roleId} from ${userRoles} where ${userRoles.userId} = ${users.id}`;

  const rolesOf = async (userIds: readonly string[]) =>
    userIds.length === 0
      ? []
      : orm
          .select({
            userId: userRoles.userId,
            id: roles.id,
            name: roles.name,
            builtIn: roles.builtIn,
          })
          .from(userRoles)
          .innerJoin(roles, eq(roles.id, userRoles.roleId))
          .where(inArray(userRoles.userId, [...userIds]))
          .orderBy(sql`${roles.name} collate "C"`);
  const readRights = async (userId: string): Promise<UserRights | null> => {
    // One statement sees one state of the database. Lists are in the order of bytes, whatever the
    // database is set to.
    const [found] = await orm
      .select({
        user,
        preferences: users.preferences,
        isAdmin: sql<boolean>`exists (select from ${roles} where ${roles.builtIn} and ${roles.id} in (${ofUser}))`,
        roles: listOf<string>(
          sql`select ${roles.name} collate "C" from ${roles} where ${roles.id} in (${ofUser}) order by 1`,
        ),
        permissions: listOf<string>(
          sql`select distinct ${rolePermissions.permission} collate "C" from ${rolePermissions} where ${rolePermissions.roleId} in (${ofUser}) order by 1`,
        ),
        // As an array, or PostgreSQL would walk through all grants that there are.
        granted: heldGrants(
          sql`${grants.userId} = ${users.id} or ${grants.roleId} = any(array(${ofUser}))`,
        ),
      })
      .from(users)
      .where(eq(users.id, userId));
    if (found === undefined) return null;
    const { isAdmin, granted, ...rights } = found;
    return {
      ...rights,
      permissions: isAdmin ? everyPermission : rights.permissions,
      ...sectionsInForce(granted, now()),
    };
  };

  return {
    find: async (usernameKey) => {
      if (!isStorable(usernameKey)) return null;
      const [found] = await orm.select(user).from(users).where(eq(users.usernameKey, usernameKey));
      return found ?? null;
    },
    findByVerifiedEmail: async (emailKey) => {
      if (!isStorable(emailKey)) return null;
      const [found] = await orm
        .select(user)
        .from(users)
        .where(and(eq(users.emailKey, emailKey), users.emailVerified));
      return found ?? null;
    },
    readRights,
    read: async (userId) => {
      const rights = await readRights(userId);
      const [more] = await orm
        .select({ createdAt: users.createdAt, seen: lastSeen, epoch: users.epoch })
        .from(users)
        .where(eq(users.id, userId));
      if (rights === null || more === undefined) return null;
      return {
        user: rights.user,
        isIn: (await rolesOf([userId])).map(({ id, name }) => ({ id, name })),
        permissions: rights.permissions,
        sections: rights.sections,
        grants: rights.grants,
        createdAt: more.createdAt,
        lastSeenAt: timeOf(more.seen),
      };
    },
    list: async (filter, { by, descending }, after, limit) => {
      const asked = { ...filter, text: filter.text === null ? null : storableText(filter.text) };
      const key = orderKeys[by];
      const order = descending ? desc : asc;
      const condition = conditionOf(asked);
      const beyond =
        after &&
        (descending
          ? sql`(${key}, ${users.id}) < (${after[0]}, ${after[1]})`
          : sql`(${key}, ${users.id}) > (${after[0]}, ${after[1]})`);
      const rows = await orm
        .select({ user, createdAt: users.createdAt, seen: lastSeen, key })
        .from(users)
        .where(and(condition, beyond ?? undefined))
        .orderBy(order(key), order(users.id))
        .limit(limit);
      const isIn = await rolesOf(rows.map((row) => row.user.id));
      return {
        items: rows.map((row) => ({
          user: row.user,
          isIn: isIn
            .filter(({ userId }) => userId === row.user.id)
            .map(({ id, name }) => ({ id, name })),
          createdAt: row.createdAt,
          lastSeenAt: timeOf(row.seen),
          place: [row.key, row.user.id] satisfies UserPlace,
        })),
        total: await orm.$count(users, condition),
      };
    },
    readReasons: async (userId) => {
      const isIn = await rolesOf([userId]);
      const roleIds = isIn.map(({ id }) => id);
      const rows =
        roleIds.length === 0
          ? []
          : await orm
              .select()
              .from(rolePermissions)
              .where(inArray(rolePermissions.roleId, roleIds));
      const given = await orm
        .select({ slug: sections.slug, roleId: grants.roleId, expiresAt: grants.expiresAt })
        .from(grants)
        .leftJoin(sections, eq(sections.id, grants.sectionId))
        .where(
          or(
            eq(grants.userId, userId),
            roleIds.length === 0 ? undefined : inArray(grants.roleId, roleIds),
          ),
        );
      const named = new Map(isIn.map(({ id, name }) => [id, { id, name }]));
      return {
        permissions: isIn.flatMap(({ id, name, builtIn }) =>
          (builtIn
            ? everyPermission
            : rows.filter((row) => row.roleId === id).map((row) => row.permission)
          ).map((permission) => ({ permission, role: { id, name } })),
        ),
        grants: given
          .filter((grant) => isInForce(grant, now()))
          .map(({ slug, roleId, expiresAt }) => ({
            section: slug ?? everySection,
            expiresAt,
            role: roleId === null ? null : (named.get(roleId) ?? null),
          })),
      };
    },
    findTaken: async (usernameKeys, emailKeys) => {
      const names = usernameKeys.filter(isStorable);
      const addresses = emailKeys.filter(isStorable);
      const namesIn = async (table: typeof users | typeof retiredNames): Promise<string[]> =>
        names.length === 0
          ? []
          : (
              await orm
                .select({ key: table.usernameKey })
                .from(table)
                .where(inArray(table.usernameKey, names))
            ).map(({ key }) => key);
      return {
        usernameKeys: [...(await namesIn(users)), ...(await namesIn(retiredNames))],
        emailKeys:
          addresses.length === 0
            ? []
            : (
                await orm
                  .select({ key: users.emailKey })
                  .from(users)
                  .where(inArray(users.emailKey, addresses))
              ).flatMap(({ key }) => key ?? []),
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
    add: async (people, expected) => {
      try {
        return await writer.write(async (transaction) => {
          if (!(await areAsRead(transaction, expected))) return "changed";
          for (const { user: added, roleIds, link, audit } of people) {
            if (!(await insertUser(transaction, added, roleIds))) throw new NameTaken();
            if (link) await insertOneUseToken(transaction, link);
            await insertAuditEvent(transaction, audit);
          }
          return "added";
        });
      } catch (error) {
        if (error instanceof NameTaken) return "nameTaken";
        throw error;
      }
    },
    apply: (found, expected, { displayName, email, active, roles: moves }, audit, notice = null) =>
      keepAnAdmin(parts, async (transaction) => {
        if (!(await areAsRead(transaction, expected)) || !(await isAsRead(transaction, found)))
          return "changed";
        if (email) {
          const taken = await transaction.orm
            .select({ id: users.id })
            .from(users)
            .where(eq(users.emailKey, storableText(email.key)));
          if (taken.some(({ id }) => id !== found.id)) return "nameTaken";
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
        if (notice) await insertMail(transaction, { ...notice, id: newId("mai"), sealed: null });
        if (Object.keys(columns).length > 0)
          await transaction.orm.update(users).set(storable(columns)).where(eq(users.id, found.id));
        if (notice) await insertNotice(transaction, notice);
        if (moves) {
          if (moves.remove.length > 0)
            await transaction.orm
              .delete(userRoles)
              .where(
                and(eq(userRoles.userId, found.id), inArray(userRoles.roleId, [...moves.remove])),
              );
          await insertUserRoles(transaction, found.id, moves.add);
        }
        await insertAuditEvent(transaction, audit);
        return "applied";
      }),
    applyOwn: ({ user: found, preferences: before }, { displayName, preferences }, audit) =>
      writer.write(async (transaction) => {
        const [now] = await transaction.orm
          .select({
            version: users.version,
            displayName: users.displayName,
            preferences: users.preferences,
          })
          .from(users)
          .where(eq(users.id, found.id))
          .for("update");
        if (
          now?.version !== found.version ||
          JSON.stringify(now.preferences) !== JSON.stringify(before)
        )
          return "changed";
        await transaction.orm
          .update(users)
          .set({
            preferences,
            // A version rises wherever a name is written, the same one too.
            ...(now.displayName !== displayName &&
              storable({ displayName, displayNameKey: displayNameKey(displayName) })),
          })
          .where(eq(users.id, found.id));
        await insertAuditEvent(transaction, audit);
        return "applied";
      }),
    remove: (found, expected, audit) =>
      keepAnAdmin(parts, async (transaction) => {
        if (!(await areAsRead(transaction, expected)) || !(await isAsRead(transaction, found)))
          return "changed";
        await transaction.orm.delete(users).where(eq(users.id, found.id));
        await insertAuditEvent(transaction, audit);
        return "applied";
      }),
    choosePassword: ({ userId, tokenHash, passwordHash }, expected, audit, notice) =>
      writer.write(async (transaction) => {
        if (!(await areAsRead(transaction, expected))) return "changed";
        const [found] = await transaction.orm
          .select({ active: users.active })
          .from(users)
          .where(eq(users.id, userId))
          .for("no key update");
        const link = await findOneUseToken(transaction, passwordPurposes, tokenHash, audit.at);
        if (link?.userId !== userId || found?.active !== true) return "tokenInvalid";
        await transaction.orm.update(users).set({ passwordHash }).where(eq(users.id, userId));
        await transaction.orm
          .update(sessions)
          .set({ endedAt: audit.at, endReason: "passwordChanged" })
          .where(and(eq(sessions.userId, userId), isNull(sessions.endedAt)));
        await removeOneUseTokens(transaction, userId, passwordPurposes);
        if (notice) await insertNotice(transaction, notice);
        await insertAuditEvent(transaction, audit);
        return "applied";
      }),
    verifyEmail: ({ userId, tokenHash }, audit) =>
      writer.write(async (transaction) => {
        await transaction.orm
          .select({ id: users.id })
          .from(users)
          .where(eq(users.id, userId))
          .for("no key update");
        const link = await findOneUseToken(transaction, ["emailVerification"], tokenHash, audit.at);
        if (link?.userId !== userId) return "tokenInvalid";
        await transaction.orm
          .update(users)
          .set({ emailVerified: true })
          .where(eq(users.id, userId));
        await removeOneUseTokens(transaction, userId, ["emailVerification"]);
        await insertAuditEvent(transaction, audit);
        return "applied";
      }),
    addAdmin: (added, tokenHash, audit) =>
      writer.write(async (transaction) => {
        await lockAdmins(transaction);
        if (tokenHash !== null) {
          if (await hasAdmin(transaction)) return "adminExists";
          if (!(await findOneUseToken(transaction, ["setup"], tokenHash, audit.at)))
            return "tokenInvalid";
        }
        const isFirst = await isEmpty(transaction);
        if (!(await insertUser(transaction, added, []))) return "nameTaken";
        if (tokenHash !== null)
          await transaction.orm
            .update(oneUseTokens)
            .set({ usedAt: audit.at })
            .where(eq(oneUseTokens.purpose, "setup"));
        const roleId = await adminRoleId(transaction);
        if (isFirst) await insertGrant(transaction, { roleId }, null, audit.at);
        await insertUserRoles(transaction, added.id, [roleId]);
        if (!(await givesEverySection(transaction, roleId)))
          await insertGrant(transaction, { userId: added.id }, null, audit.at);
        await insertAuditEvent(transaction, audit);
        return "added";
      }),
  };
};
