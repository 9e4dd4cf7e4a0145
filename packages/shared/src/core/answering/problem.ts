import type { Problem } from "../../contract/contract.ts";
import { errorCatalogue, type ErrorCode } from "../../contract/error-codes.ts";
import { AppError } from "./errors.ts";
import type { ProblemExplanation } from "./problem-pages.ts";

/** RFC 9457. The only place where a code becomes a status. */
export const problemOf = (error: AppError, requestId: string, publicUrl: string): Problem => {
  const { status, title, help } = errorCatalogue[error.code];
  const { detail, reason, errors } = error.members;
  return {
    type: `${publicUrl}/problems/${error.code}`,
    title,
    status,
    detail: detail ?? help,
    code: error.code,
    requestId,
    ...(reason && { reason }),
    ...(errors && { errors: [...errors] }),
  };
};

/**
 * RFC 9110, 11.6.1, and RFC 6750, 3: a 401 says how to authenticate, and whether what came along
 * was the fault.
 */
export const challengeOf = (error: AppError): string | null => {
  if (errorCatalogue[error.code].status !== 401) return null;
  // Never Basic, though sign-in takes it: a browser would answer that with a window of its own, and
  // the page would not hear of the failure.
  const presentedNoToken = [
    "token_missing",
    "refresh_missing",
    "one_use_token_invalid",
    "invalid_credentials",
  ].includes(error.code);
  return presentedNoToken
    ? 'Bearer realm="Sallyport"'
    : 'Bearer realm="Sallyport", error="invalid_token"';
};

/** @throws AppError `not_found` */
export const explainCode = (code: string): ProblemExplanation => {
  if (!Object.hasOwn(errorCatalogue, code)) throw new AppError("not_found");
  const { status, title, help } = errorCatalogue[code as ErrorCode];
  return { code, status, title, help };
};
