import { describe, expect, test } from "vitest";
import { createWorld, type Tab, type World } from "../../test/fake-browser.ts";
import { problemOf } from "../../test/fake-server.ts";
import { SignedInAsAnotherError } from "./client.ts";
import { credentialsOf, later, notice, signIn, userOf } from "../../test/signed-in.ts";

describe("another tab changed the session", () => {
  for (const code of ["session_ended", "csrf_failed"] as const) {
    test(`On ${code} it asks GET /session once, adopts the same user's CSRF token, and repeats`, async () => {
      const world = createWorld({ channel: false });
      const one = await world.signedInTab();
      const two = await world.startedTab("two");
      await signIn(world, two);
      world.takeLog();
      if (code === "session_ended")
        world.network.instead = (_, route) =>
          route.startsWith("DELETE") && world.routes(route).length === 1 ? problemOf(code) : null;
      await world.until(one.client.call("DELETE /account/notices/:noticeId", notice));
      expect(world.takeLog()).toEqual([
        expect.stringContaining(code),
        "GET /session 200",
        expect.stringMatching(/^DELETE .* 204$/),
      ]);
      expect(world.server.written).toHaveLength(1);
      expect(one.client.state()).toMatchObject({ status: "signedIn" });
    });

    test(`On ${code} with another user signed in, the request is dropped and the page has to reload`, async () => {
      const world = createWorld({ channel: false });
      const one = await world.signedInTab();
      const two = await world.startedTab("two");
      await signIn(world, two, "mica");
      if (code === "session_ended")
        world.network.instead = (_, route) => (route.startsWith("DELETE") ? problemOf(code) : null);
      await expect(
        world.until(later(one.client.call("DELETE /account/notices/:noticeId", notice))),
      ).rejects.toBeInstanceOf(SignedInAsAnotherError);
      expect(one.events).toEqual(["userChanged usr_mike usr_mica"]);
      expect(world.server.written).toEqual([]);
    });
  }

  test("session_ended with nobody signed in is the end, with its reason", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    world.server.endAll("endedByAdmin");
    void later(tab.client.call("GET /sections"));
    await world.advance(1000);
    expect(tab.client.state()).toMatchObject({
      status: "expired",
      reason: "endedByAdmin",
      session: { user: { id: "usr_mike" } },
    });
    expect(world.takeLog()).toEqual([
      "GET /sections session_ended",
      "GET /session session_ended",
      "POST /logout 204",
    ]);
  });

  test("csrf_failed that persists is the caller's", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    world.network.instead = (_, route) =>
      route.startsWith("DELETE") ? problemOf("csrf_failed") : null;
    await expect(
      world.until(later(tab.client.call("DELETE /account/notices/:noticeId", notice))),
    ).rejects.toMatchObject({ code: "csrf_failed" });
    expect(world.routes("GET /session")).toHaveLength(1);
  });

  test("A sign-in of the same user in another tab is adopted silently", async () => {
    const world = createWorld();
    const one = await world.signedInTab();
    const two = await world.startedTab("two");
    await signIn(world, two);
    await world.advance(10);
    world.takeLog();
    await world.until(one.client.call("DELETE /account/notices/:noticeId", notice));
    expect(world.log).toHaveLength(1);
    expect(one.events).toEqual([]);
  });

  test("A sign-in of another user in another tab is told at once", async () => {
    const world = createWorld();
    const one = await world.signedInTab();
    const two = await world.startedTab("two");
    await signIn(world, two, "mica");
    await world.advance(10);
    expect(one.events).toEqual(["userChanged usr_mike usr_mica"]);
    expect(one.client.userId()).toBe("usr_mica");
  });

  test("A visitor's tab adopts a sign-in in another tab without a reload", async () => {
    const world = createWorld();
    const one = await world.startedTab("one");
    const two = await world.startedTab("two");
    await signIn(world, two);
    await world.advance(10);
    expect(one.client.state()).toMatchObject({ status: "signedIn" });
    expect(one.events).toEqual([]);
  });

  test("A message that was under way while this tab signed in is ignored", async () => {
    const world = createWorld();
    const channels: ((event: { data: unknown }) => void)[] = [];
    const sent: { type: string }[] = [];
    const tab = world.openTab("one", {
      environment: {
        openChannel: () => ({
          postMessage: (message) => void sent.push(message as { type: string }),
          addEventListener: (_type, listener) => void channels.push(listener),
          close: () => undefined,
        }),
      },
    });
    await signIn(world, tab);
    const old = sent.find(({ type }) => type === "signedIn");
    await world.advance(1000);
    await signIn(world, tab, "mica");
    for (const hear of channels) hear({ data: old });
    expect(tab.client.userId()).toBe("usr_mica");
  });

  test("Responses of another session are dropped: a late answer to the one who was signed in before never arrives", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    world.network.latencyMs = (route) => (route === "GET /sections" ? 4000 : 20);
    const late = later(tab.client.call("GET /sections"));
    await world.advance(100);
    await signIn(world, tab, "mica");
    await expect(world.until(late)).rejects.toBeInstanceOf(SignedInAsAnotherError);
  });

  test("Responses of another session are dropped: where another tab could not tell, the server is asked who is signed in", async () => {
    const world = createWorld({ channel: false });
    const one = await world.signedInTab();
    const two = await world.startedTab("two");
    await signIn(world, two, "mica");
    await expect(world.until(later(one.client.call("GET /sections")))).rejects.toBeInstanceOf(
      SignedInAsAnotherError,
    );
    expect(one.events).toEqual(["userChanged usr_mike usr_mica"]);
  });

  test("Responses of another session of the same user are asked for again, but what was written is not written twice", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    world.network.latencyMs = (route) =>
      route === "GET /sections" || route.startsWith("DELETE") ? 4000 : 20;
    const reading = tab.client.call("GET /sections");
    const writing = tab.client.call("DELETE /account/notices/:noticeId", notice);
    await world.advance(2500);
    await signIn(world, tab);
    expect(userOf(await world.until(reading))).toBe("mike");
    await world.until(writing);
    expect(world.routes("GET /sections")).toHaveLength(2);
    expect(world.server.written).toHaveLength(1);
  });
});

