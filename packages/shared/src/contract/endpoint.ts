import type * as z from "zod";
import type { ErrorCode } from "./error-codes.ts";
import type { Permission } from "./permissions.ts";
import type { ResponseHeader } from "./response-headers.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/**
 * Who may call an endpoint.
 * - `public`: anyone; access tokens and cookies that come along are not looked at
 * - `public-or-signed-in`: anyone, but whoever presents an identity must present a live one
 * - `refresh-token`, `one-use-token`: whoever holds that token
 * - `signed-in`: whoever holds a live access token
 * - `{ permission }`: signed in, and one of the user's roles has the permission; with
 *   `andPermission` that one as well
 * - `{ section }`: the section named by that path parameter is public, or granted to the user
 * - `{ otherwise, when }`: as `otherwise` says, but stricter when a query parameter has one value
 */
export type Access =
  | SimpleAccess
  | {
      readonly otherwise: SimpleAccess;
      readonly when: { readonly query: string; readonly is: string; readonly access: SimpleAccess };
    };
export type SimpleAccess =
  | "public"
  | "public-or-signed-in"
  | "refresh-token"
  | "one-use-token"
  | "signed-in"
  | { readonly permission: Permission; readonly andPermission?: Permission }
  | { readonly section: string };

/**
 * Which requests want a sign-in of the last five minutes: all of them, or those whose body gives
 * something by one of these members. `given` is whatever is neither absent, null, false nor an
 * empty list; otherwise one of these values.
 */
export type FreshSignIn = true | Readonly<Record<string, "given" | readonly string[]>>;

/** What a caller may present beside the identity that `access` speaks of. */
export type Credential = "basic" | "bearer" | "access-cookie" | "refresh-cookie";

type Schema = z.core.$ZodType;
type ObjectSchema = z.core.$ZodObject;

/** A body that goes on: server-sent events, each name with the schema of its JSON data. */
export interface EventStream {
  readonly events: Readonly<Record<string, Schema>>;
}
export const eventStream = <const E extends EventStream["events"]>(
  events: E,
): { readonly events: E } => ({ events });
export const isEventStream = (
  response: Schema | EventStream | null | undefined,
): response is EventStream => response != null && "events" in response;

export interface Endpoint {
  /** One sentence: the operation's summary in OpenAPI. */
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  readonly access: Access;
  /** A display link may read it as well, as far as its own section goes. */
  readonly displays?: true;
  /**
   * Beside `access`: who asks has proved who they are within the last five minutes, by a sign-in or
   * by `POST /step-up`.
   */
  readonly freshSignIn?: FreshSignIn;
  /** What the handler itself reads, whatever `access` says. All of it may be left out. */
  readonly presents?: readonly Credential[];
  readonly params?: ObjectSchema;
  readonly query?: ObjectSchema;
  readonly headers?: ObjectSchema;
  readonly body?: Schema;
  /** The body may be left out altogether. */
  readonly bodyOptional?: boolean;
  /**
   * The media types of a body that is read as it arrives, whatever its size: in place of `body`,
   * the handler is given its bytes.
   */
  readonly upload?: readonly string[];
  /** How large the body may be, where the limit of all the others will not do. */
  readonly bodyLimitBytes?: number;
  /**
   * Every success: status to the schema of its JSON body, to a stream of events, or to `null` where
   * there is no body.
   */
  readonly responses: { readonly [status: number]: Schema | EventStream | null };
  /** Headers of a success of this status, beside those that follow from the rest. */
  readonly sends?: { readonly [status: number]: readonly ResponseHeader[] };
  /**
   * With `format=` one of these in its query, its 200 is a file of that media type in place of
   * JSON: everything, from the beginning to the end.
   */
  readonly exports?: Readonly<Record<string, string>>;
  /**
   * Its answers carry an entity tag, so that whoever has the answer already need not be sent it
   * again.
   */
  readonly revalidates?: boolean;
  /**
   * Every error code the handler itself may give; those that follow from `access`, method and
   * inputs are added by `errorsOf`.
   */
  readonly errors: readonly ErrorCode[];
}

export type EndpointKey = `${Method} /${string}`;

type ParsedOr<S, Otherwise> = S extends Schema ? z.output<S> : Otherwise;
type SentOr<S, Otherwise> = S extends Schema ? z.input<S> : Otherwise;
type Part<E, K extends string> = E extends { readonly [P in K]: infer S } ? S : undefined;

