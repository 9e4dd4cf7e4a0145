/** What the mock's handlers are given and give back. */
import type { ContractKey } from "../contract/contract.ts";
import type { Caller, HandlerWith } from "../rules/rules.ts";
import type { MockState } from "./state.ts";

export type IdPrefix = "usr" | "sec" | "pan" | "dat" | "imp" | "ses" | "ntc";

/** What a handler may know about a request beside its validated input. */
export interface MockContext {
  readonly requestId: string;
  /** The mock knows of one client, and it has one address. */
  readonly address: string;
  readonly userAgent: string;
  readonly origin: string | undefined;
  /** Null for a visitor, and on endpoints that do not look. */
  readonly caller: Caller | null;
  /** Where the mock pretends to be, without a slash at the end. */
  readonly publicUrl: string;
  /** Of the mock's clock, in milliseconds since 1970: the same during one request. */
  readonly now: number;
  /**
   * All that the mock knows. Handlers change it in place, and what they have changed is kept and told to open streams
   * of events once they have answered. One request is answered after the other, so that nothing changes it meanwhile.
   */
  readonly state: MockState;
  header(name: string): string | undefined;
  /** A new id: it follows from the seed and from how many have been made before. */
  newId(prefix: IdPrefix): string;
}

export type MockHandler<K extends ContractKey> = HandlerWith<K, MockContext>;

/** One handler for each endpoint of the contract; a missing one does not compile. */
export type MockHandlers = { readonly [K in ContractKey]: MockHandler<K> };
