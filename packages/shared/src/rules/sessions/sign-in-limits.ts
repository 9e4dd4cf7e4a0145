/**
 * How often somebody may try to sign in, without regard to who they really are: nobody knows that yet. What is limited is
 * failure. An attempt passes several gates, each with a count of its own:
 *
 * - of its network: 20 failures in 15 minutes, over all accounts
 * - of its account from its network: 5 failures in 15 minutes
 * - of its account from everywhere: a bucket of ten failures, which refills by one each 40 s
 *
 * or, on a device from which this account has signed in before, one gate only: 5 failures in 15 minutes of that device.
 * Beyond 5 and 20 one more attempt is let in after 30 s, the next after 60 s, doubling up to the window. An attempt that is
 * under way holds a place and is no failure yet; a success gives its place back.
 */
import { AppError } from "../http/errors.ts";
import type { RateLimitEntry } from "./rate-limit.ts";

/** What is known of one key. Times are in milliseconds since 1970. */
export interface FailureCount extends RateLimitEntry {
  /** When the last failure was; kept beyond the window, where there is room. */
  readonly lastAt: number;
}

/** Where one key is counted. */
export interface Counter {
  read(): FailureCount;
  write(count: FailureCount): void;
}

/**
 * Where it is counted, by kind. The counts of accounts are the last word on how often one can be guessed at, so they must
 * never be forgotten early; the others may be, when more is counted than there is room for.
 */
export type CounterOf = (kind: "account" | "failures", key: string) => Counter;

export interface SignInAttempt {
  /** The name, normalised, whether somebody has it or not; null where no account is meant, as in the setup. */
  readonly account: string | null;
  /** The networks of the address, narrowest first. */
  readonly networks: readonly string[];
  /** What the device is called with which this account has signed in before; null for any other. */
  readonly device: string | null;
}

export const patienceMilliseconds = 10_000;
/** Whoever has to come again is asked for this much before a place opens, and waits for it, since places go to those who wait. */
const leadSeconds = 8;
const windowMilliseconds = 900_000;
const firstDelayMilliseconds = 30_000;
const bucketSize = 10;
const refillMilliseconds = 40_000;

export const noFailures: FailureCount = { count: 0, resetsAt: 0, blockedUntil: 0, lastAt: 0 };

interface Limit {
  readonly name: string;
  /** The value of the RateLimit-Policy field (draft-ietf-httpapi-ratelimit-headers). */
  readonly policy: string;
  /** Several callers want the same place, so that it matters who waits for it. */
  readonly isContested: boolean;
  /** When one more may enter; Infinity while that hangs on how those under way end. */
  opensAt(count: FailureCount, underWay: number, now: number): number;
  afterFailure(count: FailureCount, now: number): FailureCount;
}

/** Without what is over. A count that would last longer than any can is from before the clock was set back. */
const standing = (count: FailureCount, now: number): FailureCount =>
  now < count.resetsAt && count.resetsAt <= now + 2 * windowMilliseconds
    ? count
    : { ...noFailures, lastAt: Math.min(count.lastAt, now) };

const failureLimit = (name: string, limit: number, isContested: boolean): Limit => ({
  name,
  policy: `"${name}";q=${limit};w=${windowMilliseconds / 1000}`,
  isContested,
  opensAt: (given, underWay, now) => {
    const { count, blockedUntil } = standing(given, now);
    if (now < blockedUntil) return blockedUntil;
    // Beyond the limit one at a time.
    return underWay < Math.max(limit - count, 1) ? now : Infinity;
  },
  afterFailure: (given, now) => {
    const before = standing(given, now);
    const count = before.count + 1;
    const resetsAt = before.count === 0 ? now + windowMilliseconds : before.resetsAt;
    if (count < limit) return { count, resetsAt, blockedUntil: 0, lastAt: now };
    const delay = Math.min(firstDelayMilliseconds * 2 ** (count - limit), windowMilliseconds);
    const blockedUntil = now + delay;
    return {
      count,
      resetsAt: count > limit ? Math.max(resetsAt, blockedUntil + windowMilliseconds) : resetsAt,
      blockedUntil,
      lastAt: now,
    };
  },
});

/** `blockedUntil` is when the bucket will be full again: a moment says all that there is to know of it. */
const bucket = (name: string): Limit => {
  const fullSpan = bucketSize * refillMilliseconds;
  /** One that would take longer than an empty bucket takes is from before the clock was set back. */
  const fullAt = ({ blockedUntil }: FailureCount, now: number): number =>
    blockedUntil > now && blockedUntil <= now + fullSpan ? blockedUntil : now;
  return {
    name,
    policy: `"${name}";q=${bucketSize};w=${fullSpan / 1000}`,
    isContested: true,
    opensAt: (count, underWay, now) => {
      const opens = fullAt(count, now) - (bucketSize - 1) * refillMilliseconds;
      if (opens > now) return opens;
      return opens + underWay * refillMilliseconds <= now ? now : Infinity;
    },
    afterFailure: (count, now) => ({
      ...noFailures,
      blockedUntil: fullAt(count, now) + refillMilliseconds,
      lastAt: now,
    }),
  };
};

