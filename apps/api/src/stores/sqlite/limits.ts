import { createRateLimit, type LimitStore, type RateLimit } from "@sallyport/shared/core";

/**
 * In the memory of this process, and not in the database: one process serves it, and each commit
 * would be one that whoever attacks chooses the number of. It is gone when the process ends.
 */
export const createLimitStore = (): LimitStore => {
  const known = new Map<string, RateLimit>();
  return {
    take: (limit, key, now) => {
      const counted = known.get(limit.name) ?? createRateLimit(limit);
      known.set(limit.name, counted);
      return counted.take(key, now);
    },
    giveBack: ({ name }, key, resetsAt) => known.get(name)?.giveBack(key, resetsAt),
  };
};
