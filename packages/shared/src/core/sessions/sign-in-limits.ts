/**
 * How often somebody may try to sign in, without regard to who they really are: nobody knows that
 * yet. What is limited is failure. An attempt passes several gates, each with a count of its own:
 *
 * - of its network: 20 failures in 15 minutes, over all accounts
 * - of its account from its network: 5 failures in 15 minutes
 * - of its account from everywhere: a bucket of ten failures, which refills by one each 40 s
 *
 * or, on a device from which this account has signed in before, one gate only: 5 failures in 15
 * minutes of that device. Beyond 5 and 20 one more attempt is let in after 30 s, the next after 60
 * s, doubling up to the window. An attempt that is under way holds a place and is no failure yet; a
 * success gives its place back.
 *
 * Where an account's bucket is empty, the place that opens next is kept for a minute after it has
 * opened: for whoever of those who were sent away has failed least. It is that one's turn. So a
 * place goes neither to whoever knocks most often nor to whoever is fastest. A turn that is let
 * pass counts as one failed when the next is given.
 */
import { AppError } from "../answering/errors.ts";

/** What is known of one key. Times are in milliseconds since 1970. */
export interface FailureCount {
  readonly count: number;
  readonly resetsAt: number;
  readonly blockedUntil: number;
  /**
   * When the last failure was, or a turn was given; kept beyond the window, where there is room.
   */
  readonly lastAt: number;
  /** Failures, and turns that were given and have not been taken: what decides who goes first. */
  readonly failed: number;
}

/** For whom the next place of an account is kept. */
export interface Turn {
  /** The mark of a party; 0 for none. */
  readonly party: number;
  readonly until: number;
  /** What it had failed when it was given the turn. */
  readonly failed: number;
  readonly lastAt: number;
}

/** Where one thing is counted. */
export interface Kept<T> {
  read(): T;
  write(value: T): void;
}

/** Where it is counted. */
export interface SignInCounts {
  /**
   * The counts of accounts are the last word on how often one can be guessed at, so they must never
   * be forgotten early; the others may be, when more is counted than there is room for.
   */
  counterOf(kind: "account" | "failures", key: string): Kept<FailureCount>;
  /** Of the account that is counted under this key. */
  turnOf(key: string): Kept<Turn>;
  /** Tells parties apart. Never 0. */
  markOf(party: string): number;
}

export interface SignInAttempt {
  /**
   * The name, normalised, whether somebody has it or not; null where no account is meant, as in the
   * setup.
   */
  readonly account: string | null;
  /** The networks of the address, narrowest first. */
  readonly networks: readonly string[];
  /** What the device is called with which this account has signed in before; null for any other. */
  readonly device: string | null;
}

export const patienceMilliseconds = 10_000;
/**
 * Whoever has to come again is asked for this much before a place opens, and waits for it, since
 * places go to those who wait.
 */
const leadSeconds = 8;
const windowMilliseconds = 900_000;
const firstDelayMilliseconds = 30_000;
const bucketSize = 10;
const refillMilliseconds = 40_000;
/**
 * How long a place is kept that has opened: whoever types a password by hand comes within a minute
 * of being told to.
 */
const turnMilliseconds = 60_000;
/** How long it counts in the order that somebody has failed, after the last time. */
const orderMilliseconds = 3_600_000;

export const noFailures: FailureCount = {
  count: 0,
  resetsAt: 0,
  blockedUntil: 0,
  lastAt: 0,
  failed: 0,
};
export const noTurn: Turn = { party: 0, until: 0, failed: 0, lastAt: 0 };

interface Limit {
  readonly name: string;
  /** The value of the RateLimit-Policy field (draft-ietf-httpapi-ratelimit-headers). */
  readonly policy: string;
  /** Several callers want the same place, so that it matters who waits for it. */
  readonly isContested: boolean;
  /**
   * When one more may enter; Infinity while that hangs on how those under way end.
   * @param kept places that are kept for others
   */
  opensAt(count: FailureCount, underWay: number, now: number, kept?: number): number;
  afterFailure(count: FailureCount, now: number): FailureCount;
}

/**
 * Failures count in the order for longer than in the limits: were all forgotten after a quarter of
 * an hour, those who go on would go before who has mistyped once.
 */
const failedBefore = ({ failed, lastAt }: FailureCount, now: number): number =>
  now < lastAt + orderMilliseconds ? failed : 0;

