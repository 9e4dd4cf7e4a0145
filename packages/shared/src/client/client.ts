/**
 * The typed client. It keeps the session alive: a caller sees an answer, a typed error, or nothing until the
 * user has signed in again. How that works is the section "Client side" of docs/protocol.md.
 */
import type {
  CallerInput,
  CallKey,
  Contract,
  ContractKey,
  ErrorCode,
  ErrorCodeOf,
  ReceivedAnswer,
  ResponseBody,
  ReadableHeader,
  Session,
  SessionEndReason,
} from "../contract/contract.ts";
import { isUnsafe } from "../contract/endpoint.ts";
import { sharedNameOf } from "../contract/shared-name.ts";
import type { ClientEvents, ClientState } from "./client-events.ts";
import { environmentOf, type ClientEnvironment } from "./environment.ts";
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
import {
  createSessionKeeper,
  isDeadToken,
  isSessionInDoubt,
  sessionOf,
  type Goal,
} from "./session-keeper.ts";
import { createSessionState, type Page } from "./session-state.ts";
import { openTabs, type TabMessage } from "./tabs.ts";

export {
  ApiError,
  ContractError,
  isApiError,
  NetworkError,
  SignedInAsAnotherError,
  SignedOutError,
} from "./errors.ts";
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
};

export interface ClientOptions {
  /** The API's URL. Names of locks, channels and stores carry it, since one origin may hold many SPAs. */
  readonly baseUrl: string;
  /** Where the tokens live: HttpOnly cookies (the default), or the memory of this client. Fixed for the life of a session. */
  readonly delivery?: "cookie" | "bearer";
  readonly environment?: Partial<ClientEnvironment>;
  /** Returns the body as the contract has it, or throws: the caller then gets a `ContractError`. For development and tests. */
  readonly validateResponse?: (key: ContractKey, status: number, body: unknown) => unknown;
}

/** The error codes that a call of this endpoint may be answered with: `isApiError<ErrorCodes<"POST /login">>(error, "invalid_credentials")` compiles for no others. */
export type ErrorCodes<K extends CallKey> = ErrorCodeOf<Contract[K], K>;

export interface AbortOptions {
  /**
   * Ends the request, or whatever it waits for, with a `NetworkError` whose `aborted` is true. The server may have acted all the same:
   * after a sign-in or a sign-out that was aborted, the next request finds out.
   */
  readonly signal?: AbortSignal | undefined;
}

export interface CallOptions extends AbortOptions {
  /** The answer does not depend on who asks: do not wait for a session, a refresh or a new sign-in, and never cause one. */
  readonly sessionless?: boolean;
}

type InputOf<K extends CallKey> = CallerInput<Contract[K]>;
/** Input and options; the input may be left out where nothing in it has to be given. */
export type CallRest<K extends CallKey, O> =
  Record<never, never> extends InputOf<K>
    ? readonly [input?: InputOf<K> | undefined, options?: O | undefined]
    : readonly [input: InputOf<K>, options?: O | undefined];

/** A success with its status, its body and those of its headers that every origin may read. */
export type Received<K extends CallKey> = ReceivedAnswer<Contract[K]> & {
  readonly headers: { get(name: ReadableHeader): string | null };
};

/** The endpoints that begin or renew a session and answer with it. */
export type SessionKey = {
  [K in CallKey]: K extends "POST /refresh" | `GET ${string}`
    ? never
    : ResponseBody<Contract[K]> extends Session
      ? K
      : never;
}[CallKey];

