import { describe, expect, test } from "vitest";
import { createWorld, type World } from "../../test/fake-browser.ts";
import { accessLifeMs, later, notice, signIn, userOf } from "../../test/signed-in.ts";

describe("bearer delivery", () => {
  const bearerTab = async (world: World, name = "one") => {
    const tab = world.openTab(name, { delivery: "bearer" });
    expect(await world.until(tab.client.start())).toMatchObject({ status: "visitor" });
    await signIn(world, tab);
    return tab;
  };

  test("Tokens live in memory only: not in the state, not in storage, not in a channel, and no cookie is sent", async () => {
    const world = createWorld();
    const tab = await bearerTab(world);
    await world.until(tab.client.call("DELETE /account/notices/:noticeId", notice));
    expect(JSON.stringify(tab.client.state())).not.toContain("access-");
    expect(world.storage.size).toBe(0);
    expect(await world.indexedDB.databases()).toEqual([]);
    expect(world.jar).toEqual({});
    const { headers } = world.log.at(-1) ?? { headers: {} };
    expect(headers).toMatchObject({
      authorization: expect.stringMatching(/^Bearer access-/) as string,
    });
    expect(headers).not.toHaveProperty("x-csrf-token");
  });

  test("It refreshes with the token in the body and an idempotency key, and heals a lost response", async () => {
    const world = createWorld();
    const tab = await bearerTab(world);
    await world.advance(accessLifeMs + 5000);
    world.log.length = 0;
    world.network.fault = (route) =>
      route === "POST /refresh" && world.routes(route).length === 1 ? "responseLost" : null;
    expect(userOf(await world.until(tab.client.call("GET /sections")))).toBe("mike");
    const [first, second] = world.routes("POST /refresh");
    expect(first?.body).toEqual({ refreshToken: "ses_1.0" });
    expect(second?.headers["idempotency-key"]).toBe(first?.headers["idempotency-key"]);
    expect(first?.headers["authorization"]).toBeUndefined();
    await world.advance(accessLifeMs + 5000);
    expect(userOf(await world.until(tab.client.call("GET /sections")))).toBe("mike");
    expect(world.routes("POST /refresh").at(-1)?.body).toEqual({ refreshToken: "ses_1.1" });
  });

  test("A refresh that has stood aside does not spend the refresh token of the sign-in it made way for", async () => {
    const world = createWorld();
    const tab = await bearerTab(world);
    await world.advance(accessLifeMs + 5000);
    const waiting = later(tab.client.call("GET /sections"));
    await world.advance(10);
    await signIn(world, tab);
    expect(userOf(await world.until(waiting))).toBe("mike");
    expect(world.takeLog().slice(-2)).toEqual(["POST /login 200", "GET /sections 200"]);
    await world.advance(accessLifeMs + 5000);
    expect(userOf(await world.until(tab.client.call("GET /sections")))).toBe("mike");
  });

  test("Each tab has its own session, and signing out ends that one", async () => {
    const world = createWorld();
    const one = await bearerTab(world);
    const two = await bearerTab(world, "two");
    await world.until(one.client.signOut());
    await world.advance(10);
    expect(one.client.state().status).toBe("visitor");
    expect(userOf(await world.until(two.client.call("GET /sections")))).toBe("mike");
    expect(world.server.live()).toHaveLength(1);
  });
});