/**
 * Without what is over. A count that would last longer than any can is from before the clock was
 * set back.
 */
const standing = (count: FailureCount, now: number): FailureCount =>
  now < count.resetsAt && count.resetsAt <= now + 2 * windowMilliseconds
    ? count
    : {
        ...noFailures,
        lastAt: Math.min(count.lastAt, now),
        failed: failedBefore(count, now),
      };

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
    const failed = failedBefore(before, now) + 1;
    if (count < limit) return { count, resetsAt, blockedUntil: 0, lastAt: now, failed };
    const delay = Math.min(firstDelayMilliseconds * 2 ** (count - limit), windowMilliseconds);
    const blockedUntil = now + delay;
    return {
      count,
      resetsAt: count > limit ? Math.max(resetsAt, blockedUntil + windowMilliseconds) : resetsAt,
      blockedUntil,
      lastAt: now,
      failed,
    };
  },
});

/**
 * `blockedUntil` is when the bucket will be full again: a moment says all that there is to know of
 * it.
 */
const bucket = (name: string): Limit => {
  const fullSpan = bucketSize * refillMilliseconds;
  /**
   * One that would take longer than an empty bucket takes is from before the clock was set back.
   */
  const fullAt = ({ blockedUntil }: FailureCount, now: number): number =>
    blockedUntil > now && blockedUntil <= now + fullSpan ? blockedUntil : now;
  return {
    name,
    policy: `"${name}";q=${bucketSize};w=${fullSpan / 1000}`,
    isContested: true,
    opensAt: (count, underWay, now, kept = 0) => {
      const opens = fullAt(count, now) - (bucketSize - 1 - kept) * refillMilliseconds;
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
  readonly counter: Kept<FailureCount>;
}

/** What an attempt has to pass. */
export interface Entrance {
  readonly gates: readonly Gate[];
  /**
   * Of its account and the widest network or the device: those of one take turns with the others.
   */
  readonly party: string;
  /** At an account that others want to get at as well; null where there is none. */
  readonly shared: {
    /** Of the account from everywhere. */
    readonly gate: Gate;
    readonly turn: Kept<Turn>;
    /** Of the party. */
    readonly own: Kept<FailureCount>;
    readonly mark: number;
  } | null;
}

export const entranceOf = (
  { account, networks, device }: SignInAttempt,
  counts: SignInCounts,
): Entrance => {
  const gateOf = (limit: Limit, of: string, kind: "account" | "failures" = "failures"): Gate => {
    const key = `${limit.name} ${of}`;
    return { key, limit, counter: counts.counterOf(kind, key) };
  };
  if (device !== null && account !== null) {
    const gate = gateOf(ofDevice, `${device} ${account}`);
    return { gates: [gate], party: gate.key, shared: null };
  }
  const ofNetworks = networks.map((network) => gateOf(ofNetwork, network));
  if (account === null)
    return { gates: ofNetworks, party: ofNetworks.at(-1)?.key ?? "", shared: null };
  const here = networks.map((network) => gateOf(ofAccountAndNetwork, `${network} ${account}`));
  const everywhere = gateOf(ofAccount, account, "account");
  const own = here.at(-1) ?? everywhere;
  return {
    gates: [...ofNetworks, ...here, everywhere],
    party: own.key,
    shared: {
      gate: everywhere,
      turn: counts.turnOf(everywhere.key),
      own: own.counter,
      mark: counts.markOf(own.key),
    },
  };
};

/**
 * Whose turn it is; null for nobody's. One that would last longer than any can is from before the
 * clock was set back.
 */
const standingTurn = ({ turn }: { readonly turn: Kept<Turn> }, now: number): Turn | null => {
  const given = turn.read();
  return given.party !== 0 &&
    now < given.until &&
    given.until <= now + refillMilliseconds + turnMilliseconds
    ? given
    : null;
};

const nothing = (): number => 0;

interface Rank {
  readonly failed: number;
  readonly lastAt: number;
}
/** Whoever has failed least goes first, then whoever has failed or had a turn longest ago. */
export const compareRanks = (one: Rank, other: Rank): number =>
  one.failed - other.failed || one.lastAt - other.lastAt;

/** How often this account has been failed at from where the attempt comes, and when last. */
export const rankOf = ({ gates, shared }: Entrance, now: number): Rank => {
  const turn = shared && standingTurn(shared, now);
  if (turn && turn.party === shared?.mark) return turn;
  const own = shared?.own ?? gates.find(({ limit }) => limit === ofDevice)?.counter;
  if (own === undefined) return { failed: 0, lastAt: 0 };
  const count = own.read();
  return { failed: failedBefore(count, now), lastAt: Math.min(count.lastAt, now) };
};

/** When one more may pass this gate, if what is kept for others is kept. */
const opensFor = (
  { shared }: Entrance,
  gate: Gate,
  underWay: (key: string) => number,
  now: number,
): number => {
  const open = (kept: number): number =>
    gate.limit.opensAt(gate.counter.read(), underWay(gate.key), now, kept);
  const turn = shared?.gate === gate ? standingTurn(shared, now) : null;
  return turn === null || turn.party === shared?.mark
    ? open(0)
    : Math.min(open(1), Math.max(open(0), turn.until));
};

/**
 * Gives the turn at an account to whoever comes when it has no place for them, unless it is
 * somebody's who goes first. Only who could use the place that opens next is given it.
 */
export const claimTurn = (entrance: Entrance, now: number): void => {
  const { gates, shared } = entrance;
  if (shared === null) return;
  const { limit, counter } = shared.gate;
  const opensAt = limit.opensAt(counter.read(), 0, now);
  const turn = standingTurn(shared, now);
  const hasPlace = limit.opensAt(counter.read(), 0, now, turn === null ? 0 : 1) <= now;
  if (hasPlace || turn?.party === shared.mark) return;
  if (
    gates.some((gate) => gate !== shared.gate && opensFor(entrance, gate, nothing, now) > opensAt)
  )
    return;
  const rank = rankOf(entrance, now);
  if (turn && compareRanks(turn, rank) <= 0) return;
  shared.turn.write({ party: shared.mark, until: opensAt + turnMilliseconds, ...rank });
  const own = standing(shared.own.read(), now);
  shared.own.write({
    ...own,
    resetsAt: own.resetsAt || now + windowMilliseconds,
    lastAt: now,
    failed: failedBefore(own, now) + 1,
  });
};

/** Whoever has been let in has had their turn. */
export const takeTurn = ({ shared }: Entrance): void => {
  if (shared === null || shared.turn.read().party !== shared.mark) return;
  shared.turn.write(noTurn);
  const own = shared.own.read();
  shared.own.write({ ...own, failed: Math.max(own.failed - 1, 0) });
};

export type SignInDecision =
  | { readonly outcome: "admitted" }
  /**
   * It may be let in soon: when a place opens, or when one that is under way ends (then Infinity).
   */
  | { readonly outcome: "waits"; readonly opensAt: number }
  | { readonly outcome: "refused" };

/** @param underWay how many attempts have passed the gate and not ended */
export const decideSignIn = (
  entrance: Entrance,
  underWay: (key: string) => number,
  now: number,
): SignInDecision => {
  let opensAt = now;
  for (const gate of entrance.gates) {
    const opens = opensFor(entrance, gate, underWay, now);
    if (opens > now && opens !== Infinity)
      if (!gate.limit.isContested || opens > now + patienceMilliseconds)
        return { outcome: "refused" };
    opensAt = Math.max(opensAt, opens);
  }
  return opensAt <= now ? { outcome: "admitted" } : { outcome: "waits", opensAt };
};

/**
 * What somebody is told who is not let in: the limit that holds longest, and when to come again.
 */
export const refusalOf = (
  entrance: Entrance,
  underWay: (key: string) => number,
  now: number,
): AppError => {
  let longest = entrance.gates[0] as Gate;
  let opensAt = now;
  for (const gate of entrance.gates) {
    const opens = opensFor(entrance, gate, underWay, now);
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

export const countFailure = ({ gates }: Entrance, now: number): void => {
  for (const { limit, counter } of gates) counter.write(limit.afterFailure(counter.read(), now));
};

/**
 * For whoever answers one request after the other, so that nothing is ever under way and nobody can
 * wait.
 * @returns counts the failure, when it was one
 * @throws AppError `rate_limited`
 */
export const admitAtOnce = (
  attempt: SignInAttempt,
  counts: SignInCounts,
  now: number,
): (() => void) => {
  const entrance = entranceOf(attempt, counts);
  claimTurn(entrance, now);
  if (decideSignIn(entrance, nothing, now).outcome !== "admitted")
    throw refusalOf(entrance, nothing, now);
  takeTurn(entrance);
  return () => countFailure(entrance, now);
};
