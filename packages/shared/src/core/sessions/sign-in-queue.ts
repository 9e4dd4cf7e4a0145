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
 *
 * Whoever waits does so in this process; what is counted, and who is under way, is in a store that
 * others may share. What this process does with it, it does one thing after the other, so that
 * nobody who knocks comes between an end and whoever has waited for it. Where others have changed
 * the counts meanwhile, it decides again. Where the store answers at once, all of it is done in the
 * turn in which it is asked for.
 */
import { decideAndApply } from "../apply-decision.ts";
import { inSteps, waitFor, type Awaitable, type Steps } from "../awaitable.ts";
import { AppError } from "../answering/errors.ts";
import type { CountWrites, FoundCounts, SignInCountStore } from "./sign-in-count-store.ts";
import {
  compareRanks,
  countFailure,
  entranceOf,
  knock,
  patienceMilliseconds,
  rankOf,
  refusalOf,
  writesBetween,
  type AttemptUnderWay,
  type Entrance,
  type Gate,
  type SignInAttempt,
  type SignInDecision,
} from "./sign-in-limits.ts";

export const mostWaitingOfOne = 8;
const mostWaiting = 256;
/** So many may wait for the store to answer those before them. */
const mostInTurn = 1_024;
/** Far longer than a hash takes, with its place among the hashes. */
const underWayMilliseconds = 60_000;
/** How often it is looked whether an attempt has ended that another process has let in. */
const lookMilliseconds = 1_000;

export interface SignInQueue {
  /** @throws AppError `rate_limited`, `busy` */
  enter(attempt: SignInAttempt): Promise<AttemptUnderWay>;
  /** How many wait, and how many keys have something under way. */
  size(): { readonly waiting: number; readonly underWay: number };
}

interface Waiting {
  readonly entrance: Entrance;
  readonly deadline: number;
  /** When it is worth looking again. */
  opensAt: number;
  /** What it has found last, and how much this process had written by then. */
  found: FoundCounts;
  foundAfter: number;
  admit(underWay: AttemptUnderWay): void;
  refuse(error: unknown): void;
}

/** What has come of an attempt at this moment. */
interface Knocked {
  readonly decision: SignInDecision;
  readonly counted: FoundCounts;
  readonly now: number;
  /** Null unless it is under way from now on. */
  readonly attemptId: string | null;
}

/** All at once, where it may have to be waited for. */
function* waitForAll<T>(values: readonly Awaitable<T>[]): Steps<readonly T[]> {
  return values.some((value) => value instanceof Promise)
    ? yield* waitFor(Promise.all(values))
    : (values as readonly T[]);
}

/** Does one thing after the other, at once where nothing else is being done. */
const createTurns = () => {
  let last: Promise<void> | null = null;
  let inTurn = 0;
  return {
    isFull: (): boolean => inTurn >= mostInTurn,
    take: <R>(steps: () => Steps<R>): Awaitable<R> => {
      const begin = (): Awaitable<R> => inSteps(steps());
      const result = last === null ? begin() : last.then(begin);
      if (!(result instanceof Promise)) return result;
      inTurn += 1;
      const end = (): void => {
        inTurn -= 1;
        if (last === done) last = null;
      };
      const done: Promise<void> = result.then(end, end);
      last = done;
      return result;
    },
  };
};

