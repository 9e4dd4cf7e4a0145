/**
 * Keeps the session alive: decides when to refresh, refreshes once for all tabs, and tells a fault
 * from an end. Invariant: only a definitive 401 ends a session; whatever else happens, the state
 * stays and another try follows.
 */
import { NetworkError } from "./errors.ts";
import type { Hint } from "./hint.ts";
import { createPause } from "./pauses.ts";
import { createProbe } from "./probe-server.ts";
import { scheduleRefreshes } from "./refresh-ahead.ts";
import { beginSearch, type Goal, type Outcome, type SearchParts } from "./search-session.ts";

export interface SessionKeeper {
  /**
   * Resolves when the session is known again: alive, over, or a visitor's. Nothing to do where it
   * has changed since `version`. Rejects only where trying again is useless. Callers share one run.
   */
  settle(goal: Goal, version: number): Promise<void>;
  /** The access token is known to be dead: whoever has a request to send waits for `settle`. */
  isRenewing(): boolean;
  /**
   * The server is being asked who is signed in. Its answer may be about the very access token that
   * another request has just found dead.
   */
  isAsking(): boolean;
  /**
   * Runs `work` while nothing else changes the session, having ended a refresh in flight in any
   * tab. `settleWithin` tries once to settle without leaving it. The signal given to `work` aborts
   * with the caller's.
   */
  change<T>(
    work: (signal: AbortSignal, settleWithin: (goal: Goal) => Promise<void>) => Promise<T>,
    caller?: AbortSignal,
  ): Promise<T>;
  /** Another tab is about to change the session. */
  standAside(): void;
  noteUserInput(): void;
  /** The user has done something since the last refresh. */
  hasInput(): boolean;
  wake(): void;
  /** Asks for the server until it answers, so that `lost` ends without anyone making a request. */
  probe(): void;
  dispose(): void;
}

/**
 * A server that has never answered is told apart from one that is slow before a person gives up on
 * the page.
 */
const firstAnswerMs = 3000;
const conflictPatienceMs = 15_000;
/** How long another tab may take to sign in or out, where no lock says when it is done. */
const changeElsewhereMs = 2000;

export const createSessionKeeper = (parts: SearchParts): SessionKeeper => {
  const { environment, state, tabs, hints, send } = parts;
  const disposed = new AbortController();
  const pause = createPause(environment, state, disposed.signal);
  let aside = new AbortController();
  let settling: Promise<void> | null = null;
  let renewing = false;
  let asking = false;

  const run = async (first: Goal): Promise<void> => {
    const { isOvertaken, confirm, attempt, noteRetired } = beginSearch(parts);
    let goal = first;
    let inAnyCase = false;
    // The page's first question changes nothing, so it need not wait for a tab that holds the lock.
    let locked = goal === "renew" || state.current().status !== "starting";
    let tries = 0;
    let conflictSince: number | null = null;

    if (locked) await noteRetired();
    while (inAnyCase || !isOvertaken()) {
      const cancel = AbortSignal.any([aside.signal, disposed.signal]);
      let signal = cancel;
      asking = goal === "confirm";
      let outcome: Outcome;
      try {
        outcome = await (locked
          ? tabs.exclusively((robbed) => {
              signal = AbortSignal.any([cancel, robbed]);
              return attempt(goal, signal, inAnyCase);
            }, cancel)
          : confirm(cancel, false));
      } catch (error) {
        if (disposed.signal.aborted)
          throw new NetworkError("The client has been disposed of.", error, true);
        if (signal.aborted)
          outcome = {
            goal,
            waitMs: tabs.excludesOthers() ? 0 : changeElsewhereMs,
            cause: "interrupted",
          };
        // Without a lock, rotating twice with one key while another tab still waits for the first
        // answer could set the cookie jar back.
        else if (error instanceof NetworkError)
          outcome = {
            goal: tabs.excludesOthers() ? goal : "confirm",
            waitMs: undefined,
            cause: "fault",
            error,
          };
        else throw error;
      }
      if (outcome === "settled") break;
      if (!locked) {
        locked = true;
        await noteRetired();
      }
      if (outcome === "renew") {
        goal = "renew";
        renewing = true;
        continue;
      }
      goal = outcome.goal;
      inAnyCase = outcome.cause === "overtaken";
      const { waitMs, cause, error } = outcome;
      const now = environment.elapsed();
      const isFault =
        cause === "fault" ||
        (cause === "conflict" && now - (conflictSince ??= now) >= conflictPatienceMs);
      if (isFault) state.setFault("refresh", error ?? null);
      if (isFault || waitMs) await pause(waitMs, isFault ? tries++ : null, isOvertaken);
    }
  };

  const settle = (goal: Goal, version: number, isDead: boolean): Promise<void> => {
    if (state.version() !== version) return Promise.resolve();
    if (isDead && goal === "renew") renewing = true;
    if (settling) return settling;
    const late = environment.setTimer(() => {
      if (!state.hasBeenReached())
        state.setFault("refresh", new NetworkError("No answer has come yet."));
    }, firstAnswerMs);
    return (settling = run(goal).finally(() => {
      environment.clearTimer(late);
      state.setFault("refresh", null);
      settling = null;
      renewing = asking = false;
    }));
  };
  const settleQuietly = (isDead: boolean): void =>
    void settle("renew", state.version(), isDead).catch(() => undefined);

  const standAside = (): void => {
    aside.abort();
    aside = new AbortController();
  };

  const ahead = scheduleRefreshes(environment, state, () => settleQuietly(false));
  const probe = createProbe(state, send, pause, () => settling !== null, disposed.signal);

  const isOutdated = (hint: Hint | null): boolean =>
    hint !== null &&
    (hint.signedIn
      ? hint.sessionId !== state.session()?.session.id || state.current().status !== "signedIn"
      : state.current().status === "signedIn");

  return {
    ...ahead,
    settle: (goal, version) => settle(goal, version, true),
    isRenewing: () => renewing,
    isAsking: () => asking,
    change: async (work, caller) => {
      caller?.throwIfAborted();
      const cancel = AbortSignal.any(caller ? [disposed.signal, caller] : [disposed.signal]);
      standAside();
      tabs.tell({ type: "changing", at: environment.wallClock() });
      try {
        return await tabs.exclusively((robbed) => {
          const signal = AbortSignal.any([robbed, cancel]);
          return work(
            signal,
            async (goal) => void (await beginSearch(parts).attempt(goal, signal, true)),
          );
        }, cancel);
      } catch (error) {
        if (error instanceof Error && error.name === "AbortError")
          throw new NetworkError("Another tab took over before the server answered.", error);
        throw error;
      }
    },
    standAside,
    wake: () => {
      const { status } = state.current();
      if (status === "signedIn" && state.hasExpired()) settleQuietly(true);
      // Where tabs cannot talk, this one may show what is no longer its user's.
      else if (status !== "starting" && isOutdated(hints.peek()))
        settle("confirm", state.version(), false).catch(() => undefined);
    },
    probe: () => void probe(),
    dispose: () => {
      ahead.dispose();
      disposed.abort();
    },
  };
};
