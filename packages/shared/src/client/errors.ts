import type { ErrorCode } from "../contract/error-codes.ts";
import type { Problem } from "../contract/problem.ts";

/**
 * The API answered with a problem (RFC 9457). Branch on `code`, never on text. An API that is newer
 * than the page may send a code that `ErrorCode` does not name: leave none without an answer.
 */
export class ApiError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = "ApiError";
  declare readonly code: C;
  declare readonly status: number;
  declare readonly problem: Problem;
  /** From the header `Retry-After`, where the response had one in seconds. */
  declare readonly retryAfterSeconds?: number;

  constructor(problem: Problem, retryAfterSeconds?: number) {
    super(problem.detail || problem.title);
    this.code = problem.code as C;
    this.status = problem.status;
    this.problem = problem;
    if (retryAfterSeconds !== undefined) this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Did the API answer with a problem, and where codes are given, with one of them? */
export const isApiError = <C extends ErrorCode>(
  error: unknown,
  ...codes: readonly C[]
): error is ApiError<C> =>
  error instanceof ApiError && (codes.length === 0 || codes.includes(error.code as C));

/** The server broke the contract: the answer is the API's, and not what the endpoint declares. */
export class ContractError extends Error {
  override readonly name = "ContractError";
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
  }
}

/**
 * No answer of the API came: the network or the server failed, something in between answered in its
 * place, or the caller aborted. Whether the server acted is unknown.
 */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
  /** The caller's own signal ended the request. */
  declare readonly aborted: boolean;
  /** Of what answered in the API's place: a proxy, a captive portal, another server. */
  declare readonly status: number | undefined;

  constructor(message: string, cause?: unknown, aborted = false, status?: number) {
    super(message, { cause });
    this.aborted = aborted;
    this.status = status;
  }
}

/**
 * Another user has signed in since the request was made, so it was dropped, or its answer was. The
 * page has to reload.
 */
export class SignedInAsAnotherError extends Error {
  override readonly name = "SignedInAsAnotherError";
  constructor() {
    super("Somebody else has signed in; the request was dropped.");
  }
}

/** The user signed out, here or in another tab, while the request was under way or waiting. */
export class SignedOutError extends Error {
  override readonly name = "SignedOutError";
  constructor() {
    super("Signed out; the request was dropped.");
  }
}
