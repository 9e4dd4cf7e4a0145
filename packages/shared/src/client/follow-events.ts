/**
 * Follows `GET /session/events` for as long as it runs; loaded once somebody has signed in.
 * Invariant: the stream is no use of the session, so that idle means idle. It is opened with an
 * access token that lives. One that has expired is renewed for it only where the user has done
 * something since the last refresh.
 */
import type { Session, SessionEvents } from "../contract/contract.ts";
import type { ClientEnvironment } from "./environment.ts";
import type { Answer } from "./request.ts";
import type { Goal } from "./search-session.ts";
import type { SessionKeeper } from "./session-keeper.ts";
import type { SessionState } from "./session-state.ts";
import type { TabMessage } from "./tabs.ts";

const openTimeoutMs = 8000;
/** The server says something every 20 seconds. */
const silenceMs = 60_000;
const longestBackoffMs = 30_000;

/** One event after the other, without the empty line between them. */
async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const events = (text + decoder.decode(value, { stream: true })).split("\n\n");
    text = events.pop() ?? "";
    yield* events;
  }
}

type WithoutTime<M> = M extends unknown ? Omit<M, "at"> : never;
type Told = WithoutTime<Extract<TabMessage, { type: "sections" | "lists" | "following" }>>;

export const followEvents = async (parts: {
  readonly environment: ClientEnvironment;
  readonly state: SessionState;
  readonly keeper: Pick<SessionKeeper, "settle" | "hasInput">;
  /**
   * Sends the request; ends with the signal. `since` is when the page began to ask, by the server's
   * clock.
   */
  readonly open: (signal: AbortSignal, since: string) => Promise<Response>;
  /**
   * Tells a stream of the API's, and reads a response that is none. Handed in, because an import
   * would tear the client in two: this file is fetched apart.
   */
  readonly isStream: (response: Response) => boolean;
  readonly read: (response: Response) => Promise<Answer>;
  /**
   * Of sections, `slugs` is `null` after a time in which nobody listened, and so is `lists`: then
   * it may be any of them. `following` is told with whatever the server says, its signs of life
   * too, and when the stream has ended.
   */
  readonly tell: (event: Told) => void;
  /** Somebody else has listened before, and something may have been missed since. */
  readonly takesOver: boolean;
  readonly signal: AbortSignal;
}): Promise<void> => {
  const { environment, state, keeper, open, isStream, read, tell, signal } = parts;
  let hasMissed = parts.takesOver;
  let tries = 0;

  /** Resolves when what `begin` sets up calls back, or all of this is over. */
  const until = (begin: (done: () => void) => (() => void)[]): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        for (const stop of stops) stop();
        signal.removeEventListener("abort", done);
        resolve();
      };
      const stops = begin(done);
      signal.addEventListener("abort", done);
    });
  const change = (): Promise<void> =>
    until((done) => [state.subscribe(done), environment.onUserInput(done)]);
  const pause = (milliseconds: number): Promise<void> =>
    until((done) => {
      const timer = environment.setTimer(done, milliseconds);
      return [environment.onWake(done), () => environment.clearTimer(timer)];
    });
  const settle = (goal: Goal, version: number): Promise<void> =>
    keeper.settle(goal, version).catch(() => undefined);

  const act = (event: string): void => {
    const [, name, data = "{}"] = /^event: (\w+)\ndata: (.*)$/.exec(event) ?? [];
    if (name === "permissions") void settle("renew", state.version());
    else if (name === "ended") void settle("confirm", state.version());
    else if (name === "sections")
      tell({ type: "sections", ...(JSON.parse(data) as SessionEvents["sections"]) });
    else if (name === "lists")
      tell({ type: "lists", ...(JSON.parse(data) as SessionEvents["lists"]) });
  };

  /**
   * One stream from beginning to end. @returns milliseconds that the server asks to wait; null when
   * the answer needs something to change first
   */
  const follow = async ({
    session: { id: sessionId },
    accessExpiresAt,
    expiresIn,
  }: Session): Promise<number | null> => {
    // A second more, since `expiresIn` counts whole ones.
    const since = new Date(Date.parse(accessExpiresAt) - (expiresIn + 1) * 1000).toISOString();
    const version = state.version();
    const over = new AbortController();
    const stop = (): void => over.abort();
    let timer = environment.setTimer(stop, openTimeoutMs);
    const unsubscribe = state.subscribe(() => {
      if (state.session()?.session.id !== sessionId || state.current().status !== "signedIn")
        stop();
    });
    try {
      const response = await open(AbortSignal.any([signal, over.signal]), since);
      if (!isStream(response) || !response.body) {
        const { status, problem, retryAfterSeconds = 0 } = await read(response);
        if (status !== 401) return retryAfterSeconds * 1000;
        if (problem?.code === "session_ended") await settle("confirm", version);
        // A change of rights is worth a refresh in any case: the page may show what is no longer
        // permitted.
        else if (problem?.code === "token_stale" || keeper.hasInput())
          await settle("renew", version);
        else return null;
        return 0;
      }
      // Another tab has changed the session and could not tell.
      if (response.headers.get("sallyport-session") !== sessionId) await settle("confirm", version);
      else {
        tell({ type: "following", on: true });
        if (hasMissed) {
          tell({ type: "sections", slugs: null, list: true });
          tell({ type: "lists", lists: null });
        }
        hasMissed = true;
        for await (const event of readEvents(response.body)) {
          tries = 0;
          environment.clearTimer(timer);
          timer = environment.setTimer(stop, silenceMs);
          tell({ type: "following", on: true });
          act(event);
        }
      }
    } catch {
      // The connection broke, or was given up: the next one follows.
    } finally {
      stop();
      if (state.isFollowing()) tell({ type: "following", on: false });
      environment.clearTimer(timer);
      unsubscribe();
    }
    return 0;
  };

  while (!signal.aborted) {
    const session =
      state.current().status === "signedIn" && (!state.hasExpired() || keeper.hasInput())
        ? state.session()
        : null;
    const waitMs = session === null ? null : await follow(session);
    if (signal.aborted) break;
    if (waitMs === null) await change();
    else
      await pause(
        Math.max(
          waitMs,
          Math.min(longestBackoffMs, 1000 * 2 ** tries++) * (0.5 + environment.random() / 2),
        ),
      );
  }
};
