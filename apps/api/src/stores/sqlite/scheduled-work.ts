import { and, eq } from "drizzle-orm";
import type { ScheduledWorkStore } from "@sallyport/shared/core";
import type { Parts } from "./parts.ts";
import { scheduledWork } from "./schema.ts";

/**
 * Nothing that is remembered of the database tells of jobs, so that their changes are overlooked.
 */
export const createScheduledWorkStore = ({ orm, writer, memory }: Parts): ScheduledWorkStore => {
  const { job, doneAt, heldUntil } = scheduledWork;
  const select = () => orm.select({ job, doneAt, heldUntil }).from(scheduledWork);
  return {
    list: () => select().all(),
    claim: (claim, found) =>
      writer.write(() => {
        const now = select().where(eq(job, claim.job)).get();
        if (now?.doneAt !== found?.doneAt || now?.heldUntil !== found?.heldUntil) return "changed";
        const { changes } = orm
          .insert(scheduledWork)
          .values(claim)
          .onConflictDoUpdate({ target: job, set: claim })
          .run();
        memory.overlook(changes);
        return "applied";
      }),
    finish: (name, holder, at) =>
      writer.write(() => {
        const { changes } = orm
          .update(scheduledWork)
          .set({ holder: null, heldUntil: null, ...(at !== null && { doneAt: at }) })
          .where(and(eq(job, name), eq(scheduledWork.holder, holder)))
          .run();
        memory.overlook(changes);
      }),
  };
};
