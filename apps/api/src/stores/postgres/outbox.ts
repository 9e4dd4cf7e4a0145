import { and, asc, desc, eq, isNotNull, isNull, lt, lte, sql } from "drizzle-orm";
import type { OutboxStore } from "@sallyport/shared/core";
import { insertAuditEvent } from "./audit.ts";
import { insertMail } from "./insert-mail.ts";
import { insertOneUseToken, removeOneUseTokens } from "./one-use-tokens.ts";
import type { Parts } from "./parts.ts";
import { outbox, users } from "./schema.ts";
import { storableText } from "./storable-text.ts";

export const createOutboxStore = ({ orm: reader, writer }: Parts): OutboxStore => ({
  addLink: (token, { id, to, sealed }, audit) =>
    writer.write(async (transaction) => {
      const { userId, purpose, createdAt: at } = token;
      const [holder] = await transaction.orm
        .select({ username: users.username })
        .from(users)
        .where(and(eq(users.id, userId), eq(users.email, to), users.active))
        .for("no key update");
      if (!holder) return "changed";
      await removeOneUseTokens(transaction, userId, [purpose]);
      await insertOneUseToken(transaction, token);
      const data = { username: holder.username };
      await insertMail(transaction, { id, userId, kind: purpose, data, sealed, at });
      await insertAuditEvent(transaction, audit);
      return "applied";
    }),
  listDue: async (at, limit) =>
    reader
      .select({
        id: outbox.id,
        to: outbox.address,
        kind: outbox.kind,
        data: outbox.data,
        sealed: outbox.sealed,
        at: outbox.at,
        attempts: outbox.attempts,
      })
      .from(outbox)
      .where(lte(outbox.dueAt, at))
      .orderBy(asc(outbox.dueAt), asc(outbox.place))
      .limit(limit),
  claim: ({ id, attempts }, until) =>
    writer.write(async ({ orm }) => {
      const { rowCount } = await orm
        .update(outbox)
        .set({ dueAt: until, attempts: attempts + 1 })
        .where(and(eq(outbox.id, id), eq(outbox.attempts, attempts), isNotNull(outbox.dueAt)));
      return rowCount === 1 ? "applied" : "changed";
    }),
  forget: (id) =>
    writer.write(async ({ orm }) => {
      await orm
        .delete(outbox)
        .where(
          sql`${outbox.dueAt} is null and (user_id, address) in (select user_id, address from ${outbox} where id = ${id})`,
        );
      await orm.delete(outbox).where(eq(outbox.id, id));
    }),
  noteFailure: (id, failure, dueAt) =>
    writer.write(async ({ orm }) => {
      await orm
        .update(outbox)
        .set({ failure: storableText(failure), dueAt })
        .where(eq(outbox.id, id));
    }),
  listUndelivered: async (limit) => {
    const found = await reader
      .select({
        id: outbox.id,
        to: outbox.address,
        kind: outbox.kind,
        at: outbox.at,
        attempts: outbox.attempts,
        failure: outbox.failure,
        dueAt: outbox.dueAt,
        user: { id: users.id, username: users.username, displayName: users.displayName },
      })
      .from(outbox)
      .innerJoin(users, eq(users.id, outbox.userId))
      .where(isNotNull(outbox.failure))
      .orderBy(desc(outbox.at), desc(outbox.place))
      .limit(limit);
    return found.map(({ failure, ...mail }) => ({ ...mail, failure: failure ?? "" }));
  },
  purge: (writtenBefore) =>
    writer.write(async ({ orm }) => {
      const { rowCount } = await orm
        .delete(outbox)
        .where(and(isNull(outbox.dueAt), lt(outbox.at, writtenBefore)));
      return rowCount ?? 0;
    }),
});
