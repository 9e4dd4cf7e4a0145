/**
 * Asks an endpoint for something and holds whatever comes back to the contract, to the last member
 * and header.
 */
import * as z from "zod";
import {
  contract,
  errorCatalogue,
  errorsOf,
  isEventStream,
  isUnsafe,
  methodOf,
  pathOf,
  problem,
  readsAccessToken,
  type ContractKey,
  type Endpoint,
  type ErrorCode,
  type Problem,
  type Session,
} from "../contract/contract.ts";
import { problemOfCode } from "../contract/problem.ts";
import { headersOfProblem, headersOfSuccess } from "../contract/headers-of-answers.ts";
import { responseHeaders, type ResponseHeader } from "../contract/response-headers.ts";
import { Difference, holds, same } from "./differences.ts";
import type { Sent, Subject } from "./subject.ts";

/** What is sent, whether or not it fits the contract. */
export interface Input {
  readonly params?: Readonly<Record<string, string>>;
  /** An undefined value is left out. */
  readonly query?: Readonly<Record<string, string | number | undefined>> | undefined;
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is. */
  readonly upload?: {
    readonly type: string | null;
    readonly content: Exclude<Sent["body"], undefined>;
  };
  readonly credentials?: "include" | "omit";
  readonly origin?: string | null;
  /** Leaves out the CSRF token, or sends another one. */
  readonly csrfToken?: string | null;
}

export interface Reply {
  readonly status: number;
  readonly code: ErrorCode | undefined;
  readonly headers: Headers;
  /** Parsed JSON, or the text of a file; undefined where there is none. */
  readonly body: unknown;
  /** The same, where it is a problem. */
  readonly problem: Problem | undefined;
  readonly response: Response;
}

const seen = new WeakMap<Subject, Set<string>>();

/** Remembers what has come back for this subject. */
export const watch = (
  subject: Subject,
): { saw(key: ContractKey, outcome: number | ErrorCode): boolean } => {
  const outcomes = new Set<string>();
  seen.set(subject, outcomes);
  return { saw: (key, outcome) => outcomes.has(`${key} ${outcome}`) };
};

export const addressOf = (
  key: ContractKey,
  { params = {}, query = {} }: Pick<Input, "params" | "query"> = {},
): string => {
  const path = pathOf(key).replaceAll(/:([A-Za-z]+)/g, (_, name: string) =>
    encodeURIComponent(params[name] ?? `no-${name}`),
  );
  const search = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)] as [string, string]],
    ),
  );
  return search.size === 0 ? path : `${path}?${search.toString()}`;
};

const lowerCased = (headers: Input["headers"] = {}): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), value]],
    ),
  );

/**
 * As who signed in with this session: a client with its access token, or the browser with its
 * cookies and the CSRF token.
 */
const credentialsOf = (
  as: Session | null,
  { csrfToken }: Input,
  unsafe: boolean,
): { headers: Record<string, string>; credentials: "include" | "omit" } => {
  if (as === null) return { headers: {}, credentials: "omit" };
  if (as.accessToken !== undefined)
    return { headers: { authorization: `Bearer ${as.accessToken}` }, credentials: "omit" };
  const token = csrfToken === undefined ? as.csrfToken : csrfToken;
  return {
    headers: unsafe && token !== null ? { "x-csrf-token": token } : {},
    credentials: "include",
  };
};

const cacheControlOf: { readonly [K in ContractKey]?: string } = {
  "GET /.well-known/jwks.json": "public, max-age=300",
  "GET /openapi.json": "no-cache",
  "GET /schemas/section.json": "no-cache",
  "GET /problems": "public, max-age=3600",
  "GET /problems/:code": "public, max-age=3600",
};

/** Codes that say when to come again. */
const withRetryAfter: readonly ErrorCode[] = ["busy", "rate_limited", "idempotency_key_in_use"];
/** Whoever has a cookie jar is told to wait for it; whoever has none must not come again. */
const mayHaveRetryAfter: readonly ErrorCode[] = ["refresh_conflict"];

const presentedNothing: readonly ErrorCode[] = [
  "token_missing",
  "refresh_missing",
  "one_use_token_invalid",
  "invalid_credentials",
];
const challengeOf = (code: ErrorCode): string | null => {
  if (errorCatalogue[code].status !== 401) return null;
  return presentedNothing.includes(code)
    ? 'Bearer realm="Sallyport"'
    : 'Bearer realm="Sallyport", error="invalid_token"';
};

/**
 * Headers that guard browsers, those for proxies, and those that every HTTP answer has. No client
 * is told of them.
 */
