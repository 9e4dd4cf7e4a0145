import { setupServer } from "msw/node";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  createMockApi,
  limitations,
  scenarioNames,
  scenarios,
  type MockApi,
  type MockOptions,
  type MockTimers,
} from "./mock.ts";

const baseUrl = "https://api.example.com";
const start = Date.parse("2026-11-22T09:00:00Z");

/** Timers that run when they are told to. */
const createTimers = () => {
  const waiting = new Map<
    number,
    { readonly due: number; readonly again: number | null; run(): void }
  >();
  let now = 0;
  let made = 0;
  const add = (milliseconds: number, run: () => void, again: number | null): (() => void) => {
    const id = (made += 1);
    waiting.set(id, { due: now + milliseconds, again, run });
    return () => void waiting.delete(id);
  };
  const timers: MockTimers = {
    after: (milliseconds, run) => add(milliseconds, run, null),
    every: (milliseconds, run) => add(milliseconds, run, milliseconds),
  };
  return {
    timers,
    pass: (milliseconds: number): void => {
      const end = now + milliseconds;
      for (;;) {
        const [id, next] =
          [...waiting]
            .filter(([, { due }]) => due <= end)
            .sort(([, one], [, other]) => one.due - other.due)[0] ?? [];
        if (id === undefined || !next) break;
        now = next.due;
        if (next.again === null) waiting.delete(id);
        else waiting.set(id, { ...next, due: now + next.again });
        next.run();
      }
      now = end;
    },
    count: () => waiting.size,
  };
};

const create = (options: Partial<MockOptions> = {}): MockApi =>
  createMockApi({ baseUrl, clock: () => start, ...options });

const post = (body?: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: "POST",
  headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
  ...(body !== undefined && { body: JSON.stringify(body) }),
});
const answerOf = async (response: Response) => {
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text === "" ? undefined : JSON.parse(text)) as Record<string, unknown> & {
      code?: string;
      reason?: string;
    },
  };
};
const ask = async (mock: MockApi, path: string, init?: RequestInit) =>
  answerOf(await mock.fetch(path, init));
const signIn = (mock: MockApi, username = "mike", more: object = {}) =>
  ask(mock, "/login", post({ username, password: `sample-${username}-passphrase`, ...more }));
const refresh = (mock: MockApi, key = "key-1") =>
  ask(mock, "/refresh", post(undefined, { "idempotency-key": key }));

afterEach(() => void vi.restoreAllMocks());

