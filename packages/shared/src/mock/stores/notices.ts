import { keptNotices, type NewNotice, type NoticeStore } from "../../core/core.ts";
import type { Parts } from "./parts.ts";

/** Written with what it tells of. */
export const addNotice = ({ state, newId }: Parts, notice: NewNotice): void => {
  const found = state();
  found.notices.push({ ...notice, id: newId("ntc"), dismissed: false });
  const own = found.notices.filter(({ userId }) => userId === notice.userId);
  const over = new Set(own.slice(0, Math.max(0, own.length - keptNotices)));
  found.notices = found.notices.filter((one) => !over.has(one));
};

export const createNoticeStore = ({ state }: Parts): NoticeStore => ({
  listOpen: (userId) =>
    state()
      .notices.filter((notice) => notice.userId === userId && !notice.dismissed)
      .map(({ id, userId: of, kind, at, data }) => ({ id, userId: of, kind, at, data })),
  dismiss: async (userId, noticeId) => {
    const notice = state().notices.find((one) => one.id === noticeId && one.userId === userId);
    if (notice) notice.dismissed = true;
  },
});
