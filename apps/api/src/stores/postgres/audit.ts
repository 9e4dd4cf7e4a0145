import { asc, inArray, lt, sql } from "drizzle-orm";
import type { AuditEvent, AuditStore } from "@sallyport/shared/core";
import { newId } from "../../tokens/chance.ts";
import type { Parts } from "./parts.ts";
import { auditEvents } from "./schema.ts";
import { storable } from "./storable-text.ts";
import type { Transaction } from "./writer.ts";

const purgeBatchSize = 500;

/** The event is written with what it tells of. */
export const insertAuditEvent = async (
  { orm }: Pick<Transaction, "orm">,
  event: AuditEvent,
): Promise<void> => {
  await orm.insert(auditEvents).values({ id: newId("evt"), ...storable(event) });
};

export const createAuditStore = ({ writer }: Parts): AuditStore => ({
  add: (event) => writer.write((transaction) => insertAuditEvent(transaction, event)),
  purge: async (before) => {
    for (let purged = 0; ;) {
      const deleted = await writer.write(async ({ orm }) => {
        // The trigger asks for it; it is forgotten with the transaction.
        await orm.execute(
          sql`SELECT set_config('sallyport.audit_retention', ${String(before)}, true)`,
        );
        const oldest = orm
          .select({ id: auditEvents.id })
          .from(auditEvents)
          .where(lt(auditEvents.at, before))
          .orderBy(asc(auditEvents.at))
          .limit(purgeBatchSize);
        const { rowCount } = await orm.delete(auditEvents).where(inArray(auditEvents.id, oldest));
        return rowCount ?? 0;
      });
      purged += deleted;
      if (deleted < purgeBatchSize) return purged;
    }
  },
});