describe("the mock", () => {
  it("refuses names that it does not know, with those it knows", () => {
    expect(() => create({ persona: "bob" as never })).toThrow(
      /no persona "bob".*visitor, mica, mike, frida, nora, dan/,
    );
    expect(() => create({ scenario: "chaos" as never })).toThrow(/no scenario "chaos".*signed-out/);
    expect(() => create({ latncy: 5 } as never)).toThrow(/no option "latncy".*latency/);
    expect(() => create({ persistence: "always" as never })).toThrow(
      /no persistence "always".*browser/,
    );
    expect(() => create({ latency: -1 })).toThrow(/no latency/);
    expect(() => create({ latency: [5, 2] })).toThrow(/no latency/);
    expect(() => create({ errorRate: 2 })).toThrow(/no error rate/);
    expect(() => create({ clock: "soon" })).toThrow(/no time/);
    const mock = create();
    expect(() => mock.setPersona("bob" as never)).toThrow(/mica/);
    expect(() => mock.setScenario("chaos" as never)).toThrow(/offline/);
    expect(() => mock.giveGrant("bob", "marketing")).toThrow(/mica/);
    expect(() => mock.advanceClock(-1)).toThrow(/does not go back/);
    // @ts-expect-error: no unit of time
    expect(() => mock.advanceClock({ minute: 6 })).toThrow(/no unit of time "minute".*minutes/);
    // @ts-expect-error: no error code
    expect(() => mock.failEndpoint("GET /readyz", "bussy")).toThrow(/no error code "bussy"/);
    // @ts-expect-error: no endpoint
    expect(() => mock.failEndpoint("GET /ready", "busy")).toThrow(/no endpoint "GET \/ready"/);
    // @ts-expect-error: no reason
    expect(() => mock.endSessions("mike", "fired")).toThrow(/no reason "fired"/);
  });

  it("signs in with a password or as Basic, and says of nobody why it does not", async () => {
    const mock = create();
    expect(await ask(mock, "/session")).toMatchObject({
      status: 401,
      body: { code: "token_missing" },
    });
    const { status, body, headers } = await signIn(mock);
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: "signedIn", user: { username: "mike" }, expiresIn: 300 });
    expect(body).not.toHaveProperty("accessToken");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(mock.settings().persona).toBe("mike");
    expect(await ask(mock, "/session")).toMatchObject({
      status: 200,
      body: { user: { username: "mike" } },
    });
    const basic = btoa("frida:sample-frida-passphrase");
    expect(
      await ask(mock, "/login", post(undefined, { authorization: `Basic ${basic}` })),
    ).toMatchObject({ status: 200, body: { user: { username: "frida" } } });
    expect(mock.settings().persona).toBe("frida");
    for (const credentials of [
      { username: "mike", password: "wrong" },
      { username: "nobody", password: "wrong" },
      { username: "dan", password: "sample-dan-passphrase" },
    ])
      expect(await ask(mock, "/login", post(credentials))).toMatchObject({
        status: 401,
        body: { code: "invalid_credentials" },
      });
  });

  it("gives the same for the same seed and clock, and something else for another seed", async () => {
    const run = async (seed: number) => {
      const mock = create({ seed });
      const { body, headers } = await signIn(mock, "mike", { delivery: "body" });
      return { body, id: headers.get("x-request-id") };
    };
    expect(await run(7)).toEqual(await run(7));
    expect((await run(8)).body["accessToken"]).not.toBe((await run(7)).body["accessToken"]);
  });

  it("gives tokens in the body with the claims of real ones, which live five minutes", async () => {
    const mock = create();
    const { body } = await signIn(mock, "frida", { delivery: "body" });
    const token = String(body["accessToken"]);
    const claims = JSON.parse(
      atob(token.split(".")[1]?.replaceAll("-", "+").replaceAll("_", "/") ?? ""),
    ) as Record<string, number>;
    expect(claims).toMatchObject({ iss: baseUrl, aud: baseUrl, epoch: 1, amr: ["pwd"] });
    expect((claims["exp"] ?? 0) - (claims["iat"] ?? 0)).toBe(300);
    const bearer = { headers: { authorization: `Bearer ${token}` }, credentials: "omit" } as const;
    expect(await ask(mock, "/session", bearer)).toMatchObject({ status: 200 });
    expect(
      await ask(mock, "/session", { ...bearer, headers: { authorization: `Bearer ${token}x` } }),
    ).toMatchObject({ body: { code: "token_invalid" } });
    mock.advanceClock({ minutes: 6 });
    const expired = await ask(mock, "/session", bearer);
    expect(expired).toMatchObject({ status: 401, body: { code: "token_expired" } });
    expect(expired.headers.get("www-authenticate")).toBe(
      'Bearer realm="Sallyport", error="invalid_token"',
    );
    expect(
      await ask(mock, "/refresh", {
        ...post({ refreshToken: body["refreshToken"] }),
        credentials: "omit",
      }),
    ).toMatchObject({ body: { code: "idempotency_key_required" } });
    expect(
      await ask(mock, "/refresh", {
        ...post({ refreshToken: body["refreshToken"] }, { "idempotency-key": "a" }),
        credentials: "omit",
      }),
    ).toMatchObject({ status: 200 });
  });

  it("rotates, replays under the same key, calls a slow tab a conflict and a thief a thief", async () => {
    const mock = create({ persona: "mike" });
    const jar = mock.exportState().jar;
    const withOldCookies = (): void =>
      mock.change((state) => void (state.jar = structuredClone(jar)));
    expect((await refresh(mock)).status).toBe(200);
    withOldCookies();
    const replayed = await refresh(mock);
    expect(replayed.status).toBe(200);
    expect(replayed.headers.get("idempotency-replayed")).toBe("true");
    withOldCookies();
    const conflict = await refresh(mock, "key-2");
    expect(conflict).toMatchObject({ status: 409, body: { code: "refresh_conflict" } });
    expect(conflict.headers.get("retry-after")).toBe("1");
    mock.advanceClock({ seconds: 11 });
    expect(await refresh(mock, "key-2")).toMatchObject({
      status: 401,
      body: { code: "refresh_invalid", reason: "reuse" },
    });
    expect((await signIn(mock)).body["notices"]).toMatchObject([{ kind: "refreshTokenReused" }]);
  });

  it("ends sessions that are idle, too old, signed out, or all of them", async () => {
    const mock = create({ persona: "mike" });
    mock.advanceClock({ days: 7, seconds: 1 });
    expect(await refresh(mock)).toMatchObject({ status: 401, body: { reason: "idle" } });
    mock.reset();
    let { refreshToken } = (await signIn(mock, "mike", { delivery: "body" })).body;
    const refreshByBody = (key: string) =>
      ask(mock, "/refresh", post({ refreshToken }, { "idempotency-key": key }));
    for (let week = 0; week < 4; week += 1) {
      mock.advanceClock({ days: 6 });
      ({ refreshToken } = (await refreshByBody(`key-${week}`)).body);
    }
    mock.advanceClock({ days: 6, seconds: 1 });
    expect(await refreshByBody("last")).toMatchObject({
      status: 401,
      body: { reason: "absolute" },
    });
    // A browser has thrown the cookies away by then.
    expect(await refresh(mock)).toMatchObject({ body: { code: "refresh_missing" } });
    mock.reset();
    const csrfToken = String((await ask(mock, "/session")).body["csrfToken"]);
    expect(await ask(mock, "/account/sessions", { method: "DELETE" })).toMatchObject({
      status: 403,
      body: { code: "csrf_failed" },
    });
    expect(
      (
        await ask(mock, "/account/sessions", {
          method: "DELETE",
          headers: { "x-csrf-token": csrfToken },
        })
      ).status,
    ).toBe(204);
    expect(mock.settings().persona).toBe("visitor");
    await signIn(mock);
    expect((await ask(mock, "/logout", post())).status).toBe(204);
    expect(await ask(mock, "/session")).toMatchObject({ body: { code: "token_missing" } });
  });

  it("outdates access tokens with every change of rights, and ends the sessions of who is deactivated", async () => {
    const mock = create({ persona: "mica" });
    mock.takeGrant("mica", "_all_");
    expect(await ask(mock, "/session")).toMatchObject({
      status: 401,
      body: { code: "token_stale" },
    });
    expect((await refresh(mock)).status).toBe(200);
    mock.giveGrant("mica", "_all_");
    expect(await ask(mock, "/session")).toMatchObject({ body: { code: "token_stale" } });
    expect((await refresh(mock, "2")).status).toBe(200);
    mock.endSessions("mica", "endedByAdmin");
    expect(await ask(mock, "/session")).toMatchObject({
      body: { code: "session_ended", reason: "endedByAdmin" },
    });
    mock.setPersona("mica");
    mock.deactivateUser("mica");
    expect(await ask(mock, "/session")).toMatchObject({
      body: { code: "session_ended", reason: "deactivated" },
    });
    mock.setPersona("dan");
    expect(await refresh(mock)).toMatchObject({
      body: { code: "refresh_invalid", reason: "deactivated" },
    });
  });

  it("limits sign-in and refreshes with the headers of the API, and forgives with time", async () => {
    const mock = create();
    const guess = () => ask(mock, "/login", post({ username: "mike", password: "a guess" }));
    for (let guesses = 0; guesses < 5; guesses += 1) expect((await guess()).status).toBe(401);
    const limited = await guess();
    expect(limited).toMatchObject({ status: 429, body: { code: "rate_limited" } });
    expect(limited.headers.get("ratelimit")).toBe('"account";r=0;t=30');
    expect(limited.headers.get("ratelimit-policy")).toBe('"account";q=5;w=900');
    expect(limited.headers.get("retry-after")).toBe("30");
    mock.advanceClock({ seconds: 31 });
    expect((await signIn(mock)).status).toBe(200);
    for (let count = 0; count < 30; count += 1)
      expect((await refresh(mock, `k${count}`)).status).toBe(200);
    expect(await refresh(mock, "one-more")).toMatchObject({
      status: 429,
      body: { code: "rate_limited" },
    });
  });

  it("refuses foreign origins, and cookies without an origin", async () => {
    const mock = create({ origins: ["https://app.example.com"] });
    const login = { username: "mike", password: "sample-mike-passphrase" };
    expect(
      await ask(mock, "/login", post(login, { origin: "https://evil.example" })),
    ).toMatchObject({ status: 403, body: { code: "origin_forbidden" } });
    expect(
      (await ask(mock, "/login", post(login, { origin: "https://app.example.com" }))).headers.get(
        "access-control-allow-origin",
      ),
    ).toBe("https://app.example.com");
    const tool = create({ origin: null });
    expect(await ask(tool, "/login", post(login))).toMatchObject({
      body: { code: "origin_forbidden" },
    });
    expect((await ask(tool, "/login", post({ ...login, delivery: "body" }))).status).toBe(200);
    expect((await mock.fetch("/login", { method: "OPTIONS" })).status).toBe(204);
  });

  it("keeps cookies only of requests that carry them", async () => {
    const mock = create();
    await mock.fetch("/login", {
      ...post({ username: "mike", password: "sample-mike-passphrase" }),
      credentials: "omit",
    });
    expect(mock.settings().persona).toBe("visitor");
    await signIn(mock);
    expect(await ask(mock, "/cookie-check", { credentials: "omit" })).toMatchObject({
      body: { access: false, refresh: false },
    });
    expect(await ask(mock, "/cookie-check")).toMatchObject({
      body: { access: true, refresh: true, mode: "same-site" },
    });
  });

  it("answers discovery, and for addresses and methods that there are not", async () => {
    const mock = create();
    expect(await ask(mock, "/healthz")).toMatchObject({ status: 200, body: { status: "ok" } });
    expect(await ask(mock, "/readyz")).toMatchObject({ status: 200 });
    expect(await ask(mock, "/.well-known/jwks.json")).toMatchObject({ body: { keys: [] } });
    expect((await ask(mock, "/openapi.json")).body["servers"]).toEqual([{ url: baseUrl }]);
    expect(await ask(mock, "/problems/token_stale")).toMatchObject({
      body: { code: "token_stale", status: 401 },
    });
    expect(await ask(mock, "/problems/nonsense")).toMatchObject({
      status: 404,
      body: { code: "not_found" },
    });
    expect((await ask(mock, "/schemas/section.json")).status).toBe(200);
    expect(await ask(mock, "/nothing")).toMatchObject({ status: 404, body: { code: "not_found" } });
    const refused = await ask(mock, "/session", { method: "DELETE" });
    expect(refused).toMatchObject({ status: 405, body: { code: "method_not_allowed" } });
    expect(refused.headers.get("allow")).toBe("GET, HEAD, OPTIONS");
    expect(await (await mock.fetch("/healthz", { method: "HEAD" })).text()).toBe("");
    await expect(mock.fetch("https://elsewhere.example/")).rejects.toThrow(
      /no address of the mock/,
    );
  });

  it("gives the error that a value asks for, and says plainly where there is none", async () => {
    const report = vi.spyOn(console, "error").mockImplementation(() => {});
    const mock = create({ persona: "mica" });
    const limited = await ask(
      mock,
      "/login",
      post({ username: "mock-error-rate_limited", password: "x" }),
    );
    expect(limited).toMatchObject({ status: 429, body: { code: "rate_limited" } });
    expect(limited.headers.get("retry-after")).toBe("30");
    expect(await ask(mock, "/sections/mock-error-busy")).toMatchObject({
      status: 503,
      body: { code: "busy" },
    });
    expect(await ask(mock, "/sections/mock-error-section-forbidden")).toMatchObject({
      status: 403,
      body: { code: "section_forbidden" },
    });
    expect(report).not.toHaveBeenCalled();
    const undeclared = await ask(mock, "/sections/mock-error-setup_done");
    expect(undeclared).toMatchObject({ status: 500, body: { code: "internal" } });
    expect(undeclared.body["detail"]).toMatch(
      /does not declare\. GET \/sections\/:slug declares busy, /,
    );
    expect((await ask(mock, "/sections/mock-error-whatever")).body["detail"]).toMatch(
      /asks for no error that there is/,
    );
    expect(report).toHaveBeenCalledTimes(2);
  });

  it("waits as long as it is told, and gives up with the caller", async () => {
    const { timers, pass } = createTimers();
    const mock = create({ timers, latency: 400 });
    let done = false;
    const answered = mock.fetch("/healthz").then(() => (done = true));
    await vi.waitFor(() => {
      pass(399);
      expect(done).toBe(false);
      pass(1);
    });
    await answered;
    const controller = new AbortController();
    const aborted = mock.fetch("/healthz", { signal: controller.signal });
    controller.abort();
    await expect(aborted).rejects.toThrow(/aborted/i);
    mock.setLatency([0, 0]);
    expect((await mock.fetch("/healthz")).status).toBe(200);
    expect(mock.settings().latency).toEqual([0, 0]);
  });

  it("fails by chance as often as it is told, the same way with the same seed", async () => {
    const run = async (): Promise<unknown[]> => {
      const mock = create({ errorRate: 0.5, seed: 3 });
      const outcomes: unknown[] = [];
      for (let count = 0; count < 60; count += 1)
        outcomes.push(
          await mock.fetch("/readyz").then(
            ({ status }) => status,
            (error: unknown) => (error as Error).message,
          ),
        );
      return outcomes;
    };
    const outcomes = await run();
    expect(await run()).toEqual(outcomes);
    expect(new Set(outcomes)).toEqual(new Set([200, 500, 503, "Failed to fetch"]));
    const failed = outcomes.filter((outcome) => outcome !== 200).length;
    expect(failed).toBeGreaterThan(20);
    expect(failed).toBeLessThan(40);
  });

  it("begins at the time it is given and goes on from there", async () => {
    const mock = createMockApi({ baseUrl, clock: "2030-01-01T00:00:00Z" });
    const year = async () =>
      new Date(String((await signIn(mock)).body["accessExpiresAt"])).getUTCFullYear();
    expect(await year()).toBe(2030);
    mock.advanceClock({ days: 366 });
    expect(await year()).toBe(2031);
  });

  it("keeps what it knows over a reload, shares it between tabs, and heeds options only when they change", async () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, text: string) => void kept.set(name, text),
    };
    const open = (options: Partial<MockOptions> = {}): MockApi =>
      create({ persistence: "browser", storage, ...options });
    const tab = open({ persona: "mike" });
    const other = open({ persona: "mike" });
    expect((await refresh(tab)).status).toBe(200);
    expect((await refresh(other, "2")).status).toBe(200);
    expect((await ask(tab, "/session")).status).toBe(200);
    other.setPersona("frida");
    expect((await ask(tab, "/session")).body).toMatchObject({ user: { username: "frida" } });
    // The options are those of before.
    expect(open({ persona: "mike" }).settings().persona).toBe("frida");
    expect(open({ persona: "nora", scenario: "slow" }).settings()).toMatchObject({
      persona: "nora",
      scenario: "slow",
    });
    expect(open({ seed: 9 }).settings().persona).toBe("visitor");
    expect(() => create({ persistence: "browser" })).toThrow(/needs a browser/);
  });

  it("goes on to a later time that it is given after a reload, and never back", () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, text: string) => void kept.set(name, text),
    };
    const yearAt = (clock: string): number =>
      new Date(
        createMockApi({ baseUrl, persistence: "browser", storage, clock }).settings().now,
      ).getUTCFullYear();
    expect(yearAt("2040-06-01")).toBe(2040);
    expect(yearAt("2042-06-01")).toBe(2042);
    expect(yearAt("2041-06-01")).toBe(2042);
  });

  it("gives all that it knows, takes it back, and begins anew", async () => {
    const mock = create({ persona: "mike" });
    const state = mock.exportState();
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    mock.setPersona("visitor");
    mock.advanceClock({ days: 40 });
    mock.importState(state);
    expect((await ask(mock, "/session")).status).toBe(200);
    expect(() => mock.importState({ version: 0 } as never)).toThrow(/no state of this version/);
    mock.setScenario("offline");
    mock.reset();
    expect(mock.settings()).toMatchObject({ persona: "mike", scenario: "normal", now: start });
  });

  it("does the same again for the same requests once it has begun anew", async () => {
    const mock = create({ persona: "frida" });
    const states = [];
    for (let time = 0; time < 2; time += 1) {
      expect((await ask(mock, "/sections/nowhere")).status).toBe(403);
      expect((await ask(mock, "/datasets")).status).toBe(403);
      expect((await signIn(mock, "nobody")).status).toBe(401);
      expect((await signIn(mock)).status).toBe(200);
      states.push(mock.exportState());
      mock.reset();
    }
    expect(states[1]).toEqual(states[0]);
  });

  it("goes on in the same way with the state of another one, whatever that has recorded", async () => {
    const mock = create({ persona: "frida" });
    expect((await ask(mock, "/datasets")).status).toBe(403);
    const other = create();
    other.importState(mock.exportState());
    // The one has recorded it within this minute, and does not again. The other does.
    const [one, another] = await Promise.all(
      [mock, other].map(async (of) => {
        expect((await ask(of, "/datasets")).status).toBe(403);
        return signIn(of);
      }),
    );
    expect(one?.body).toEqual(another?.body);
    expect(new Set(other.exportState().audit.map(({ id }) => id)).size).toBe(4);
  });

  it.each<[what: string, control: (mock: MockApi) => void, persona: string]>([
    ["a new beginning", (mock) => mock.reset(), "frida"],
    ["another persona", (mock) => mock.setPersona("mike"), "mike"],
    ["a sign-out", (mock) => mock.setPersona("visitor"), "visitor"],
  ])("lets %s hold that comes while it answers, whenever that is", async (_, control, persona) => {
    for (let turns = 0; turns < 40; turns += 1) {
      const mock = create({ persona: "frida" });
      const refreshing = refresh(mock);
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      control(mock);
      await refreshing;
      expect(mock.settings().persona).toBe(persona);
      if (persona === "visitor") expect((await refresh(mock, "key-2")).status).toBe(401);
      else
        expect(await refresh(mock, "key-2")).toMatchObject({
          status: 200,
          body: { user: { username: persona } },
        });
    }
  });

  it("tells its listeners of every change, and gives the same settings until there is one", async () => {
    const mock = create();
    const listener = vi.fn<() => void>();
    const stop = mock.subscribe(listener);
    expect(mock.settings()).toBe(mock.settings());
    mock.setErrorRate(0.1);
    await mock.fetch("/healthz").catch(() => undefined);
    expect(listener).toHaveBeenCalledTimes(2);
    stop();
    mock.setErrorRate(0);
    expect(listener).toHaveBeenCalledTimes(2);
  });

  it("lets an endpoint fail that is told to", async () => {
    const report = vi.spyOn(console, "error").mockImplementation(() => {});
    const mock = create({ persona: "mike" });
    mock.failEndpoint("GET /readyz", "busy");
    expect(await ask(mock, "/readyz")).toMatchObject({ status: 503, body: { code: "busy" } });
    mock.failEndpoint("GET /readyz", null);
    expect((await ask(mock, "/readyz")).status).toBe(200);
    mock.failEndpoint("GET /session", "internal");
    expect(await ask(mock, "/session")).toMatchObject({ status: 500, body: { code: "internal" } });
    expect(report).not.toHaveBeenCalled();
  });

  it("answers what MSW brings to it, and nothing else", async () => {
    // MSW says so when it refuses the address that is not ours.
    vi.spyOn(console, "error").mockImplementation(() => {});
    const mock = create();
    const server = setupServer(...mock.handlers);
    server.listen({ onUnhandledFrame: "error" });
    try {
      const response = await fetch(
        `${baseUrl}/login`,
        post({ username: "mike", password: "sample-mike-passphrase" }),
      );
      expect(response.status).toBe(200);
      expect(response.headers.get("set-cookie")).toBeNull();
      expect((await fetch(`${baseUrl}/session`, { credentials: "include" })).status).toBe(200);
      mock.setScenario("offline");
      await expect(fetch(`${baseUrl}/session`)).rejects.toThrow(TypeError);
      mock.setScenario("normal");
      await expect(fetch("https://api.example.com.evil.example/session")).rejects.toThrow(
        TypeError,
      );
    } finally {
      server.close();
    }
  });
});

