/** What the server's handlers are given and give back. */
import type { ContractKey } from "@sallyport/shared/contract";
import type { Caller, HandlerWith } from "@sallyport/shared/rules";

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

export type Handler<K extends ContractKey> = HandlerWith<K, RequestContext>;

/** One handler for each endpoint of the contract; a missing one does not compile. */
export type Handlers = { readonly [K in ContractKey]: Handler<K> };
