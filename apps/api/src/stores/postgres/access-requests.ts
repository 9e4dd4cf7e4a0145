import { and, asc, eq, inArray, isNull, lt, or, sql, type SQL } from "drizzle-orm";
import type {
  AccessRequest,
  AccessRequestStore,
  AskedSoFar,
  NamedAccessRequest,
  RequestAnswer,
} from "@sallyport/shared/core";
import { insertAuditEvent } from "./audit.ts";
import type { Parts } from "./parts.ts";
import { areAsRead } from "./roles.ts";
import { accessRequests, sections, users } from "./schema.ts";
import { isStorable, storableText } from "./storable-text.ts";
import type { Transaction } from "./writer.ts";

/** All that this person has asked for of the section is answered. @returns whether it was open */
export const answerRequest = async (
  { orm }: Pick<Transaction, "orm">,
  { requestId, at }: RequestAnswer,
): Promise<boolean> => {
  const { rowCount } = await orm
    .update(accessRequests)
    .set({ answeredAt: at })
    .where(
      and(
        isNull(accessRequests.answeredAt),
        sql`(${accessRequests.userId}, ${accessRequests.sectionId}) IN (SELECT b.user_id, b.section_id FROM access_requests b WHERE b.id = ${requestId} AND b.answered_at IS NULL)`,
      ),
    );
  return (rowCount ?? 0) > 0;
};

const columns = {
  id: accessRequests.id,
  userId: users.id,
  username: users.username,
  displayName: users.displayName,
  section: sections.slug,
  title: sections.title,
  note: accessRequests.note,
  askedAt: accessRequests.askedAt,
  answeredAt: accessRequests.answeredAt,
};

const select = (orm: Transaction["orm"]) =>
  orm
    .select(columns)
    .from(accessRequests)
    .innerJoin(users, eq(users.id, accessRequests.userId))
    .innerJoin(sections, eq(sections.id, accessRequests.sectionId));

const namedOf = ({
  userId,
  username,
  displayName,
  ...rest
}: Awaited<ReturnType<typeof select>>[number]): NamedAccessRequest => ({
  ...rest,
  user: { id: userId, username, displayName },
});

const isOfThem = (now: number): SQL =>
  sql`(g.section_id = ${sections.id} OR g.section_id IS NULL)
    AND (g.expires_at IS NULL OR g.expires_at - g.expires_at % 1000 > ${now})`;

/**
 * Of one person and section, whatever it was called when they asked, the first one. `OFFSET 0`
 * keeps PostgreSQL from looking through everybody's grants for a page of requests: what is their
 * own person's is looked at for each of them.
 */
const isWaiting = (slugs: readonly string[] | null, now: number): SQL | undefined =>
  and(
    isNull(accessRequests.answeredAt),
    eq(users.active, true),
    eq(sections.visibility, "restricted"),
    slugs === null ? undefined : inArray(sections.slug, slugs.filter(isStorable)),
    sql`NOT EXISTS (SELECT 1 FROM grants g WHERE g.user_id = ${users.id} AND ${isOfThem(now)} OFFSET 0)`,
    sql`NOT EXISTS (SELECT 1 FROM user_roles ur JOIN grants g ON g.role_id = ur.role_id
      WHERE ur.user_id = ${users.id} AND ${isOfThem(now)} OFFSET 0)`,
    sql`NOT EXISTS (SELECT 1 FROM access_requests b WHERE b.user_id = ${accessRequests.userId} AND b.section_id = ${accessRequests.sectionId}
      AND b.answered_at IS NULL AND (b.asked_at, b.id collate "C") < (${accessRequests.askedAt}, ${accessRequests.id} collate "C") OFFSET 0)`,
  );

export const createAccessRequestStore = ({
  orm: reader,
  writer,
  now,
}: Parts): AccessRequestStore => {
  const requestsOf = (orm: Transaction["orm"], userId: string): Promise<AccessRequest[]> =>
    orm
      .select()
      .from(accessRequests)
      .where(eq(accessRequests.userId, userId))
      .orderBy(asc(accessRequests.askedAt), sql`${accessRequests.id} collate "C"`);
  const find = async (
    orm: Transaction["orm"],
    userId: string,
    slug: string,
  ): Promise<AskedSoFar> => {
    const [section = null] = await orm
      .select({ id: sections.id, slug: sections.slug, visibility: sections.visibility })
      .from(sections)
      .where(eq(sections.slug, storableText(slug)));
    const requests = await requestsOf(orm, userId);
    return { version: JSON.stringify([requests, section?.id]), requests, section };
  };

  return {
    readOf: (userId) => requestsOf(reader, userId),
    find: (userId, slug) => find(reader, userId, slug),
    ask: (userId, slug, expectedVersion, { remove, add, note, audit }) =>
      writer.write(async (transaction) => {
        const { orm } = transaction;
        // Of one person, one at a time asks.
        await orm
          .select({ id: users.id })
          .from(users)
          .where(eq(users.id, userId))
          .for("no key update");
        if ((await find(orm, userId, slug)).version !== expectedVersion) return "changed";
        if (remove.length > 0)
          await orm.delete(accessRequests).where(inArray(accessRequests.id, [...remove]));
        if (add) {
          const found = await orm
            .select({ id: sections.id })
            .from(sections)
            .where(eq(sections.id, add.sectionId ?? ""))
            .for("key share");
          if (add.sectionId !== null && found.length === 0) return "changed";
          const { askedFor, note: said } = add;
          await orm
            .insert(accessRequests)
            .values({ ...add, askedFor: storableText(askedFor), note: storableText(said) });
        }
        if (note)
          await orm
            .update(accessRequests)
            .set({ note: storableText(note.note) })
            .where(eq(accessRequests.id, note.id));
        await insertAuditEvent(transaction, audit);
        return "applied";
      }),
    list: async ({ sections: slugs, isDescending, after, limit }) => {
      const waiting = isWaiting(slugs, now());
      const place = sql`(${accessRequests.askedAt}, ${accessRequests.id} collate "C")`;
      const behind = after && [
        place,
        sql.raw(isDescending ? "<" : ">"),
        sql`(${after[0]}, ${after[1]})`,
      ];
      const way = sql.raw(isDescending ? "desc" : "asc");
      const found = await select(reader)
        .where(and(waiting, behind ? sql.join(behind, sql` `) : undefined))
        .orderBy(sql`${accessRequests.askedAt} ${way}, ${accessRequests.id} collate "C" ${way}`)
        .limit(limit);
      const [counted] = await reader
        .select({ total: sql<string>`count(*)` })
        .from(accessRequests)
        .innerJoin(users, eq(users.id, accessRequests.userId))
        .innerJoin(sections, eq(sections.id, accessRequests.sectionId))
        .where(waiting);
      return { requests: found.map(namedOf), total: Number(counted?.total ?? 0) };
    },
    read: async (requestId) => {
      const [found] = await select(reader).where(eq(accessRequests.id, requestId));
      return found ? namedOf(found) : null;
    },
    answer: (expected, answer, audit) =>
      writer.write(async (transaction) => {
        if (!(await areAsRead(transaction, expected))) return "changed";
        if (!(await answerRequest(transaction, answer))) return "changed";
        await insertAuditEvent(transaction, audit);
        return "applied";
      }),
    purge: ({ answered, asked }) =>
      writer.write(async ({ orm }) => {
        const { rowCount } = await orm
          .delete(accessRequests)
          .where(or(lt(accessRequests.answeredAt, answered), lt(accessRequests.askedAt, asked)));
        return rowCount ?? 0;
      }),
  };
};
