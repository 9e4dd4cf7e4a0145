import { and, asc, eq, isNull, sql } from "drizzle-orm";
import { keptNotices, type NewNotice, type NoticeStore } from "@sallyport/shared/core";
import { newId } from "../../tokens/chance.ts";
import type { Parts } from "./parts.ts";
import { notices } from "./schema.ts";

/**
 * To be called inside a transaction: the notice is written with what it tells of, and so is the
 * mail where the user has an address.
 */
export const prepareNotices = ({ orm, sqlite }: Pick<Parts, "orm" | "sqlite">) => {
  const forgetOld = sqlite.prepare(
    "DELETE FROM notices WHERE user_id = ? AND id NOT IN (SELECT id FROM notices WHERE user_id = ? ORDER BY at DESC, rowid DESC LIMIT ?)",
  );
  const addMail = sqlite.prepare(
    "INSERT INTO outbox (id, user_id, address, kind, data, at, due_at) SELECT ?, id, email, ?, ?, ?, ? FROM users WHERE id = ? AND email IS NOT NULL",
  );
  const forgetOldMails = sqlite.prepare(
    "DELETE FROM outbox WHERE user_id = ? AND id NOT IN (SELECT id FROM outbox WHERE user_id = ? ORDER BY at DESC, rowid DESC LIMIT ?)",
  );
  return (notice: NewNotice): void => {
    orm
      .insert(notices)
      .values({ id: newId("ntc"), ...notice })
      .run();
    const { userId, kind, data, at } = notice;
    forgetOld.run(userId, userId, keptNotices);
    addMail.run(newId("mai"), kind, JSON.stringify(data), at, at, userId);
    forgetOldMails.run(userId, userId, keptNotices);
  };
};

export const createNoticeStore = ({ orm, writer, memory }: Parts): NoticeStore => {
  const open = orm
    .select({
      id: notices.id,
      userId: notices.userId,
      kind: notices.kind,
      at: notices.at,
      data: notices.data,
    })
    .from(notices)
    .where(and(eq(notices.userId, sql.placeholder("id")), isNull(notices.dismissedAt)))
    .orderBy(asc(notices.at))
    .prepare();
  return {
    listOpen: (userId) => memory.recall(`notices ${userId}`, () => open.all({ id: userId })),
    dismiss: (userId, noticeId, at) =>
      writer.write(
        () =>
          void orm
            .update(notices)
            .set({ dismissedAt: at })
            .where(
              and(
                eq(notices.id, noticeId),
                eq(notices.userId, userId),
                isNull(notices.dismissedAt),
              ),
            )
            .run(),
        { kind: "session", key: userId },
      ),
  };
};
