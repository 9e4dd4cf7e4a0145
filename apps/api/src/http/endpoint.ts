/** What stands between the contract and a handler: the shapes of requests and answers. */
import type { Contract, ContractKey, HandlerInput, Success } from "@sallyport/shared/contract";

/** Who calls, once every check of the access token has passed. */
export interface Caller {
  readonly userId: string;
  readonly sessionId: string;
  /** Slugs of the granted sections, or the wildcard alone. */
  readonly sections: readonly string[];
  /** The user's, which rises with every change of what they may do. */
  readonly epoch: number;
  readonly via: "cookie" | "bearer";
  /** When the access token expires, in milliseconds since 1970. */
  readonly accessExpiresAt: number;
}

/** What a handler may know about a request beside its validated input. */
export interface RequestContext {
  readonly requestId: string;
  /** The client's address; from forwarded headers only where a listed proxy sent them. */
  readonly address: string;
  readonly userAgent: string;
  readonly origin: string | undefined;
  /** Null for a visitor, and on endpoints that do not look. */
  readonly caller: Caller | null;
  header(name: string): string | undefined;
}

declare const answered: unique symbol;
/** What a handler gives back: made by `ok`, so that a wrong body is reported where it is written. */
export interface Answer<K extends ContractKey> {
  readonly [answered]?: K;
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
}

interface AnswerExtras {
  readonly headers?: Readonly<Record<string, string>>;
  /** Complete Set-Cookie values. */
  readonly cookies?: readonly string[];
}

type BodyOf<K extends ContractKey, S extends Success<Contract[K]>["status"]> = Extract<Success<Contract[K]>, { readonly status: S }>["body"];
export type Ok<K extends ContractKey> = <S extends Success<Contract[K]>["status"]>(status: S, body: BodyOf<K, S>, extras?: AnswerExtras) => Answer<K>;

export type Handler<K extends ContractKey> = (request: HandlerInput<Contract[K]> & { readonly context: RequestContext; readonly ok: Ok<K> }) => Answer<K> | Promise<Answer<K>>;

/** One handler for each endpoint of the contract; a missing one does not compile. */
export type Handlers = { readonly [K in ContractKey]: Handler<K> };
