/**
 * The typed client. It keeps the session alive: a caller sees an answer, a typed error, or nothing
 * until the user has signed in again. How that works is the section "Client side" of
 * docs/protocol.md.
 */
import type { ContractKey, Session } from "../contract/contract.ts";
import { sharedNameOf } from "../contract/shared-name.ts";
import { abortable } from "./abort.ts";
import { callInSession } from "./call-loop.ts";
import type { AbortOptions, CallOptions, Client, ClientOptions } from "./client-api.ts";
import type { ClientState } from "./client-events.ts";
import { environmentOf } from "./environment.ts";
import { ContractError, NetworkError } from "./errors.ts";
import { openHint } from "./hint.ts";
import { openPendingKey } from "./pending-key.ts";
import {
  buildRequest,
  errorOf,
  isStream,
  readAnswer,
  type Answer,
  type AnyInput,
  type ApiRequest,
} from "./request.ts";
import type { Goal } from "./search-session.ts";
import { expiresAtOf, isDeadToken, isSessionInDoubt, sessionOf } from "./session-answers.ts";
import { createSessionKeeper } from "./session-keeper.ts";
import { createSessionState } from "./session-state.ts";
import { openTabs, type TabMessage } from "./tabs.ts";
import { createTransport, proves, signsIn } from "./transport.ts";

export {
  ApiError,
  ContractError,
  isApiError,
  NetworkError,
  SignedInAsAnotherError,
  SignedOutError,
} from "./errors.ts";
export type {
  AbortOptions,
  CallOptions,
  CallRest,
  Client,
  ClientOptions,
  ErrorCodes,
  Received,
  SessionKey,
} from "./client-api.ts";
export type { ClientEvents, ClientState, ConnectionFault, Rights } from "./client-events.ts";
export type { Channel, ClientEnvironment, Locks } from "./environment.ts";
export { remembersSession } from "./hint.ts";
export type {
  CallerInput,
  CallKey,
  Contract,
  ContractKey,
  ErrorCode,
  ResponseBody,
  ReadableHeader,
  Session,
  SessionEndReason,
} from "../contract/contract.ts";

const cookieCheckTimeoutMs = 5000;

