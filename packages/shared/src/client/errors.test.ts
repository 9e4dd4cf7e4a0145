import { expect, expectTypeOf, test } from "vitest";
import { problemOf } from "../../test/fake-server.ts";
import { errorsOf, contract, type Problem } from "../contract/contract.ts";
import { ApiError, isApiError, NetworkError, type ErrorCode, type ErrorCodes } from "./client.ts";

const errorOf = (code: ErrorCode): unknown => new ApiError(problemOf(code).body as Problem);

test("An error is told by its code: by any of those that are given, or by being the API's at all", () => {
  const error = errorOf("section_forbidden");
  expect(isApiError(error)).toBe(true);
  expect(isApiError(error, "section_forbidden")).toBe(true);
  expect(isApiError(error, "forbidden", "section_forbidden")).toBe(true);
  expect(isApiError(error, "busy")).toBe(false);
  expect(isApiError(new NetworkError("no answer"))).toBe(false);
  expect(isApiError(undefined, "busy")).toBe(false);
  expect([error].filter((one) => isApiError(one))).toHaveLength(1);
});

test("An error's type is narrowed to the codes asked for", () => {
  const error = errorOf("busy");
  if (isApiError(error, "busy", "rate_limited"))
    expectTypeOf(error.code).toEqualTypeOf<"busy" | "rate_limited">();
  if (isApiError(error)) expectTypeOf(error.code).toEqualTypeOf<ErrorCode>();
  // @ts-expect-error: no code of the catalogue
  expect(isApiError(error, "no_such_code")).toBe(false);
  // @ts-expect-error: compared with what it never is
  if (isApiError(error)) expect(error.code === "no_such_code").toBe(false);
  // @ts-expect-error: a code that this endpoint does not declare
  isApiError<ErrorCodes<"POST /login">>(error, "section_forbidden");
  expect(isApiError<ErrorCodes<"POST /login">>(error, "invalid_credentials", "busy")).toBe(true);
});

test("The codes of an endpoint are the same as a type and as a list", () => {
  // Each record has to name every code of the type and no other, and is then compared with the
  // list.
  const asTypes = {
    "POST /login": {
      invalid_credentials: 1,
      rate_limited: 1,
      busy: 1,
      duplicate_cookie: 1,
      validation_failed: 1,
      origin_forbidden: 1,
      malformed_json: 1,
      unsupported_media_type: 1,
      body_too_large: 1,
      internal: 1,
    } satisfies Record<ErrorCodes<"POST /login">, 1>,
    "GET /sections/:slug": {
      section_forbidden: 1,
      token_missing: 1,
      token_invalid: 1,
      token_expired: 1,
      token_stale: 1,
      session_ended: 1,
      duplicate_cookie: 1,
      busy: 1,
      validation_failed: 1,
      internal: 1,
    } satisfies Record<ErrorCodes<"GET /sections/:slug">, 1>,
    "GET /sections": {
      forbidden: 1,
      token_missing: 1,
      token_invalid: 1,
      token_expired: 1,
      token_stale: 1,
      session_ended: 1,
      duplicate_cookie: 1,
      busy: 1,
      validation_failed: 1,
      internal: 1,
    } satisfies Record<ErrorCodes<"GET /sections">, 1>,
    "DELETE /account/notices/:noticeId": {
      token_missing: 1,
      token_invalid: 1,
      token_expired: 1,
      token_stale: 1,
      session_ended: 1,
      duplicate_cookie: 1,
      busy: 1,
      validation_failed: 1,
      origin_forbidden: 1,
      malformed_json: 1,
      unsupported_media_type: 1,
      body_too_large: 1,
      csrf_failed: 1,
      internal: 1,
    } satisfies Record<ErrorCodes<"DELETE /account/notices/:noticeId">, 1>,
    "POST /setup": {
      one_use_token_invalid: 1,
      setup_done: 1,
      name_taken: 1,
      rate_limited: 1,
      busy: 1,
      validation_failed: 1,
      origin_forbidden: 1,
      malformed_json: 1,
      unsupported_media_type: 1,
      body_too_large: 1,
      internal: 1,
    } satisfies Record<ErrorCodes<"POST /setup">, 1>,
  };
  for (const [key, codes] of Object.entries(asTypes))
    expect(errorsOf(key, contract[key as keyof typeof asTypes]).sort(), key).toEqual(
      Object.keys(codes).sort(),
    );
});
