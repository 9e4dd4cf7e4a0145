import { describe, expect, test } from "vitest";
import { createWorld } from "../../test/fake-browser.ts";
import { NetworkError } from "./client.ts";
import { accessLifeMs, later, notice, signIn } from "../../test/signed-in.ts";

describe("signing in and out", () => {
  test("Signing out tells every tab, and none of them shows a dialog", async () => {
    const world = createWorld();
    const one = await world.signedInTab();
    const two = await world.startedTab("two");
    await world.until(one.client.signOut());
    await world.advance(10);
    for (const tab of [one, two]) {
      expect(tab.client.state().status).toBe("visitor");
      expect(tab.events).toEqual(["signedOut"]);
    }
    expect(world.jar).toEqual({});
  });

  test("Signing out without an answer leaves the user signed in, and says so", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    world.network.fault = () => "requestLost";
    await expect(world.until(later(tab.client.signOut()))).rejects.toBeInstanceOf(NetworkError);
    expect(tab.client.state().status).toBe("signedIn");
  });

  test("Signing out everywhere works with an expired access token, still holding the lock", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    world.server.signInElsewhere("mike");
    await world.advance(accessLifeMs + 5000);
    await world.until(tab.client.signOutEverywhere());
    expect(world.takeLog()).toEqual([
      "DELETE /account/sessions token_expired",
      "POST /refresh 200",
      "DELETE /account/sessions 204",
    ]);
    expect(world.server.live()).toEqual([]);
    expect(tab.client.state().status).toBe("visitor");
  });

  test("Setup signs in", async () => {
    const world = createWorld();
    const tab = await world.startedTab("one");
    const session = await world.until(
      tab.client.setUp({
        token: "t",
        username: "mica",
        displayName: "Mica",
        email: "mica@example.test",
        password: "a-long-passphrase-of-mica",
      }),
    );
    expect(session.user.id).toBe("usr_mica");
    expect(tab.client.state()).toMatchObject({ status: "signedIn" });
  });

  test("The cookie check goes out for anyone, and tells which cookies came back", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    expect(await world.until(tab.client.checkCookies())).toEqual({
      access: true,
      refresh: true,
      mode: "same-site",
    });
    expect(world.takeLog()).toEqual(["GET /cookie-check 200"]);
  });

  test("A sessionless call does not wait for the user to sign in again", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    world.server.endAll("idle");
    void later(tab.client.call("GET /sections"));
    await world.advance(1000);
    expect(
      await world.until(tab.client.call("GET /healthz", undefined, { sessionless: true })),
    ).toEqual({ status: "ok" });
  });

  test("Unsafe requests by cookie carry the CSRF token, safe ones and sign-in do not", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    await world.until(tab.client.call("DELETE /account/notices/:noticeId", notice));
    await world.until(tab.client.call("GET /sections"));
    await signIn(world, tab);
    expect(world.log.map(({ headers }) => headers["x-csrf-token"])).toEqual([
      "csrf-ses_1",
      undefined,
      undefined,
    ]);
  });

  test("After dispose nothing waits any more and no timer is left to act", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    await world.advance(accessLifeMs + 5000);
    world.network.fault = () => "requestLost";
    const waiting = later(tab.client.call("GET /sections"));
    await world.advance(1000);
    tab.client.dispose();
    await expect(world.until(waiting)).rejects.toBeInstanceOf(NetworkError);
    world.takeLog();
    tab.touch();
    tab.wake();
    await world.advance(120_000);
    expect(world.takeLog()).toEqual([]);
  });
});

test("A cookie check that gets no answer is given up after five seconds, and the connection is not said to be lost for it", async () => {
  const world = createWorld();
  const tab = await world.signedInTab();
  world.network.latencyMs = (route) => (route === "GET /cookie-check" ? 3_600_000 : 20);
  const began = world.now();
  await expect(world.until(later(tab.client.checkCookies()))).rejects.toBeInstanceOf(NetworkError);
  expect(world.now() - began).toBe(5_000);
  expect(tab.client.state().connection).toBe("online");
});