describe("the stream of events of the mock", () => {
  const listen = async (mock: MockApi) => {
    const response = await mock.fetch("/session/events");
    expect(response.status).toBe(200);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    return {
      next: async (): Promise<string> => {
        const { done, value } = await reader.read();
        return done ? "end" : new TextDecoder().decode(value);
      },
      leave: () => reader.cancel(),
    };
  };

  it("tells of permissions and of the end as they happen, and a comment every twenty seconds", async () => {
    const { timers, pass } = createTimers();
    const mock = create({ persona: "mica", timers });
    const stream = await listen(mock);
    expect(await stream.next()).toBe(":\n\n");
    mock.takeGrant("mica", "_all_");
    expect(await stream.next()).toBe("event: permissions\ndata: {}\n\n");
    const comment = stream.next();
    mock.advanceClock({ seconds: 20 });
    expect(await comment).toBe(":\n\n");
    const end = stream.next();
    mock.advanceClock({ days: 8 });
    pass(1_000);
    expect(await end).toBe('event: ended\ndata: {"reason":"idle"}\n\n');
    expect(await stream.next()).toBe("end");
  });

  it("leaves no timer behind when nobody listens", async () => {
    const { timers, count } = createTimers();
    const mock = create({ persona: "mike", timers });
    const stream = await listen(mock);
    expect(count()).toBe(1);
    await stream.next();
    await stream.leave();
    expect(count()).toBe(0);
  });
});