const ofNetwork = failureLimit("address", 20, true);
const ofAccountAndNetwork = failureLimit("account", 5, false);
const ofDevice = failureLimit("device", 5, false);
const ofAccount = bucket("everywhere");

/** A limit, and where it counts this attempt. */
export interface Gate {
  readonly key: string;
  readonly limit: Limit;
  readonly counter: Counter;
}

/** The gates that an attempt passes. */
export const gatesOf = (
  { account, networks, device }: SignInAttempt,
  counterOf: CounterOf,
): readonly Gate[] => {
  const gate = (limit: Limit, key: string, kind: "account" | "failures"): Gate => ({
    key: `${limit.name} ${key}`,
    limit,
    counter: counterOf(kind, `${limit.name} ${key}`),
  });
  if (device !== null && account !== null)
    return [gate(ofDevice, `${device} ${account}`, "failures")];
  return [
    ...networks.map((network) => gate(ofNetwork, network, "failures")),
    ...(account === null
      ? []
      : [
          ...networks.map((network) =>
            gate(ofAccountAndNetwork, `${network} ${account}`, "failures"),
          ),
          gate(ofAccount, account, "account"),
        ]),
  ];
};

export type SignInDecision =
  | { readonly outcome: "admitted" }
  /** It may be let in soon: when a place opens, or when one that is under way ends (then Infinity). */
  | { readonly outcome: "waits"; readonly opensAt: number }
  | { readonly outcome: "refused" };

/** @param underWay how many attempts have passed the gate and not ended */
export const decideSignIn = (
  gates: readonly Gate[],
  underWay: (key: string) => number,
  now: number,
): SignInDecision => {
  let opensAt = now;
  for (const { key, limit, counter } of gates) {
    const opens = limit.opensAt(counter.read(), underWay(key), now);
    if (opens > now && opens !== Infinity)
      if (!limit.isContested || opens > now + patienceMilliseconds) return { outcome: "refused" };
    opensAt = Math.max(opensAt, opens);
  }
  return opensAt <= now ? { outcome: "admitted" } : { outcome: "waits", opensAt };
};

/** What somebody is told who is not let in: the limit that holds longest, and when to come again. */
export const refusalOf = (
  gates: readonly Gate[],
  underWay: (key: string) => number,
  now: number,
): AppError => {
  let longest = gates[0] as Gate;
  let opensAt = now;
  for (const gate of gates) {
    const opens = gate.limit.opensAt(gate.counter.read(), underWay(gate.key), now);
    if (opens <= opensAt) continue;
    [longest, opensAt] = [gate, opens];
  }
  const seconds = Math.ceil((opensAt - now) / 1000);
  const isFar = longest.limit.isContested && opensAt > now + patienceMilliseconds;
  // Those under way take as long as a hash.
  const retryAfterSeconds =
    opensAt === Infinity ? 2 : Math.max(1, isFar ? seconds - leadSeconds : seconds);
  const { name, policy } = longest.limit;
  return new AppError("rate_limited", {
    retryAfterSeconds,
    headers: {
      RateLimit: `"${name}";r=0;t=${retryAfterSeconds}`,
      "RateLimit-Policy": policy,
    },
  });
};

export const countFailure = (gates: readonly Gate[], now: number): void => {
  for (const { limit, counter } of gates) counter.write(limit.afterFailure(counter.read(), now));
};

/** How often this account has been failed at from where the attempt comes, and when last: whoever has failed least goes first. */
export const failuresHere = (
  gates: readonly Gate[],
  now: number,
): { readonly count: number; readonly lastAt: number } => {
  const widest = gates.findLast(({ limit }) => limit === ofAccountAndNetwork || limit === ofDevice);
  return widest === undefined ? noFailures : standing(widest.counter.read(), now);
};

/**
 * For whoever answers one request after the other, so that nothing is ever under way and nobody can wait.
 * @returns counts the failure, when it was one
 * @throws AppError `rate_limited`
 */
export const admitAtOnce = (
  attempt: SignInAttempt,
  counterOf: CounterOf,
  now: number,
): (() => void) => {
  const gates = gatesOf(attempt, counterOf);
  const nothing = (): number => 0;
  if (decideSignIn(gates, nothing, now).outcome !== "admitted")
    throw refusalOf(gates, nothing, now);
  return () => countFailure(gates, now);
};
