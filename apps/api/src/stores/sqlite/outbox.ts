import type { OutboxStore, UndeliveredMail, WaitingMail } from "@sallyport/shared/core";
import { insertAuditEvent } from "./audit.ts";
import { prepareMails } from "./insert-mail.ts";
import { insertOneUseToken, removeOneUseTokens } from "./one-use-tokens.ts";
import type { Parts } from "./parts.ts";

interface RawMail extends Omit<WaitingMail, "data"> {
  readonly data: string;
}

interface RawUndelivered extends Omit<UndeliveredMail, "user"> {
  readonly userId: string;
  readonly username: string;
  readonly displayName: string;
}

/**
 * Nothing that is remembered of the database tells of mails, so that their changes are overlooked.
 */
export const createOutboxStore = (parts: Parts): OutboxStore => {
  const { sqlite, writer, memory } = parts;
  const addMail = prepareMails(parts);
  const holderOf = sqlite.prepare<[string, string], { readonly username: string }>(
    "SELECT username FROM users WHERE id = ? AND email = ? AND active",
  );
  const due = sqlite.prepare<[number, number], RawMail>(
    'SELECT id, address AS "to", kind, data, sealed, at, attempts FROM outbox WHERE due_at <= ? ORDER BY due_at, rowid LIMIT ?',
  );
  const claim = sqlite.prepare<[number, string, number]>(
    "UPDATE outbox SET due_at = ?, attempts = attempts + 1 WHERE id = ? AND attempts = ? AND due_at IS NOT NULL",
  );
  const forgetFailed = sqlite.prepare<[string]>(
    "DELETE FROM outbox WHERE due_at IS NULL AND (user_id, address) IN (SELECT user_id, address FROM outbox WHERE id = ?)",
  );
  const forget = sqlite.prepare<[string]>("DELETE FROM outbox WHERE id = ?");
  const noteFailure = sqlite.prepare<[string, number | null, string]>(
    "UPDATE outbox SET failure = ?, due_at = ? WHERE id = ?",
  );
  const undelivered = sqlite.prepare<[number], RawUndelivered>(
    `SELECT o.id, o.address AS "to", o.kind, o.at, o.attempts, o.failure, o.due_at AS dueAt, u.id AS userId, u.username,
       u.display_name AS displayName
     FROM outbox o JOIN users u ON u.id = o.user_id WHERE o.failure IS NOT NULL ORDER BY o.at DESC, o.rowid DESC LIMIT ?`,
  );
  const purge = sqlite.prepare<[number]>("DELETE FROM outbox WHERE due_at IS NULL AND at < ?");
  const write = (change: () => number): Promise<number> =>
    writer.write(() => {
      const changes = change();
      memory.overlook(changes);
      return changes;
    });

  return {
    addLink: (token, { id, to, sealed }, audit) =>
      writer.write(() => {
        const { userId, purpose, createdAt: at } = token;
        const holder = holderOf.get(userId, to);
        if (!holder) return "changed";
        removeOneUseTokens(parts, userId, [purpose]);
        insertOneUseToken(parts, token);
        addMail({ id, userId, kind: purpose, data: { username: holder.username }, sealed, at });
        insertAuditEvent(parts, audit);
        return "applied";
      }),
    listDue: (at, limit) =>
      due
        .all(at, limit)
        .map(({ data, ...mail }) => ({ ...mail, data: JSON.parse(data) as WaitingMail["data"] })),
    claim: async ({ id, attempts }, until) =>
      (await write(() => claim.run(until, id, attempts).changes)) === 1 ? "applied" : "changed",
    forget: async (id) =>
      void (await write(() => forgetFailed.run(id).changes + forget.run(id).changes)),
    noteFailure: async (id, failure, dueAt) =>
      void (await write(() => noteFailure.run(failure, dueAt, id).changes)),
    listUndelivered: (limit) =>
      undelivered.all(limit).map(({ userId, username, displayName, ...mail }) => ({
        ...mail,
        user: { id: userId, username, displayName },
      })),
    purge: (writtenBefore) => write(() => purge.run(writtenBefore).changes),
  };
};
