/** What stands between the contract and a handler, whoever answers. */
import type { Contract, ContractKey, HandlerInput, Success } from "../../contract/contract.ts";
import { AppError } from "./errors.ts";

/** Who calls, once every check of the access token has passed. */
export interface Caller {
  readonly userId: string;
  readonly sessionId: string;
  /** Slugs of the granted sections, or the wildcard alone. */
  readonly sections: readonly string[];
  /** The user's, which rises with every change of what they may do. */
  readonly epoch: number;
  readonly via: "cookie" | "bearer";
  /** When they last proved who they are, in milliseconds since 1970: by the session's row. */
  readonly authTime: number;
  /** When the access token expires, in milliseconds since 1970. */
  readonly accessExpiresAt: number;
}

/** A wall screen with a display link: nobody is signed in, and it reads one section. */
export interface Display {
  readonly displayLinkId: string;
  /** The slug of its section, as it is now. */
  readonly section: string;
  /** In milliseconds since 1970. */
  readonly expiresAt: number;
}

declare const answered: unique symbol;
/**
 * What a handler gives back: made by `ok`, so that a wrong body is reported where it is written.
 */
export interface Answer<K extends ContractKey> {
  readonly [answered]?: K;
  readonly status: number;
  readonly body: unknown;
  readonly page?: () => string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly work?: Promise<unknown>;
}

interface AnswerExtras {
  /** The same as HTML, for people. */
  readonly page?: () => string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Complete Set-Cookie values. */
  readonly cookies?: readonly string[];
  /** What the answer has only promised. It may fail, and then nothing has been changed. */
  readonly work?: Promise<unknown>;
}

type BodyOf<K extends ContractKey, S extends Success<Contract[K]>["status"]> = Extract<
  Success<Contract[K]>,
  { readonly status: S }
>["body"];
export type Ok<K extends ContractKey> = <S extends Success<Contract[K]>["status"]>(
  status: S,
  body: BodyOf<K, S>,
  extras?: AnswerExtras,
) => Answer<K>;

/** What a handler may know about a request beside its validated input. */
export interface RequestContext {
  readonly requestId: string;
  /** The client's address; from forwarded headers only where a listed proxy sent them. */
  readonly address: string;
  readonly userAgent: string;
  readonly origin: string | undefined;
  /** Null for a visitor, and on endpoints that do not look. */
  readonly caller: Caller | null;
  /** Null for everybody but a wall screen. */
  readonly display: Display | null;
  header(name: string): string | undefined;
}

export type Handler<K extends ContractKey> = (
  request: HandlerInput<Contract[K]> & { readonly context: RequestContext; readonly ok: Ok<K> },
) => Answer<K> | Promise<Answer<K>>;

/** One handler for each endpoint of the contract; a missing one does not compile. */
export type Handlers = { readonly [K in ContractKey]: Handler<K> };

/** The adapter lets nobody without a live access token reach the endpoints that use this. */
export const signedIn = ({ caller }: RequestContext): Caller => {
  if (!caller) throw new AppError("token_missing");
  return caller;
};

/** Slugs of what whoever asks may see, or the wildcard alone; null for a visitor. */
export const sectionsOf = ({
  caller,
  display,
}: Pick<RequestContext, "caller" | "display">): readonly string[] | null =>
  caller?.sections ?? (display === null ? null : [display.section]);

/** Of a request, as the audit trail has it. */
export const recordOf = ({ caller, address, userAgent, requestId }: RequestContext) => ({
  actorUserId: caller?.userId ?? null,
  sessionId: caller?.sessionId ?? null,
  address,
  userAgent,
  requestId,
});
