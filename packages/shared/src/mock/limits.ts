import {
  countFailure,
  createFailureColumns,
  createFailureTable,
  defaults,
  entranceOf,
  knock,
  refreshLimitOf,
  standingCount,
  type FailureTable,
  type SignInAttempt,
  type Taken,
  type WindowLimit,
} from "../core/core.ts";
import { numbersOf } from "./digest.ts";
import type { MockState } from "./state.ts";

/** As the server's store takes it, counted in this state. */
export const takeOne = (state: MockState, limit: WindowLimit, key: string, now: number): Taken => {
  const counts = (state.limits[limit.name] ??= {});
  const { count, resetsAt } = standingCount(counts[key], limit, now);
  if (count >= limit.limit) return { isAllowed: false, resetsAt };
  // In the order in which their windows began, since none of these keys is a number.
  if (counts[key]?.resetsAt !== resetsAt) delete counts[key];
  counts[key] = { count: count + 1, resetsAt };
  const keys = Object.keys(counts);
  if (keys.length > limit.mostKeys) delete counts[keys[0] as string];
  return { isAllowed: true, resetsAt };
};

/** Uses up what this session may refresh. */
export const spendRefreshes = (state: MockState, sessionId: string, now: number): void => {
  while (takeOne(state, refreshLimitOf(defaults.refreshPerMinute), sessionId, now).isAllowed);
};

/** Smaller than the server's: it is kept as text, and has few people in it. */
const size = { accounts: 1_024, sets: 256 };

/** Of a mock in which nobody has failed to sign in. */
export const createSignInFailures = (): MockState["signInFailures"] =>
  createFailureColumns(size, () => ({}));

/** The server's table, of this state. */
export const createTable = (state: () => MockState): FailureTable =>
  createFailureTable(
    () => state().signInFailures,
    size,
    (key) => numbersOf(state().seed, "signIn", key),
  );

/** Uses up what may fail of this. */
export const spendFailures = (state: MockState, attempt: SignInAttempt, now: number): void => {
  const table = createTable(() => state);
  const entrance = entranceOf(attempt);
  for (;;) {
    const found = table.read(entrance, now);
    if (knock(entrance, found, now).decision.outcome !== "admitted") return;
    table.apply(entrance, found.version, countFailure(entrance, found, now));
  }
};

export const forgetLimits = (state: MockState): void => {
  state.limits = {};
  state.signInFailures = createSignInFailures();
};
