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
import { applyDecision } from "../apply-decision.ts";
import type { Awaitable } from "../awaitable.ts";
import type {
  CountedAttempt,
  CountWrites,
  FailureCount,
  FoundCounts,
  SignInCountStore,
} from "./sign-in-count-store.ts";

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

/** An attempt that has been let in. It has to be told how it ended, once. */
export interface AttemptUnderWay {
  /** It was a failure, and counts. @throws AppError `busy` (in the promise) */
  fail(): Awaitable<void>;
  /** It was none: the password was right, or it was never looked at. */
  end(): Awaitable<void>;
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

/** What is counted, and the limit of it. */
export interface Gate {
  readonly kind: "account" | "failures";
  readonly key: string;
  readonly limit: Limit;
}

/**
 * What an attempt has to pass. Its party is its account and the widest network or the device: those
 * of one party take turns with the others.
 */
export interface Entrance extends CountedAttempt {
  readonly gates: readonly Gate[];
  /** Which gate is the party's own. */
  readonly own: number;
  /**
   * Which gate is the account's from everywhere, which others want to pass as well; -1 where there
   * is none.
   */
  readonly shared: number;
}

export const entranceOf = ({ account, networks, device }: SignInAttempt): Entrance => {
  const gateOf = (limit: Limit, of: string, kind: Gate["kind"] = "failures"): Gate => ({
    kind,
    key: `${limit.name} ${of}`,
    limit,
  });
  const entrance = (gates: readonly Gate[], party: string): Entrance => ({
    gates,
    party,
    own: gates.findIndex(({ key }) => key === party),
    shared: gates.findIndex(({ kind }) => kind === "account"),
  });
  if (device !== null && account !== null) {
    const gate = gateOf(ofDevice, `${device} ${account}`);
    return entrance([gate], gate.key);
  }
  const ofNetworks = networks.map((network) => gateOf(ofNetwork, network));
  if (account === null) return entrance(ofNetworks, ofNetworks.at(-1)?.key ?? "");
  const here = networks.map((network) => gateOf(ofAccountAndNetwork, `${network} ${account}`));
  const everywhere = gateOf(ofAccount, account, "account");
  return entrance([...ofNetworks, ...here, everywhere], (here.at(-1) ?? everywhere).key);
};

const countAt = ({ counts }: FoundCounts, index: number): FailureCount =>
  counts[index] ?? noFailures;

/**
 * Whose turn it is; null for nobody's. One that would last longer than any can is from before the
 * clock was set back.
 */
const standingTurn = ({ turn }: FoundCounts, now: number): FoundCounts["turn"] =>
  turn !== null && now < turn.until && turn.until <= now + refillMilliseconds + turnMilliseconds
    ? turn
    : null;

interface Rank {
  readonly failed: number;
  readonly lastAt: number;
}
/** Whoever has failed least goes first, then whoever has failed or had a turn longest ago. */
export const compareRanks = (one: Rank, other: Rank): number =>
  one.failed - other.failed || one.lastAt - other.lastAt;

/** How often this account has been failed at from where the attempt comes, and when last. */
export const rankOf = ({ gates, own, shared }: Entrance, found: FoundCounts, now: number): Rank => {
  const turn = shared === -1 ? null : standingTurn(found, now);
  if (turn?.isOwn) return turn;
  if (shared === -1 && gates[own]?.limit !== ofDevice) return { failed: 0, lastAt: 0 };
  const count = countAt(found, own);
  return { failed: failedBefore(count, now), lastAt: Math.min(count.lastAt, now) };
};

/** When one more may pass this gate, if what is kept for others is kept. */
const opensFor = (
  { gates, shared }: Entrance,
  index: number,
  found: FoundCounts,
  now: number,
): number => {
  const open = (kept: number): number =>
    (gates[index] as Gate).limit.opensAt(
      countAt(found, index),
      found.underWay[index] ?? 0,
      now,
      kept,
    );
  const turn = shared === index ? standingTurn(found, now) : null;
  return turn === null || turn.isOwn ? open(0) : Math.min(open(1), Math.max(open(0), turn.until));
};

/**
 * Gives the turn at an account to whoever comes when it has no place for them, unless it is
 * somebody's who goes first. Only who could use the place that opens next is given it.
 */
const claimTurn = (entrance: Entrance, found: FoundCounts, now: number): FoundCounts => {
  const { gates, own, shared } = entrance;
  const gate = gates[shared];
  if (gate === undefined) return found;
  const opensAt = gate.limit.opensAt(countAt(found, shared), 0, now);
  const turn = standingTurn(found, now);
  const hasPlace = gate.limit.opensAt(countAt(found, shared), 0, now, turn === null ? 0 : 1) <= now;
  if (hasPlace || turn?.isOwn) return found;
  const withoutOthers = { ...found, underWay: [] };
  if (
    gates.some(
      (_, index) => index !== shared && opensFor(entrance, index, withoutOthers, now) > opensAt,
    )
  )
    return found;
  const { failed, lastAt } = rankOf(entrance, found, now);
  if (turn && compareRanks(turn, { failed, lastAt }) <= 0) return found;
  const count = standing(countAt(found, own), now);
  return {
    ...found,
    turn: { until: opensAt + turnMilliseconds, failed, lastAt, isOwn: true },
    counts: found.counts.with(own, {
      ...count,
      resetsAt: count.resetsAt || now + windowMilliseconds,
      lastAt: now,
      failed: failedBefore(count, now) + 1,
    }),
  };
};

/** Whoever has been let in has had their turn. */
const takeTurn = ({ own, shared }: Entrance, found: FoundCounts): FoundCounts => {
  if (shared === -1 || !found.turn?.isOwn) return found;
  const count = countAt(found, own);
  return {
    ...found,
    turn: null,
    counts: found.counts.with(own, { ...count, failed: Math.max(count.failed - 1, 0) }),
  };
};

export type SignInDecision =
  | { readonly outcome: "admitted" }
  /**
   * It may be let in soon: when a place opens, or when one that is under way ends (then Infinity).
   */
  | { readonly outcome: "waits"; readonly opensAt: number }
  | { readonly outcome: "refused" };

const decideSignIn = (entrance: Entrance, found: FoundCounts, now: number): SignInDecision => {
  let opensAt = now;
  for (const [index, { limit }] of entrance.gates.entries()) {
    const opens = opensFor(entrance, index, found, now);
    if (opens > now && opens !== Infinity)
      if (!limit.isContested || opens > now + patienceMilliseconds) return { outcome: "refused" };
    opensAt = Math.max(opensAt, opens);
  }
  return opensAt <= now ? { outcome: "admitted" } : { outcome: "waits", opensAt };
};

/**
 * What comes of an attempt at this moment.
 * @returns what is decided, and the counts as they are to be from now on
 */
export const knock = (
  entrance: Entrance,
  found: FoundCounts,
  now: number,
): { readonly decision: SignInDecision; readonly counted: FoundCounts } => {
  const claimed = claimTurn(entrance, found, now);
  const decision = decideSignIn(entrance, claimed, now);
  return {
    decision,
    counted: decision.outcome === "admitted" ? takeTurn(entrance, claimed) : claimed,
  };
};

/** What makes of the counts that were found those that are to be; null where they are the same. */
export const writesBetween = (found: FoundCounts, counted: FoundCounts): CountWrites | null =>
  counted === found
    ? null
    : {
        counts: counted.counts.map((count, index) =>
          count === found.counts[index] ? null : count,
        ),
        ...(counted.turn !== found.turn && { turn: counted.turn }),
      };

/**
 * What somebody is told who is not let in: the limit that holds longest, and when to come again.
 */
export const refusalOf = (entrance: Entrance, found: FoundCounts, now: number): AppError => {
  let longest = entrance.gates[0] as Gate;
  let opensAt = now;
  for (const [index, gate] of entrance.gates.entries()) {
    const opens = opensFor(entrance, index, found, now);
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

/** The attempt was a failure. */
export const countFailure = (
  { gates }: Entrance,
  found: FoundCounts,
  now: number,
): Required<Pick<CountWrites, "counts">> => ({
  counts: gates.map(({ limit }, index) => limit.afterFailure(countAt(found, index), now)),
});

/**
 * For whoever answers one request after the other, so that nothing is ever under way and nobody can
 * wait.
 * @throws AppError `rate_limited`
 */
export const admitAtOnce = async (
  attempt: SignInAttempt,
  store: SignInCountStore,
  now: number,
): Promise<AttemptUnderWay> => {
  const entrance = entranceOf(attempt);
  const read = (): Awaitable<FoundCounts> => store.read(entrance, now);
  const { decision, counted } = await applyDecision(
    read,
    (found) => knock(entrance, found, now),
    (found, { counted }) => {
      const writes = writesBetween(found, counted);
      return writes === null ? "applied" : store.apply(entrance, found.version, writes);
    },
  );
  if (decision.outcome !== "admitted") throw refusalOf(entrance, counted, now);
  return {
    fail: async () =>
      void (await applyDecision(
        read,
        (found) => countFailure(entrance, found, now),
        ({ version }, writes) => store.apply(entrance, version, writes),
      )),
    end: () => {},
  };
};