/** @param dependencies.newAttemptId one that no attempt has had, of whatever process */
export const createSignInQueue = (dependencies: {
  readonly counts: SignInCountStore;
  readonly newAttemptId: () => string;
  readonly clock: {
    now(): number;
    /** Calls back again and again. Returns how to stop. */
    every(milliseconds: number, run: () => void): () => void;
  };
}): SignInQueue => {
  const { counts, newAttemptId, clock } = dependencies;
  const turns = createTurns();
  /** In the order in which they came. */
  let waiting: Waiting[] = [];
  /** Of this process. */
  const underWay = new Map<string, number>();
  const underWayOf = (key: string): number => underWay.get(key) ?? 0;
  const addUnderWay = (gates: readonly Gate[], by: 1 | -1): void => {
    for (const { key } of gates) {
      const count = underWayOf(key) + by;
      if (count === 0) underWay.delete(key);
      else underWay.set(key, count);
    }
  };

  const read = (entrance: Entrance): Awaitable<FoundCounts> => counts.read(entrance, clock.now());
  /** How often this process has written something. */
  let writes = 0;
  function* write<Decision>(
    entrance: Entrance,
    known: FoundCounts | null,
    decide: (found: FoundCounts) => Decision,
    writesOf: (found: FoundCounts, decision: Decision) => CountWrites | null,
  ): Steps<Decision> {
    let first = known;
    return yield* decideAndApply(
      () => {
        const found = first ?? read(entrance);
        first = null;
        return found;
      },
      decide,
      (found, decision) => {
        const written = writesOf(found, decision);
        if (written === null) return "applied";
        writes += 1;
        return counts.apply(entrance, found.version, written);
      },
    );
  }

  const look = (entrance: Entrance, found: FoundCounts): Knocked => {
    const now = clock.now();
    const { decision, counted } = knock(entrance, found, now);
    return { decision, counted, now, attemptId: null };
  };

  /** @param known what it finds, where that has been read and nothing been written since */
  function* decide(entrance: Entrance, known: FoundCounts | null): Steps<Knocked> {
    const found = known ?? (yield* waitFor(read(entrance)));
    const first = look(entrance, found);
    // So it is with most of a crowd that waits.
    if (first.counted === found && first.decision.outcome !== "admitted") return first;
    const attemptId = newAttemptId();
    const knocked = yield* write(
      entrance,
      found,
      (found) => look(entrance, found),
      (found, { decision, counted, now }) => {
        const written = writesBetween(found, counted);
        return decision.outcome === "admitted"
          ? { ...written, begins: { id: attemptId, until: now + underWayMilliseconds } }
          : written;
      },
    );
    if (knocked.decision.outcome !== "admitted") return knocked;
    addUnderWay(entrance.gates, 1);
    return { ...knocked, attemptId };
  }

  /** Each with what it counts as having failed, in the order in which they came. */
  const rank = (
    some: readonly Waiting[],
    now: number,
  ): readonly { readonly one: Waiting; readonly failed: number; readonly lastAt: number }[] => {
    const before = new Map<string, number>();
    return some.map((one) => {
      const { entrance, found } = one;
      const ahead = before.get(entrance.party) ?? found.underWay[entrance.own] ?? 0;
      before.set(entrance.party, ahead + 1);
      const { failed, lastAt } = rankOf(entrance, found, now);
      return { one, failed: failed + ahead, lastAt };
    });
  };

  function* readAgain(some: readonly Waiting[]): Steps<void> {
    const foundAfter = writes;
    const found = yield* waitForAll(some.map(({ entrance }) => read(entrance)));
    for (const [index, one] of some.entries())
      Object.assign(one, { found: found[index], foundAfter });
  }

  const start = (entrance: Entrance, attemptId: string): AttemptUnderWay => {
    let hasEnded = false;
    const end = (failed: boolean): Awaitable<void> => {
      if (hasEnded) return;
      hasEnded = true;
      return turns.take(function* () {
        addUnderWay(entrance.gates, -1);
        try {
          yield* write(
            entrance,
            null,
            (found) => (failed ? countFailure(entrance, found, clock.now()) : {}),
            (_, counted) => ({ ...counted, ends: attemptId }),
          );
        } catch (error) {
          // Nobody is refused for having been right: its place is free once its time is over.
          if (failed || !(error instanceof AppError)) throw error;
        }
        yield* settle(entrance.gates);
      });
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
      void turns.take(() => settle(null));
    });
  };
  const dueAt = ({ deadline, opensAt }: Waiting): number => Math.min(deadline, opensAt);
  /** Nobody tells of the end of an attempt that another process has let in. */
  const opensAtFor = ({ gates }: Entrance, opensAt: number, { counted, now }: Knocked): number =>
    opensAt === Infinity &&
    gates.some(({ key }, index) => (counted.underWay[index] ?? 0) > underWayOf(key))
      ? now + lookMilliseconds
      : opensAt;

  /**
   * Lets in and sends away whom it is time for; where the store fails, all of them are told.
   * @param changed only those who pass one of these gates; null for all
   */
  function* settle(changed: readonly Gate[] | null): Steps<void> {
    if (waiting.length === 0) return;
    const keys = changed && new Set(changed.map(({ key }) => key));
    const concerned = keys
      ? waiting.filter(({ entrance }) => entrance.gates.some(({ key }) => keys.has(key)))
      : waiting;
    const gone = new Set<Waiting>();
    try {
      yield* readAgain(concerned);
      for (const { one } of rank(concerned, clock.now()).toSorted(compareRanks)) {
        const { entrance } = one;
        const knocked = yield* decide(entrance, one.foundAfter === writes ? one.found : null);
        const { decision, counted, now, attemptId } = knocked;
        if (decision.outcome === "waits" && now < one.deadline) {
          one.opensAt = opensAtFor(entrance, decision.opensAt, knocked);
          continue;
        }
        gone.add(one);
        if (attemptId !== null) one.admit(start(entrance, attemptId));
        else one.refuse(refusalOf(entrance, counted, now));
      }
    } catch (error) {
      for (const one of concerned)
        if (!gone.has(one)) {
          gone.add(one);
          one.refuse(error);
        }
    }
    if (gone.size > 0) waiting = waiting.filter((one) => !gone.has(one));
    wakeAt(waiting.reduce((earliest, one) => Math.min(earliest, dueAt(one)), Infinity));
  }

  /** What others have written since is no reason to read them all for each who knocks. */
  function* refuseLast(): Steps<Waiting> {
    yield* readAgain(waiting.filter(({ foundAfter }) => foundAfter !== writes));
    const now = clock.now();
    const { one } = rank(waiting, now).reduce((last, next) =>
      compareRanks(last, next) <= 0 ? next : last,
    );
    waiting = waiting.filter((other) => other !== one);
    one.refuse(refusalOf(one.entrance, one.found, now));
    return one;
  }

  return {
    enter: (attempt) =>
      new Promise((resolve, reject) => {
        if (turns.isFull()) throw new AppError("busy", { retryAfterSeconds: 1 });
        const entrance = entranceOf(attempt);
        const entering = turns.take(function* () {
          // Their place has opened, and nobody has called them yet.
          if (waiting.some((one) => dueAt(one) <= clock.now())) yield* settle(null);
          const knocked = yield* decide(entrance, null);
          const { decision, counted, now, attemptId } = knocked;
          if (attemptId !== null) return resolve(start(entrance, attemptId));
          const isFull =
            waiting.filter((other) => other.entrance.party === entrance.party).length >=
            mostWaitingOfOne;
          if (decision.outcome !== "waits" || isFull)
            return reject(refusalOf(entrance, counted, now));
          const one: Waiting = {
            entrance,
            deadline: now + patienceMilliseconds,
            opensAt: opensAtFor(entrance, decision.opensAt, knocked),
            found: counted,
            foundAfter: writes,
            admit: resolve,
            refuse: reject,
          };
          waiting.push(one);
          const last = waiting.length > mostWaiting ? yield* refuseLast() : null;
          if (last !== one) wakeAt(Math.min(wakesAt, dueAt(one)));
        });
        if (entering instanceof Promise) entering.catch(reject);
      }),
    size: () => ({ waiting: waiting.length, underWay: underWay.size }),
  };
};
