/**
 * Counts in memory, bounded, on an injected clock. A slot is taken before the work it limits, so that a hundred
 * attempts at once cannot all pass before the first one has failed.
 */
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

const largestSize = 100_000;
const firstDelaySeconds = 30;

/**
 * @param options.growingDelay beyond the limit one more attempt is allowed after 30 s, the next after 60 s, doubling
 * up to the window: guessing becomes hopeless and the owner is never locked out. Otherwise the window has to pass.
 * @param options.entries where it counts, for whoever keeps that
 */
export const createRateLimit = (options: {
  readonly name: string;
  readonly limit: number;
  readonly windowSeconds: number;
  readonly growingDelay: boolean;
  readonly entries?: Map<string, RateLimitEntry>;
}): RateLimit => {
  const {
    name,
    limit,
    windowSeconds,
    growingDelay,
    entries = new Map<string, RateLimitEntry>(),
  } = options;
  /** A full delay, and the window after it in which the next failure still counts as one more. */
  const longestMilliseconds = 2 * windowSeconds * 1000;

  const enter = (key: string, now: number): RateLimitEntry => {
    const known = entries.get(key);
    // One that would last longer than any can is from before the clock was set back.
    if (known && now < known.resetsAt && known.resetsAt <= now + longestMilliseconds) return known;
    const fresh: RateLimitEntry = {
      count: 0,
      resetsAt: now + windowSeconds * 1000,
      blockedUntil: 0,
    };
    entries.delete(key);
    if (entries.size >= largestSize) entries.delete(entries.keys().next().value as string);
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
      const before = { ...entry };
      entry.count += 1;
      if (entry.count >= limit) {
        if (growingDelay) {
          entry.blockedUntil =
            now + Math.min(firstDelaySeconds * 2 ** (entry.count - limit), windowSeconds) * 1000;
          if (entry.count > limit)
            entry.resetsAt = Math.max(entry.resetsAt, entry.blockedUntil + windowSeconds * 1000);
        } else entry.blockedUntil = entry.resetsAt;
      }
      const { blockedUntil } = entry;
      return {
        allowed: true,
        giveBack: () => {
          entry.count -= 1;
          // The delay goes too when this attempt set it, so that nobody waits after signing in.
          if (entry.count < limit || entry.blockedUntil === blockedUntil)
            entry.blockedUntil = before.blockedUntil;
        },
      };
    },
  };
};