const undescribed =
  /^(?:access-control-.*|connection|content-length|content-security-policy|content-type|cross-origin-opener-policy|date|keep-alive|referrer-policy|strict-transport-security|transfer-encoding|vary|x-accel-buffering|x-content-type-options)$/;

/** What is sent is declared, and what is declared as always sent is there. */
const checkHeaders = (
  what: string,
  headers: Headers,
  declared: readonly ResponseHeader[],
): void => {
  const names = new Set(declared.map((name) => name.toLowerCase()));
  same(
    [...headers.keys()].filter((name) => !undescribed.test(name) && !names.has(name)),
    [],
    `${what}: headers that are not declared`,
  );
  for (const name of declared)
    if (responseHeaders[name].isAlwaysSent)
      holds(headers.has(name), `${what}: has no ${name}, which is declared`);
};

const checkProblem = (what: string, { status, headers }: Response, found: Problem): void => {
  const { code } = found;
  same(headers.get("content-type"), "application/problem+json", `${what}: the content type`);
  same(headers.get("cache-control"), "no-store", `${what}: Cache-Control`);
  same(
    { status: found.status, title: found.title },
    { status, title: errorCatalogue[code].title },
    `${what}: the members of the problem`,
  );
  same(status, errorCatalogue[code].status, `${what}: the status of ${code}`);
  holds(
    found.type.endsWith(`/problems/${code}`),
    `${what}: the type ${found.type} is no page about ${code}`,
  );
  holds(found.detail !== "", `${what}: says nothing in detail`);
  same(found.requestId, headers.get("x-request-id"), `${what}: the request's id`);
  same(headers.get("www-authenticate"), challengeOf(code), `${what}: WWW-Authenticate`);
  const retryAfter = headers.get("retry-after");
  if (withRetryAfter.includes(code))
    holds(/^[1-9]\d*$/.test(retryAfter ?? ""), `${what}: ${code} has Retry-After ${retryAfter}`);
  else if (!mayHaveRetryAfter.includes(code)) same(retryAfter, null, `${what}: Retry-After`);
  same(headers.get("etag"), null, `${what}: ETag`);
  if (code === "validation_failed")
    holds((found.errors ?? []).length > 0, `${what}: points at nothing that is wrong`);
};

const parseStrictly = (what: string, schema: z.core.$ZodType, body: unknown): void => {
  const parsed = z.safeParse(schema, body);
  if (!parsed.success)
    throw new Difference(
      `${what}: the answer breaks the contract\n  ${z.prettifyError(parsed.error)}\n  ${JSON.stringify(body)?.slice(0, 2_000)}`,
    );
  // What the contract does not name would have been stripped.
  same(body, parsed.data, `${what}: undeclared members`);
};

/** Which of its files an endpoint has answered with, if with any. */
const formatOf = ({ exports = {} }: Endpoint, { status, headers }: Response): string | undefined =>
  Object.keys(exports).find(
    (format) => status === 200 && headers.get("content-type")?.split(";")[0] === exports[format],
  );

const checkSuccess = (
  what: string,
  key: ContractKey,
  definition: Endpoint,
  response: Response,
  body: unknown,
): void => {
  const { status, headers } = response;
  const schema = definition.responses[status] ?? null;
  const format = formatOf(definition, response);
  const expected =
    schema === null ? null : isEventStream(schema) ? "text/event-stream" : "application/json";
  if (format === undefined)
    same(headers.get("content-type"), expected, `${what}: the content type`);
  else
    holds(
      new RegExp(`^attachment; filename="[a-z0-9-]+\\.${format}"$`).test(
        headers.get("content-disposition") ?? "",
      ),
      `${what}: Content-Disposition is ${headers.get("content-disposition")}`,
    );
  checkHeaders(what, headers, headersOfSuccess(definition, status));
  same(headers.get("cache-control"), cacheControlOf[key] ?? "no-store", `${what}: Cache-Control`);
  for (const name of ["www-authenticate", "retry-after", "ratelimit", "ratelimit-policy"])
    same(headers.get(name), null, `${what}: ${name}`);
  const tag = headers.get("etag");
  if (tag !== null)
    // A digest, or the version of what has one.
    holds(/^"(?:[A-Za-z0-9_-]{43}|\d+)"$/.test(tag), `${what}: has the entity tag ${tag}`);
  if (schema === null) same(body, undefined, `${what}: the body`);
  else if (!isEventStream(schema) && format === undefined) parseStrictly(what, schema, body);
  if (typeof body === "object" && body !== null && "nextCursor" in body) {
    const cursor = body.nextCursor;
    const link = headers.get("link");
    if (cursor === null) same(link, null, `${what}: Link`);
    else
      holds(
        typeof cursor === "string" &&
          /^<\?.+>; rel="next"$/.test(link ?? "") &&
          (link ?? "").includes(`cursor=${cursor}`),
        `${what}: Link is ${link}`,
      );
  }
};

