import { keptNotices, type WaitingMail } from "@sallyport/shared/core";
import type { Parts } from "./parts.ts";

/**
 * To be called inside a transaction: a mail to the address that the user has now, where they have
 * one, and the oldest ones of theirs go.
 */
export const prepareMails = ({ sqlite }: Pick<Parts, "sqlite">) => {
  const add = sqlite.prepare(
    "INSERT INTO outbox (id, user_id, address, kind, data, sealed, at, due_at) SELECT ?, id, email, ?, ?, ?, ?, ? FROM users WHERE id = ? AND email IS NOT NULL",
  );
  const forgetOld = sqlite.prepare(
    "DELETE FROM outbox WHERE user_id = ? AND id NOT IN (SELECT id FROM outbox WHERE user_id = ? ORDER BY at DESC, rowid DESC LIMIT ?)",
  );
  return ({
    id,
    userId,
    kind,
    data,
    sealed,
    at,
  }: Omit<WaitingMail, "to" | "attempts"> & { readonly userId: string }): void => {
    add.run(id, kind, JSON.stringify(data), sealed, at, at, userId);
    forgetOld.run(userId, userId, keptNotices);
  };
};
