import type { AuditEvent, AuditStore } from "@sallyport/shared/core";
import { queueCallerOfRecord } from "@sallyport/shared/core";
import { newId } from "../../tokens/chance.ts";
import type { Parts } from "./parts.ts";
import { auditEvents } from "./schema.ts";

const purgeBatchSize = 500;

/** To be called inside a transaction: the event is written with what it tells of. */
export const insertAuditEvent = (
  { orm, memory }: Pick<Parts, "orm"> & Partial<Pick<Parts, "memory">>,
  event: AuditEvent,
): void => {
  const { changes } = orm
    .insert(auditEvents)
    .values({ id: newId("evt"), ...event })
    .run();
  memory?.overlook(changes);
};

export const createAuditStore = (parts: Parts): AuditStore => {
  const { sqlite, writer, memory, deleteAuditEvents } = parts;
  return {
    add: (event) => writer.write(() => insertAuditEvent(parts, event), queueCallerOfRecord(event)),
    purge: async (before) => {
      const findLast = sqlite
        .prepare<[number, number], number>(
          "SELECT at FROM audit_events WHERE at < ? ORDER BY at LIMIT 1 OFFSET ?",
        )
        .pluck();
      for (let purged = 0; ;) {
        const last = findLast.get(before, purgeBatchSize - 1);
        const upTo = last === undefined ? before : last + 1;
        const deleted = await writer.write(() => {
          const count = deleteAuditEvents(upTo);
          memory.overlook(count);
          return count;
        });
        purged += deleted;
        if (last === undefined) return purged;
      }
    },
  };
};
