/** How often somebody may try to sign in. */
import { AppError } from "../http/errors.ts";
import { createRateLimit, type RateLimit, type RateLimitEntry } from "./rate-limit.ts";

export interface SignInLimits {
  readonly account: RateLimit;
  readonly address: RateLimit;
  /** How often a refusal by one of the others is recorded: guessing on and on must not fill the audit trail. */
  readonly recorded: RateLimit;
}

/** @param entriesOf where the limit of that name counts, for whoever keeps that */
export const createSignInLimits = (
  entriesOf: (name: string) => Map<string, RateLimitEntry> = () => new Map(),
): SignInLimits => ({
  account: createRateLimit({
    name: "account",
    limit: 5,
    windowSeconds: 900,
    growingDelay: true,
    entries: entriesOf("account"),
  }),
  address: createRateLimit({
    name: "address",
    limit: 20,
    windowSeconds: 900,
    growingDelay: true,
    entries: entriesOf("address"),
  }),
  recorded: createRateLimit({
    name: "recorded",
    limit: 1,
    windowSeconds: 60,
    growingDelay: false,
    entries: entriesOf("recorded"),
  }),
});

/**
 * Takes one attempt from each limit.
 * @returns gives the attempts back, for when one succeeded
 * @throws AppError `rate_limited`
 */
export const takeAttempt = (
  limits: readonly (readonly [RateLimit, key: string])[],
  now: number,
): (() => void) => {
  const taken: (() => void)[] = [];
  for (const [limit, key] of limits) {
    const result = limit.take(key, now);
    if (result.allowed) {
      taken.push(result.giveBack);
      continue;
    }
    for (const giveBack of taken) giveBack();
    throw new AppError("rate_limited", {
      retryAfterSeconds: result.retryAfterSeconds,
      headers: { RateLimit: result.field, "RateLimit-Policy": limit.policy },
    });
  }
  return () => taken.forEach((giveBack) => giveBack());
};
