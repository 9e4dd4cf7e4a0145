import {
  admitAtOnce,
  countInTable,
  createFailureColumns,
  createRefreshLimits,
  defaults,
  type RateLimitEntry,
  type RefreshLimits,
  type SignInAttempt,
} from "../core/core.ts";
import { numbersOf } from "./digest.ts";
import type { MockState } from "./state.ts";

/** Counts in the state: what is there is the same, not a copy. */
class KeptEntries extends Map<string, RateLimitEntry> {
  readonly #kept: Record<string, RateLimitEntry>;
  constructor(kept: Record<string, RateLimitEntry>) {
    super();
    this.#kept = kept;
    for (const [key, entry] of Object.entries(kept)) super.set(key, entry);
  }
  override set(key: string, entry: RateLimitEntry): this {
    this.#kept[key] = entry;
    return super.set(key, entry);
  }
  override delete(key: string): boolean {
    delete this.#kept[key];
    return super.delete(key);
  }
}

const known = new WeakMap<MockState, RefreshLimits>();

/** The server's limits of refreshes, counted in this state. */
export const refreshLimitsOf = (state: MockState): RefreshLimits => {
  const found = known.get(state);
  if (found) return found;
  const limits = createRefreshLimits(
    defaults.refreshPerMinute,
    (name) => new KeptEntries((state.limits[name] ??= {})),
  );
  known.set(state, limits);
  return limits;
};

/** Smaller than the server's: it is kept as text, and has few people in it. */
const size = { accounts: 1_024, sets: 256 };

/** Of a mock in which nobody has failed to sign in. */
export const createSignInFailures = (): MockState["signInFailures"] =>
  createFailureColumns(size, () => ({}));

/**
 * Lets an attempt to sign in pass the server's limits, counted in this state.
 * @returns counts the failure, when it was one
 * @throws AppError `rate_limited`
 */
export const admit = (state: MockState, attempt: SignInAttempt, now: number): (() => void) =>
  admitAtOnce(
    attempt,
    countInTable(state.signInFailures, size, (key) => numbersOf(state.seed, "signIn", key)),
    now,
  );

export const forgetLimits = (state: MockState): void => {
  state.limits = {};
  state.signInFailures = createSignInFailures();
  known.delete(state);
};
