/**
 * From a contract key and its input to an HTTP request, and from the response to an answer. No
 * session here.
 */
import type { ContractKey } from "../contract/contract.ts";
import { methodOf, pathOf, type Method } from "../contract/endpoint.ts";
import type { Problem } from "../contract/problem.ts";
import { ApiError, NetworkError } from "./errors.ts";

type Scalar = string | number | boolean;

/** Any endpoint's input, once its type has been checked where the caller wrote it. */
export interface AnyInput {
  readonly params?: Record<string, Scalar | undefined>;
  readonly query?: Record<string, Scalar | readonly Scalar[] | undefined>;
  readonly headers?: Record<string, string | undefined>;
  readonly body?: unknown;
  readonly upload?: {
    readonly type: string;
    readonly content: Blob | Uint8Array<ArrayBuffer> | string;
  };
}

export interface ApiRequest {
  readonly key: ContractKey;
  readonly method: Method;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: Blob | Uint8Array<ArrayBuffer> | string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; `undefined` where there is none; the response itself where it is a file. */
  readonly body: unknown;
  /** Set on every error. */
  readonly problem: Problem | null;
  /**
   * The session the request was answered for, from the header `Sallyport-Session`; `null` for a
   * visitor and for endpoints that ask nobody.
   */
  readonly sessionId: string | null;
  readonly retryAfterSeconds: number | undefined;
}

export const buildRequest = (key: ContractKey, input: AnyInput = {}): ApiRequest => {
  const path = pathOf(key).replaceAll(/:([A-Za-z]+)/g, (_, name: string) => {
    const value = input.params?.[name];
    // An empty segment, or one of dots, would name another endpoint.
    if (value === undefined || value === "" || value === "." || value === "..")
      throw new TypeError(`${key} needs the path parameter ${name}.`);
    return encodeURIComponent(String(value));
  });
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input.query ?? {})) {
    for (const one of [value].flat()) if (one !== undefined) query.append(name, String(one));
  }
  const headers: Record<string, string> = { accept: "application/json" };
  for (const [name, value] of Object.entries(input.headers ?? {}))
    if (value !== undefined) headers[name] = value;
  if (input.upload) headers["content-type"] = input.upload.type;
  else if (input.body !== undefined) headers["content-type"] = "application/json";
  return {
    key,
    method: methodOf(key),
    path: query.size > 0 ? `${path}?${query.toString()}` : path,
    headers,
    body:
      input.upload?.content ?? (input.body === undefined ? undefined : JSON.stringify(input.body)),
  };
};

/**
 * Every answer of the API has a request id; what stands between adds none that scripts may read, or
 * another content type.
 */
const isOurs = (headers: Headers, type: RegExp): boolean =>
  headers.has("x-request-id") && type.test(headers.get("content-type") ?? "");

/** Whether the response is a stream of the API's: a proxy may answer 200 with a page of its own. */
export const isStream = ({ status, body, headers }: Response): boolean =>
  status === 200 && body !== null && isOurs(headers, /^text\/event-stream/);

export const notOurs = (key: ContractKey, status: number, cause?: unknown): NetworkError =>
  new NetworkError(
    status === 413
      ? `Something else than the API refused ${key} for its size (413). In nginx, raise client_max_body_size.`
      : `Something else than the API answered ${key} (${status}).`,
    cause,
    false,
    status,
  );

/**
 * A gateway's problem names no page of ours as its type. The codes are not looked up: the API may
 * be newer than the page, and have more of them.
 */
const isOurProblem = (body: unknown): body is Problem => {
  const { type, code } = (body ?? {}) as Partial<Problem>;
  return !!code && String(type).endsWith(`/problems/${code}`);
};

/**
 * Who has answered is told by a header and the content type, and never by the status.
 * JSON that cannot be read is the beginning of it: not every browser tells a body that broke off
 * from a whole one.
 * @throws NetworkError when the body breaks off, or something else has answered in the API's place
 */
export const readAnswer = async (key: ContractKey, response: Response): Promise<Answer> => {
  const { status, headers } = response;
  const brokenOff = (cause: unknown): NetworkError =>
    new NetworkError(`The answer to ${key} broke off.`, cause);
  // A date would have to be compared with the server's clock.
  const retryAfter = /^\d+$/.exec(headers.get("retry-after") ?? "")?.[0] as `${number}` | undefined;
  const answerWith = (body: unknown, problem: Problem | null): Answer => ({
    status,
    headers,
    body,
    problem,
    sessionId: headers.get("sallyport-session"),
    retryAfterSeconds: retryAfter && Number(retryAfter),
  });
  // Unread: it may be longer than any memory.
  if (response.ok && isOurs(headers, /csv|ndjson/)) return answerWith(response, null);
  let text: string;
  try {
    text = await response.text();
  } catch (error) {
    throw brokenOff(error);
  }
  // Only these have no body, and nothing is read with a 204; whatever else comes without one has
  // lost it.
  const isEmpty = status === 304 || (status === 204 && !key.startsWith("GET"));
  let body: unknown;
  let unreadable: unknown;
  try {
    if (!isEmpty) body = JSON.parse(text);
  } catch (error) {
    unreadable = error;
  }
  const failed = !response.ok && status !== 304;
  if (
    failed
      ? !isOurs(headers, /^application\/problem\+json/) || !isOurProblem(body)
      : !isOurs(headers, isEmpty ? /^/ : /[/+]json\b/)
  )
    throw notOurs(key, status, unreadable);
  if (unreadable) throw brokenOff(unreadable);
  return answerWith(body, failed ? (body as Problem) : null);
};

export const errorOf = (answer: Answer): ApiError =>
  new ApiError(answer.problem as Problem, answer.retryAfterSeconds);
