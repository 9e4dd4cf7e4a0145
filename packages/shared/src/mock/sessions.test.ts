import { describe, expect, it } from "vitest";
import { ask, baseUrl, create, post, refresh, signIn } from "../../test/asked-mock.ts";

describe("sessions of the mock", () => {
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
});
