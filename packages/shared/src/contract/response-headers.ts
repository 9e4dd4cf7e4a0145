/**
 * The response headers that say something to a client. Those that guard browsers (CORS, CSP and
 * their like) are on every answer, and in no description.
 */
export const responseHeaders = {
  "Cache-Control": {
    description: "Who may keep the answer, and for how long.",
    example: "no-store",
    isAlwaysSent: true,
  },
  "Content-Disposition": {
    description: "The name of a file, where the answer is one (RFC 6266).",
    example: 'attachment; filename="users-2026-11-22.csv"',
    isAlwaysSent: false,
  },
  ETag: {
    description:
      "Of this very answer, for `If-None-Match`; of what can be changed, such as a user or a section as a file, for `If-Match`.",
    example: '"2fYk0cX1mJq9sVbRzT7wLhN4uPgD8aEoKi6ySxQ3dMc"',
    isAlwaysSent: true,
  },
  "Idempotency-Replayed": {
    description:
      "`true`: the request had been answered before, and this is the same answer; of a refresh the same successor.",
    example: "true",
    isAlwaysSent: false,
  },
  Link: {
    description: 'The next page, `rel="next"` (RFC 8288), where there is one.',
    example: '<?limit=50&cursor=WzFd>; rel="next"',
    isAlwaysSent: false,
  },
  Location: {
    description: "Where what has been made is.",
    example: "/datasets/orders",
    isAlwaysSent: true,
  },
  RateLimit: {
    description: "What is left of the limit (draft-ietf-httpapi-ratelimit-headers).",
    example: '"account";r=0;t=60',
    isAlwaysSent: false,
  },
  "RateLimit-Policy": {
    description: "The limit: how many requests in how many seconds.",
    example: '"account";q=5;w=900',
    isAlwaysSent: false,
  },
  "Retry-After": {
    description: "After so many seconds it is worth trying again.",
    example: "1",
    isAlwaysSent: false,
  },
  "Sallyport-Session": {
    description: "The id of the session that the request was answered for.",
    example: "ses_pOmy1gkF0Gq6CzcnS2w9Vg",
    isAlwaysSent: false,
  },
  "Set-Cookie": {
    description: "Sets or clears the cookies of a session that is delivered by cookie.",
    example: "__Host-sallyport-access=…; Path=/; Secure; HttpOnly; SameSite=Strict",
    isAlwaysSent: false,
  },
  "WWW-Authenticate": {
    description: "How to authenticate, and whether what was presented is at fault (RFC 6750).",
    example: 'Bearer realm="Sallyport", error="invalid_token"',
    isAlwaysSent: true,
  },
  "X-Request-Id": {
    description: "The id of this request in the server's log.",
    example: "1d9f0b0a-6c2d-4a5e-9c52-7a3a4f3d1e10",
    isAlwaysSent: true,
  },
} as const satisfies Record<
  string,
  { description: string; example: string; isAlwaysSent: boolean }
>;
export type ResponseHeader = keyof typeof responseHeaders;
