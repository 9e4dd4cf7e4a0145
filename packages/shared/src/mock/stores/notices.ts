import { userOf } from "../world.ts";
import { keptNotices, type NewNotice, type NoticeStore } from "../../core/core.ts";
import type { MockMail } from "../state.ts";
import type { Parts } from "./parts.ts";

/** The last of a user's, so many. */
const lastOf = <T extends { readonly userId: string }>(all: T[], userId: string): T[] => {
  const over = all.filter((one) => one.userId === userId).slice(0, -keptNotices);
  return all.filter((one) => !over.includes(one));
};

/** To the address that the user has now, where they have one. */
export const addMail = (
  { state }: Pick<Parts, "state">,
  mail: Omit<MockMail, "to" | "dueAt" | "attempts" | "failure">,
): void => {
  const found = state();
  const to = userOf(found, mail.userId)?.email;
  if (to == null) return;
  found.outbox.push({ ...mail, to, dueAt: mail.at, attempts: 0, failure: null });
  found.outbox = lastOf(found.outbox, mail.userId);
};

/** Written with what it tells of; and where the user has an address, so is a mail. */
export const addNotice = (
  { state, newId }: Pick<Parts, "state" | "newId">,
  notice: NewNotice,
): void => {
  const found = state();
  const { userId } = notice;
  found.notices.push({ ...notice, id: newId("ntc"), dismissed: false });
  found.notices = lastOf(found.notices, userId);
  addMail({ state }, { ...notice, id: newId("mai"), sealed: null });
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
