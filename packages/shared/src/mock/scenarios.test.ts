import { afterEach, describe, expect, it, vi } from "vitest";
import { limitations, scenarioNames, scenarios, type MockOptions } from "./mock.ts";
import { ask, create, createTimers, post, refresh, signIn } from "../../test/asked-mock.ts";

afterEach(() => void vi.restoreAllMocks());

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

  it("new-installation: the first admin is signed in, and there is nothing else, for as long as it lasts", async () => {
    const mock = begin("new-installation");
    expect(mock.settings().persona).toBe("mica");
    const namesAt = async (path: string, member: string): Promise<unknown[]> =>
      ((await ask(mock, path)).body["items"] as readonly Readonly<Record<string, unknown>>[]).map(
        (item) => item[member],
      );
    expect(await namesAt("/users", "username")).toEqual(["mica"]);
    expect(await namesAt("/roles", "name")).toEqual(["admin"]);
    expect(await namesAt("/datasets", "name")).toEqual([]);
    expect(await namesAt("/sections?scope=all", "slug")).toEqual([]);
    mock.setScenario("normal");
    mock.setPersona("mica");
    expect(await namesAt("/users", "username")).toContain("mike");
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
