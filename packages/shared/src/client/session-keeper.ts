/**
 * Keeps the session alive: decides when to refresh, refreshes once for all tabs, and tells a fault from an end.
 * Invariant: only a definitive 401 ends a session; whatever else happens, the state stays and another try follows.
 */
import type { Contract, ContractKey, ResponseBody, Session } from "../contract/contract.ts";
import type { ConnectionFault } from "./client-events.ts";
import type { ClientEnvironment } from "./environment.ts";
import { NetworkError } from "./errors.ts";
import type { Hint, HintStore } from "./hint.ts";
import type { PendingKey } from "./pending-key.ts";
import { errorOf, notOurs, type Answer, type AnyInput } from "./request.ts";
import type { SessionState } from "./session-state.ts";
import type { Tabs } from "./tabs.ts";

/** Sends one request, with the credentials of the session, and gives whatever the server answered. @throws NetworkError, and ContractError where answers are validated */
export type Send = (
  key: ContractKey,
  input: AnyInput,
  options: { signal: AbortSignal; timeoutMs?: number },
) => Promise<Answer>;

/** `renew`: a new access token is needed. `confirm`: ask the server who is signed in, and renew only if it says so. */
export type Goal = "renew" | "confirm";

type Outcome =
  | "settled"
  | "renew"
  | {
      readonly goal: Goal;
      readonly waitMs: number | undefined;
      readonly cause: "conflict" | "fault" | "interrupted" | "overtaken";
      /** What a fault is, or a conflict that does not end. */
      readonly error?: ConnectionFault;
    };

