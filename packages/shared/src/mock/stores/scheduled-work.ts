import type { JobState, ScheduledWorkStore } from "../../core/core.ts";

/** A mock has nothing to do by the clock; the store is as good as any. */
export const createScheduledWorkStore = (): ScheduledWorkStore => {
  const jobs = new Map<string, JobState & { readonly holder: string }>();
  return {
    list: () =>
      [...jobs.values()].map(({ job, doneAt, heldUntil }) => ({ job, doneAt, heldUntil })),
    claim: async (claim, found) => {
      const now = jobs.get(claim.job);
      if (now?.doneAt !== found?.doneAt || now?.heldUntil !== found?.heldUntil) return "changed";
      jobs.set(claim.job, { ...claim, doneAt: now?.doneAt ?? null });
      return "applied";
    },
    finish: async (job, holder, doneAt) => {
      const now = jobs.get(job);
      if (now?.holder === holder)
        jobs.set(job, { ...now, holder: "", heldUntil: null, doneAt: doneAt ?? now.doneAt });
    },
  };
};
