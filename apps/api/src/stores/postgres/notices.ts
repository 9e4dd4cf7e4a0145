import { and, asc, eq, isNull, sql } from "drizzle-orm";
import { keptNotices, type NewNotice, type NoticeStore } from "@sallyport/shared/core";
import { newId } from "../../tokens/chance.ts";
import type { Parts } from "./parts.ts";
import { notices, outbox, users } from "./schema.ts";
import { storable } from "./storable-text.ts";
import type { Transaction } from "./writer.ts";

/**
 * The notice is written with what it tells of, and so is the mail where the user has an address.
 */
export const insertNotice = async (
  { orm }: Pick<Transaction, "orm">,
  notice: NewNotice,
): Promise<void> => {
  await orm.insert(notices).values({ id: newId("ntc"), ...notice, data: storable(notice.data) });
  await orm
    .delete(notices)
    .where(
      sql`${notices.userId} = ${notice.userId} and ${notices.id} not in (select id from ${notices} where user_id = ${notice.userId} order by at desc, place desc limit ${keptNotices})`,
    );
  const [user] = await orm
    .select({ address: users.email })
    .from(users)
    .where(eq(users.id, notice.userId));
  if (!user || user.address === null) return;
  const { userId, kind, at } = notice;
  await orm.insert(outbox).values({
    id: newId("mai"),
    userId,
    address: user.address,
    kind,
    data: storable(notice.data),
    at,
    dueAt: at,
  });
  await orm
    .delete(outbox)
    .where(
      sql`${outbox.userId} = ${userId} and ${outbox.id} not in (select id from ${outbox} where user_id = ${userId} order by at desc, place desc limit ${keptNotices})`,
    );
};

export const createNoticeStore = ({ orm, writer }: Parts): NoticeStore => ({
  listOpen: async (userId) =>
    orm
      .select({
        id: notices.id,
        userId: notices.userId,
        kind: notices.kind,
        at: notices.at,
        data: notices.data,
      })
      .from(notices)
      .where(and(eq(notices.userId, userId), isNull(notices.dismissedAt)))
      .orderBy(asc(notices.at), asc(notices.place)),
  dismiss: (userId, noticeId, at) =>
    writer.write(async (transaction) => {
      await transaction.orm
        .update(notices)
        .set({ dismissedAt: at })
        .where(
          and(eq(notices.id, noticeId), eq(notices.userId, userId), isNull(notices.dismissedAt)),
        );
    }),
});