export interface Client {
  /**
   * Finds out who is signed in: once, however often it is called. Calls may be made meanwhile. Waits for as long as the server
   * cannot be reached; rejects only where trying again is useless. Its signal ends the waiting, not the search.
   */
  start(options?: AbortOptions): Promise<ClientState>;
  /** The same object until something changes. */
  state(): ClientState;
  /** The id of the user whose page this is: while starting, the one remembered from the last visit; `null` for a visitor. */
  userId(): string | null;
  /**
   * Whether the server tells of changes just now: whoever listens to `sectionsChanged` would hear of one. Its stream of
   * events is open, in this tab or another one, and has been heard within the last minute.
   */
  isFollowing(): boolean;
  /** Calls back after every change of `state()`, and of `isFollowing()`; returns how to stop. */
  subscribe(listener: () => void): () => void;
  on<E extends keyof ClientEvents>(
    event: E,
    listener: (detail: ClientEvents[E]) => void,
  ): () => void;
  /** @throws ApiError, NetworkError, ContractError, SignedInAsAnotherError, SignedOutError */
  call<K extends CallKey>(
    key: K,
    ...rest: CallRest<K, CallOptions>
  ): Promise<ResponseBody<Contract[K]>>;
  /** As `call`, for whom the body is not enough: `(await client.request(…)).headers.get("ETag")` is what `If-Match` wants. */
  request<K extends CallKey>(key: K, ...rest: CallRest<K, CallOptions>): Promise<Received<K>>;
  /** @throws ApiError `invalid_credentials`, `rate_limited`, `busy` */
  signIn(
    credentials: { readonly username: string; readonly password: string },
    options?: AbortOptions,
  ): Promise<Session>;
  /** Creates the first admin and signs them in. @throws ApiError `one_use_token_invalid`, `setup_done`, `name_taken`, `validation_failed` */
  setUp(
    input: Omit<CallerInput<Contract["POST /setup"]>["body"], "delivery">,
    options?: AbortOptions,
  ): Promise<Session>;
  /** Calls an endpoint that answers with a session (sign-in, step-up, change of password): no refresh can run at the same time, in any tab. */
  changeSession<K extends SessionKey>(
    key: K,
    input: CallerInput<Contract[K]>,
    options?: AbortOptions,
  ): Promise<Session>;
  /** Without an answer the user is still signed in, and this rejects. */
  signOut(options?: AbortOptions): Promise<void>;
  signOutEverywhere(options?: AbortOptions): Promise<void>;
  /** Which cookies the browser sent back: to be asked right after a sign-in with cookies. Without an answer for 5 seconds it rejects. */
  checkCookies(options?: AbortOptions): Promise<ResponseBody<Contract["GET /cookie-check"]>>;
  /** Stops timers and listeners, and ends all that waits with a `NetworkError`. Without it a client keeps a Node process alive until its access token has expired. */
  dispose(): void;
}

const repeatsAllowed = (code: string): number => (code === "token_stale" ? 3 : 1);
/** A session that has changed while a request was under way is no fault of the request, but there must be an end to it. */
const overtakenLimit = 3;
const cookieCheckTimeoutMs = 5000;
const signsIn: readonly ContractKey[] = ["POST /login", "POST /setup"];

