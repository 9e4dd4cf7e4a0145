import { setupServer } from "msw/node";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createMockApi } from "./mock.ts";
import { ask, baseUrl, create, createTimers, post, signIn } from "../../test/asked-mock.ts";

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

  it("gives the same for the same seed and clock, and something else for another seed", async () => {
    const run = async (seed: number) => {
      const mock = create({ seed });
      const { body, headers } = await signIn(mock, "mike", { delivery: "body" });
      return { body, id: headers.get("x-request-id") };
    };
    expect(await run(7)).toEqual(await run(7));
    expect((await run(8)).body["accessToken"]).not.toBe((await run(7)).body["accessToken"]);
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

  it("shows the mails that the server would have sent, by names of its people and as the server words them", async () => {
    const mock = create({ persona: "mica" });
    expect(await mock.mailbox()).toEqual([]);
    const { body } = await signIn(mock, "mica", { delivery: "body" });
    const nora = mock.exportState().users.find(({ username }) => username === "nora");
    await mock.fetch(`/users/${nora?.id}/password-link`, {
      method: "POST",
      headers: { authorization: `Bearer ${String(body["accessToken"])}` },
    });
    const [mail] = await mock.mailbox();
    expect(mail).toMatchObject({
      to: "nora@example.com",
      subject: "A link was made on which your password can be changed",
      text: expect.stringContaining("mica had a link made"),
    });
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