/** A body on its way. Whatever ends it early, its limit included, is thrown to whoever reads it. */
export interface Upload<T extends string = string> {
  readonly mediaType: T;
  /** In lower case, where the content type names one. */
  readonly charset: string | undefined;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** What a handler receives: every part validated, unknown members stripped. */
export type HandlerInput<E extends Endpoint> = {
  readonly params: ParsedOr<Part<E, "params">, Record<never, never>>;
  readonly query: ParsedOr<Part<E, "query">, Record<never, never>>;
  readonly headers: ParsedOr<Part<E, "headers">, Record<never, never>>;
  readonly body: E extends { readonly bodyOptional: true }
    ? ParsedOr<Part<E, "body">, undefined> | undefined
    : ParsedOr<Part<E, "body">, undefined>;
} & (E extends { readonly upload: readonly (infer T extends string)[] }
  ? { readonly upload: Upload<T> }
  : unknown);

type RequiredPart<K extends string, S> = S extends Schema
  ? Record<never, never> extends z.input<S>
    ? { readonly [P in K]?: z.input<S> }
    : { readonly [P in K]: z.input<S> }
  : // Not left out: an endpoint without any part would take whatever is handed to it.
    { readonly [P in K]?: never };

/**
 * What a caller sends. Parts that have no required member may be left out. Of several endpoints it
 * is what each of them takes, one by one: part by part, every combination there is of all their
 * parts would be a type of its own, and a hundred endpoints have more than a compiler counts.
 */
export type CallerInput<E extends Endpoint> = E extends Endpoint
  ? RequiredPart<"params", Part<E, "params">> &
      RequiredPart<"query", Part<E, "query">> &
      RequiredPart<"headers", Part<E, "headers">> &
      (E extends { readonly bodyOptional: true }
        ? { readonly body?: SentOr<Part<E, "body">, undefined> }
        : RequiredPart<"body", Part<E, "body">>) &
      (E extends { readonly upload: readonly (infer T extends string)[] }
        ? {
            readonly upload: {
              readonly type: T;
              readonly content: Blob | Uint8Array<ArrayBuffer> | string;
            };
          }
        : Record<never, never>)
  : never;

/** One event of a stream, as the server sends it. */
export type SentEvent<S extends EventStream = EventStream> = {
  [N in keyof S["events"] & string]: { readonly event: N; readonly data: z.input<S["events"][N]> };
}[keyof S["events"] & string];

/**
 * What a handler hands over in the place of a stream of events. `null` is sent as a comment, which
 * keeps the connection alive.
 */
type SentBody<R> = R extends Schema
  ? z.input<R>
  : R extends EventStream
    ? AsyncIterable<SentEvent<R> | null>
    : null;

/** What a handler hands over in the place of JSON, where its endpoint `exports`. */
export interface SentFile {
  readonly name: string;
  readonly mediaType: string;
  /** Piece by piece. What fails on the way breaks the answer off. */
  readonly text: AsyncIterable<string>;
}

/** Every success of an endpoint, as the server sends it. */
export type Success<E extends Endpoint> = {
  [S in keyof E["responses"] & number]: {
    readonly status: S;
    readonly body:
      | SentBody<E["responses"][S]>
      | (E extends { readonly exports: object } ? { readonly file: SentFile } : never);
  };
}[keyof E["responses"] & number];

/** The body of every success of an endpoint, as the caller receives it. */
export type ResponseBody<E extends Endpoint> = {
  [S in keyof E["responses"] & number]: E["responses"][S] extends Schema
    ? z.output<E["responses"][S]>
    : undefined;
}[keyof E["responses"] & number];

/** Every success of an endpoint, as the caller receives it. */
export type ReceivedAnswer<E extends Endpoint> = {
  [S in keyof E["responses"] & number]: {
    readonly status: S;
    readonly body: E["responses"][S] extends Schema ? z.output<E["responses"][S]> : undefined;
  };
}[keyof E["responses"] & number];

/** The data of each event of a stream, as the caller receives it. */
export type ReceivedEvents<S extends EventStream> = {
  [N in keyof S["events"]]: z.output<S["events"][N]>;
};

export const methodOf = (key: string): Method => key.slice(0, key.indexOf(" ")) as Method;
export const pathOf = (key: string): string => key.slice(key.indexOf(" ") + 1);
export const isUnsafe = (method: Method): boolean => method !== "GET";

/** The names of the path parameters of `GET /sections/:slug/panels/:panelId`, in order. */
export const pathParametersOf = (path: string): string[] =>
  [...path.matchAll(/:([A-Za-z]+)/g)].map((match) => match[1] as string);

const simpleAccessesOf = (access: Access): SimpleAccess[] =>
  typeof access === "object" && "otherwise" in access
    ? [access.otherwise, access.when.access]
    : [access];

// Types and answers come from the same lists, so that neither can know a code that the other does
// not.
const ofDeadTokens = [
  "token_missing",
  "token_invalid",
  "token_expired",
  "token_stale",
  "session_ended",
  "duplicate_cookie",
  "busy",
] as const;
const ofRefreshTokens = ["refresh_missing", "refresh_invalid", "duplicate_cookie"] as const;
const ofOneUseTokens = ["one_use_token_invalid"] as const;
// Also where no body is expected: one of a foreign type is refused, not overlooked.
const ofUnsafeMethods = [
  "origin_forbidden",
  "malformed_json",
  "unsupported_media_type",
  "body_too_large",
] as const;
const ofUnsafeWithSession = ["csrf_failed"] as const;
const ofFreshSignIns = ["fresh_sign_in_required"] as const;
// Of all: a query parameter that nobody knows is refused everywhere.
const ofAll = ["validation_failed", "internal"] as const;

/** To a key that the caller has made up for the request (`makesSomething`). */
const ofKeyed = [
  "idempotency_key_in_use",
  "idempotency_answer_lost",
  "idempotency_key_mismatch",
] as const;

type AccessOf<A> = A extends {
  readonly otherwise: infer O;
  readonly when: { readonly access: infer W };
}
  ? O | W
  : A;
type ErrorCodeOfAccess<A> = A extends "public"
  ? never
  : A extends "refresh-token"
    ? (typeof ofRefreshTokens)[number]
    : A extends "one-use-token"
      ? (typeof ofOneUseTokens)[number]
      : | (typeof ofDeadTokens)[number]
        | (A extends { readonly permission: unknown }
            ? "forbidden"
            : A extends { readonly section: unknown }
              ? "section_forbidden"
              : never);
type ErrorCodeOfMethod<E extends Endpoint, K> = K extends `GET ${string}`
  ? never
  : | (typeof ofUnsafeMethods)[number]
    | (AccessOf<E["access"]> extends "public" | "refresh-token" | "one-use-token"
        ? never
        : (typeof ofUnsafeWithSession)[number]);

/** What `makesSomething` says, as a type. */
export type MakesSomething<E extends Endpoint> = [
  Extract<keyof E["responses"], 201 | 202>,
] extends [never]
  ? false
  : AccessOf<E["access"]> extends "public" | "refresh-token" | "one-use-token"
    ? false
    : true;

/** Every error code an endpoint may give, as a type: what `errorsOf` lists. */
export type ErrorCodeOf<E extends Endpoint, K extends string> =
  | E["errors"][number]
  | ErrorCodeOfAccess<AccessOf<E["access"]>>
  | ErrorCodeOfMethod<E, K>
  | (E extends { readonly freshSignIn: FreshSignIn } ? (typeof ofFreshSignIns)[number] : never)
  | (MakesSomething<E> extends true ? (typeof ofKeyed)[number] : never)
  | (typeof ofAll)[number];

const errorsOfAccess = (access: SimpleAccess): readonly ErrorCode[] => {
  if (access === "public") return [];
  if (access === "refresh-token") return ofRefreshTokens;
  if (access === "one-use-token") return ofOneUseTokens;
  if (typeof access === "string") return ofDeadTokens;
  return [...ofDeadTokens, "permission" in access ? "forbidden" : "section_forbidden"];
};

/** Does a cookie authenticate calls of this endpoint, so that unsafe ones need a CSRF token? */
export const readsAccessToken = (access: Access): boolean =>
  simpleAccessesOf(access).some(
    (one) => one !== "public" && one !== "refresh-token" && one !== "one-use-token",
  );

/**
 * Does it create something, or take something in to work on? It says so by answering 201 or 202.
 * Whoever repeats it for want of an answer would do so twice, which is what the `Idempotency-Key`
 * of its callers is for. A visitor has none: nothing tells one from another, so that one visitor's
 * key could meet another's.
 */
export const makesSomething = ({ access, responses }: Endpoint): boolean =>
  (201 in responses || 202 in responses) && readsAccessToken(access);

/**
 * Every error code an endpoint may give: its own, and those that follow from its access, method and
 * inputs.
 */
export const errorsOf = (key: string, definition: Endpoint): ErrorCode[] => {
  const codes = new Set<ErrorCode>(definition.errors);
  for (const access of simpleAccessesOf(definition.access))
    for (const code of errorsOfAccess(access)) codes.add(code);
  const add = (more: readonly ErrorCode[]): void => more.forEach((code) => codes.add(code));
  if (isUnsafe(methodOf(key))) {
    add(ofUnsafeMethods);
    if (readsAccessToken(definition.access)) add(ofUnsafeWithSession);
  }
  if (definition.freshSignIn !== undefined) add(ofFreshSignIns);
  if (makesSomething(definition)) add(ofKeyed);
  add(ofAll);
  return [...codes];
};