export function createClient(options: ClientOptions): Client {
  const environment = environmentOf(options.environment);
  const baseUrl = options.baseUrl.replace(/\/+$/, "");
  const bearer = options.delivery === "bearer";
  // With tokens in memory the session is this tab's own: there is nothing to share, to remember or to lock.
  const sharedName = bearer ? null : sharedNameOf(baseUrl);

  const hints = openHint(sharedName, environment);
  const pendingKey = openPendingKey(sharedName, environment);
  const tabs = openTabs(sharedName, environment, (message) => {
    if (message.type === "changing") keeper.standAside();
    else hear(message);
  });
  const state = createSessionState(environment, hints, tabs.tell);

  /** Sends once and reads the answer. An abort by `signal` and a time-out both reject with a NetworkError. */
  const transmit = async (
    request: ApiRequest,
    headers: Record<string, string>,
    signal: AbortSignal | undefined,
    timeoutMs?: number,
  ): Promise<Answer> => {
    const late = new AbortController();
    const timer =
      timeoutMs === undefined ? undefined : environment.setTimer(() => late.abort(), timeoutMs);
    const ended = AbortSignal.any(signal ? [signal, late.signal] : [late.signal]);
    try {
      const answer = await unlessAborted(
        environment
          .fetch(baseUrl + request.path, {
            method: request.method,
            headers: { ...request.headers, ...headers },
            ...(request.body !== undefined && { body: request.body }),
            credentials: bearer ? "omit" : "include",
            signal: ended,
          })
          .then((response) => readAnswer(request.key, response)),
        ended,
      );
      state.noteAnswer();
      return answer;
    } catch (error) {
      if (signal?.aborted)
        throw new NetworkError(`${request.key} was aborted.`, signal.reason, true);
      if (error instanceof NetworkError || error instanceof ContractError) throw error;
      throw new NetworkError(`${request.key} got no answer.`, error);
    } finally {
      environment.clearTimer(timer);
    }
  };

  const credentialsFor = (key: ContractKey, unsafe: boolean): Record<string, string> => {
    if (signsIn.includes(key)) return {};
    const access = state.tokens()?.access;
    const csrfToken = state.session()?.csrfToken;
    // The refresh token alone speaks for a refresh: a dead access token beside it would be judged first.
    if (access !== undefined)
      return key === "POST /refresh" ? {} : { authorization: `Bearer ${access}` };
    return !bearer && unsafe && csrfToken !== undefined ? { "x-csrf-token": csrfToken } : {};
  };
  const transmitForSession = (
    request: ApiRequest,
    signal: AbortSignal | undefined,
    timeoutMs?: number,
  ): Promise<Answer> =>
    transmit(request, credentialsFor(request.key, isUnsafe(request.method)), signal, timeoutMs);

  /** As `transmitForSession`, and what became of it is shown as the state of the connection. */
  const observe = async (answering: Promise<Answer>): Promise<Answer> => {
    try {
      const answer = await answering;
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
      const answer = await transmitForSession(
        buildRequest(key, key === "POST /logout" ? logoutInput() : input),
        signal,
        timeoutMs,
      );
      return answer.problem ? answer : { ...answer, body: bodyOf(key, answer) };
    },
  });
  const logoutInput = (): AnyInput => {
    const refreshToken = state.tokens()?.refresh;
    return refreshToken === undefined ? {} : { body: { refreshToken } };
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
  /** Once somebody has signed in, and somebody wants to know. */
  const follow = (): void => {
    if (following || state.current().status !== "signedIn") return;
    following = true;
    import("./follow-events.ts")
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
                environment.fetch(`${baseUrl}/session/events?since=${encodeURIComponent(since)}`, {
                  method: "GET",
                  headers: {
                    accept: "text/event-stream",
                    ...credentialsFor("GET /session/events", false),
                  },
                  credentials: bearer ? "omit" : "include",
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

  /** Waits until the request can be sent with credentials that, as far as this tab knows, are alive. */
  const untilSendable = async (
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

  const answerTo = async (
    request: ApiRequest,
    signal: AbortSignal | undefined,
  ): Promise<Answer> => {
    const starting = start();
    // Whoever waits for it hears of its failure; a request that need not wait is not to fail with it.
    starting.catch(() => undefined);
    const page = state.page();
    const unsafe = isUnsafe(request.method);
    let repeats = 0;
    let overtaken = 0;
    let confirmed = false;

    for (;;) {
      await untilSendable(page, unsafe, signal);
      const version = state.version();
      const sentFor = state.session()?.session.id ?? null;
      const answer = await observe(transmitForSession(request, signal));
      const code = answer.problem?.code ?? "";

      // Nobody is known until the first question is answered, so neither is whose answer this is.
      if (state.current().status === "starting" && !isDeadToken(answer))
        await unlessAborted(starting, signal);
      if (page.left) throw page.left;

      if (isDeadToken(answer) || isSessionInDoubt(answer)) {
        if (code === "token_missing" && state.current().status === "visitor") return answer;
        // The session has changed while this was under way, so its failure says nothing about the new one.
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

      const current = state.session()?.session.id ?? null;
      if (answer.sessionId === null || answer.sessionId === current) return answer;
      // The answer belongs to a session this tab did not ask for: another tab has changed it and could not tell.
      if (answer.sessionId !== sentFor && state.version() === version)
        await unlessAborted(keeper.settle("confirm", version), signal);
      if (page.left) throw page.left;
      // The same user's, from before signing in again. What has been done must not be done twice.
      if (
        (unsafe && !answer.problem) ||
        answer.sessionId === (state.session()?.session.id ?? null) ||
        overtaken++ >= overtakenLimit
      )
        return answer;
    }
  };

  const request: Client["request"] = async (key, ...rest) => {
    const [input, { signal, sessionless = false } = {}] = rest as readonly [
      AnyInput?,
      CallOptions?,
    ];
    const built = buildRequest(key, input);
    const answer = await abortable(
      key,
      signal,
      sessionless ? observe(transmit(built, {}, signal)) : answerTo(built, signal),
    );
    return { ...answer, body: bodyOf(key, answer) } as never;
  };

  /** Within `keeper.change`: sends, and once more if the access token or the CSRF token had to be renewed. */
  const sendWithin = async (
    request: ApiRequest,
    signal: AbortSignal,
    settleWithin: (goal: Goal) => Promise<void>,
  ): Promise<Answer> => {
    const answer = await observe(transmitForSession(request, signal));
    if (signsIn.includes(request.key) || !(isDeadToken(answer) || isSessionInDoubt(answer)))
      return answer;
    await settleWithin(isDeadToken(answer) ? "renew" : "confirm");
    return state.current().status === "signedIn"
      ? observe(transmitForSession(request, signal))
      : answer;
  };

  /** Runs `work` while nothing else changes the session, as far as the caller waits for it. */
  const change = <T>(
    key: ContractKey,
    caller: AbortSignal | undefined,
    work: Parameters<typeof keeper.change<T>>[0],
  ): Promise<T> => abortable(key, caller, keeper.change(work, caller));

  const changeSession: Client["changeSession"] = (key, input, options) =>
    change(key, options?.signal, async (signal, settleWithin) => {
      const anyInput = input as AnyInput;
      const request = buildRequest(
        key,
        bearer && signsIn.includes(key)
          ? { ...anyInput, body: { ...(anyInput.body as object), delivery: "body" } }
          : anyInput,
      );
      const sentAt = environment.elapsed();
      const answer = await sendWithin(request, signal, settleWithin);
      const session = sessionOf(key, { ...answer, body: bodyOf(key, answer) });
      signal.throwIfAborted();
      state.adopt(
        session,
        environment.wallClock() - (environment.elapsed() - sentAt) + session.expiresIn * 1000,
        signsIn.includes(key) ? "signedIn" : "refreshed",
      );
      return state.session() as Session;
    });

  const endSession = (
    key: "POST /logout" | "DELETE /account/sessions",
    options: AbortOptions | undefined,
  ): Promise<void> =>
    change(key, options?.signal, async (signal, settleWithin) => {
      bodyOf(
        key,
        await sendWithin(
          buildRequest(key, key === "POST /logout" ? logoutInput() : {}),
          signal,
          settleWithin,
        ),
      );
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
      if ((event === "sectionsChanged" || event === "permissionsChanged") && !wanted) {
        wanted = true;
        stops.push(state.subscribe(follow));
        follow();
      }
      return state.on(event, listener);
    },
    request,
    call: async (...args) => (await request(...args)).body,
    signIn: (credentials, options) => changeSession("POST /login", { body: credentials }, options),
    setUp: (input, options) => changeSession("POST /setup", { body: input }, options),
    changeSession,
    signOut: (options) => endSession("POST /logout", options),
    signOutEverywhere: (options) => endSession("DELETE /account/sessions", options),
    checkCookies: async ({ signal } = {}) => {
      const request = buildRequest("GET /cookie-check");
      // Asked between two pages, so that a server which does not answer must not hold the user up.
      return bodyOf(
        request.key,
        await transmit(request, {}, signal, cookieCheckTimeoutMs),
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

/** Settles with `promise`, or rejects as soon as the signal aborts, whatever becomes of the promise. */
const unlessAborted = <T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
};

/** As `unlessAborted`; whatever the signal ends rejects with the same error. */
const abortable = async <T>(
  what: string,
  signal: AbortSignal | undefined,
  promise: Promise<T>,
): Promise<T> => {
  try {
    return await unlessAborted(promise, signal);
  } catch (error) {
    if (signal?.aborted && !(error instanceof NetworkError && error.aborted))
      throw new NetworkError(`${what} was aborted.`, signal.reason, true);
    throw error;
  }
};
