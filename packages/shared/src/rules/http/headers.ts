/** What a page on another origin may send, and what it may read of an answer (Fetch, 3.3). */
export const allowedHeaders =
  "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-CSRF-Token";
export const exposedHeaders =
  "Allow, ETag, Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After, Sallyport-Session, WWW-Authenticate, X-Request-Id";
