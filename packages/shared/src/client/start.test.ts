import { describe, expect, test } from "vitest";
import { createWorld } from "../../test/fake-browser.ts";
import { problemOf } from "../../test/fake-server.ts";
import { ContractError } from "./client.ts";
import { accessLifeMs, later, notice, userOf } from "../../test/signed-in.ts";

describe("start", () => {
  test("Whoever comes without the session's cookies is a visitor, and no request of theirs was an error", async () => {
    for (const storage of [true, false]) {
      const world = createWorld({ storage });
      const tab = world.openTab("one");
      expect(tab.client.state()).toEqual({ status: "starting", connection: "online" });
      expect(await world.until(tab.client.start())).toEqual({
        status: "visitor",
        connection: "online",
      });
      expect(world.takeLog()).toEqual(["GET /cookie-check 200"]);
    }
  });

  test("Without a hint, cookies that are there are asked about: a dead session's lead through one refresh to a visitor, without a dialog", async () => {
    const world = createWorld();
    world.jar["access"] = "of-a-session-long-forgotten";
    const tab = world.openTab("one");
    expect(await world.until(tab.client.start())).toEqual({
      status: "visitor",
      connection: "online",
    });
    expect(world.takeLog()).toEqual([
      "GET /cookie-check 200",
      "GET /session token_invalid",
      "POST /refresh refresh_missing",
    ]);
  });

  test("A client that knows itself a visitor does not refresh on token_missing", async () => {
    const world = createWorld();
    await world.startedTab("one");
    const again = world.openTab("two");
    expect((await world.until(again.client.start())).status).toBe("visitor");
    expect(world.takeLog()).toEqual(["GET /cookie-check 200"]);
    expect(userOf(await world.until(again.client.call("GET /sections")))).toBe(null);
    await expect(
      world.until(later(again.client.call("GET /sections/:slug", { params: { slug: "finance" } }))),
    ).rejects.toMatchObject({ code: "token_missing" });
    expect(world.takeLog()).toEqual(["GET /sections 200", "GET /sections/finance token_missing"]);
  });

  test("With a live access token by the hint, calls go out beside GET /session", async () => {
    const world = createWorld();
    await world.signedInTab();
    const tab = world.openTab("two");
    void tab.client.start();
    const answer = tab.client.call("GET /sections/:slug", { params: { slug: "finance" } });
    expect(tab.client.userId()).toBe("usr_mike");
    expect(userOf(await world.until(answer))).toBe("mike");
    expect(world.log.map(({ route, at }) => [route, at - (world.log[0]?.at ?? 0)])).toEqual([
      ["GET /session", 0],
      ["GET /sections/finance", 0],
    ]);
  });

  test("With an expired access token by the hint, it refreshes at once, and a page is two requests in a row", async () => {
    const world = createWorld();
    await world.signedInTab();
    await world.advance(accessLifeMs + 1000);
    const tab = world.openTab("two");
    expect(
      userOf(
        await world.until(tab.client.call("GET /sections/:slug", { params: { slug: "finance" } })),
      ),
    ).toBe("mike");
    expect(world.takeLog()).toEqual(["POST /refresh 200", "GET /sections/finance 200"]);
    expect(tab.client.state()).toMatchObject({
      status: "signedIn",
      session: { user: { id: "usr_mike" } },
    });
  });

  test("Without a hint an expired access token costs one refresh, also for a call that went out at the same time", async () => {
    const world = createWorld();
    await world.signedInTab();
    world.storage.clear();
    await world.advance(accessLifeMs + 1000);
    const tab = world.openTab("two");
    expect(userOf(await world.until(tab.client.call("GET /sections")))).toBe("mike");
    expect(world.routes("POST /refresh")).toHaveLength(1);
  });

  test("A session that ended while nobody looked is 'expired' with its reason, since the hint says that somebody was signed in", async () => {
    const world = createWorld();
    await world.signedInTab();
    world.server.endAll("absolute");
    await world.advance(accessLifeMs + 1000);
    const tab = world.openTab("two");
    expect(await world.until(tab.client.start())).toEqual({
      status: "expired",
      session: null,
      reason: "absolute",
      connection: "online",
    });
  });

  test("The hint holds no token and carries the API's URL in its name", async () => {
    const world = createWorld();
    await world.signedInTab();
    expect([...world.storage.keys()]).toEqual(["sallyport https://api.test"]);
    expect(JSON.stringify([...world.storage.values()])).not.toMatch(/access-|csrf|ses_\d+\.\d/);
  });

  test("A server that cannot be reached is waited for, with the connection shown as never reached, and as lost once it has been", async () => {
    const world = createWorld();
    world.network.fault = () => "requestLost";
    const tab = world.openTab("one");
    const starting = tab.client.start();
    await world.advance(10_000);
    expect(tab.client.state()).toMatchObject({
      status: "starting",
      connection: "unreached",
      fault: { name: "NetworkError", status: undefined },
    });
    world.network.fault = () => null;
    expect(await world.until(starting)).toEqual({ status: "visitor", connection: "online" });
    world.network.fault = () => "requestLost";
    await world.until(tab.client.call("GET /sections").catch(() => undefined));
    expect(tab.client.state().connection).toBe("lost");
  });

  test("A server that leaves the first question without an answer counts as never reached after three seconds", async () => {
    for (const user of [null, "mike"]) {
      const world = createWorld();
      if (user) await world.signedInTab(user);
      world.network.latencyMs = () => 7000;
      const tab = world.openTab("two");
      const starting = tab.client.start();
      await world.advance(2900);
      expect(tab.client.state().connection).toBe("online");
      await world.advance(200);
      expect(tab.client.state()).toMatchObject({ status: "starting", connection: "unreached" });
      expect(await world.until(starting)).toMatchObject({ connection: "online" });
    }
  });

  test("A server that answers that it has failed has been reached: its error is what the state shows", async () => {
    const world = createWorld();
    world.network.instead = () => problemOf("internal");
    const tab = world.openTab("one");
    const starting = tab.client.start();
    await world.advance(1000);
    expect(tab.client.state()).toMatchObject({
      connection: "lost",
      fault: { code: "internal", problem: { requestId: "req_1" } },
    });
    world.network.instead = () => null;
    expect(await world.until(starting)).toEqual({ status: "visitor", connection: "online" });
  });

  test("An answer that the validator refuses rejects, and another start may try again", async () => {
    const world = createWorld();
    let fits = false;
    const tab = world.openTab("one", {
      validateResponse: (_key, _status, body) => {
        if (!fits) throw new Error("It does not fit.");
        return body;
      },
    });
    await expect(world.until(later(tab.client.start()))).rejects.toBeInstanceOf(ContractError);
    fits = true;
    expect((await world.until(tab.client.start())).status).toBe("visitor");
  });

  test("Unsafe calls made while starting wait for the CSRF token", async () => {
    const world = createWorld();
    await world.signedInTab();
    const tab = world.openTab("two");
    await world.until(tab.client.call("DELETE /account/notices/:noticeId", notice));
    expect(world.takeLog()).toEqual([
      "GET /session 200",
      "DELETE /account/notices/ntc_1mFh0Yw2o3RlHqBVhWQy0A 204",
    ]);
  });
});