describe("a scenario of the mock", () => {
  const begin = (scenario: MockOptions["scenario"] & string, options: Partial<MockOptions> = {}) =>
    create({ persona: "mike", ...options, scenario });

  it("is described, each of them, and so is what the mock cannot do", () => {
    for (const name of scenarioNames)
      expect(scenarios[name].description).toMatch(/^[A-Z].{10,}\.$/);
    expect(limitations.every((sentence) => sentence.endsWith("."))).toBe(true);
  });

  it("signed-out: nobody is signed in", async () => {
    expect(await ask(begin("signed-out"), "/session")).toMatchObject({
      body: { code: "token_missing" },
    });
  });

  it("access-token-expired: a refresh brings the session back", async () => {
    const mock = begin("access-token-expired", { persona: "visitor" });
    expect(mock.settings().persona).toBe("mike");
    expect(await ask(mock, "/session")).toMatchObject({ body: { code: "token_expired" } });
    expect((await refresh(mock)).status).toBe(200);
    expect((await ask(mock, "/session")).status).toBe(200);
  });

  it("session-expired: neither the access token nor a refresh helps", async () => {
    const mock = begin("session-expired");
    expect(await ask(mock, "/session")).toMatchObject({
      body: { code: "session_ended", reason: "idle" },
    });
    expect(await refresh(mock)).toMatchObject({
      body: { code: "refresh_invalid", reason: "idle" },
    });
  });

  it("reuse-detected: the next refresh ends the session and leaves a notice", async () => {
    const mock = begin("reuse-detected");
    expect(await ask(mock, "/session")).toMatchObject({ body: { code: "token_expired" } });
    expect(await refresh(mock)).toMatchObject({
      body: { code: "refresh_invalid", reason: "reuse" },
    });
    expect((await signIn(mock)).body["notices"]).toHaveLength(1);
  });

  it("refresh-response-lost: it happened, and repeated it gives the same", async () => {
    const mock = begin("refresh-response-lost");
    await expect(refresh(mock)).rejects.toThrow("Failed to fetch");
    const repeated = await refresh(mock);
    expect(repeated.status).toBe(200);
    expect(repeated.headers.get("idempotency-replayed")).toBe("true");
    expect((await refresh(mock, "key-2")).status).toBe(200);
  });

  it("refresh-conflict: another tab was first, and its cookies come", async () => {
    const mock = begin("refresh-conflict");
    expect(await refresh(mock)).toMatchObject({ status: 409, body: { code: "refresh_conflict" } });
    // With its access token, too: there is nothing left to refresh.
    expect((await ask(mock, "/session")).status).toBe(200);
    expect((await refresh(mock)).status).toBe(200);
    const client = begin("refresh-conflict", { persona: "visitor" });
    const { body } = await signIn(client, "nora", { delivery: "body" });
    client.setScenario("refresh-conflict");
    const sent = {
      ...post({ refreshToken: body["refreshToken"] }, { "idempotency-key": "a" }),
      credentials: "omit",
    } as const;
    expect(await ask(client, "/refresh", sent)).toMatchObject({ status: 409 });
    expect((await ask(client, "/refresh", sent)).status).toBe(200);
  });

  it("permission-removed: what was granted is gone, and comes back with the scenario's end", async () => {
    const mock = begin("normal", { persona: "mica" });
    mock.setScenario("permission-removed");
    expect(await ask(mock, "/session")).toMatchObject({ body: { code: "token_stale" } });
    expect((await refresh(mock)).body).toMatchObject({ roles: [], permissions: [] });
    mock.setScenario("normal");
    expect(await ask(mock, "/session")).toMatchObject({ body: { code: "token_stale" } });
    expect((await refresh(mock, "2")).body).toMatchObject({ roles: ["admin"] });
  });

  it("setup: with the users their sessions are gone, and nobody is told why one ended", async () => {
    const mock = create();
    const { body } = await signIn(mock, "mike", { delivery: "body" });
    mock.setScenario("setup");
    const { body: refused } = await ask(mock, "/refresh", {
      ...post({ refreshToken: body["refreshToken"] }, { "idempotency-key": "a" }),
      credentials: "omit",
    });
    expect([refused.code, refused.reason]).toEqual(["refresh_invalid", undefined]);
  });

  it("user-deactivated: the session is over, and signing in is refused", async () => {
    const mock = begin("user-deactivated");
    expect(await ask(mock, "/session")).toMatchObject({
      body: { code: "session_ended", reason: "deactivated" },
    });
    expect((await signIn(mock)).body.code).toBe("invalid_credentials");
  });

  it("cookies-blocked: sign-in succeeds, and no cookie comes back", async () => {
    const mock = begin("cookies-blocked", { persona: "visitor" });
    expect((await signIn(mock)).status).toBe(200);
    expect(await ask(mock, "/cookie-check")).toMatchObject({
      body: { access: false, refresh: false },
    });
    expect(await ask(mock, "/session")).toMatchObject({ body: { code: "token_missing" } });
  });

  it("duplicate-cookie: the request is refused and the cookies are cleared", async () => {
    const mock = begin("duplicate-cookie");
    expect(await ask(mock, "/session")).toMatchObject({
      status: 400,
      body: { code: "duplicate_cookie" },
    });
    expect(await ask(mock, "/session")).toMatchObject({
      status: 401,
      body: { code: "token_missing" },
    });
  });

  it("rate-limited: sign-in and refresh have to wait, and may again afterwards", async () => {
    const mock = begin("rate-limited");
    expect(await signIn(mock)).toMatchObject({ status: 429 });
    expect(await refresh(mock)).toMatchObject({ status: 429 });
    expect((await ask(mock, "/session")).status).toBe(200);
    mock.advanceClock({ seconds: 61 });
    expect((await refresh(mock)).status).toBe(200);
    mock.setScenario("normal");
    expect((await signIn(mock)).status).toBe(200);
  });

  it("server-error, slow and offline: every request", async () => {
    const report = vi.spyOn(console, "error").mockImplementation(() => {});
    const mock = begin("server-error");
    expect(await ask(mock, "/healthz")).toMatchObject({ status: 500, body: { code: "internal" } });
    expect(report).not.toHaveBeenCalled();
    mock.setScenario("offline");
    await expect(mock.fetch("/healthz")).rejects.toThrow(TypeError);
    const { timers, pass } = createTimers();
    const slow = begin("slow", { timers });
    let done = false;
    const answered = slow.fetch("/healthz").then(() => (done = true));
    await vi.waitFor(() => {
      pass(2_999);
      expect(done).toBe(false);
      pass(1);
    });
    expect(await answered).toBe(true);
  });

  it("empty and many-sections: nothing and a lot to look at, for as long as they last", async () => {
    const mock = begin("many-sections");
    const links = async () =>
      (
        (await refresh(mock, String(Math.trunc(mock.exportState().made)))).body[
          "sections"
        ] as unknown[]
      ).length;
    expect(await links()).toBeGreaterThan(149);
    mock.setScenario("empty");
    expect(await links()).toBe(0);
    mock.setScenario("normal");
    expect(await links()).toBeLessThan(150);
  });

  it("setup: the link makes the first admin, once", async () => {
    const mock = begin("setup");
    expect(mock.settings().persona).toBe("visitor");
    const person = {
      username: "ada",
      displayName: "Ada",
      email: "ada@example.com",
      password: "forty-two quiet herons",
    };
    expect(await ask(mock, "/setup", post({ ...person, token: "another" }))).toMatchObject({
      status: 401,
      body: { code: "one_use_token_invalid" },
    });
    expect(
      await ask(
        mock,
        "/setup",
        post({ ...person, token: "sample-setup-link", password: "aaaaaaaaaaaaaaaaaa" }),
      ),
    ).toMatchObject({ status: 400 });
    expect(
      await ask(mock, "/setup", post({ ...person, token: "sample-setup-link" })),
    ).toMatchObject({ status: 200, body: { roles: ["admin"] } });
    expect(
      await ask(mock, "/setup", post({ ...person, token: "sample-setup-link" })),
    ).toMatchObject({ status: 409, body: { code: "setup_done" } });
    mock.setScenario("normal");
    expect((await signIn(mock)).status).toBe(200);
  });
});
