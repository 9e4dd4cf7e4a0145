import { and, eq, gte, isNotNull } from "drizzle-orm";
import type { IdempotencyKeyStore, KeyUse, QueueCaller } from "@sallyport/shared/core";
import type { Parts } from "./parts.ts";
import { auditEvents, idempotencyKeys } from "./schema.ts";

/** An answer may take ten pages, and each of them is freed. */
const purgeBatchSize = 50;
/** A request's event is not older than its key, but for a clock that was set back meanwhile. */
const clocksDiffer = 60 * 60 * 1000;

const callerOf = ({ callerId }: KeyUse): QueueCaller => ({ kind: "session", key: callerId });
const sameKey = ({ callerId, keyHash }: Omit<KeyUse, "requestId">) =>
  and(eq(idempotencyKeys.callerId, callerId), eq(idempotencyKeys.keyHash, keyHash));
const sameUse = (use: KeyUse) => and(sameKey(use), eq(idempotencyKeys.requestId, use.requestId));

/**
 * Nothing that is remembered of the database tells of keys, so that their changes are overlooked.
 */
export const createIdempotencyKeyStore = (parts: Parts): IdempotencyKeyStore => {
  const { orm, sqlite, writer, memory } = parts;
  const forgetOldest = sqlite.prepare<[string, number, string, number]>(
    `DELETE FROM idempotency_keys WHERE caller_id = ? AND (held_until IS NULL OR held_until <= ?)
       AND used_at < (SELECT used_at FROM idempotency_keys WHERE caller_id = ? ORDER BY used_at DESC LIMIT 1 OFFSET ?)`,
  );
  const deleteOldest = sqlite.prepare<[number, number]>(
    `DELETE FROM idempotency_keys WHERE rowid IN (SELECT rowid FROM idempotency_keys WHERE used_at < ? LIMIT ?)`,
  );

  const hasChanged = (callerId: string, requestId: string, usedAt: number): boolean =>
    orm
      .select({ id: auditEvents.id })
      .from(auditEvents)
      .where(
        and(
          eq(auditEvents.actorUserId, callerId),
          gte(auditEvents.at, usedAt - clocksDiffer),
          eq(auditEvents.requestId, requestId),
          eq(auditEvents.result, "success"),
        ),
      )
      .limit(1)
      .get() !== undefined;

  return {
    find: (callerId, keyHash) => {
      const found = orm.select().from(idempotencyKeys).where(sameKey({ callerId, keyHash })).get();
      if (found === undefined) return null;
      const { requestId, usedAt } = found;
      return { ...found, hasChanged: hasChanged(callerId, requestId, usedAt) };
    },
    claim: (use, found, most) =>
      writer.write(() => {
        const now = orm.select().from(idempotencyKeys).where(sameKey(use)).get();
        if (now?.requestId !== found?.requestId || now?.heldUntil !== found?.heldUntil)
          return "changed";
        if (now && hasChanged(now.callerId, now.requestId, now.usedAt) !== found?.hasChanged)
          return "changed";
        const row = { ...use, answer: null };
        const { changes } = orm
          .insert(idempotencyKeys)
          .values(row)
          .onConflictDoUpdate({
            target: [idempotencyKeys.callerId, idempotencyKeys.keyHash],
            set: row,
          })
          .run();
        const { callerId, usedAt } = use;
        const forgotten = forgetOldest.run(callerId, usedAt, callerId, most - 1);
        memory.overlook(changes + forgotten.changes);
        return "applied";
      }, callerOf(use)),
    keep: (use, answer, heldUntil) =>
      writer.write(() => {
        const { changes } = orm
          .update(idempotencyKeys)
          .set({ answer, heldUntil })
          .where(sameUse(use))
          .run();
        memory.overlook(changes);
      }, callerOf(use)),
    hold: (uses, until) =>
      writer.write(() => {
        for (const use of uses) {
          const { changes } = orm
            .update(idempotencyKeys)
            .set({ heldUntil: until })
            .where(and(sameUse(use), isNotNull(idempotencyKeys.heldUntil)))
            .run();
          memory.overlook(changes);
        }
      }),
    purge: async (before) => {
      for (let purged = 0; ;) {
        const deleted = await writer.write(() => {
          const { changes } = deleteOldest.run(before, purgeBatchSize);
          memory.overlook(changes);
          return changes;
        });
        purged += deleted;
        if (deleted < purgeBatchSize) return purged;
      }
    },
  };
};
