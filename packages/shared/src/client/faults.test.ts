import { describe, expect, test } from "vitest";
import { createWorld } from "../../test/fake-browser.ts";
import { problemOf, type FakeResponse } from "../../test/fake-server.ts";
import { NetworkError, type ErrorCode } from "./client.ts";
import { accessLifeMs, credentialsOf, later, notice, userOf } from "../../test/signed-in.ts";

const json = { "content-type": "application/json" };

const problemJson = { "content-type": "application/problem+json" };

const ourId = { "x-request-id": "req_1" };

const textOf = (code: ErrorCode): string => JSON.stringify(problemOf(code).body);

describe("faults are not a logout", () => {
  for (const [what, answer] of [
    ["429", problemOf("rate_limited", { retryAfter: 5 })],
    ["503", problemOf("busy", { retryAfter: 5 })],
  ] as const) {
    test(`A ${what} on refresh keeps the session, shows the connection as lost, and tries again not before Retry-After`, async () => {
      const world = createWorld();
      const tab = await world.signedInTab();
      await world.advance(accessLifeMs + 5000);
      let refused = 0;
      world.network.instead = (_, route) =>
        route === "POST /refresh" && refused++ < 2 ? answer : null;
      const waiting = tab.client.call("GET /sections");
      await world.advance(100);
      expect(tab.client.state()).toMatchObject({ status: "signedIn", connection: "lost" });
      tab.wake();
      expect(userOf(await world.until(waiting))).toBe("mike");
      const [first = 0, second = 0] = world.routes("POST /refresh").map(({ at }) => at);
      expect(second - first).toBeGreaterThanOrEqual(5000);
      expect(tab.client.state().connection).toBe("online");
    });
  }

  test("A network fault on refresh is retried with growing delays, and at once on waking", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    await world.advance(accessLifeMs + 5000);
    world.network.fault = () => "requestLost";
    const waiting = tab.client.call("GET /sections");
    await world.advance(60_000);
    const times = world.routes("POST /refresh").map(({ at }) => at);
    expect(times.length).toBeGreaterThan(3);
    expect(times.length).toBeLessThan(12);
    world.network.fault = () => null;
    const woken = world.now();
    tab.wake();
    expect(userOf(await world.until(waiting))).toBe("mike");
    expect(world.now() - woken).toBeLessThan(100);
  });

  test("A caller who aborts while waiting for a refresh gets a NetworkError at once", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    await world.advance(accessLifeMs + 5000);
    world.network.fault = () => "requestLost";
    const controller = new AbortController();
    const waiting = later(
      tab.client.call("GET /sections", undefined, { signal: controller.signal }),
    );
    await world.advance(3000);
    controller.abort();
    await world.drain();
    await expect(waiting).rejects.toMatchObject({ name: "NetworkError", aborted: true });
  });

  test("A plain request's network fault is the caller's, shows the connection as lost, and a success shows it online", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    world.network.fault = () => "requestLost";
    await expect(world.until(later(tab.client.call("GET /sections")))).rejects.toBeInstanceOf(
      NetworkError,
    );
    expect(tab.client.state().connection).toBe("lost");
    world.network.fault = () => null;
    await world.until(tab.client.call("GET /sections"));
    expect(tab.client.state().connection).toBe("online");
  });

  test("A lost connection is found again without anyone making a request", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    world.network.fault = () => "requestLost";
    await expect(world.until(later(tab.client.call("GET /sections")))).rejects.toBeInstanceOf(
      NetworkError,
    );
    await world.advance(20_000);
    world.network.fault = () => null;
    await world.advance(31_000);
    expect(tab.client.state().connection).toBe("online");
  });

  test("An aborted request says nothing about the connection", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    const controller = new AbortController();
    const waiting = later(
      tab.client.call("GET /sections", undefined, { signal: controller.signal }),
    );
    await world.advance(5);
    controller.abort();
    await expect(world.until(waiting)).rejects.toMatchObject({
      name: "NetworkError",
      aborted: true,
    });
    expect(tab.client.state().connection).toBe("online");
  });

  const proxyPages: readonly FakeResponse[] = [
    ...[200, 403, 404, 413, 429, 500, 502, 503].map((status) => ({ status, foreign: "<h1>" })),
    { status: 401, foreign: '{"message":"Unauthorized"}', headers: json },
    { status: 429, foreign: textOf("rate_limited"), headers: { ...json, ...ourId } },
    { status: 429, foreign: '{"code":"slow_down"}', headers: { ...problemJson, ...ourId } },
    { status: 401, foreign: textOf("refresh_invalid"), headers: problemJson },
    { status: 200, foreign: '{"user":{"id":"usr_x"}}', headers: json },
    { status: 200, foreign: "<h1>", headers: ourId },
    { status: 204, foreign: null },
    // What proxies pass through or write with a request id of their own.
    { status: 200, foreign: "", headers: ourId },
  ];
  // Some browsers take a body that broke off for a whole one. And a gateway may say in JSON that
  // all is well.
  const badSessions = [null, "", '{"status":"signedIn","us', '{"status":"ok"}', "null"];
  for (const foreign of badSessions)
    test(`What cannot be a session keeps the one there is, and is asked for again: ${foreign}`, async () => {
      const world = createWorld();
      const tab = await world.signedInTab();
      await world.advance(accessLifeMs + 5000);
      const status = foreign === null ? 204 : 200;
      const broken = { status, foreign, headers: { ...json, ...ourId } };
      world.network.instead = () => broken;
      const waiting = tab.client.call("GET /sections");
      await world.advance(60_000);
      expect(tab.client.state()).toMatchObject({ status: "signedIn", connection: "lost" });
      world.network.instead = () => null;
      expect(userOf(await world.until(waiting))).toBe("mike");
      for (const visits of [true, false]) {
        if (!visits) world.storage.clear();
        world.network.instead = () => broken;
        const later = world.openTab(`later ${visits}`);
        const starting = later.client.start();
        await world.advance(60_000);
        expect(later.client.state().status).toBe("starting");
        world.network.instead = () => null;
        expect(await world.until(starting)).toMatchObject({
          status: "signedIn",
          connection: "online",
        });
      }
      world.network.instead = () => broken;
      await expect(
        world.until(later(tab.client.signIn(credentialsOf("mike")))),
      ).rejects.toMatchObject({ name: "NetworkError", aborted: false });
    });

  for (const page of proxyPages) {
    const inWords = `${page.status} ${page.foreign} ${JSON.stringify(page.headers ?? {})}`;
    test(`What is not the API's answer is a lost connection: ${inWords}`, async () => {
      const world = createWorld();
      const tab = await world.signedInTab();
      await world.advance(accessLifeMs + 5000);
      // On a refresh: the session is kept, and the refresh repeated until the API answers.
      world.network.instead = () => page;
      const waiting = tab.client.call("GET /sections");
      await world.advance(60_000);
      expect(tab.client.state()).toMatchObject({
        status: "signedIn",
        connection: "lost",
        fault: { name: "NetworkError", status: page.status },
      });
      expect(new Set(world.log.map(({ route }) => route))).toEqual(new Set(["POST /refresh"]));
      expect(world.log.length).toBeGreaterThan(4);
      expect(world.log.length).toBeLessThan(12);
      world.network.instead = () => null;
      expect(userOf(await world.until(waiting))).toBe("mike");
      expect(tab.client.state()).toMatchObject({ status: "signedIn", connection: "online" });

      // At the start of a page, whoever it is.
      for (const visits of [true, false]) {
        if (!visits) world.storage.clear();
        world.network.instead = () => page;
        const later = world.openTab(`later ${visits}`);
        const starting = later.client.start();
        await world.advance(60_000);
        expect(later.client.state()).toMatchObject({
          status: "starting",
          connection: "unreached",
          fault: { status: page.status },
        });
        world.network.instead = () => null;
        expect(await world.until(starting)).toMatchObject({
          status: "signedIn",
          connection: "online",
        });
      }

      // Any other call is not repeated, and says what answered; then the client looks for the API.
      world.takeLog();
      world.network.instead = () => page;
      for (const acting of [
        tab.client.call("GET /sections"),
        tab.client.call("DELETE /account/notices/:noticeId", notice),
        tab.client.signIn(credentialsOf("mike")),
      ])
        await expect(world.until<unknown>(later<unknown>(acting))).rejects.toMatchObject({
          name: "NetworkError",
          aborted: false,
          status: page.status,
        });
      const calls = world.log.filter(({ route }) => route !== "GET /healthz");
      expect(calls).toHaveLength(3);
      await world.advance(60_000);
      expect(world.routes("GET /healthz").length).toBeGreaterThan(4);
      expect(tab.client.state()).toMatchObject({ status: "signedIn", connection: "lost" });
      world.network.instead = () => null;
      await world.advance(31_000);
      expect(tab.client.state()).toMatchObject({ status: "signedIn", connection: "online" });
    });
  }

  test("A 429 on a plain request is the caller's, with Retry-After in seconds", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    world.network.instead = (_, route) =>
      route === "GET /sections" ? problemOf("rate_limited", { retryAfter: 7 }) : null;
    await expect(world.until(later(tab.client.call("GET /sections")))).rejects.toMatchObject({
      code: "rate_limited",
      retryAfterSeconds: 7,
    });
  });
});