export function createClient(options: ClientOptions): Client {
  const environment = environmentOf(options.environment);
  const baseUrl = options.baseUrl.replace(/\/+$/, "");
  const bearer = options.delivery === "bearer";
  // With tokens in memory the session is this tab's own: there is nothing to share, to remember or
  // to lock.
  const sharedName = bearer ? null : sharedNameOf(baseUrl);

  const hints = openHint(sharedName, environment);
  const pendingKey = openPendingKey(sharedName, environment);
  const tabs = openTabs(sharedName, environment, (message) => {
    if (message.type === "changing") keeper.standAside();
    else hear(message);
  });
  const state = createSessionState(environment, hints, tabs.tell);

  const { fetchApi, credentialsFor, transmit } = createTransport(
    environment,
    state,
    baseUrl,
    bearer,
  );

  /** Sends once, and what becomes of it is shown as the state of the connection. */
  const send = async (...sent: Parameters<typeof transmit>): Promise<Answer> => {
    try {
      const answer = await transmit(...sent);
      // A server that is too busy has been reached, but that is no proof that a fault is over.
      if (answer.status !== 429 && answer.status < 502) state.setFault("request", null);
      return answer;
    } catch (error) {
      if (error instanceof NetworkError && !error.aborted) {
        state.setFault("request", error);
        keeper.probe();
      }
      throw error;
    }
  };

  const keeper = createSessionKeeper({
    environment,
    state,
    tabs,
    hints,
    pendingKey,
    send: async (key, input, { signal, timeoutMs }) => {
      const answer = await transmit(requestFor(key, input), signal, undefined, timeoutMs);
      return answer.problem ? answer : { ...answer, body: bodyOf(key, answer) };
    },
  });
  /** Whoever holds the refresh token has to say which session is to end. */
  const requestFor = (key: ContractKey, input: AnyInput): ApiRequest => {
    const refreshToken = state.tokens()?.refresh;
    return buildRequest(
      key,
      key === "POST /logout" && refreshToken !== undefined ? { body: { refreshToken } } : input,
    );
  };

  const hear = (message: TabMessage): void => {
    state.hear(message);
    if (
      message.type === "sections" &&
      message.list &&
      state.current().status === "signedIn" &&
      !state.hasExpired()
    )
      keeper.settle("confirm", state.version()).catch(() => undefined);
  };

  const disposed = new AbortController();
  let wanted = false;
  let following = false;
  const openStream = (): void =>
    void import("./follow-events.ts")
      .then(({ followEvents }) =>
        tabs.asOne(
          (takesOver) =>
            followEvents({
              environment,
              state,
              keeper,
              takesOver,
              signal: disposed.signal,
              open: (signal, since) =>
                fetchApi(`/session/events?since=${encodeURIComponent(since)}`, {
                  method: "GET",
                  headers: {
                    accept: "text/event-stream",
                    ...credentialsFor("GET /session/events"),
                  },
                  signal,
                }),
              isStream,
              read: (response) => readAnswer("GET /session/events", response),
              tell: (event) => {
                const message: TabMessage = { ...event, at: environment.wallClock() };
                tabs.tell(message);
                hear(message);
              },
            }),
          disposed.signal,
        ),
      )
      // Its code could not be fetched: the next change of the session tries again.
      .catch(() => void (following = false));
  /** Once somebody has signed in, and somebody wants to know. */
  const follow = (): void => {
    if (following || state.current().status !== "signedIn") return;
    following = true;
    // What the page is asked for first comes first.
    environment.whenFree(openStream);
  };

  const stops = [environment.onWake(keeper.wake), environment.onUserInput(keeper.noteUserInput)];

  /** The body of a success; every error as what callers catch. */
  const bodyOf = (key: ContractKey, answer: Answer): unknown => {
    if (answer.problem) throw errorOf(answer);
    if (!options.validateResponse) return answer.body;
    try {
      return options.validateResponse(key, answer.status, answer.body);
    } catch (error) {
      throw new ContractError(
        `${key} answered ${answer.status} with a body that breaks the contract.`,
        error,
      );
    }
  };

  let started: Promise<ClientState> | undefined;
  let starting: Promise<ClientState>[] = [];
  const search = (): Promise<ClientState> =>
    (started ??= (async () => {
      // A sign-in has told already.
      if (state.current().status !== "starting") return state.current();
      const hint = hints.read();
      state.begin(hint);
      if (bearer) state.becomeVisitor(false);
      else
        await keeper.settle(
          hint?.signedIn && state.hasExpired() ? "renew" : "confirm",
          state.version(),
        );
      return state.current();
    })()
      .catch((error: unknown) => {
        started = undefined;
        throw error;
      })
      .finally(() => void (starting = [])));
  const start: Client["start"] = ({ signal } = {}) => {
    const found = abortable("start", signal, search());
    if (state.current().status === "starting") starting.push(found);
    return found;
  };

  const request: Client["request"] = async (key, ...rest) => {
    const [input, { signal, sessionless } = {}] = rest as unknown as readonly [
      AnyInput?,
      CallOptions?,
    ];
    const built = buildRequest(key, input);
    const page = state.page();
    const attempt = (): Promise<Answer> =>
      abortable(
        key,
        signal,
        sessionless
          ? send(built, signal, {})
          : callInSession(state, keeper, start, send, built, signal),
      );
    let answer = await attempt();
    if (
      answer.problem?.code === "fresh_sign_in_required" &&
      options.onFreshSignInRequired &&
      (await abortable(key, signal, options.onFreshSignInRequired(key)))
    ) {
      // Whoever has proved who they are may be somebody else.
      if (page.left) throw page.left;
      answer = await attempt();
    }
    return { ...answer, body: bodyOf(key, answer) } as never;
  };

  /**
   * Within `keeper.change`: sends, and once more if one of the tokens had to be renewed, of which
   * the second request is made anew.
   */
  const sendWithin = async (
    build: () => ApiRequest | Promise<ApiRequest>,
    signal: AbortSignal,
    settleWithin: (goal: Goal) => Promise<void>,
  ): Promise<Answer> => {
    const request = await build();
    const answer = await send(request, signal);
    const isDead = isDeadToken(answer) || answer.problem?.code.startsWith("refresh_");
    if (signsIn.includes(request.key) || !(isDead || isSessionInDoubt(answer))) return answer;
    await settleWithin(isDead ? "renew" : "confirm");
    return state.current().status === "signedIn" ? send(await build(), signal) : answer;
  };

  /** Runs `work` while nothing else changes the session, as far as the caller waits for it. */
  const change = <T>(
    key: ContractKey,
    caller: AbortSignal | undefined,
    work: Parameters<typeof keeper.change<T>>[0],
  ): Promise<T> => abortable(key, caller, keeper.change(work, caller));

  const changeSession: Client["changeSession"] = (key, input, options) =>
    change(key, options?.signal, async (signal, settleWithin) => {
      const { body, ...given } = input as AnyInput;
      const signs = signsIn.includes(key);
      // One for all that rotate the session: whichever follows has the answer that was lost.
      let rotation: string | undefined;
      let sentAt = 0;
      const answer = await sendWithin(
        async () => {
          if (proves.includes(key)) rotation = await pendingKey.current();
          sentAt = environment.elapsed();
          return buildRequest(key, {
            ...given,
            ...(body !== undefined && {
              body: {
                ...body,
                ...(signs && bearer && { delivery: "body" }),
                ...(rotation && { refreshToken: state.tokens()?.refresh }),
              },
            }),
            ...(rotation && { headers: { "idempotency-key": rotation } }),
          });
        },
        signal,
        settleWithin,
      );
      const session = sessionOf(key, { ...answer, body: bodyOf(key, answer) });
      const place = rotation && (await pendingKey.retire(rotation));
      signal.throwIfAborted();
      state.adopt(
        session,
        expiresAtOf(environment, session, sentAt),
        signs ? "signedIn" : "refreshed",
      );
      // Answers out of order have set the cookie jar back.
      if (place === "overtaken") await settleWithin("renew");
      return state.session() as Session;
    });

  const endSession = (
    key: "POST /logout" | "DELETE /account/sessions",
    options: AbortOptions | undefined,
  ): Promise<void> =>
    change(key, options?.signal, async (signal, settleWithin) => {
      bodyOf(key, await sendWithin(() => requestFor(key, {}), signal, settleWithin));
      signal.throwIfAborted();
      state.becomeVisitor(true);
    });

  return {
    start,
    state: state.current,
    userId: () => state.page().user ?? null,
    isFollowing: state.isFollowing,
    subscribe: state.subscribe,
    on: (event, listener) => {
      // Permissions, sections and lists, of which the server tells.
      if (event.endsWith("sChanged") && !wanted) {
        wanted = true;
        stops.push(state.subscribe(follow));
        follow();
      }
      return state.on(event, listener);
    },
    request,
    call: (async (...args: Parameters<typeof request>) =>
      ((await request(...args)) as { readonly body: unknown }).body) as Client["call"],
    signIn: (credentials, options) => changeSession("POST /login", { body: credentials }, options),
    setUp: (input, options) => changeSession("POST /setup", { body: input }, options),
    changeSession,
    stepUp: (password, options) => changeSession("POST /step-up", { body: { password } }, options),
    changePassword: (input, options) =>
      changeSession("PUT /account/password", { body: input }, options),
    signOut: (options) => endSession("POST /logout", options),
    signOutEverywhere: (options) => endSession("DELETE /account/sessions", options),
    checkCookies: async ({ signal } = {}) => {
      const request = buildRequest("GET /cookie-check");
      // Asked between two pages, so that a server which does not answer must not hold the user up.
      return bodyOf(
        request.key,
        await transmit(request, signal, {}, cookieCheckTimeoutMs),
      ) as never;
    },
    dispose: () => {
      // Pages that follow the state wait for none of them; whoever does is told all the same.
      for (const found of starting) found.catch(() => undefined);
      disposed.abort();
      for (const stop of stops) stop();
      keeper.dispose();
      tabs.close();
      state.dispose();
    },
  };
}
