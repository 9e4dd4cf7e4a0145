/** Which headers an answer carries, as follows from what its endpoint says of itself. */
import { makesSomething, readsAccessToken, type Endpoint } from "./endpoint.ts";
import { errorCatalogue, type ErrorCode } from "./error-codes.ts";
import type { ResponseHeader } from "./response-headers.ts";

const ofAll = ["X-Request-Id", "Cache-Control"] as const;
const ofIdentified = ({ access }: Endpoint): ResponseHeader[] =>
  readsAccessToken(access) ? ["Sallyport-Session"] : [];

/** What a success carries, 304 included. */
export const headersOfSuccess = (definition: Endpoint, status: number): ResponseHeader[] => [
  ...ofAll,
  ...ofIdentified(definition),
  ...(definition.revalidates === true ? (["ETag"] as const) : []),
  ...(makesSomething(definition) ? (["Idempotency-Replayed"] as const) : []),
  ...(definition.sends?.[status] ?? []),
];

/** Codes that say when to come again. */
const withRetryAfter: readonly ErrorCode[] = [
  "busy",
  "rate_limited",
  "refresh_conflict",
  "idempotency_key_in_use",
];

/** What a problem with this code carries. */
export const headersOfProblem = (definition: Endpoint, code: ErrorCode): ResponseHeader[] => {
  const { status } = errorCatalogue[code];
  return [
    ...ofAll,
    // A 401 is told to nobody whom we know.
    ...(status === 401 ? (["WWW-Authenticate"] as const) : ofIdentified(definition)),
    ...(withRetryAfter.includes(code) ? (["Retry-After"] as const) : []),
    ...(code === "rate_limited" ? (["RateLimit", "RateLimit-Policy"] as const) : []),
    // Cleared, since nobody can say which of the two is meant.
    ...(code === "duplicate_cookie" ? (["Set-Cookie"] as const) : []),
  ];
};
