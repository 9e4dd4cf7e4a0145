import { and, asc, eq, inArray, isNull, lt, or, sql, type SQL } from "drizzle-orm";
import { everySection } from "@sallyport/shared/contract";
import {
  endedBefore,
  expiryOf,
  type GrantHolder,
  type GrantStore,
  type NamedGrant,
} from "@sallyport/shared/core";
import { answerRequest } from "./access-requests.ts";
import { insertAuditEvent } from "./audit.ts";
import { newId } from "../../tokens/chance.ts";
import type { Parts } from "./parts.ts";
import { areAsRead } from "./roles.ts";
import { grants, roles, sections, users } from "./schema.ts";
import { isStorable } from "./storable-text.ts";
import type { Transaction } from "./writer.ts";

/** @param sectionId null for every one */
export const insertGrant = async (
  { orm }: Pick<Transaction, "orm">,
  holder: GrantHolder,
  sectionId: string | null,
  at: number,
): Promise<void> => {
  await orm
    .insert(grants)
    .values({ id: newId("grt"), ...holder, sectionId, createdAt: at })
    .onConflictDoNothing();
};

const purgeBatchSize = 500;

const columns = {
  id: grants.id,
  userId: grants.userId,
  roleId: grants.roleId,
  username: users.username,
  displayName: users.displayName,
  roleName: roles.name,
  slug: sections.slug,
  title: sections.title,
  expiresAt: grants.expiresAt,
  createdAt: grants.createdAt,
};

const select = (orm: Transaction["orm"]) =>
  orm
    .select(columns)
    .from(grants)
    .leftJoin(users, eq(users.id, grants.userId))
    .leftJoin(roles, eq(roles.id, grants.roleId))
    .leftJoin(sections, eq(sections.id, grants.sectionId));

const namedOf = ({
  id,
  userId,
  roleId,
  username,
  displayName,
  roleName,
  slug,
  title,
  expiresAt,
  createdAt,
}: Awaited<ReturnType<typeof select>>[number]): NamedGrant => ({
  id,
  holder: userId === null ? { roleId: roleId ?? "" } : { userId },
  section: slug ?? everySection,
  title,
  expiresAt,
  createdAt,
  user: userId === null ? null : { username: username ?? "", displayName: displayName ?? "" },
  role: userId === null ? { name: roleName ?? "" } : null,
});

const ofHolders = ({
  userIds,
  roleIds,
}: {
  readonly userIds: readonly string[];
  readonly roleIds: readonly string[];
}): SQL | undefined =>
  or(inArray(grants.userId, [...userIds]), inArray(grants.roleId, [...roleIds]));
/** Their ids are looked up first: from their slugs in a join, no index would lead to the grants. */
const ofSections = (orm: Transaction["orm"], slugs: readonly string[]): SQL | undefined => {
  const ids = orm
    .select({ id: sections.id })
    .from(sections)
    .where(inArray(sections.slug, slugs.filter(isStorable)));
  return or(
    sql`${grants.sectionId} = any(array(${ids}))`,
    slugs.includes(everySection) ? isNull(grants.sectionId) : undefined,
  );
};

export const createGrantStore = ({ orm: reader, writer, now }: Parts): GrantStore => ({
  list: async ({ holders, sections: slugs }, after, limit) => {
    const found = await select(reader)
      .where(
        and(
          or(
            isNull(grants.expiresAt),
            sql`${grants.expiresAt} - ${grants.expiresAt} % 1000 > ${now()}`,
          ),
          holders === null ? undefined : ofHolders(holders),
          slugs === null ? undefined : ofSections(reader, slugs),
          after === null
            ? undefined
            : sql`(${grants.createdAt}, ${grants.id} collate "C") < (${after[0]}, ${after[1]})`,
        ),
      )
      .orderBy(sql`${grants.createdAt} desc, ${grants.id} collate "C" desc`)
      .limit(limit);
    return found.map(namedOf);
  },

  find: async ({ ids, sections: slugs, ...holders }) => {
    const found = await select(reader).where(
      or(inArray(grants.id, [...ids]), and(ofHolders(holders), ofSections(reader, slugs))),
    );
    const titles = await reader
      .select({ slug: sections.slug, title: sections.title })
      .from(sections)
      .where(inArray(sections.slug, slugs.filter(isStorable)));
    return {
      grants: found.map(namedOf),
      titles: new Map(titles.map(({ slug, title }) => [slug, title])),
    };
  },

  apply: (expected, { remove, change, add, audit, answer }) =>
    writer.write(async (transaction) => {
      const { orm } = transaction;
      // The triggers write the roles whose grants these are: two that only share them would wait
      // for each other.
      if (!(await areAsRead(transaction, expected, "no key update"))) return "changed";
      const slugs = add.map(({ section }) => section).filter((slug) => slug !== everySection);
      const found = await orm
        .select({ id: sections.id, slug: sections.slug })
        .from(sections)
        .where(inArray(sections.slug, slugs.filter(isStorable)))
        .orderBy(asc(sections.id))
        .for("key share");
      const idsOf = new Map(found.map(({ id, slug }) => [slug, id]));
      if (!slugs.every((slug) => idsOf.has(slug))) return "changed";
      if (answer && !(await answerRequest(transaction, answer))) return "changed";
      if (remove.length > 0) await orm.delete(grants).where(inArray(grants.id, [...remove]));
      for (const { id, expiresAt } of change)
        await orm.update(grants).set({ expiresAt }).where(eq(grants.id, id));
      if (add.length > 0)
        await orm.insert(grants).values(
          add.map(({ id, holder, section, expiresAt, createdAt }) => ({
            id,
            ...holder,
            sectionId: idsOf.get(section) ?? null,
            expiresAt,
            createdAt,
          })),
        );
      for (const event of audit) await insertAuditEvent(transaction, event);
      return "applied";
    }),

  purge: async (endedBy) => {
    for (let purged = 0; ;) {
      const count = await writer.write(async (transaction) => {
        const batch = await select(transaction.orm)
          .where(lt(grants.expiresAt, endedBefore(endedBy)))
          .orderBy(asc(grants.expiresAt))
          .limit(purgeBatchSize);
        for (const grant of batch.map(namedOf)) {
          const { rowCount } = await transaction.orm.delete(grants).where(eq(grants.id, grant.id));
          // Somebody else may have been quicker.
          if (rowCount === 1) await insertAuditEvent(transaction, expiryOf(grant, endedBy));
        }
        return batch.length;
      });
      purged += count;
      if (count < purgeBatchSize) return purged;
    }
  },
});
