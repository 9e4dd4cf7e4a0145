/**
 * The server as a client sees it: the refresh table of docs/protocol.md as a small state machine,
 * without cryptography. Tokens are readable so that a failing test can be read.
 */
import {
  errorCatalogue,
  type ErrorCode,
  type SessionEndReason,
} from "../src/contract/error-codes.ts";

export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: Record<string, unknown> | undefined;
  readonly cookies: Record<string, string>;
}

export interface FakeResponse {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  /** Cookies to set; an empty value clears. */
  readonly cookies?: Record<string, string>;
  /** The body goes on: what is sent on it is up to the test. */
  readonly stream?: true;
  /** A page of something that is not the API, as it is: none of the API's headers come with it. */
  readonly foreign?: string | null;
}

interface FakeSession {
  readonly id: string;
  readonly user: string;
  readonly delivery: "cookie" | "body";
  generation: number;
  key: string | undefined;
  /** When each generation stopped being the current one. */
  readonly replacedAt: number[];
  ended: SessionEndReason | undefined;
}

interface Access {
  readonly session: FakeSession;
  readonly expiresAt: number;
  readonly epoch: number;
}

const leewayMs = 10_000;

export const problemOf = (
  code: ErrorCode,
  extra: { reason?: SessionEndReason; retryAfter?: number } = {},
): FakeResponse => ({
  status: errorCatalogue[code].status,
  body: {
    type: `https://api.test/problems/${code}`,
    title: errorCatalogue[code].title,
    status: errorCatalogue[code].status,
    detail: errorCatalogue[code].help,
    code,
    requestId: "req_1",
    ...(extra.reason && { reason: extra.reason }),
  },
  ...(extra.retryAfter !== undefined && { headers: { "retry-after": String(extra.retryAfter) } }),
});

