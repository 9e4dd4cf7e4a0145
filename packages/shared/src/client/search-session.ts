/**
 * Asks the server for the session, and renews it. Nothing here waits or tries again:
 * `session-keeper.ts` does.
 */
import type { Contract, ContractKey, ResponseBody } from "../contract/contract.ts";
import type { ConnectionFault } from "./client-events.ts";
import type { ClientEnvironment } from "./environment.ts";
import type { HintStore } from "./hint.ts";
import type { PendingKey } from "./pending-key.ts";
import { errorOf, notOurs, type Answer, type AnyInput } from "./request.ts";
import { expiresAtOf, isDeadToken, sessionOf } from "./session-answers.ts";
import type { SessionState } from "./session-state.ts";
import type { Tabs } from "./tabs.ts";

/**
 * Sends one request, with the credentials of the session, and gives whatever the server answered.
 * @throws NetworkError, and ContractError where answers are validated
 */
export type Send = (
  key: ContractKey,
  input: AnyInput,
  options: { signal: AbortSignal; timeoutMs?: number },
) => Promise<Answer>;

/**
 * `renew`: a new access token is needed. `confirm`: ask the server who is signed in, and renew only
 * if it says so.
 */
export type Goal = "renew" | "confirm";

export type Outcome =
  | "settled"
  | "renew"
  | {
      readonly goal: Goal;
      readonly waitMs: number | undefined;
      readonly cause: "conflict" | "fault" | "interrupted" | "overtaken";
      /** What a fault is, or a conflict that does not end. */
      readonly error?: ConnectionFault;
    };

export interface SearchParts {
  readonly environment: ClientEnvironment;
  readonly state: SessionState;
  readonly tabs: Tabs;
  readonly hints: HintStore;
  readonly pendingKey: PendingKey;
  readonly send: Send;
}

export const requestTimeoutMs = 8000;
type CookieCheck = ResponseBody<Contract["GET /cookie-check"]>;

/** One search for the session, from the first request to the last try. */
export const beginSearch = ({ environment, state, tabs, hints, pendingKey, send }: SearchParts) => {
  const began = state.version();
  let triedRetired: string | null = null;
  const ask = async (key: ContractKey, input: AnyInput, signal: AbortSignal): Promise<Answer> => {
    const answer = await send(key, input, { signal, timeoutMs: requestTimeoutMs });
    // A late answer must not disturb what has been signed in meanwhile, even where the abort came
    // too late to stop it.
    signal.throwIfAborted();
    return answer;
  };
  const isOvertaken = (): boolean => state.version() !== began;

  let retiredBefore: string | undefined;
  /**
   * Storage in IndexedDB is seen by every tab at once; messages and localStorage may come after the
   * lock.
   */
  const noteRetired = async (): Promise<void> => {
    if (tabs.excludesOthers()) retiredBefore = await pendingKey.lastRetired();
  };
  const retiredMeanwhile = async (): Promise<boolean> =>
    tabs.excludesOthers() && (await pendingKey.lastRetired()) !== retiredBefore;

  const orLater = (answer: Answer, goal: Goal): Outcome => {
    if (answer.status !== 429 && answer.status < 500) throw errorOf(answer);
    return {
      goal,
      waitMs: answer.retryAfterSeconds && answer.retryAfterSeconds * 1000,
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
    // Nothing is known of a session: whoever has none of its cookies is a visitor, and is not to be
    // told so by an error in the console.
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
      state.adopt(session, expiresAtOf(environment, session, sentAt), null);
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
    // No jar brings the successor of a token in memory. Somebody else has it: signing out ends what
    // they do with it.
    if (answer.status === 409 && refreshToken !== undefined) return over(answer, signal);
    if (answer.status === 409 && triedRetired === null) {
      const retired = await pendingKey.lastRetired();
      triedRetired = retired ?? "";
      signal.throwIfAborted();
      // The cookie jar may have missed the successor that an earlier refresh brought; with that
      // one's key it comes again.
      if (retired !== undefined && retired !== key) {
        key = retired;
        answer = await refresh(retired);
      }
    }
    if (!answer.problem) {
      const session = sessionOf("POST /refresh", answer);
      const place = key === triedRetired ? "current" : await pendingKey.retire(key);
      signal.throwIfAborted();
      // Answers out of order have set the cookie jar back. Now the server still takes that for a
      // conflict, later for theft.
      if (place === "overtaken") return { goal: "renew", waitMs: 0, cause: "overtaken" };
      if (isOvertaken()) return "settled";
      state.adopt(session, expiresAtOf(environment, session, sentAt), "refreshed");
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
    // The status tells, since a newer API may have a reason of its own. A cookie sent twice has
    // been cleared by the server: nothing is left to refresh with.
    if (answer.status === 401 || code === "duplicate_cookie") {
      // Without a lock, another tab may have signed in while this answer was under way, and logging
      // out would end that.
      if (!tabs.excludesOthers()) {
        const now = await confirm(signal, false);
        if (now === "settled" || (now !== "renew" && now.cause === "fault")) return now;
      }
      return over(answer, signal);
    }
    return orLater(answer, "renew");
  };

  const attempt = async (goal: Goal, signal: AbortSignal, inAnyCase: boolean): Promise<Outcome> => {
    // Whoever had the lock before may have changed the session: what was to be renewed is gone, and
    // a new session's tokens are not to be spent.
    if (isOvertaken() && !inAnyCase) return "settled";
    // Another tab has refreshed while this one waited for the lock: its tokens are in the cookie
    // jar already.
    if (
      goal === "confirm" ||
      (!inAnyCase && (hints.changedElsewhere() || (await retiredMeanwhile())))
    ) {
      const confirmed = await confirm(signal, true);
      if (confirmed !== "renew") return confirmed;
    }
    return renew(signal, inAnyCase);
  };
  return { isOvertaken, confirm, attempt, noteRetired };
};
