/**
 * The typed client. It keeps the session alive: a caller sees an answer, a typed error, or nothing until the
 * user has signed in again. How that works is the section "Client side" of docs/protocol.md.
 */
import type { CallerInput, Contract, ContractKey, ResponseBody, Session, SessionEndReason } from "../contract/contract.ts";
import type { ClientEnvironment } from "./environment.ts";

export { ApiError, ContractError, NetworkError, SignedInAsAnotherError, SignedOutError } from "./errors.ts";
export type { Channel, ClientEnvironment, Locks } from "./environment.ts";
export type { CallerInput, Contract, ContractKey, ResponseBody, Session, SessionEndReason };

export interface ClientOptions {
  /** The API's URL. Names of locks, channels and stores carry it, since one origin may hold many SPAs. */
  readonly baseUrl: string;
  /** Where the tokens live: HttpOnly cookies (the default), or the memory of this client. Fixed for the life of a session. */
  readonly delivery?: "cookie" | "bearer";
  readonly environment?: Partial<ClientEnvironment>;
  /** Returns the body as the contract has it, or throws: the caller then gets a `ContractError`. For development and tests. */
  readonly validateResponse?: (key: ContractKey, status: number, body: unknown) => unknown;
}

export type ClientState = {
  /** `lost`: the last request met no server, or the server is too busy to refresh. The client keeps trying. */
  readonly connection: "online" | "lost";
} & (
  | { readonly status: "starting" }
  | { readonly status: "visitor" }
  | { readonly status: "signedIn"; readonly session: Session }
  /** The session is over and requests wait: ask the user to sign in again, in a dialog over the page. `session` is the one that ended, where it was known. */
  | { readonly status: "expired"; readonly session: Session | null; readonly reason?: SessionEndReason }
);

export interface ClientEvents {
  /** Another user has signed in, here or in another tab; requests of the one before were dropped. The page has to reload. */
  userChanged: { readonly from: string | null; readonly to: string };
  /** The user signed out, here or in another tab. */
  signedOut: undefined;
}

export interface CallOptions {
  /** Ends the request, or the wait for a refresh or for a new sign-in, with a `NetworkError`. */
  readonly signal?: AbortSignal;
  /** The answer does not depend on who asks: do not wait for a session, a refresh or a new sign-in, and never cause one. */
  readonly sessionless?: boolean;
}

/** The endpoints that begin or renew a session and answer with it. */
export type SessionKey = { [K in ContractKey]: K extends "POST /refresh" | `GET ${string}` ? never : ResponseBody<Contract[K]> extends Session ? K : never }[ContractKey];

export interface Client {
  /** Finds out who is signed in. Calls may be made meanwhile. Waits for as long as the server cannot be reached; rejects only where trying again is useless. */
  start(): Promise<ClientState>;
  /** The same object until something changes. */
  state(): ClientState;
  /** The id of the user whose page this is: while starting, the one remembered from the last visit; `null` for a visitor. */
  userId(): string | null;
  /** Calls back after every change of `state()`; returns how to stop. */
  subscribe(listener: () => void): () => void;
  on<E extends keyof ClientEvents>(event: E, listener: (detail: ClientEvents[E]) => void): () => void;
  /** @throws ApiError, NetworkError, ContractError, SignedInAsAnotherError, SignedOutError */
  call<K extends ContractKey>(key: K, input?: CallerInput<Contract[K]>, options?: CallOptions): Promise<ResponseBody<Contract[K]>>;
  /** @throws ApiError `invalid_credentials`, `rate_limited`, `busy` */
  signIn(credentials: { readonly username: string; readonly password: string }): Promise<Session>;
  /** Creates the first admin and signs them in. @throws ApiError `one_use_token_invalid`, `setup_done`, `name_taken`, `validation_failed` */
  setUp(input: Omit<CallerInput<Contract["POST /setup"]>["body"], "delivery">): Promise<Session>;
  /** Calls an endpoint that answers with a session (sign-in, step-up, change of password): no refresh can run at the same time, in any tab. */
  changeSession<K extends SessionKey>(key: K, input: CallerInput<Contract[K]>): Promise<Session>;
  /** Without an answer the user is still signed in, and this rejects. */
  signOut(): Promise<void>;
  signOutEverywhere(): Promise<void>;
  /** Which cookies the browser sent back: to be asked right after a sign-in with cookies. */
  checkCookies(): Promise<ResponseBody<Contract["GET /cookie-check"]>>;
  /** Stops timers and listeners, and ends all that waits with a `NetworkError`. */
  dispose(): void;
}

export function createClient(options: ClientOptions): Client {
  throw new Error(`not yet written: ${options.baseUrl}`);
}