export interface SessionKeeper {
  /**
   * Resolves when the session is known again: alive, over, or a visitor's. Nothing to do where it has changed since `version`.
   * Rejects only where trying again is useless. Callers share one run.
   */
  settle(goal: Goal, version: number): Promise<void>;
  /** The access token is known to be dead: whoever has a request to send waits for `settle`. */
  isRenewing(): boolean;
  /** The server is being asked who is signed in. Its answer may be about the very access token that another request has just found dead. */
  isAsking(): boolean;
  /**
   * Runs `work` while nothing else changes the session, having ended a refresh in flight in any tab. `settleWithin` tries once to settle without leaving it.
   * The signal given to `work` aborts with the caller's.
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

const requestTimeoutMs = 8000;
/** A server that has never answered is told apart from one that is slow before a person gives up on the page. */
const firstAnswerMs = 3000;
const conflictPatienceMs = 15_000;
const longestBackoffMs = 30_000;
/** How long another tab may take to sign in or out, where no lock says when it is done. */
const changeElsewhereMs = 2000;
/** Timers may fire a moment early by another clock, and then nothing would follow. */
const timerSlackMs = 20;
/** Answers about one access token differ by as much as their requests took on the way. */
const expirySlackMs = 500;
const longestLeadMs = 30_000;
type CookieCheck = ResponseBody<Contract["GET /cookie-check"]>;

const deadTokenCodes: readonly string[] = [
  "token_missing",
  "token_invalid",
  "token_expired",
  "token_stale",
];

export const isDeadToken = (answer: Answer): boolean =>
  answer.status === 401 && deadTokenCodes.includes(answer.problem?.code ?? "");

/** Another tab may have changed the session: the server has to be asked who is signed in. */
export const isSessionInDoubt = (answer: Answer): boolean =>
  answer.problem?.code === "session_ended" || answer.problem?.code === "csrf_failed";

/** @throws NetworkError, since a body that is no session would be taken for one and break whatever reads it later */
export const sessionOf = (key: ContractKey, { status, body }: Answer): Session => {
  if (
    typeof (body as Session | undefined)?.user?.id === "string" &&
    typeof (body as Session).session?.id === "string"
  )
    return body as Session;
  throw notOurs(key, status);
};

export const createSessionKeeper = (parts: {
  environment: ClientEnvironment;
  state: SessionState;
  tabs: Tabs;
  hints: HintStore;
  pendingKey: PendingKey;
  send: Send;
}): SessionKeeper => {
  const { environment, state, tabs, hints, pendingKey, send } = parts;
  const disposed = new AbortController();
  const pauses = new Set<() => void>();
  let aside = new AbortController();
  let settling: Promise<void> | null = null;
  let renewing = false;
  let asking = false;

  const expiresAtOf = (session: Session, sentAt: number): number =>
    environment.wallClock() - (environment.elapsed() - sentAt) + session.expiresIn * 1000;

  /** Ends early when the session changes, or, unless the server has named the time, when the page wakes. */
  const pause = (milliseconds: number, began: number | null, alsoOnWake: boolean): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        environment.clearTimer(timer);
        pauses.delete(done);
        unsubscribe();
        disposed.signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = environment.setTimer(done, milliseconds);
      const unsubscribe = state.subscribe(() => {
        if (began !== null && state.version() !== began) done();
      });
      if (alsoOnWake) pauses.add(done);
      disposed.signal.addEventListener("abort", done);
    });
  const backoffMs = (tries: number): number =>
    Math.min(longestBackoffMs, 1000 * 2 ** tries) * (0.5 + environment.random() / 2);

  /** One search for the session, from the first request to the last try. */
  const begin = () => {
    const began = state.version();
    let triedRetired: string | null = null;
    const ask = async (key: ContractKey, input: AnyInput, signal: AbortSignal): Promise<Answer> => {
      const answer = await send(key, input, { signal, timeoutMs: requestTimeoutMs });
      // A late answer must not disturb what has been signed in meanwhile, even where the abort came too late to stop it.
      signal.throwIfAborted();
      return answer;
    };
    const isOvertaken = (): boolean => state.version() !== began;

    let retiredBefore: string | undefined;
    /** Storage in IndexedDB is seen by every tab at once; messages and localStorage may come after the lock. */
    const noteRetired = async (): Promise<void> => {
      if (tabs.excludesOthers()) retiredBefore = await pendingKey.lastRetired();
    };
    const retiredMeanwhile = async (): Promise<boolean> =>
      tabs.excludesOthers() && (await pendingKey.lastRetired()) !== retiredBefore;

    const orLater = (answer: Answer, goal: Goal): Outcome => {
      if (answer.status !== 429 && answer.status < 500) throw errorOf(answer);
      return {
        goal,
        waitMs:
          answer.retryAfterSeconds === undefined ? undefined : answer.retryAfterSeconds * 1000,
        cause: "fault",
        error: errorOf(answer),
      };
    };

    /** Only logout clears cookies: without it, a dead session would come back with the next visit. */
    const over = async (answer: Answer, signal: AbortSignal): Promise<Outcome> => {
      const hadSession = typeof state.page().user === "string";
      const nothingToEnd = answer.problem?.code === "refresh_missing";
      if (hadSession || !nothingToEnd) {
        try {
          await ask("POST /logout", {}, signal);
        } catch {
          // The user has to sign in again in any case, and that replaces the cookies.
          signal.throwIfAborted();
        }
      }
      if (isOvertaken()) return "settled";
      // Where tabs cannot talk, the hint tells whether the user has signed out in another one.
      const hint = hints.peek();
      if (
        state.isVisitor() ||
        (nothingToEnd && (!hadSession || (hint?.signedIn === false && hint.signedOut)))
      )
        state.becomeVisitor(false);
      else state.end(answer.problem?.reason, true);
      return "settled";
    };

    const confirm = async (signal: AbortSignal, locked: boolean): Promise<Outcome> => {
      // Nothing is known of a session: whoever has none of its cookies is a visitor, and is not to be told so by an error in the console.
      if (state.page().user === undefined) {
        const asked = await ask("GET /cookie-check", {}, signal);
        if (isOvertaken()) return "settled";
        if (asked.problem) return orLater(asked, "confirm");
        const { access, refresh } = (asked.body ?? {}) as Partial<CookieCheck>;
        if (typeof refresh !== "boolean") throw notOurs("GET /cookie-check", asked.status);
        if (!access && !refresh) {
          state.becomeVisitor(false);
          return "settled";
        }
      }
      const sentAt = environment.elapsed();
      const answer = await ask("GET /session", {}, signal);
      if (isOvertaken()) return "settled";
      if (!answer.problem) {
        const session = sessionOf("GET /session", answer);
        state.adopt(session, expiresAtOf(session, sentAt), null);
        return "settled";
      }
      if (isDeadToken(answer)) {
        if (answer.problem.code !== "token_missing" || !state.isVisitor()) return "renew";
        state.becomeVisitor(false);
        return "settled";
      }
      if (answer.problem.code === "session_ended")
        return locked ? over(answer, signal) : { goal: "confirm", waitMs: 0, cause: "interrupted" };
      return orLater(answer, "confirm");
    };

    /** @param inAnyCase the tokens in the cookie jar work, but are known to be old ones */
    const renew = async (signal: AbortSignal, inAnyCase: boolean): Promise<Outcome> => {
      let sentAt = 0;
      const refreshToken = state.tokens()?.refresh;
      const refresh = (key: string): Promise<Answer> => {
        sentAt = environment.elapsed();
        return ask(
          "POST /refresh",
          {
            headers: { "idempotency-key": key },
            ...(refreshToken !== undefined && { body: { refreshToken } }),
          },
          signal,
        );
      };
      let key = await pendingKey.current();
      signal.throwIfAborted();
      if (isOvertaken() && !inAnyCase) return "settled";
      let answer = await refresh(key);
      // No jar brings the successor of a token in memory. Somebody else has it: signing out ends what they do with it.
      if (answer.status === 409 && refreshToken !== undefined) return over(answer, signal);
      if (answer.status === 409 && triedRetired === null) {
        const retired = await pendingKey.lastRetired();
        triedRetired = retired ?? "";
        signal.throwIfAborted();
        // The cookie jar may have missed the successor that an earlier refresh brought; with that one's key it comes again.
        if (retired !== undefined && retired !== key) {
          key = retired;
          answer = await refresh(retired);
        }
      }
      if (!answer.problem) {
        const session = sessionOf("POST /refresh", answer);
        const place = key === triedRetired ? "current" : await pendingKey.retire(key);
        signal.throwIfAborted();
        // Answers out of order have set the cookie jar back. Now the server still takes that for a conflict, later for theft.
        if (place === "overtaken") return { goal: "renew", waitMs: 0, cause: "overtaken" };
        if (isOvertaken()) return "settled";
        state.adopt(session, expiresAtOf(session, sentAt), "refreshed");
        return "settled";
      }
      if (isOvertaken()) return "settled";
      const { code } = answer.problem;
      if (code === "refresh_conflict")
        return {
          goal: "confirm",
          waitMs: (answer.retryAfterSeconds ?? 1) * 1000,
          cause: "conflict",
          error: errorOf(answer),
        };
      // A cookie sent twice has been cleared by the server: nothing is left to refresh with.
      if (code === "refresh_missing" || code === "refresh_invalid" || code === "duplicate_cookie") {
        // Without a lock, another tab may have signed in while this answer was under way, and logging out would end that.
        if (!tabs.excludesOthers()) {
          const now = await confirm(signal, false);
          if (now === "settled" || (now !== "renew" && now.cause === "fault")) return now;
        }
        return over(answer, signal);
      }
      return orLater(answer, "renew");
    };

    const attempt = async (
      goal: Goal,
      signal: AbortSignal,
      inAnyCase: boolean,
    ): Promise<Outcome> => {
      // Whoever had the lock before may have changed the session: what was to be renewed is gone, and a new session's tokens are not to be spent.
      if (isOvertaken() && !inAnyCase) return "settled";
      // Another tab has refreshed while this one waited for the lock: its tokens are in the cookie jar already.
      if (
        goal === "confirm" ||
        (!inAnyCase && (hints.changedElsewhere() || (await retiredMeanwhile())))
      ) {
        const confirmed = await confirm(signal, true);
        if (confirmed !== "renew") return confirmed;
      }
      return renew(signal, inAnyCase);
    };
    return { began, isOvertaken, confirm, attempt, noteRetired };
  };

  const run = async (first: Goal): Promise<void> => {
    const { began, isOvertaken, confirm, attempt, noteRetired } = begin();
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
        // Without a lock, rotating twice with one key while another tab still waits for the first answer could set the cookie jar back.
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
      let { waitMs, cause, error } = outcome;
      if (cause === "conflict") {
        conflictSince ??= environment.elapsed();
        if (environment.elapsed() - conflictSince >= conflictPatienceMs) cause = "fault";
      }
      if (cause === "fault") {
        state.setFault("refresh", error ?? null);
        await pause(Math.max(backoffMs(tries++), waitMs ?? 0), began, waitMs === undefined);
      } else if (waitMs) {
        await pause(waitMs, began, false);
      }
    }
  };

  const begun = async (goal: Goal): Promise<void> => {
    const late = environment.setTimer(() => {
      if (!state.hasBeenReached())
        state.setFault("refresh", new NetworkError("No answer has come yet."));
    }, firstAnswerMs);
    try {
      await run(goal);
    } finally {
      environment.clearTimer(late);
      state.setFault("refresh", null);
    }
  };

  const settle = (goal: Goal, version: number, isDead: boolean): Promise<void> => {
    if (state.version() !== version) return Promise.resolve();
    if (isDead && goal === "renew") renewing = true;
    settling ??= begun(goal).finally(() => {
      settling = null;
      renewing = asking = false;
    });
    return settling;
  };
  const settleQuietly = (isDead: boolean): void =>
    void settle("renew", state.version(), isDead).catch(() => undefined);

  const standAside = (): void => {
    aside.abort();
    aside = new AbortController();
  };

  let inputSinceRefresh = false;
  let expirySeen = -Infinity;
  let lastAhead = -Infinity;
  let versionSeen = state.version();
  let timer: unknown;
  const leadMs = (): number => Math.min(longestLeadMs, state.life().whole / 10);

  /** Idle means idle: a page that nobody touches lets its session run out. */
  const refreshAhead = (): void => {
    const { left, whole } = state.life();
    const now = environment.elapsed();
    if (
      !inputSinceRefresh ||
      state.current().status !== "signedIn" ||
      state.hasExpired() ||
      left > leadMs() ||
      now - lastAhead < whole / 2
    )
      return;
    lastAhead = now;
    settleQuietly(false);
  };
  state.subscribe(() => {
    if (state.version() === versionSeen) return;
    versionSeen = state.version();
    environment.clearTimer(timer);
    const { left } = state.life();
    const expiry = Number.isFinite(left) ? environment.elapsed() + left : -Infinity;
    // What only confirms the session brings no new access token, and forgets no input.
    if (expiry === -Infinity || expiry > expirySeen + expirySlackMs) {
      inputSinceRefresh = false;
      expirySeen = expiry;
    }
    if (Number.isFinite(left))
      timer = environment.setTimer(refreshAhead, Math.max(0, left - leadMs()) + timerSlackMs);
  });

  const isOutdated = (hint: Hint | null): boolean =>
    hint !== null &&
    (hint.signedIn
      ? hint.sessionId !== state.session()?.session.id || state.current().status !== "signedIn"
      : state.current().status === "signedIn");

  let probing = false;
  const probe = async (): Promise<void> => {
    if (probing) return;
    probing = true;
    for (let tries = 0; state.hasFault("request") && !disposed.signal.aborted; tries++) {
      await pause(backoffMs(tries), null, true);
      // Refreshes ask on their own.
      if (settling) continue;
      try {
        await send("GET /healthz", {}, { signal: disposed.signal, timeoutMs: requestTimeoutMs });
        state.setFault("request", null);
      } catch (error) {
        state.setFault("request", error instanceof NetworkError ? error : null);
      }
    }
    probing = false;
  };

  return {
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
          return work(signal, async (goal) => void (await begin().attempt(goal, signal, true)));
        }, cancel);
      } catch (error) {
        if (error instanceof Error && error.name === "AbortError")
          throw new NetworkError("Another tab took over before the server answered.", error);
        throw error;
      }
    },
    standAside,
    noteUserInput: () => {
      inputSinceRefresh = true;
      refreshAhead();
    },
    hasInput: () => inputSinceRefresh,
    wake: () => {
      for (const done of [...pauses]) done();
      const { status } = state.current();
      if (status === "signedIn" && state.hasExpired()) settleQuietly(true);
      // Where tabs cannot talk, this one may show what is no longer its user's.
      else if (status !== "starting" && isOutdated(hints.peek()))
        settle("confirm", state.version(), false).catch(() => undefined);
    },
    probe: () => void probe(),
    dispose: () => {
      environment.clearTimer(timer);
      disposed.abort();
    },
  };
};
