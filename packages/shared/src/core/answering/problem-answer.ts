import type { AppError } from "./errors.ts";
import { noCookies, type GivenAnswer } from "./given-answer.ts";
import { challengeOf, problemOf } from "./problem.ts";
import type { ReceivedRequest } from "./read-request.ts";

/**
 * Makes an error the answer that tells of it (RFC 9457), with what the error has to say in headers
 * and cookies.
 */
export const createProblemAnswer = (
  publicUrl: string,
): ((
  request: Pick<ReceivedRequest, "rawPath">,
  error: AppError,
  requestId: string,
  headers: Record<string, string>,
) => GivenAnswer) => {
  const basePath = new URL(publicUrl).pathname.replace(/\/$/, "");
  return ({ rawPath }, error, requestId, headers) => {
    const { retryAfterSeconds, headers: extra, cookies } = error.members;
    const problem = problemOf(error, requestId, publicUrl);
    const challenge = challengeOf(error);
    Object.assign(headers, extra, { "Content-Type": "application/problem+json" });
    if (challenge !== null) headers["WWW-Authenticate"] = challenge;
    if (retryAfterSeconds !== undefined)
      headers["Retry-After"] = String(Math.max(1, Math.ceil(retryAfterSeconds)));
    return {
      status: problem.status,
      headers,
      // As the browser sees it: it may have cookies of any folder above.
      cookies: cookies?.(basePath + rawPath) ?? noCookies,
      body: JSON.stringify(problem),
    };
  };
};