describe("tabs that cannot talk to each other", () => {
  const twoTabs = async (): Promise<{ world: World; here: Tab; there: Tab }> => {
    const world = createWorld({ channel: false });
    const here = await world.signedInTab();
    const there = await world.startedTab("two");
    return { world, here, there };
  };

  test("find out that the user has signed out in another one when they are looked at, and leave no dialog", async () => {
    const { world, here, there } = await twoTabs();
    await world.until(here.client.signOut());
    expect(there.client.state().status).toBe("signedIn");
    there.wake();
    await world.advance(5_000);
    expect(there.client.state().status).toBe("visitor");
    expect(there.events).toEqual(["signedOut"]);
  });

  test("find out that the session is over, and keep the page", async () => {
    const { world, here, there } = await twoTabs();
    world.server.endAll("endedByAdmin");
    void later(here.client.call("GET /sections/:slug", { params: { slug: "finance" } }));
    await world.advance(5_000);
    expect(here.client.state().status).toBe("expired");
    there.wake();
    await world.advance(5_000);
    expect(there.client.state().status).toBe("expired");
    expect(there.events).toEqual([]);
  });

  test("find out that somebody has signed in, and ask nothing where nothing has changed", async () => {
    const { world, here, there } = await twoTabs();
    await world.until(here.client.signIn(credentialsOf("mica")));
    there.wake();
    await world.advance(5_000);
    expect(there.client.userId()).toBe("usr_mica");
    world.takeLog();
    for (const tab of [here, there, here, there]) {
      tab.wake();
      await world.advance(1_000);
    }
    expect(world.takeLog()).toEqual([]);
  });
});
