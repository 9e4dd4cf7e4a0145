import { and, eq, lt, sql } from "drizzle-orm";
import type { DisplayLink, DisplayLinkStore } from "@sallyport/shared/core";
import { insertAuditEvent } from "./audit.ts";
import type { Parts } from "./parts.ts";
import { areAsRead } from "./roles.ts";
import { displayLinks, sections, users } from "./schema.ts";
import { isStorable, storableText } from "./storable-text.ts";
import type { Transaction } from "./writer.ts";

const columns = {
  id: displayLinks.id,
  name: displayLinks.name,
  sectionId: displayLinks.sectionId,
  section: sections.slug,
  title: sections.title,
  makerId: users.id,
  username: users.username,
  displayName: users.displayName,
  createdAt: displayLinks.createdAt,
  expiresAt: displayLinks.expiresAt,
  lastSeenAt: displayLinks.lastSeenAt,
};

const select = (orm: Transaction["orm"]) =>
  orm
    .select(columns)
    .from(displayLinks)
    .innerJoin(sections, eq(sections.id, displayLinks.sectionId))
    .innerJoin(users, eq(users.id, displayLinks.madeBy));

const linkOf = ({
  makerId: id,
  username,
  displayName,
  ...rest
}: Awaited<ReturnType<typeof select>>[number]): DisplayLink => ({
  ...rest,
  madeBy: { id, username, displayName },
});

export const createDisplayLinkStore = ({ orm: reader, writer }: Parts): DisplayLinkStore => ({
  list: async (section, after, limit) => {
    const found = await select(reader)
      .where(
        and(
          section === null ? undefined : eq(sections.slug, storableText(section)),
          after === null
            ? undefined
            : sql`(${displayLinks.createdAt}, ${displayLinks.id} collate "C") < (${after[0]}, ${after[1]})`,
        ),
      )
      .orderBy(sql`${displayLinks.createdAt} desc, ${displayLinks.id} collate "C" desc`)
      .limit(limit);
    return found.map(linkOf);
  },
  read: async (id) => {
    const [found] = await select(reader).where(eq(displayLinks.id, id));
    return found ? linkOf(found) : null;
  },
  findByToken: async (tokenHash) => {
    const [found] = await select(reader).where(eq(displayLinks.tokenHash, tokenHash));
    return found ? linkOf(found) : null;
  },
  add: ({ section, name, ...link }, expected, audit) =>
    writer.write(async (transaction) => {
      const { orm } = transaction;
      if (!isStorable(section) || !(await areAsRead(transaction, expected))) return "changed";
      const [found] = await orm
        .select({ id: sections.id })
        .from(sections)
        .where(eq(sections.slug, section))
        .for("key share");
      if (!found) return "changed";
      await orm
        .insert(displayLinks)
        .values({ ...link, name: storableText(name), sectionId: found.id });
      await insertAuditEvent(transaction, audit);
      return "applied";
    }),
  remove: (id, expected, audit) =>
    writer.write(async (transaction) => {
      if (!(await areAsRead(transaction, expected))) return "changed";
      const { rowCount } = await transaction.orm
        .delete(displayLinks)
        .where(eq(displayLinks.id, id));
      if (rowCount === 0) return "changed";
      await insertAuditEvent(transaction, audit);
      return "applied";
    }),
  noteSeen: (id, at) =>
    writer.write(async ({ orm }) => {
      await orm.update(displayLinks).set({ lastSeenAt: at }).where(eq(displayLinks.id, id));
    }),
  purge: (endedBefore) =>
    writer.write(async ({ orm }) => {
      const { rowCount } = await orm
        .delete(displayLinks)
        .where(lt(displayLinks.expiresAt, endedBefore));
      return rowCount ?? 0;
    }),
});
