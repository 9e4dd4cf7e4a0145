import * as z from "zod";
import { endpoint, idempotencyKey } from "./define-endpoint.ts";
import { noticeKind } from "./notice-kind.ts";
import { countCharacters, longestPassword, shortestPassword } from "./password-length.ts";
import { displayName, emailAddress, newUsername, username } from "./people.ts";
import { permissions } from "./permissions.ts";
import { preferences } from "./preferences.ts";

const time = z.iso.datetime().meta({ description: "UTC", example: "2026-11-22T09:30:00.000Z" });

/**
 * No longer than a password may be when it is created: the same count there and at sign-in. Its
 * schema says so in JSON Schema's words, which count code points too.
 */
const password = z
  .string()
  .min(1)
  .refine(
    (text) => countCharacters(text) <= longestPassword,
    `This may have at most ${longestPassword} characters.`,
  )
  .meta({ maxLength: longestPassword });

export const newPassword = password
  .refine(
    (text) => countCharacters(text) >= shortestPassword,
    `This must have at least ${shortestPassword} characters.`,
  )
  .meta({ minLength: shortestPassword, maxLength: longestPassword });

const sectionLink = z
  .object({
    slug: z.string(),
    title: z.string(),
    icon: z.string(),
    position: z.int(),
    visibility: z.enum(["restricted", "public"]).exactOptional().meta({
      description:
        "`public`: anybody may open it. Who may open no other one has been granted none.",
    }),
  })
  .meta({ id: "SectionLink" });

export const notice = z
  .object({
    id: z.string().meta({ example: "ntc_1mFh0Yw2o3RlHqBVhWQy0A" }),
    kind: noticeKind,
    at: time,
    data: z.record(z.string(), z.string()).meta({
      description:
        "For `refreshTokenReused`: `address` and `userAgent` of the client that presented the old token, `sessionStartedAt` and `sessionUserAgent` of the session that was ended. For `signedInOnNewDevice`: `address`, `userAgent` and, in words as far as that tells, `browser` and `system` of a browser in which the account had not signed in before, and the `sessionId` of the session that began there, which is not told of itself. For `passwordLinkMade`: `madeBy`, the user name of whoever had a link made on which a password can be chosen; without it, it was whoever runs the installation. For `passwordChanged`: `address`, `userAgent` and `sessionId` of the session in which the password was changed, or `by`, which is `mail` where it was chosen on a link that was sent by mail. For `emailChanged`: `before` and `after`, where there was or is an address.",
    }),
  })
  .meta({ id: "Notice", description: "Something the user has to be told; shown until dismissed." });

/** Who is signed in, what they may do, and how long it lasts. */
export const session = z
  .object({
    status: z.literal("signedIn"),
    user: z.object({
      id: z.string().meta({ example: "usr_4hT9vN0cS7S1m2kQxJr8Lg" }),
      username: z.string(),
      email: z.string().nullable(),
      displayName: z.string(),
    }),
    roles: z.array(z.string()),
    permissions: z.array(z.enum(permissions)),
    sections: z
      .array(sectionLink)
      .meta({ description: "Every section the user may open, public ones included, in order." }),
    session: z.object({
      id: z.string().meta({ example: "ses_pOmy1gkF0Gq6CzcnS2w9Vg" }),
      idleExpiresAt: time,
      absoluteExpiresAt: time,
      remembered: z.boolean().exactOptional().meta({
        description:
          "`false` where the sign-in asked for a session that ends with the browser; otherwise left out.",
      }),
    }),
    accessExpiresAt: time,
    expiresIn: z.int().meta({
      description:
        "Seconds the access token still lives. Schedule from this and elapsed local time, never by comparing clocks.",
    }),
    preferences: preferences.exactOptional().meta({
      description: "What the user has chosen; left out where that is nothing.",
    }),
    csrfToken: z.string().meta({
      description: "Send it as `X-CSRF-Token` with unsafe requests that a cookie authenticates.",
    }),
    notices: z.array(notice),
    tokenType: z
      .literal("Bearer")
      .exactOptional()
      .meta({ description: "With body delivery only." }),
    accessToken: z.string().exactOptional().meta({ description: "With body delivery only." }),
    refreshToken: z.string().exactOptional().meta({ description: "With body delivery only." }),
  })
  .meta({ id: "Session" });

