/**
 * The headers of answers that a page on another origin may read, once: the server exposes these,
 * and the client's types name no others.
 */
export const readableHeaders = [
  "Allow",
  "Content-Disposition",
  "ETag",
  "Idempotency-Replayed",
  "Link",
  "Location",
  "RateLimit",
  "RateLimit-Policy",
  "Retry-After",
  "Sallyport-Session",
  "WWW-Authenticate",
  "X-Request-Id",
] as const;

export type ReadableHeader = (typeof readableHeaders)[number];
