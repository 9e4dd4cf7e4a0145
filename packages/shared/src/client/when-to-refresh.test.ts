import { describe, expect, test } from "vitest";
import { createWorld } from "../../test/fake-browser.ts";
import { problemOf } from "../../test/fake-server.ts";
import { accessLifeMs, later, signIn, userOf } from "../../test/signed-in.ts";

describe("when to refresh", () => {
  for (const code of ["token_missing", "token_invalid", "token_expired", "token_stale"] as const) {
    test(`A 401 ${code} is followed by one refresh and the repeated request`, async () => {
      const world = createWorld();
      const tab = await world.signedInTab();
      let first = true;
      world.network.instead = (_, route) => {
        if (route !== "GET /sections" || !first) return null;
        first = false;
        return problemOf(code);
      };
      expect(userOf(await world.until(tab.client.call("GET /sections")))).toBe("mike");
      expect(world.takeLog()).toEqual([
        `GET /sections ${code}`,
        "POST /refresh 200",
        "GET /sections 200",
      ]);
    });
  }

  test("A 403 never causes a refresh", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    await expect(
      world.until(later(tab.client.call("GET /sections/:slug", { params: { slug: "secret" } }))),
    ).rejects.toMatchObject({ code: "section_forbidden", status: 403 });
    expect(world.takeLog()).toEqual(["GET /sections/secret section_forbidden"]);
  });

  test("token_expired repeats once, and then the caller gets it", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    world.network.instead = (_, route) =>
      route === "GET /sections" ? problemOf("token_expired") : null;
    await expect(world.until(later(tab.client.call("GET /sections")))).rejects.toMatchObject({
      code: "token_expired",
    });
    expect(world.routes("GET /sections")).toHaveLength(2);
    expect(world.routes("POST /refresh")).toHaveLength(1);
    expect(tab.client.state().status).toBe("signedIn");
  });

  test("token_stale repeats up to three times", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    world.network.instead = (_, route) =>
      route === "GET /sections" ? problemOf("token_stale") : null;
    await expect(world.until(later(tab.client.call("GET /sections")))).rejects.toMatchObject({
      code: "token_stale",
    });
    expect(world.routes("GET /sections")).toHaveLength(4);
    expect(world.routes("POST /refresh")).toHaveLength(3);
  });

  test("A 401 to a request sent before the last refresh is repeated without another refresh", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    world.server.raiseEpoch("mike");
    world.network.latencyMs = (route) => (route === "GET /sections" ? 2000 : 20);
    const slow = tab.client.call("GET /sections");
    world.network.latencyMs = () => 20;
    await world.until(tab.client.call("GET /sections/:slug", { params: { slug: "finance" } }));
    world.network.instead = (_, route) =>
      route === "GET /sections" && world.routes(route).length === 1
        ? problemOf("token_stale")
        : null;
    expect(userOf(await world.until(slow))).toBe("mike");
    expect(world.routes("POST /refresh")).toHaveLength(1);
    expect(world.routes("GET /sections")).toHaveLength(2);
  });

  test("Ten requests that meet an expired token share one refresh", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    world.server.raiseEpoch("mike");
    const answers = await world.until(
      Promise.all(Array.from({ length: 10 }, () => tab.client.call("GET /sections"))),
    );
    expect(answers.map(userOf)).toEqual(Array.from({ length: 10 }, () => "mike"));
    expect(world.routes("POST /refresh")).toHaveLength(1);
  });

  test("A little before expiry it refreshes if there was user input since the last refresh", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    await world.advance(100_000);
    tab.touch();
    await world.advance(169_000);
    expect(world.takeLog()).toEqual([]);
    await world.advance(2000);
    expect(world.takeLog()).toEqual(["POST /refresh 200"]);
  });

  test("A token that dies right after GET /session was answered is renewed for a call that went out beside it", async () => {
    const world = createWorld();
    await world.signedInTab();
    const tab = world.openTab("two");
    world.network.latencyMs = (route) => (route === "GET /session" ? 100 : 20);
    void tab.client.start();
    await world.advance(55);
    world.serverClockAdvances(accessLifeMs + 5000);
    const calls = Promise.all([tab.client.call("GET /sections"), tab.client.call("GET /sections")]);
    expect((await world.until(calls)).map(userOf)).toEqual(["mike", "mike"]);
    expect(world.takeLog().filter((line) => !line.startsWith("GET /sections"))).toEqual([
      "GET /session 200",
      "POST /refresh 200",
    ]);
  });

  test("Without user input it does not refresh before expiry, so that idle means idle", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    for (let polls = 0; polls < 29; polls++) {
      await world.until(tab.client.call("GET /sections"));
      await world.advance(10_000);
    }
    await world.advance(60_000);
    expect(world.routes("POST /refresh")).toHaveLength(0);
  });

  test("User input in the last moments before expiry refreshes then", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    await world.advance(285_000);
    tab.touch();
    await world.advance(1000);
    expect(world.takeLog()).toEqual(["POST /refresh 200"]);
  });

  test("At most one refresh ahead of time happens in half a life", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    // Tokens that are about to expire again before half of the longest life is over.
    world.network.instead = (request, route) => {
      if (route !== "POST /refresh") return null;
      const answer = world.server.handle(request);
      return { ...answer, body: { ...(answer.body as object), expiresIn: 160 } };
    };
    for (let moment = 0; moment < 600; moment++) {
      tab.touch();
      await world.advance(1000);
    }
    const times = world.routes("POST /refresh").map(({ at }) => at);
    expect(times).toHaveLength(3);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(accessLifeMs / 2);
    expect((times[2] ?? 0) - (times[1] ?? 0)).toBeGreaterThanOrEqual(accessLifeMs / 2);
  });

  test("On waking it refreshes before the first request, by elapsed local time and not by the server's clock", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    await world.advance(accessLifeMs * 3);
    expect(world.takeLog()).toEqual([]);
    tab.wake();
    expect(userOf(await world.until(tab.client.call("GET /sections")))).toBe("mike");
    expect(world.takeLog()).toEqual(["POST /refresh 200", "GET /sections 200"]);
  });

  test("A request after expiry waits for a refresh also where no wake event came", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    await world.advance(accessLifeMs + 5000);
    await world.until(tab.client.call("GET /sections"));
    expect(world.takeLog()).toEqual(["POST /refresh 200", "GET /sections 200"]);
  });

  test("Elapsed time that stood still while the device slept does not hide the expiry", async () => {
    const world = createWorld();
    const tab = world.openTab("one", { environment: { elapsed: () => 0 } });
    await signIn(world, tab);
    await world.advance(accessLifeMs + 5000);
    world.takeLog();
    await world.until(tab.client.call("GET /sections"));
    expect(world.takeLog()).toEqual(["POST /refresh 200", "GET /sections 200"]);
  });
});
