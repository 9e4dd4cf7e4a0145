/**
 * The way of a call that depends on who asks: it waits for a session, is sent, and is sent again
 * where all that was wrong was the session.
 */
import { isUnsafe } from "../contract/endpoint.ts";
import { unlessAborted } from "./abort.ts";
import type { ApiRequest, Answer } from "./request.ts";
import { isDeadToken, isSessionInDoubt } from "./session-answers.ts";
import type { SessionKeeper } from "./session-keeper.ts";
import type { Page, SessionState } from "./session-state.ts";

const repeatsAllowed = (code: string): number => (code === "token_stale" ? 3 : 1);
/**
 * A session that has changed while a request was under way is no fault of the request, but there
 * must be an end to it.
 */
const overtakenLimit = 3;

type Keeper = Pick<SessionKeeper, "settle" | "isRenewing" | "isAsking">;

/**
 * Waits until the request can be sent with credentials that, as far as this tab knows, are alive.
 */
const untilSendable = async (
  state: SessionState,
  keeper: Keeper,
  page: Page,
  unsafe: boolean,
  signal: AbortSignal | undefined,
): Promise<void> => {
  for (;;) {
    if (page.left) throw page.left;
    signal?.throwIfAborted();
    const { status } = state.current();
    const version = state.version();
    if (status === "expired") await unlessAborted(state.nextChange(), signal);
    else if (keeper.isRenewing() || (status === "signedIn" && state.hasExpired()))
      await unlessAborted(keeper.settle("renew", version), signal);
    // The CSRF token comes with the session.
    else if (status === "starting" && unsafe)
      await unlessAborted(keeper.settle("confirm", version), signal);
    else return;
  }
};

/**
 * @param start finds out who is signed in
 * @param send sends with the credentials of the session
 */
export const callInSession = async (
  state: SessionState,
  keeper: Keeper,
  start: () => Promise<unknown>,
  send: (request: ApiRequest, signal: AbortSignal | undefined) => Promise<Answer>,
  request: ApiRequest,
  signal: AbortSignal | undefined,
): Promise<Answer> => {
  const sessionId = (): string | null => state.session()?.session.id ?? null;
  const starting = start();
  // Whoever waits for it hears of its failure; a request that need not wait is not to fail with it.
  starting.catch(() => undefined);
  const page = state.page();
  const unsafe = isUnsafe(request.method);
  let repeats = 0;
  let overtaken = 0;
  let confirmed = false;

  for (;;) {
    await untilSendable(state, keeper, page, unsafe, signal);
    const version = state.version();
    const sentFor = sessionId();
    const answer = await send(request, signal);
    const code = answer.problem?.code ?? "";

    // Nobody is known until the first question is answered, so neither is whose answer this is.
    if (state.current().status === "starting" && !isDeadToken(answer))
      await unlessAborted(starting, signal);
    if (page.left) throw page.left;

    if (isDeadToken(answer) || isSessionInDoubt(answer)) {
      if (code === "token_missing" && state.current().status === "visitor") return answer;
      // The session has changed while this was under way, so its failure says nothing about the new
      // one.
      if (state.version() !== version && overtaken++ < overtakenLimit) continue;
      if (isDeadToken(answer)) {
        // What has only been asked for renews nothing: to wait for it is not yet to repeat.
        if (
          !(keeper.isAsking() && overtaken++ < overtakenLimit) &&
          repeats++ >= repeatsAllowed(code)
        )
          return answer;
        await unlessAborted(keeper.settle("renew", state.version()), signal);
      } else {
        if (confirmed) return answer;
        confirmed = true;
        await unlessAborted(keeper.settle("confirm", state.version()), signal);
      }
      continue;
    }

    if (answer.sessionId === null || answer.sessionId === sessionId()) return answer;
    // The answer belongs to a session this tab did not ask for: another tab has changed it and
    // could not tell.
    if (answer.sessionId !== sentFor && state.version() === version)
      await unlessAborted(keeper.settle("confirm", version), signal);
    if (page.left) throw page.left;
    // The same user's, from before signing in again. What has been done must not be done twice.
    if (
      (unsafe && !answer.problem) ||
      answer.sessionId === sessionId() ||
      overtaken++ >= overtakenLimit
    )
      return answer;
  }
};
