/**
 * Where attempts to sign in wait for a place: at most 8 for an account and network, 10 s at most.
 * It keeps four promises.
 *
 * - Attempts at once are not failures. They hold their places until it is known how they ended, and
 *   whoever comes meanwhile waits for that; so simultaneous right passwords are all let in, and
 *   simultaneous guesses cannot outrun a limit.
 * - Whoever has failed least at an account goes first, and among equals whoever failed longest ago.
 *   Each attempt that a network has under way or waiting before counts as one that it has failed,
 *   so that networks take turns. A place that opens goes to the first of those who wait, never to
 *   whoever happens to knock in that moment.
 * - Nor does it go to whoever is fastest. It is kept for a minute for whoever of those who were
 *   sent away is the first in that order, so that a person who types has their turn among programs.
 * - It stays small. What waits is bounded for each account and network and in all; when it is full,
 *   the last in the order has to go, not the last to come.
 */
import type { AppError } from "../answering/errors.ts";
import {
  claimTurn,
  compareRanks,
  countFailure,
  decideSignIn,
  entranceOf,
  patienceMilliseconds,
  rankOf,
  refusalOf,
  takeTurn,
  type Entrance,
  type Gate,
  type SignInAttempt,
  type SignInCounts,
} from "./sign-in-limits.ts";

export const mostWaitingOfOne = 8;
const mostWaiting = 256;

/** An attempt that has been let in. It has to be told how it ended, once. */
export interface AttemptUnderWay {
  /** It was a failure, and counts. */
  fail(): void;
  /** It was none: the password was right, or it was never looked at. */
  end(): void;
}

export interface SignInQueue {
  /** @throws AppError `rate_limited` */
  enter(attempt: SignInAttempt): Promise<AttemptUnderWay>;
  /** How many wait, and how many keys have something under way. */
  size(): { readonly waiting: number; readonly underWay: number };
}

interface Waiting {
  readonly entrance: Entrance;
  readonly deadline: number;
  /** When it is worth looking again. */
  opensAt: number;
  admit(underWay: AttemptUnderWay): void;
  refuse(error: AppError): void;
}

export const createSignInQueue = (dependencies: {
  readonly counts: SignInCounts;
  readonly clock: {
    now(): number;
    /** Calls back again and again. Returns how to stop. */
    every(milliseconds: number, run: () => void): () => void;
  };
}): SignInQueue => {
  const { counts, clock } = dependencies;
  /** In the order in which they came. */
  let waiting: Waiting[] = [];
  const underWay = new Map<string, number>();
  const underWayOf = (key: string): number => underWay.get(key) ?? 0;
  const addUnderWay = (gates: readonly Gate[], by: 1 | -1): void => {
    for (const { key } of gates) {
      const count = underWayOf(key) + by;
      if (count === 0) underWay.delete(key);
      else underWay.set(key, count);
    }
  };

  /** Each with what it counts as having failed, in the order in which they came. */
  const rank = (
    some: readonly Waiting[],
    now: number,
  ): { readonly one: Waiting; readonly failed: number; readonly lastAt: number }[] => {
    const before = new Map<string, number>();
    return some.map((one) => {
      const { party } = one.entrance;
      const ahead = before.get(party) ?? underWayOf(party);
      before.set(party, ahead + 1);
      const { failed, lastAt } = rankOf(one.entrance, now);
      return { one, failed: failed + ahead, lastAt };
    });
  };

  const start = (entrance: Entrance): AttemptUnderWay => {
    const { gates } = entrance;
    takeTurn(entrance);
    addUnderWay(gates, 1);
    let hasEnded = false;
    const end = (failed: boolean): void => {
      if (hasEnded) return;
      hasEnded = true;
      addUnderWay(gates, -1);
      if (failed) countFailure(entrance, clock.now());
      settle(gates);
    };
    return { fail: () => end(true), end: () => end(false) };
  };

  let stopTimer = (): void => {};
  let wakesAt = Infinity;
  const wakeAt = (next: number): void => {
    if (next === wakesAt) return;
    stopTimer();
    wakesAt = next;
    if (next === Infinity) return;
    stopTimer = clock.every(Math.max(1, next - clock.now()), () => {
      stopTimer();
      wakesAt = Infinity;
      settle(null);
    });
  };
  const dueAt = ({ deadline, opensAt }: Waiting): number => Math.min(deadline, opensAt);

  /**
   * Lets in and sends away whom it is time for. @param changed only those who pass one of these
   * gates; null for all
   */
  const settle = (changed: readonly Gate[] | null): void => {
    if (waiting.length === 0) return;
    const now = clock.now();
    const keys = changed && new Set(changed.map(({ key }) => key));
    const concerned = keys
      ? waiting.filter(({ entrance }) => entrance.gates.some(({ key }) => keys.has(key)))
      : waiting;
    const gone = new Set<Waiting>();
    for (const { one } of rank(concerned, now).toSorted(compareRanks)) {
      claimTurn(one.entrance, now);
      const decision = decideSignIn(one.entrance, underWayOf, now);
      if (decision.outcome === "waits" && now < one.deadline) {
        one.opensAt = decision.opensAt;
        continue;
      }
      gone.add(one);
      if (decision.outcome === "admitted") one.admit(start(one.entrance));
      else one.refuse(refusalOf(one.entrance, underWayOf, now));
    }
    if (gone.size > 0) waiting = waiting.filter((one) => !gone.has(one));
    wakeAt(waiting.reduce((earliest, one) => Math.min(earliest, dueAt(one)), Infinity));
  };

  const findLast = (now: number): Waiting | undefined =>
    rank(waiting, now).reduce<ReturnType<typeof rank>[number] | undefined>(
      (last, next) => (last === undefined || compareRanks(last, next) <= 0 ? next : last),
      undefined,
    )?.one;

  return {
    enter: (attempt) =>
      new Promise((resolve, reject) => {
        const now = clock.now();
        // Their place has opened, and nobody has called them yet.
        if (waiting.some((one) => dueAt(one) <= now)) settle(null);
        const entrance = entranceOf(attempt, counts);
        claimTurn(entrance, now);
        const decision = decideSignIn(entrance, underWayOf, now);
        if (decision.outcome === "admitted") return resolve(start(entrance));
        const isFull =
          waiting.filter((other) => other.entrance.party === entrance.party).length >=
          mostWaitingOfOne;
        if (decision.outcome === "refused" || isFull)
          return reject(refusalOf(entrance, underWayOf, now));
        const one: Waiting = {
          entrance,
          deadline: now + patienceMilliseconds,
          opensAt: decision.opensAt,
          admit: resolve,
          refuse: reject,
        };
        waiting.push(one);
        const last = waiting.length > mostWaiting ? findLast(now) : undefined;
        if (last) {
          waiting = waiting.filter((other) => other !== last);
          last.refuse(refusalOf(last.entrance, underWayOf, now));
        }
        if (last !== one) wakeAt(Math.min(wakesAt, dueAt(one)));
      }),
    size: () => ({ waiting: waiting.length, underWay: underWay.size }),
  };
};
