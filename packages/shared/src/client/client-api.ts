/**
 * What the client offers, as types: how it is made, what may be called with what, and what comes
 * back.
 */
import type {
  CallerInput,
  CallKey,
  Contract,
  ContractKey,
  ErrorCodeOf,
  ReadableHeader,
  ReceivedAnswer,
  ResponseBody,
  Session,
} from "../contract/contract.ts";
import type { ClientEvents, ClientState } from "./client-events.ts";
import type { ClientEnvironment } from "./environment.ts";

export interface ClientOptions {
  /**
   * The API's URL. Names of locks, channels and stores carry it, since one origin may hold many
   * SPAs.
   */
  readonly baseUrl: string;
  /**
   * Where the tokens live: HttpOnly cookies (the default), or the memory of this client. Fixed for
   * the life of a session.
   */
  readonly delivery?: "cookie" | "bearer";
  readonly environment?: Partial<ClientEnvironment>;
  /**
   * A call wants a sign-in of the last five minutes (`fresh_sign_in_required`): ask for the
   * password, hand it to `stepUp`, and resolve with true once that has succeeded. The call is then
   * repeated, once and as it was. With false, or without this, the caller gets the error.
   */
  readonly onFreshSignInRequired?: (key: ContractKey) => Promise<boolean>;
  /**
   * Returns the body as the contract has it, or throws: the caller then gets a `ContractError`. For
   * development and tests.
   */
  readonly validateResponse?: (key: ContractKey, status: number, body: unknown) => unknown;
}

/**
 * The error codes that a call of this endpoint may be answered with: `isApiError<ErrorCodes<"POST
 * /login">>(error, "invalid_credentials")` compiles for no others.
 */
export type ErrorCodes<K extends CallKey> = ErrorCodeOf<Contract[K], K>;

export interface AbortOptions {
  /**
   * Ends the request, or whatever it waits for, with a `NetworkError` whose `aborted` is true. The
   * server may have acted all the same: after a sign-in or a sign-out that was aborted, the next
   * request finds out.
   */
  readonly signal?: AbortSignal | undefined;
}

export interface CallOptions extends AbortOptions {
  /**
   * The answer does not depend on who asks: do not wait for a session, a refresh or a new sign-in,
   * and never cause one.
   */
  readonly sessionless?: boolean;
}

/** The endpoints that also answer with a file, where they are asked for a `format`. */
export type ExportKey = {
  [K in CallKey]: Contract[K] extends { readonly exports: object } ? K : never;
}[CallKey];
type ListInput<I> = I extends { readonly query?: infer Q }
  ? Omit<I, "query"> & { readonly query?: Omit<NonNullable<Q>, "format"> }
  : I;
type InputOf<K extends CallKey> = K extends ExportKey
  ? ListInput<CallerInput<Contract[K]>>
  : CallerInput<Contract[K]>;
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
   * Finds out who is signed in: once, however often it is called. Calls may be made meanwhile.
   * Waits for as long as the server cannot be reached; rejects only where trying again is useless.
   * Its signal ends the waiting, not the search.
   */
  start(options?: AbortOptions): Promise<ClientState>;
  /** The same object until something changes. */
  state(): ClientState;
  /**
   * The id of the user whose page this is: while starting, the one remembered from the last visit;
   * `null` for a visitor.
   */
  userId(): string | null;
  /**
   * Whether the server tells of changes just now: whoever listens to `sectionsChanged` would hear
   * of one. Its stream of events is open, in this tab or another one, and has been heard within the
   * last minute.
   */
  isFollowing(): boolean;
  /** Calls back after every change of `state()`, and of `isFollowing()`; returns how to stop. */
  subscribe(listener: () => void): () => void;
  on<E extends keyof ClientEvents>(
    event: E,
    listener: (detail: ClientEvents[E]) => void,
  ): () => void;
  /**
   * With a `format` everything as a file, unread: what breaks off on its way rejects where it is
   * read.
   */
  call<K extends ExportKey>(
    key: K,
    input: CallerInput<Contract[K]> & { readonly query: { readonly format: string } },
    options?: CallOptions,
  ): Promise<Response>;
  /** @throws ApiError, NetworkError, ContractError, SignedInAsAnotherError, SignedOutError */
  call<K extends CallKey>(
    key: K,
    ...rest: CallRest<K, CallOptions>
  ): Promise<ResponseBody<Contract[K]>>;
  /**
   * As `call`, for whom the body is not enough: `(await client.request(…)).headers.get("ETag")` is
   * what `If-Match` wants.
   */
  request<K extends CallKey>(key: K, ...rest: CallRest<K, CallOptions>): Promise<Received<K>>;
  /** @throws ApiError `invalid_credentials`, `rate_limited`, `busy` */
  signIn(
    credentials: {
      readonly username: string;
      readonly password: string;
      /** With `false` the session ends with the browser, or after an hour without use. */
      readonly remember?: boolean;
    },
    options?: AbortOptions,
  ): Promise<Session>;
  /**
   * Creates the first admin and signs them in. @throws ApiError `one_use_token_invalid`,
   * `setup_done`, `name_taken`, `validation_failed`
   */
  setUp(
    input: Omit<CallerInput<Contract["POST /setup"]>["body"], "delivery">,
    options?: AbortOptions,
  ): Promise<Session>;
  /**
   * Calls an endpoint that answers with a session (sign-in, step-up, change of password): no
   * refresh can run at the same time, in any tab.
   */
  changeSession<K extends SessionKey>(
    key: K,
    input: CallerInput<Contract[K]>,
    options?: AbortOptions,
  ): Promise<Session>;
  /**
   * Proves with their password who is signed in; the session goes on. A wrong one rejects, and
   * changes nothing. @throws ApiError `invalid_credentials`, `rate_limited`, `busy`
   */
  stepUp(password: string, options?: AbortOptions): Promise<Session>;
  /**
   * Every other session of the user ends, and this one goes on. Without an answer, which rejects,
   * ask for the same again. @throws ApiError `invalid_credentials`, `validation_failed`,
   * `rate_limited`, `busy`
   */
  changePassword(
    input: { readonly currentPassword: string; readonly newPassword: string },
    options?: AbortOptions,
  ): Promise<Session>;
  /** Without an answer the user is still signed in, and this rejects. */
  signOut(options?: AbortOptions): Promise<void>;
  signOutEverywhere(options?: AbortOptions): Promise<void>;
  /**
   * Which cookies the browser sent back: to be asked right after a sign-in with cookies. Without an
   * answer for 5 seconds it rejects.
   */
  checkCookies(options?: AbortOptions): Promise<ResponseBody<Contract["GET /cookie-check"]>>;
  /**
   * Stops timers and listeners, and ends all that waits with a `NetworkError`. Without it a client
   * keeps a Node process alive until its access token has expired.
   */
  dispose(): void;
}
