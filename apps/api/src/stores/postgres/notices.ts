import { and, asc, eq, isNull, sql } from "drizzle-orm";
import { keptNotices, type NewNotice, type NoticeStore } from "@sallyport/shared/core";
import { newId } from "../../tokens/chance.ts";
import { insertMail } from "./insert-mail.ts";
import type { Parts } from "./parts.ts";
import { notices } from "./schema.ts";
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
  const { userId, kind, data, at } = notice;
  await insertMail({ orm }, { id: newId("mai"), userId, kind, data, sealed: null, at });
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
