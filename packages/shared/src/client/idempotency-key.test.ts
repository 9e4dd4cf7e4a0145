import { describe, expect, test } from "vitest";
import { createWorld } from "../../test/fake-browser.ts";
import { problemOf } from "../../test/fake-server.ts";
import { accessLifeMs, later, userOf } from "../../test/signed-in.ts";

describe("the idempotency key", () => {
  for (const fault of ["responseLost", "bodyBroken"] as const) {
    test(`It is kept until the 200's body has been read: a refresh with ${fault} is repeated with the same key and gives the same successor`, async () => {
      const world = createWorld();
      const tab = await world.signedInTab();
      await world.advance(accessLifeMs + 5000);
      world.network.fault = (route) =>
        route === "POST /refresh" && world.routes(route).length === 1 ? fault : null;
      await world.until(tab.client.call("GET /sections"));
      const keys = world.routes("POST /refresh").map(({ headers }) => headers["idempotency-key"]);
      expect(keys).toHaveLength(2);
      // With the body broken the cookie has arrived, so the repetition rotates again: the key is
      // the same, and nobody is harmed.
      expect(new Set(keys).size).toBe(1);
      expect(world.server.live()).toHaveLength(1);
    });
  }

  test("It outlives a crash: the page that opens hours later repeats the refresh whose answer was lost", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    await world.advance(accessLifeMs + 5000);
    world.network.fault = (route) => (route === "POST /refresh" ? "responseLost" : null);
    void later(tab.client.call("GET /sections"));
    await world.advance(15);
    tab.freeze();
    tab.client.dispose();
    world.network.fault = () => null;
    await world.advance(3_600_000);
    const next = world.openTab("two");
    expect((await world.until(next.client.start())).status).toBe("signedIn");
    const keys = world.routes("POST /refresh").map(({ headers }) => headers["idempotency-key"]);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
  });

  test("The next refresh has another key", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    for (let expiries = 0; expiries < 3; expiries++) {
      await world.advance(accessLifeMs + 5000);
      await world.until(tab.client.call("GET /sections"));
    }
    expect(
      new Set(world.routes("POST /refresh").map(({ headers }) => headers["idempotency-key"])).size,
    ).toBe(3);
  });

  test("Without storage it lives in memory and still survives a lost response", async () => {
    const world = createWorld({ storage: false });
    const tab = await world.signedInTab();
    await world.advance(accessLifeMs + 5000);
    world.network.fault = (route) =>
      route === "POST /refresh" && world.routes(route).length === 1 ? "responseLost" : null;
    await world.until(tab.client.call("GET /sections"));
    expect(world.server.live()).toHaveLength(1);
  });

  test("Answers out of order are healed: a tab whose answer sets the cookie jar back refreshes again at once", async () => {
    for (const [storage, channel] of [
      [true, false],
      [false, false],
      [true, true],
    ] as const) {
      const world = createWorld({ locks: false, channel });
      const one = await world.signedInTab();
      const two = await world.startedTab("two");
      if (!storage) world.storage.clear();
      await world.advance(accessLifeMs + 5000);
      world.network.latencyMs = (route) =>
        route === "POST /refresh" && world.routes(route).length === 1 ? 6000 : 20;
      const slow = one.client.call("GET /sections");
      await world.advance(3100);
      await world.until(two.client.call("GET /sections"));
      world.server.raiseEpoch("mike");
      await world.until(two.client.call("GET /sections"));
      expect(world.jar["refresh"]).toBe("ses_1.2");
      expect(userOf(await world.until(slow))).toBe("mike");
      await world.advance(6000);
      expect(world.jar["refresh"]).toBe("ses_1.2");
      await world.advance(accessLifeMs + 5000);
      expect(userOf(await world.until(one.client.call("GET /sections")))).toBe("mike");
      expect(world.server.live()).toHaveLength(1);
    }
  });

  test("Answers out of order are healed although no request waits for them and the other tab has told of its refresh", async () => {
    const world = createWorld({ locks: false });
    const one = await world.signedInTab();
    await world.advance(accessLifeMs - 20_000);
    let slow = 6000;
    world.network.latencyMs = (route) => {
      if (route !== "POST /refresh") return 20;
      const latencyMs = slow;
      slow = 20;
      return latencyMs;
    };
    one.touch();
    await world.advance(3100);
    const two = await world.startedTab("two");
    world.server.raiseEpoch("mike");
    await world.until(two.client.call("GET /sections"));
    world.server.raiseEpoch("mike");
    await world.until(two.client.call("GET /sections"));
    expect(world.jar["refresh"]).toBe("ses_1.2");
    await world.advance(6000);
    expect(world.jar["refresh"]).toBe("ses_1.2");
    await world.advance(accessLifeMs + 5000);
    expect(userOf(await world.until(one.client.call("GET /sections")))).toBe("mike");
    expect(world.server.live()).toHaveLength(1);
  });

  test("The last retired key is tried once on a 409: a lost Set-Cookie is healed", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    await world.advance(accessLifeMs + 5000);
    world.network.dropsCookies = (route) =>
      route === "POST /refresh" && world.routes(route).length === 1;
    // The first refresh seems to work, but its cookies are lost: the request that waited for it is
    // refused as expired.
    expect(userOf(await world.until(tab.client.call("GET /sections")))).toBe("mike");
    const refreshes = world.routes("POST /refresh");
    expect(refreshes.map(({ code, status }) => code ?? status)).toEqual([
      200,
      "refresh_conflict",
      200,
    ]);
    expect(refreshes[2]?.headers["idempotency-key"]).toBe(refreshes[0]?.headers["idempotency-key"]);
    expect(world.server.live()).toHaveLength(1);
  });
});

describe("409", () => {
  test("It waits, asks GET /session, and carries on where the successor has arrived", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    await world.advance(accessLifeMs + 5000);
    world.network.instead = (request, route) => {
      if (route !== "POST /refresh") return null;
      // Another client of this cookie jar has refreshed; its answer comes a moment later.
      const { cookies } = world.server.handle(request);
      world.setTimer(() => Object.assign(world.jar, cookies), 500);
      return problemOf("refresh_conflict", { retryAfter: 1 });
    };
    expect(userOf(await world.until(tab.client.call("GET /sections")))).toBe("mike");
    expect(world.takeLog()).toEqual([
      "POST /refresh refresh_conflict",
      "GET /session 200",
      "GET /sections 200",
    ]);
  });

  test("Where the successor has not arrived it refreshes again, and after 15 s takes it for a fault, not for the end", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    await world.advance(accessLifeMs + 5000);
    world.network.instead = (_, route) =>
      route === "POST /refresh" ? problemOf("refresh_conflict", { retryAfter: 1 }) : null;
    const waiting = tab.client.call("GET /sections");
    await world.advance(14_000);
    expect(tab.client.state().connection).toBe("online");
    expect(world.routes("POST /refresh").length).toBeGreaterThan(10);
    await world.advance(3000);
    expect(tab.client.state()).toMatchObject({ status: "signedIn", connection: "lost" });
    world.network.instead = () => null;
    expect(userOf(await world.until(waiting))).toBe("mike");
  });
});
