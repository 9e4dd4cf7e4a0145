import { describe, expect, test } from "vitest";
import { createWorld } from "../../test/fake-browser.ts";
import { problemOf } from "../../test/fake-server.ts";
import { SignedInAsAnotherError, SignedOutError } from "./client.ts";
import { accessLifeMs, later, notice, signIn, userOf } from "../../test/signed-in.ts";

describe("over", () => {
  const expiredWorld = async (options = {}) => {
    const world = createWorld(options);
    const tab = await world.signedInTab();
    await world.advance(accessLifeMs + 5000);
    world.server.endAll("idle");
    return { world, tab };
  };

  test("A definitive 401 on refresh calls POST /logout while holding the lock, and says why", async () => {
    const { world, tab } = await expiredWorld();
    const two = await world.startedTab("two");
    expect(two.client.state().status).toBe("expired");
    void later(tab.client.call("GET /sections"));
    await world.advance(1000);
    expect(tab.client.state()).toMatchObject({ status: "expired", reason: "idle" });
    expect(world.jar).toEqual({});
  });

  test("Every tab hears of the end", async () => {
    const world = createWorld();
    const one = await world.signedInTab();
    const two = await world.startedTab("two");
    await world.advance(accessLifeMs + 5000);
    world.server.endAll("reuse");
    void later(one.client.call("GET /sections"));
    await world.advance(1000);
    expect(two.client.state()).toMatchObject({
      status: "expired",
      reason: "reuse",
      session: { user: { id: "usr_mike" } },
    });
    expect(world.routes("POST /logout")).toHaveLength(1);
  });

  test("The end of an older session is no news to a tab that has a newer one", async () => {
    const world = createWorld({ locks: false });
    const one = await world.signedInTab();
    const two = await world.startedTab("two");
    const before = one.client.state();
    await signIn(world, two);
    await world.advance(10);
    expect(one.client.state()).not.toBe(before);
    expect(one.client.state()).toMatchObject({
      status: "signedIn",
      session: { session: { id: world.server.live()[0]?.id } },
    });
  });

  test("Waiting requests, and those made meanwhile, are repeated once the same user has signed in again", async () => {
    const { world, tab } = await expiredWorld();
    const waiting = tab.client.call("DELETE /account/notices/:noticeId", notice);
    await world.advance(1000);
    const another = tab.client.call("GET /sections");
    await world.advance(60_000);
    expect(world.server.written).toHaveLength(0);
    await signIn(world, tab);
    await world.until(Promise.all([waiting, another]));
    expect(world.server.written).toHaveLength(1);
    expect(tab.events).toEqual([]);
  });

  test("Signing in again in one tab lets the requests of every tab go on", async () => {
    const world = createWorld();
    const one = await world.signedInTab();
    const two = await world.startedTab("two");
    await world.advance(accessLifeMs + 5000);
    world.server.endAll("idle");
    const waiting = two.client.call("GET /sections");
    await world.advance(1000);
    await signIn(world, one);
    expect(userOf(await world.until(waiting))).toBe("mike");
  });

  test("Waiting requests are dropped when somebody else signs in, and the page has to reload", async () => {
    const { world, tab } = await expiredWorld();
    const waiting = later(tab.client.call("DELETE /account/notices/:noticeId", notice));
    await world.advance(1000);
    await signIn(world, tab, "mica");
    await expect(world.until(waiting)).rejects.toBeInstanceOf(SignedInAsAnotherError);
    expect(world.server.written).toEqual([]);
    expect(tab.events).toEqual(["userChanged usr_mike usr_mica"]);
    expect(tab.client.state()).toMatchObject({
      status: "signedIn",
      session: { user: { id: "usr_mica" } },
    });
  });

  test("A sign-in that fails changes nothing: the requests go on waiting", async () => {
    const { world, tab } = await expiredWorld();
    const waiting = later(tab.client.call("GET /sections"));
    await world.advance(1000);
    const state = tab.client.state();
    await expect(
      world.until(later(tab.client.signIn({ username: "mike", password: "wrong" }))),
    ).rejects.toMatchObject({ code: "invalid_credentials" });
    expect(tab.client.state()).toBe(state);
    await signIn(world, tab);
    expect(userOf(await world.until(waiting))).toBe("mike");
  });

  test("Sign-out instead of signing in again drops the waiting requests", async () => {
    const { world, tab } = await expiredWorld();
    const waiting = later(tab.client.call("GET /sections"));
    await world.advance(1000);
    await world.until(tab.client.signOut());
    await expect(world.until(waiting)).rejects.toBeInstanceOf(SignedOutError);
    expect(tab.client.state().status).toBe("visitor");
  });

  test("A session that ends in a visitor's browser shows no dialog", async () => {
    const world = createWorld();
    const tab = await world.startedTab("one");
    Object.assign(world.jar, world.server.signInElsewhere("mike"));
    world.server.endAll("idle");
    await world.advance(accessLifeMs + 5000);
    expect(userOf(await world.until(tab.client.call("GET /sections")))).toBe(null);
    expect(tab.client.state().status).toBe("visitor");
    expect(world.jar).toEqual({});
  });

  test("Without Web Locks a late definitive 401 does not log out the one who has just signed in", async () => {
    const world = createWorld({ locks: false, channel: false });
    const one = await world.signedInTab();
    const two = await world.startedTab("two");
    await world.advance(accessLifeMs + 5000);
    world.server.endAll("idle");
    world.network.latencyMs = (route) => (route === "POST /refresh" ? 3000 : 20);
    const waiting = later(one.client.call("GET /sections"));
    await world.advance(2000);
    await signIn(world, two);
    expect(userOf(await world.until(waiting))).toBe("mike");
    expect(world.routes("POST /logout")).toEqual([]);
    expect(world.server.live()).toHaveLength(1);
  });

  test("A logout without an answer does not keep the user from being told", async () => {
    const { world, tab } = await expiredWorld();
    world.network.fault = (route) => (route === "POST /logout" ? "requestLost" : null);
    void later(tab.client.call("GET /sections"));
    await world.advance(1000);
    expect(tab.client.state().status).toBe("expired");
  });

  test("A cookie sent twice has been cleared by the server, so the session is over", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    await world.advance(accessLifeMs + 5000);
    world.network.instead = (_, route) =>
      route === "POST /refresh" ? problemOf("duplicate_cookie") : null;
    void later(tab.client.call("GET /sections"));
    await world.advance(1000);
    expect(tab.client.state().status).toBe("expired");
  });
});
