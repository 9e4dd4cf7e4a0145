import {
  createRefreshLimits,
  createSignInLimits,
  defaults,
  type RateLimitEntry,
  type RefreshLimits,
  type SignInLimits,
} from "../rules/rules.ts";
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

export interface Limits {
  readonly signIn: SignInLimits;
  readonly refresh: RefreshLimits;
}

const known = new WeakMap<MockState, Limits>();

/** The server's limits of sign-in and refresh, counted in this state. */
export const limitsOf = (state: MockState): Limits => {
  const found = known.get(state);
  if (found) return found;
  const entriesOf = (name: string): KeptEntries => new KeptEntries((state.limits[name] ??= {}));
  const limits = {
    signIn: createSignInLimits(entriesOf),
    refresh: createRefreshLimits(defaults.refreshPerMinute, entriesOf),
  };
  known.set(state, limits);
  return limits;
};

export const forgetLimits = (state: MockState): void => {
  state.limits = {};
  known.delete(state);
};
