import { readableHeaders } from "../../contract/readable-headers.ts";

/** What a page on another origin may send, and what it may read of an answer (Fetch, 3.3). */
export const allowedHeaders =
  "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-CSRF-Token";
export const exposedHeaders = readableHeaders.join(", ");
