/** What a behaviour is, and the table that has one for everything an endpoint says it can do. */
import type {
  CallerInput,
  Contract,
  ContractKey,
  ErrorCode,
  MakesSomething,
  Session,
  Success,
} from "../contract/contract.ts";
import type { Limitation } from "../limitations.ts";
import type { Input } from "./ask.ts";
import type { Subject } from "./subject.ts";

/** One behaviour as it is written where it belongs. */
export interface Shown {
  /** A sentence about whoever is named before it. */
  readonly name: string;
  /**
   * `outsideAPage`: sends headers that no script in a page can choose, such as Origin and Cookie.
   * Anywhere without it.
   */
  readonly environment?: "outsideAPage";
  /** What the mock cannot do that this needs. */
  readonly beyondTheMock?: Limitation;
  /** @throws Difference */
  run(subject: Subject): Promise<void>;
}

/** What is sent in the place of an example and of the other valid request to its address. */
export interface Prepared {
  readonly request: Input;
  readonly another?: Input;
}

/** One behaviour as it is run: on an installation of its own, or after a `reset`. */
export interface Behaviour extends Shown {
  /**
   * The endpoint that it is about; null where it is about all of them, or about how they work
   * together.
   */
  readonly endpoint: ContractKey | null;
  /**
   * What the endpoint answers here: a status where it succeeds, otherwise the code. To run it fails
   * unless that has been seen.
   */
  readonly shows: number | ErrorCode | null;
}

type Inputs = "params" | "query" | "headers" | "body" | "upload";
type TakesInput<K extends ContractKey> = [Extract<keyof Contract[K], Inputs>] extends [never]
  ? false
  : true;

/**
 * What a change does while the database is taken is made from its example, unless it needs more
 * than that.
 */
type MadeOf<K> = K extends `GET ${string}` ? never : "busy";

/**
 * Of one endpoint. Whoever adds an endpoint, a success or an error code of its own adds to this, or
 * it does not compile.
 */
export type EndpointBehaviours<K extends ContractKey> = {
  /** A valid example. That what it names exists is only sure after `prepare`. */
  readonly request: CallerInput<Contract[K]>;
  /**
   * Makes the example one that is carried out; or, where that names something whose id nobody
   * knows before, gives what is to be sent in its place.
   */
  prepare?(subject: Subject, mica: Session): Promise<Prepared | void>;
  /** Members of its body with which it wants a fresh sign-in, where the example does not. */
  readonly gives?: object;
  readonly succeeds: { readonly [S in Success<Contract[K]>["status"]]: Shown };
  readonly fails: { readonly [C in Exclude<Contract[K]["errors"][number], MadeOf<K>>]: Shown } & {
    readonly [C in MadeOf<K>]?: Shown;
  };
} & (TakesInput<K> extends true
  ? {
      /** The example with one value that its schema refuses, and the pointer to it. */
      readonly wrong: {
        readonly params?: object;
        readonly query?: object;
        readonly headers?: object;
        readonly body?: unknown;
        readonly pointer: string;
      };
    }
  : unknown) &
  (Contract[K] extends { readonly revalidates: true } ? { readonly unchanged: Shown } : unknown) &
  (MakesSomething<Contract[K]> extends true
    ? {
        /** A valid request to the address of the example that asks for something else. */
        readonly another: CallerInput<Contract[K]>;
      }
    : unknown);

export type BehaviourTable = { readonly [K in ContractKey]: EndpointBehaviours<K> };