export type Session = z.output<typeof session>;

/** What rotates a session beside `POST /refresh`: it takes the refresh token and a key, too. */
const rotating = {
  headers: z.object({
    "idempotency-key": idempotencyKey.meta({
      description:
        "A random value for each rotation of the session, as for `POST /refresh`: whoever has got no answer sends the same one with the next request that rotates it. Required when the token is in the body.",
    }),
  }),
  refreshToken: z
    .string()
    .max(1024)
    .exactOptional()
    .meta({ description: "Required with body delivery; otherwise the cookie is used." }),
};
const errorsOfRotating = [
  "invalid_credentials",
  "refresh_missing",
  "refresh_invalid",
  "idempotency_key_required",
  "idempotency_key_reused",
  "refresh_conflict",
  "rate_limited",
] as const;

const delivery = z.enum(["cookie", "body"]).meta({
  description:
    "Where the tokens go: HttpOnly cookies for a browser, the response body for other clients. Fixed for the life of the session.",
});

export const sessionEndpoints = {
  "POST /login": endpoint({
    summary: "Sign in with a user name and a password",
    description:
      "Starts a session and ends the one whose cookie came along. Credentials come in the body or as HTTP Basic, not both. Cookie delivery needs an allowed `Origin`.",
    tag: "Session",
    access: "public",
    presents: ["basic"],
    headers: z.object({
      authorization: z.string().exactOptional().meta({
        description:
          "`Basic` credentials instead of `username` and `password` in the body (RFC 7617, UTF-8).",
      }),
    }),
    body: z.strictObject({
      username: username.exactOptional(),
      password: password.exactOptional().meta({ example: "sample-mike-passphrase" }),
      delivery: delivery.exactOptional(),
      remember: z.boolean().exactOptional().meta({
        description:
          "With `false` the session ends after an hour without use, and its cookies with the browser. Left out, it is `true`.",
      }),
    }),
    bodyOptional: true,
    responses: { 200: session },
    sends: { 200: ["Set-Cookie"] },
    errors: ["invalid_credentials", "rate_limited", "busy", "duplicate_cookie"],
  }),
  "POST /refresh": endpoint({
    summary: "Exchange the refresh token for a new pair of tokens",
    description:
      "Rotates the refresh token. Repeating a refresh with the same `Idempotency-Key` gives the same successor, however late, with `Idempotency-Replayed: true`. An older token under another key ends the session as stolen, and so does a token by the other delivery than its session's. A refresh that fails sets and clears no cookie.",
    tag: "Session",
    access: "refresh-token",
    headers: z.object({
      "idempotency-key": idempotencyKey.meta({
        description:
          "A random value for each refresh, the same for its repetitions. Required when the token is in the body.",
      }),
    }),
    body: z.strictObject({
      refreshToken: z
        .string()
        .max(1024)
        .exactOptional()
        .meta({ description: "With body delivery; otherwise the cookie is used." }),
    }),
    bodyOptional: true,
    responses: { 200: session },
    sends: { 200: ["Idempotency-Replayed", "Set-Cookie"] },
    errors: [
      "idempotency_key_required",
      "idempotency_key_reused",
      "refresh_conflict",
      "rate_limited",
      "busy",
    ],
  }),
  "POST /step-up": endpoint({
    summary: "Prove with the password who is signed in",
    description:
      "For five minutes nothing answers `fresh_sign_in_required` any more. The session stays and rotates as by a refresh, so that the tokens of before are replaced. Wrong passwords count as at a sign-in.",
    tag: "Session",
    access: "signed-in",
    headers: rotating.headers,
    body: z.strictObject({
      password: password.meta({ example: "sample-mica-passphrase" }),
      refreshToken: rotating.refreshToken,
    }),
    responses: { 200: session },
    sends: { 200: ["Idempotency-Replayed", "Set-Cookie"] },
    errors: errorsOfRotating,
  }),
  "POST /logout": endpoint({
    summary: "Sign out",
    description:
      "Ends the session named by the refresh token (of any generation) or by the access token (an expired one too), and clears both cookies. 204 also when there is nothing to end.",
    tag: "Session",
    access: "public",
    presents: ["bearer", "refresh-cookie", "access-cookie"],
    body: z.strictObject({ refreshToken: z.string().max(1024).exactOptional() }),
    bodyOptional: true,
    responses: { 204: null },
    sends: { 204: ["Set-Cookie"] },
    errors: ["duplicate_cookie", "busy"],
  }),
  "GET /session": endpoint({
    summary: "Who is signed in, and what they may do",
    tag: "Session",
    access: "signed-in",
    responses: { 200: session },
    errors: [],
  }),
  "PUT /account/password": endpoint({
    summary: "Change the password",
    description:
      "Ends every other session of the user. This one stays and rotates as by a refresh, and counts as just signed in. Wrong passwords count as at a sign-in. A change that was made already, whose answer was lost, is answered as made.",
    tag: "Account",
    access: "signed-in",
    headers: rotating.headers,
    body: z.strictObject({
      currentPassword: password.meta({ example: "sample-mica-passphrase" }),
      newPassword: newPassword.meta({ example: "forty-two quiet herons" }),
      refreshToken: rotating.refreshToken,
    }),
    responses: { 200: session },
    sends: { 200: ["Idempotency-Replayed", "Set-Cookie"] },
    errors: errorsOfRotating,
  }),
  "DELETE /account/sessions": endpoint({
    summary: "Sign out everywhere",
    description:
      "Ends every session of the user, this one included, and clears both cookies. With `except=current` this one is kept, and so are its cookies.",
    tag: "Account",
    access: "signed-in",
    query: z.strictObject({ except: z.enum(["current"]).exactOptional() }),
    responses: { 204: null },
    sends: { 204: ["Set-Cookie"] },
    errors: [],
  }),
  "DELETE /account/notices/:noticeId": endpoint({
    summary: "Dismiss a notice",
    description: "204 also when it was dismissed before.",
    tag: "Account",
    access: "signed-in",
    params: z.object({
      noticeId: z
        .string()
        .regex(/^ntc_[A-Za-z0-9_-]{22}$/, "This must be an id that starts with ntc_."),
    }),
    responses: { 204: null },
    errors: [],
  }),
  "GET /cookie-check": endpoint({
    summary: "Which of the cookies came back",
    description:
      "Called right after sign-in: a browser that blocks cross-site cookies drops them without a word.",
    tag: "Session",
    access: "public",
    responses: {
      200: z
        .object({
          access: z.boolean(),
          refresh: z.boolean(),
          mode: z.enum(["same-site", "cross-site"]),
        })
        .meta({ id: "CookieCheck" }),
    },
    errors: ["duplicate_cookie"],
  }),
  "GET /setup": endpoint({
    summary: "Is there an admin yet, and is mail sent",
    description:
      "Until there is one, nobody can sign in: whoever runs the installation creates the first with the setup link.",
    tag: "Setup",
    access: "public",
    responses: {
      200: z
        .object({
          done: z.boolean(),
          mail: z.boolean().meta({
            description:
              "Whether mail is sent here: only then can a forgotten password be chosen anew without asking anybody.",
          }),
        })
        .meta({ id: "SetupState" }),
    },
    errors: [],
  }),
  "POST /setup": endpoint({
    summary: "Create the first admin with the setup link",
    description:
      "Takes the token of the setup link that the first start printed, creates the admin and signs them in.",
    tag: "Setup",
    access: "one-use-token",
    body: z.strictObject({
      token: z.string().min(1).max(128),
      username: newUsername,
      displayName,
      email: emailAddress,
      password: newPassword,
      delivery: delivery.exactOptional(),
    }),
    responses: { 200: session },
    sends: { 200: ["Set-Cookie"] },
    errors: ["setup_done", "name_taken", "busy", "rate_limited"],
  }),
};
