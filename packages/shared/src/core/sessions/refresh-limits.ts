/**
 * How often a session may refresh. Only what it gains is charged to it: whoever is refused pays for that with the
 * network they come from, so that an old token in other hands does not use up its owner's allowance.
 */
import { AppError } from "../answering/errors.ts";
import { createRateLimit, type RateLimit, type RateLimitEntry } from "../answering/rate-limit.ts";

export interface RefreshLimits {
  /**
   * Of the session, for a rotation or a replay. To be called where that is decided, since nothing may change beyond it.
   * @returns the refusal, or how to give back what was taken for a rotation that could not be stored
   */
  charge(sessionId: string, now: number): AppError | (() => void);
  /** Of the network, for a refusal. @returns what the caller is told: the refusal, or that there are too many of them */
  refuse(refusal: AppError, network: string, now: number): AppError;
}

/** Sessions, and networks. */
const mostCounted = 100_000;

/** An office behind one address is refused now and then; nobody there is kept from refreshing by it. */
const refusalsPerMinute = 300;

const taken = (limit: RateLimit, key: string, now: number): AppError | (() => void) => {
  const result = limit.take(key, now);
  return result.allowed
    ? result.giveBack
    : new AppError("rate_limited", {
        retryAfterSeconds: result.retryAfterSeconds,
        headers: { RateLimit: result.field, "RateLimit-Policy": limit.policy },
      });
};

/** @param entriesOf where the limit of that name counts, for whoever keeps that */
export const createRefreshLimits = (
  perMinute: number,
  entriesOf: (name: string) => Map<string, RateLimitEntry> = () => new Map(),
): RefreshLimits => {
  const limitOf = (name: string, limit: number): RateLimit =>
    createRateLimit({
      name,
      limit,
      windowSeconds: 60,
      largestSize: mostCounted,
      entries: entriesOf(name),
    });
  const sessions = limitOf("refresh", perMinute);
  const networks = limitOf("refusal", refusalsPerMinute);
  return {
    charge: (sessionId, now) => taken(sessions, sessionId, now),
    refuse: (refusal, network, now) => {
      const charged = taken(networks, network, now);
      return charged instanceof AppError ? charged : refusal;
    },
  };
};
