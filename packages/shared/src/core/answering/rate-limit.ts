import { AppError } from "./errors.ts";

/** So many in so long of each key, counted in memory, bounded, on an injected clock. */
export interface WindowLimit {
  /** Tells its counts from those of other limits. */
  readonly name: string;
  readonly limit: number;
  readonly windowSeconds: number;
  /**
   * Keys that are counted at one time; beyond it, the one whose window began first is forgotten.
   */
  readonly mostKeys: number;
}

/** What is known of a key; times are in milliseconds since 1970. */
export interface WindowCount {
  readonly count: number;
  readonly resetsAt: number;
}

/** What came of asking for one of a key's allowance. */
export interface Taken {
  readonly isAllowed: boolean;
  /** When its window is over. */
  readonly resetsAt: number;
}

export interface RateLimit {
  /** Takes one from the key's allowance, or says when there will be one. */
  take(key: string, now: number): Taken;
  /** One of the window that is over then did not count after all. */
  giveBack(key: string, resetsAt: number): void;
}

/**
 * @returns what is known of a key in the window that it is in now; a count of 0 where one begins
 */
export const standingCount = (
  known: WindowCount | undefined,
  { windowSeconds }: Pick<WindowLimit, "windowSeconds">,
  now: number,
): WindowCount => {
  const resetsAt = now + windowSeconds * 1000;
  // One that would last longer than any can is from before the clock was set back.
  return known && now < known.resetsAt && known.resetsAt <= resetsAt
    ? known
    : { count: 0, resetsAt };
};

/** A key may be as long as an address of ours: so many are a few megabytes. */
const defaultMostKeys = 10_000;

/** @param limit `mostKeys` has a default */
export const createRateLimit = (
  limit: Omit<WindowLimit, "mostKeys"> & Partial<Pick<WindowLimit, "mostKeys">>,
): RateLimit => {
  const { mostKeys = defaultMostKeys } = limit;
  /** Those whose windows began first, first. */
  const counts = new Map<string, WindowCount>();
  return {
    take: (key, now) => {
      const known = counts.get(key);
      const { count, resetsAt } = standingCount(known, limit, now);
      if (count >= limit.limit) return { isAllowed: false, resetsAt };
      if (known?.resetsAt !== resetsAt) {
        counts.delete(key);
        if (counts.size >= mostKeys) counts.delete(counts.keys().next().value as string);
      }
      counts.set(key, { count: count + 1, resetsAt });
      return { isAllowed: true, resetsAt };
    },
    giveBack: (key, resetsAt) => {
      const known = counts.get(key);
      if (known?.resetsAt === resetsAt) counts.set(key, { ...known, count: known.count - 1 });
    },
  };
};

/** What a caller is told, in the fields of draft-ietf-httpapi-ratelimit-headers. */
export const refusalOf = (
  { name, limit, windowSeconds }: Pick<WindowLimit, "name" | "limit" | "windowSeconds">,
  { resetsAt }: Pick<Taken, "resetsAt">,
  now: number,
  detail?: string,
): AppError => {
  const retryAfterSeconds = Math.ceil((resetsAt - now) / 1000);
  return new AppError("rate_limited", {
    ...(detail !== undefined && { detail }),
    retryAfterSeconds,
    headers: {
      RateLimit: `"${name}";r=0;t=${retryAfterSeconds}`,
      "RateLimit-Policy": `"${name}";q=${limit};w=${windowSeconds}`,
    },
  });
};
