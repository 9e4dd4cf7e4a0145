/**
 * Every error code of the API, once: its status, its title and what the caller can do about it.
 * No schemas here, so that the client can import this file without carrying a validator. The names
 * stand apart from their texts, since a client has to know its codes and need not carry what they
 * say.
 */
export const errorCodes = [
  "token_missing",
  "token_invalid",
  "token_expired",
  "token_stale",
  "session_ended",
  "refresh_missing",
  "refresh_invalid",
  "invalid_credentials",
  "one_use_token_invalid",
  "forbidden",
  "rights_exceeded",
  "section_forbidden",
  "fresh_sign_in_required",
  "csrf_failed",
  "origin_forbidden",
  "validation_failed",
  "request_unreadable",
  "request_timeout",
  "expectation_failed",
  "headers_too_large",
  "malformed_json",
  "duplicate_cookie",
  "idempotency_key_required",
  "idempotency_key_reused",
  "idempotency_key_in_use",
  "idempotency_answer_lost",
  "idempotency_key_mismatch",
  "not_found",
  "method_not_allowed",
  "refresh_conflict",
  "setup_done",
  "name_taken",
  "role_name_taken",
  "grant_exists",
  "access_request_answered",
  "last_admin",
  "mail_not_set_up",
  "section_slug_taken",
  "dataset_name_taken",
  "dataset_in_use",
  "dataset_changed",
  "import_cancelled",
  "precondition_failed",
  "precondition_required",
  "body_too_large",
  "unsupported_media_type",
  "rows_rejected",
  "rate_limited",
  "internal",
  "busy",
  "query_timeout",
  "panel_failed",
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export const errorCatalogue = {
  token_missing: {
    status: 401,
    title: "No access token",
    help: "Sign in, or send an access token.",
  },
  token_invalid: {
    status: 401,
    title: "Access token not valid",
    help: "Refresh, or sign in again.",
  },
  token_expired: {
    status: 401,
    title: "Access token expired",
    help: "Refresh and repeat the request.",
  },
  token_stale: {
    status: 401,
    title: "Access token out of date",
    help: "What you may do has changed. Refresh and repeat the request.",
  },
  session_ended: { status: 401, title: "Session ended", help: "Sign in again." },
  refresh_missing: {
    status: 401,
    title: "No refresh token",
    help: "Sign in. A program that has a token sends it as `refreshToken` in a JSON body.",
  },
  refresh_invalid: {
    status: 401,
    title: "Refresh token not valid",
    help: "Sign in again. The member `reason` says why, where it is known.",
  },
  invalid_credentials: {
    status: 401,
    title: "Sign-in failed",
    help: "Check the user name and the password.",
  },
  one_use_token_invalid: {
    status: 401,
    title: "Link not valid",
    help: "The link has been used, has expired, or never existed. The person who runs this can have a new one made.",
  },
  forbidden: {
    status: 403,
    title: "Not permitted",
    help: "Your roles do not include the permission this needs. The person who runs this decides what roles include.",
  },
  rights_exceeded: {
    status: 403,
    title: "More than you have yourself",
    help: "Nobody can give rights that they do not have themselves, nor change somebody who has more. Ask somebody with those rights.",
  },
  section_forbidden: {
    status: 403,
    title: "No access to this section",
    help: "The section does not exist, or you have not been granted it. The person who runs this can grant it to you.",
  },
  fresh_sign_in_required: {
    status: 403,
    title: "Sign-in of the last five minutes needed",
    help: "Nothing was changed. Send your password to `POST /step-up`, and then repeat the request, with the same `Idempotency-Key` if it had one.",
  },
  csrf_failed: {
    status: 403,
    title: "CSRF token missing or wrong",
    help: "Send the `csrfToken` of your session, as `GET /session` gives it, in the header `X-CSRF-Token`.",
  },
  origin_forbidden: {
    status: 403,
    title: "Origin not allowed",
    help: 'Call from an origin listed in SALLYPORT_WEB_ORIGINS; without a browser, ask for `delivery: "body"`.',
  },
  validation_failed: {
    status: 400,
    title: "Request not valid",
    help: "Each entry of `errors` points at one wrong value.",
  },
  request_unreadable: {
    status: 400,
    title: "No readable HTTP request",
    help: "Send a request as HTTP/1.1 has it, with one valid `Host`.",
  },
  request_timeout: {
    status: 408,
    title: "The request took too long to arrive",
    help: "Send it over a connection that is quick enough. Nothing has been done.",
  },
  expectation_failed: {
    status: 417,
    title: "Expectation not understood",
    help: "Of the header `Expect`, only `100-continue` is understood.",
  },
  headers_too_large: {
    status: 431,
    title: "Headers too large",
    help: "Send fewer or smaller headers. In a browser, delete this site's cookies, which signs you out.",
  },
  malformed_json: { status: 400, title: "Body is not JSON", help: "Send a JSON document." },
  duplicate_cookie: {
    status: 400,
    title: "Cookie sent twice",
    help: "Both cookies have been cleared. Sign in again.",
  },
  idempotency_key_required: {
    status: 400,
    title: "Idempotency-Key required",
    help: "Send the header `Idempotency-Key` with a new random value for each refresh, and the same one only to repeat that refresh.",
  },
  idempotency_key_reused: {
    status: 400,
    title: "Idempotency-Key used before",
    help: "The refresh before this one had the same `Idempotency-Key`, and nothing was changed. Send the same refresh token with a new random value.",
  },
  idempotency_key_in_use: {
    status: 409,
    title: "Still under way",
    help: "A request with this `Idempotency-Key` is being carried out. Wait as long as `Retry-After` says and send the same request with the same key again.",
  },
  idempotency_answer_lost: {
    status: 409,
    title: "Carried out before, but the answer is lost",
    help: "The request with this `Idempotency-Key` was carried out once, and nothing was done again. Do not repeat it: read what is there now.",
  },
  idempotency_key_mismatch: {
    status: 422,
    title: "Idempotency-Key of another request",
    help: "A different request was sent to this address with this `Idempotency-Key`, and nothing was done for this one. Send each new request with a new random value.",
  },
  not_found: { status: 404, title: "Not found", help: "Check the address against /openapi.json." },
  method_not_allowed: {
    status: 405,
    title: "Method not allowed",
    help: "The header `Allow` lists the methods of this address.",
  },
  refresh_conflict: {
    status: 409,
    title: "Another refresh came first",
    help: "With cookies: the new ones are on their way, so wait as long as `Retry-After` says and go on with them. With tokens in bodies: use the successor that you stored; if you have none, send this token to `POST /logout` and sign in again.",
  },
  setup_done: { status: 409, title: "Setup is already done", help: "An admin exists. Sign in." },
  name_taken: {
    status: 409,
    title: "Name already taken",
    help: "Choose another user name or e-mail address.",
  },
  role_name_taken: {
    status: 409,
    title: "A role of this name exists",
    help: "Choose another name, or change the role that has it.",
  },
  grant_exists: {
    status: 409,
    title: "There is this grant already",
    help: "Change when it ends, if that is what you want.",
  },
  access_request_answered: {
    status: 409,
    title: "Somebody has answered this request",
    help: "Nothing was changed. Read what there is now.",
  },
  last_admin: {
    status: 409,
    title: "The last admin has to stay one",
    help: "Nobody could administer this installation afterwards. Make somebody else an admin first, who has chosen a password.",
  },
  mail_not_set_up: {
    status: 409,
    title: "No mail is sent here",
    help: "This installation has no mail server. Whoever runs it can make a link for you by hand.",
  },
  section_slug_taken: {
    status: 409,
    title: "A section of this address exists",
    help: "Choose another slug, or change the section that has it.",
  },
  dataset_name_taken: {
    status: 409,
    title: "A dataset of this name exists",
    help: "Choose another name, or change the dataset that has it.",
  },
  dataset_in_use: {
    status: 409,
    title: "Dataset in use",
    help: "Panels read it. Remove them from their sections first.",
  },
  dataset_changed: {
    status: 409,
    title: "Dataset changed meanwhile",
    help: "Nothing was stored. Repeat the request.",
  },
  import_cancelled: {
    status: 409,
    title: "Import given up",
    help: "Nothing was stored. Begin another one.",
  },
  precondition_failed: {
    status: 412,
    title: "Changed meanwhile",
    help: "Read it again, and send its `ETag` in `If-Match` with your change. `If-None-Match: *` only creates: what you wanted to create is there already.",
  },
  precondition_required: {
    status: 428,
    title: "If-Match required",
    help: "Read what you want to change, and send its `ETag` in `If-Match` with your change, so that nobody else's change is overwritten unseen.",
  },
  body_too_large: {
    status: 413,
    title: "Body too large",
    help: "The `detail` of the answer says how much may be sent.",
  },
  unsupported_media_type: {
    status: 415,
    title: "Content type not supported",
    help: "Send `Content-Type: application/json`.",
  },
  rows_rejected: {
    status: 422,
    title: "Rows do not fit",
    help: "No row was stored. Each entry of `errors` names a line; mend them and send all of the rows again.",
  },
  rate_limited: {
    status: 429,
    title: "Too many requests",
    help: "Wait as long as `Retry-After` says before you repeat the request, with the same `Idempotency-Key` if it had one.",
  },
  internal: {
    status: 500,
    title: "Something went wrong",
    help: "Tell the person who runs this the `requestId`.",
  },
  busy: {
    status: 503,
    title: "Busy",
    help: "Wait as long as `Retry-After` says and repeat the request, with the same `Idempotency-Key` if it had one.",
  },
  query_timeout: {
    status: 504,
    title: "The panel's query took too long",
    help: "Choose a shorter range of time, or ask for the panel's query to be made quicker.",
  },
  panel_failed: {
    status: 500,
    title: "The panel's query failed",
    help: "Tell the person who runs this the `requestId`.",
  },
} as const satisfies Record<ErrorCode, { status: number; title: string; help: string }>;

/** Why one panel of a section may have no data. */
export const panelErrorCodes = [
  "panel_failed",
  "query_timeout",
  "busy",
  "validation_failed",
  "not_found",
] as const satisfies readonly ErrorCode[];
export type PanelErrorCode = (typeof panelErrorCodes)[number];
export const isPanelErrorCode = (code: ErrorCode): code is PanelErrorCode =>
  panelErrorCodes.some((one) => one === code);

/** Why an import that nobody waited for may have failed. */
export const importErrorCodes = [
  "rows_rejected",
  "validation_failed",
  "malformed_json",
  "body_too_large",
  "not_found",
  "dataset_changed",
  "dataset_in_use",
  "dataset_name_taken",
  "import_cancelled",
  "busy",
  "internal",
] as const satisfies readonly ErrorCode[];
export type ImportErrorCode = (typeof importErrorCodes)[number];
export const importErrorCodeOf = (code: ErrorCode): ImportErrorCode =>
  importErrorCodes.find((one) => one === code) ?? "internal";

/** Why a session ended; the `reason` of `refresh_invalid` and `session_ended`. */
export const sessionEndReasons = [
  "reuse",
  "signedOut",
  "signedOutEverywhere",
  "endedByUser",
  "endedByAdmin",
  "idle",
  "absolute",
  "passwordChanged",
  "deactivated",
] as const;
export type SessionEndReason = (typeof sessionEndReasons)[number];