const read = async (
  what: string,
  response: Response,
  as: "stream" | "file" | "json",
): Promise<unknown> => {
  if (as === "stream") return undefined;
  const text = await response.text();
  if (as === "file") return text;
  if (text === "") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Difference(`${what}: the body is no JSON: ${text.slice(0, 500)}`);
  }
};

/**
 * @param as whose session speaks; null for a visitor without cookies
 * @throws Difference when the answer is not one that the contract declares, or lacks a header that
 * clients rely on
 */
export const ask = async (
  subject: Subject,
  key: ContractKey,
  input: Input = {},
  as: Session | null = null,
): Promise<Reply> => {
  const definition: Endpoint = contract[key];
  const method = methodOf(key);
  const own = credentialsOf(as, input, isUnsafe(method));
  const { upload } = input;
  const body =
    upload?.content ?? (input.body === undefined ? undefined : JSON.stringify(input.body));
  const type =
    upload === undefined
      ? body === undefined
        ? undefined
        : "application/json"
      : (upload.type ?? undefined);
  const response = await subject.fetch(addressOf(key, input), {
    method,
    headers: {
      ...own.headers,
      ...(type !== undefined && { "content-type": type }),
      ...lowerCased(input.headers),
    },
    ...(body !== undefined && { body }),
    credentials: input.credentials ?? own.credentials,
    ...(input.origin !== undefined && { origin: input.origin }),
  });

  const { status, headers } = response;
  const what = `${key} (${status})`;
  const isStream = status < 400 && Object.values(definition.responses).some(isEventStream);
  const isFile = formatOf(definition, response) !== undefined;
  const found = await read(what, response, isStream ? "stream" : isFile ? "file" : "json");
  const outcomes = seen.get(subject);
  const reply = (code: ErrorCode | undefined, explained?: Problem): Reply => {
    outcomes?.add(`${key} ${code ?? status}`);
    return { status, code, headers, body: found, problem: explained, response };
  };
  if (status === 304 && definition.revalidates === true) {
    same([found, headers.get("content-type")], [undefined, null], `${what}: the body`);
    checkHeaders(what, headers, headersOfSuccess(definition, status));
    return reply(undefined);
  }
  const isIdentified = as !== null && readsAccessToken(definition.access);
  if (Object.hasOwn(definition.responses, status)) {
    checkSuccess(what, key, definition, response, found);
    // Whose cookies come along with a visitor's request is not known here.
    if (as !== null || input.credentials !== "include")
      same(
        headers.get("sallyport-session"),
        isIdentified ? as.session.id : null,
        `${what}: Sallyport-Session`,
      );
    return reply(undefined);
  }
  parseStrictly(what, problem, found);
  const explained = found as Problem;
  parseStrictly(`${what} ${explained.code}`, problemOfCode(explained.code), found);
  checkHeaders(`${what} ${explained.code}`, headers, headersOfProblem(definition, explained.code));
  checkProblem(`${what} ${explained.code}`, response, explained);
  holds(
    errorsOf(key, definition).includes(explained.code),
    `${what}: ${explained.code} is not declared`,
  );
  if (status === 401) same(headers.get("sallyport-session"), null, `${what}: Sallyport-Session`);
  const limited = explained.code === "rate_limited" && key !== "GET /session/events";
  if (limited) {
    holds(
      /^"[a-z]+";r=0;t=\d+$/.test(headers.get("ratelimit") ?? ""),
      `${what}: RateLimit is ${headers.get("ratelimit")}`,
    );
    holds(
      /^"[a-z]+";q=\d+;w=\d+$/.test(headers.get("ratelimit-policy") ?? ""),
      `${what}: RateLimit-Policy is ${headers.get("ratelimit-policy")}`,
    );
  } else
    for (const name of ["ratelimit", "ratelimit-policy"])
      same(headers.get(name), null, `${what}: ${name}`);
  return reply(explained.code, explained);
};

/** Asks, and holds the answer to one outcome: a status where it succeeds, otherwise a code. */
export const expectOutcome = async (
  subject: Subject,
  outcome: number | ErrorCode,
  key: ContractKey,
  input: Input = {},
  as: Session | null = null,
): Promise<Reply> => {
  const reply = await ask(subject, key, input, as);
  const came = reply.code ?? reply.status;
  if (came !== outcome)
    throw new Difference(
      `${key}: answers ${came}${reply.problem ? ` (${reply.problem.detail}${reply.problem.reason ? `, ${reply.problem.reason}` : ""})` : ""} where it has to answer ${outcome}`,
    );
  return reply;
};
