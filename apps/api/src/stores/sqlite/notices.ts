import { and, asc, eq, isNull, sql } from "drizzle-orm";
import { keptNotices, type NewNotice, type NoticeStore } from "@sallyport/shared/core";
import { newId } from "../../tokens/chance.ts";
import { prepareMails } from "./insert-mail.ts";
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
  const addMail = prepareMails({ sqlite });
  return (notice: NewNotice): void => {
    orm
      .insert(notices)
      .values({ id: newId("ntc"), ...notice })
      .run();
    const { userId, kind, data, at } = notice;
    forgetOld.run(userId, userId, keptNotices);
    addMail({ id: newId("mai"), userId, kind, data, sealed: null, at });
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