export const createFakeServer = (now: () => number, ttlSeconds = 300) => {
  const sessions = new Map<string, FakeSession>();
  const accesses = new Map<string, Access>();
  const epochs = new Map<string, number>();
  const grants = new Map<string, readonly string[]>();
  const written: { user: string; body: unknown }[] = [];
  let serial = 0;

  const newAccess = (session: FakeSession): string => {
    const token = `access-${++serial}`;
    accesses.set(token, {
      session,
      expiresAt: now() + ttlSeconds * 1000,
      epoch: epochs.get(session.user) ?? 0,
    });
    return token;
  };
  const sessionBody = (session: FakeSession, expiresAt: number) => ({
    status: "signedIn",
    user: {
      id: `usr_${session.user}`,
      username: session.user,
      email: `${session.user}@example.test`,
      displayName: session.user,
    },
    roles: [],
    permissions: [],
    sections: (grants.get(session.user) ?? []).map((slug, position) => ({
      slug,
      title: slug,
      icon: "home",
      position,
    })),
    session: {
      id: session.id,
      idleExpiresAt: "2030-01-01T00:00:00.000Z",
      absoluteExpiresAt: "2030-01-01T00:00:00.000Z",
    },
    // Wrong on purpose: a client that compares clocks fails.
    accessExpiresAt: "2001-01-01T00:00:00.000Z",
    expiresIn: Math.floor((expiresAt - now()) / 1000),
    csrfToken: `csrf-${session.id}`,
    notices: [],
  });
  const issue = (session: FakeSession, headers: Record<string, string> = {}): FakeResponse => {
    const access = newAccess(session);
    const refresh = `${session.id}.${session.generation}`;
    const body = sessionBody(session, now() + ttlSeconds * 1000);
    if (session.delivery === "body")
      return {
        status: 200,
        body: { ...body, tokenType: "Bearer", accessToken: access, refreshToken: refresh },
        headers,
      };
    return {
      status: 200,
      body,
      headers: { ...headers, "sallyport-session": session.id },
      cookies: { access, refresh },
    };
  };

  const refresh = (request: FakeRequest): FakeResponse => {
    const presented =
      (request.body?.["refreshToken"] as string | undefined) ?? request.cookies["refresh"];
    const key = request.headers["idempotency-key"];
    if (presented === undefined) return problemOf("refresh_missing");
    const [id = "", text = ""] = presented.split(".");
    const session = sessions.get(id);
    const generation = Number(text);
    if (!session || !/^\d+$/.test(text)) return problemOf("refresh_invalid");
    if (session.ended) return problemOf("refresh_invalid", { reason: session.ended });
    if ((request.body?.["refreshToken"] === undefined) === (session.delivery === "body")) {
      session.ended = "reuse";
      return problemOf("refresh_invalid", { reason: "reuse" });
    }
    if (generation === session.generation) {
      if (session.delivery === "body" && key === undefined)
        return problemOf("idempotency_key_required");
      if (session.delivery === "body" && key === session.key)
        return problemOf("idempotency_key_reused");
      session.replacedAt[generation] = now();
      session.generation++;
      session.key = key;
      return issue(session);
    }
    if (generation > session.generation) return problemOf("refresh_invalid");
    if (generation === session.generation - 1 && key !== undefined && key === session.key)
      return issue(session, { "idempotency-replayed": "true" });
    if (now() - (session.replacedAt[generation] ?? -Infinity) < leewayMs)
      return problemOf("refresh_conflict", session.delivery === "cookie" ? { retryAfter: 1 } : {});
    session.ended = "reuse";
    return problemOf("refresh_invalid", { reason: "reuse" });
  };

  const identify = (request: FakeRequest): FakeSession | FakeResponse => {
    const token =
      request.headers["authorization"]?.replace(/^Bearer /, "") ?? request.cookies["access"];
    if (token === undefined) return problemOf("token_missing");
    const access = accesses.get(token);
    if (!access) return problemOf("token_invalid");
    if (now() >= access.expiresAt) return problemOf("token_expired");
    if (access.session.ended) return problemOf("session_ended", { reason: access.session.ended });
    if (access.epoch !== (epochs.get(access.session.user) ?? 0)) return problemOf("token_stale");
    const byCookie = request.headers["authorization"] === undefined;
    if (
      byCookie &&
      request.method !== "GET" &&
      request.headers["x-csrf-token"] !== `csrf-${access.session.id}`
    )
      return problemOf("csrf_failed");
    return access.session;
  };
  const expiryOf = (request: FakeRequest): number =>
    accesses.get(
      request.headers["authorization"]?.replace(/^Bearer /, "") ?? request.cookies["access"] ?? "",
    )?.expiresAt ?? 0;

  const signIn = (user: string, delivery: "cookie" | "body"): FakeResponse => {
    const session: FakeSession = {
      id: `ses_${++serial}`,
      user,
      delivery,
      generation: 0,
      key: undefined,
      replacedAt: [],
      ended: undefined,
    };
    sessions.set(session.id, session);
    return issue(session);
  };
  const familyOfCookie = (request: FakeRequest): FakeSession | undefined =>
    sessions.get(
      (
        (request.body?.["refreshToken"] as string | undefined) ??
        request.cookies["refresh"] ??
        ""
      ).split(".")[0] ?? "",
    );

  return {
    sessions,
    /** What unsafe requests have done, in order. */
    written,
    handle(request: FakeRequest): FakeResponse {
      const route = `${request.method} ${request.path.split("?")[0]}`;
      if (route === "POST /login" || route === "POST /setup") {
        const user = request.body?.["username"] as string;
        if (route === "POST /login" && request.body?.["password"] !== `sample-${user}-passphrase`)
          return problemOf("invalid_credentials");
        const replaced = familyOfCookie(request);
        if (replaced) replaced.ended ??= "signedOut";
        return signIn(user, request.body?.["delivery"] === "body" ? "body" : "cookie");
      }
      if (route === "POST /refresh") return refresh(request);
      if (route === "POST /logout") {
        const session = familyOfCookie(request);
        if (session) session.ended ??= "signedOut";
        return { status: 204, cookies: { access: "", refresh: "" } };
      }
      if (route === "GET /healthz") return { status: 200, body: { status: "ok" } };
      if (route === "GET /cookie-check")
        return {
          status: 200,
          body: {
            access: "access" in request.cookies,
            refresh: "refresh" in request.cookies,
            mode: "same-site",
          },
        };
      const anonymous =
        request.cookies["access"] === undefined &&
        request.cookies["refresh"] === undefined &&
        request.headers["authorization"] === undefined;
      if (route === "GET /sections" && anonymous)
        return { status: 200, body: { items: [], nextCursor: null, for: null } };

      const session = identify(request);
      if ("status" in session) return session;
      const headers = { "sallyport-session": session.id };
      if (route === "POST /step-up")
        return request.body?.["password"] === `sample-${session.user}-passphrase`
          ? refresh(request)
          : problemOf("invalid_credentials");
      if (route === "GET /session/events") return { status: 200, stream: true, headers };
      if (route === "GET /session")
        return { status: 200, body: sessionBody(session, expiryOf(request)), headers };
      if (route === "GET /sections")
        return { status: 200, body: { items: [], nextCursor: null, for: session.user }, headers };
      const slug = /^GET \/sections\/([^/]+)/.exec(route)?.[1] ?? "";
      if (slug === "secret" || (slug !== "" && grants.get(session.user)?.includes(slug) === false))
        return { ...problemOf("section_forbidden"), headers };
      if (route.startsWith("GET /sections/"))
        return {
          status: 200,
          body: { slug: request.path.slice("/sections/".length), for: session.user },
          headers,
        };
      if (route === "DELETE /account/sessions") {
        for (const one of sessions.values())
          if (one.user === session.user) one.ended ??= "signedOut";
        return { status: 204, cookies: { access: "", refresh: "" }, headers };
      }
      if (route.startsWith("DELETE /account/notices/")) {
        written.push({ user: session.user, body: request.path });
        return { status: 204, headers };
      }
      return problemOf("not_found");
    },
    /** Somebody signed in without the client noticing: the cookies to put into the jar. */
    signInElsewhere: (user: string): Record<string, string> =>
      signIn(user, "cookie").cookies as Record<string, string>,
    raiseEpoch: (user: string): void => void epochs.set(user, (epochs.get(user) ?? 0) + 1),
    /** The user may see these sections and no others. */
    grant(user: string, slugs: readonly string[]): void {
      grants.set(user, slugs);
      epochs.set(user, (epochs.get(user) ?? 0) + 1);
    },
    endAll(reason: SessionEndReason): void {
      for (const session of sessions.values()) session.ended ??= reason;
    },
    live: (): FakeSession[] =>
      [...sessions.values()].filter((session) => session.ended === undefined),
  };
};
