/** So many in so long, counted in memory, bounded, on an injected clock. */
export interface RateLimit {
  /** Takes one from the key's allowance, or says when there will be one. */
  take(key: string, now: number): Taken;
  /** The value of the RateLimit-Policy field (draft-ietf-httpapi-ratelimit-headers). */
  readonly policy: string;
}

export type Taken =
  | { readonly allowed: true; /** It did not count after all. */ giveBack(): void }
  | {
      readonly allowed: false;
      readonly retryAfterSeconds: number;
      /** The value of the RateLimit field. */ readonly field: string;
    };

/** What is known of a key; times are in milliseconds since 1970. */
export interface RateLimitEntry {
  count: number;
  resetsAt: number;
  blockedUntil: number;
}

/** A key may be as long as an address of ours: so many are a few megabytes. */
const largestSize = 10_000;

/**
 * @param options.largestSize keys that are counted at one time; beyond it, the one that was counted longest is forgotten
 * @param options.entries where it counts, for whoever keeps that
 */
export const createRateLimit = (options: {
  readonly name: string;
  readonly limit: number;
  readonly windowSeconds: number;
  readonly largestSize?: number;
  readonly entries?: Map<string, RateLimitEntry>;
}): RateLimit => {
  const { name, limit, windowSeconds, entries = new Map<string, RateLimitEntry>() } = options;
  const most = options.largestSize ?? largestSize;
  const windowMilliseconds = windowSeconds * 1000;

  const enter = (key: string, now: number): RateLimitEntry => {
    const known = entries.get(key);
    // One that would last longer than any can is from before the clock was set back.
    if (known && now < known.resetsAt && known.resetsAt <= now + windowMilliseconds) return known;
    const fresh: RateLimitEntry = { count: 0, resetsAt: now + windowMilliseconds, blockedUntil: 0 };
    entries.delete(key);
    if (entries.size >= most) entries.delete(entries.keys().next().value as string);
    entries.set(key, fresh);
    return fresh;
  };

  return {
    policy: `"${name}";q=${limit};w=${windowSeconds}`,
    take: (key, now) => {
      const entry = enter(key, now);
      if (now < entry.blockedUntil) {
        const retryAfterSeconds = Math.ceil((entry.blockedUntil - now) / 1000);
        return { allowed: false, retryAfterSeconds, field: `"${name}";r=0;t=${retryAfterSeconds}` };
      }
      entry.count += 1;
      if (entry.count >= limit) entry.blockedUntil = entry.resetsAt;
      return {
        allowed: true,
        giveBack: () => {
          entry.count -= 1;
          entry.blockedUntil = 0;
        },
      };
    },
  };
};
