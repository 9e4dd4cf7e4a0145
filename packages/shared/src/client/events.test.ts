import { describe, expect, test } from "vitest";
import { createWorld, type Tab, type World } from "../../test/fake-browser.ts";
import { problemOf } from "../../test/fake-server.ts";
import { accessLifeMs } from "../../test/signed-in.ts";
// Fetched by the client when it is needed; here beforehand, so that the fetching takes no time.
import "./follow-events.ts";

const events = "GET /session/events";

const listeningTab = async (world: World, name = "one"): Promise<Tab> => {
  const tab = await world.signedInTab("mike", name);
  tab.listen();
  await world.advance(1_000);
  return tab;
};
const secondTab = async (world: World, name = "two"): Promise<Tab> => {
  const tab = await world.startedTab(name);
  tab.listen();
  await world.advance(1_000);
  return tab;
};
const openStreams = (world: World): string[] =>
  world.streams.filter(({ open }) => open).map(({ tab }) => tab);
const last = (world: World) => world.streams.at(-1) as World["streams"][number];
const stayOpen = async (world: World, milliseconds: number): Promise<void> => {
  for (let passed = 0; passed < milliseconds; passed += 20_000) {
    await world.advance(20_000);
    last(world).comment();
  }
};

describe("the stream", () => {
  test("is opened once for all tabs, and what it tells of sections reaches each", async () => {
    const world = createWorld();
    const one = await listeningTab(world);
    const two = await secondTab(world);
    expect(openStreams(world)).toEqual(["one"]);
    last(world).send("sections", { slugs: ["finance", "people"], list: false });
    await world.advance(100);
    expect([one.events, two.events]).toEqual([
      ["sections finance,people"],
      ["sections finance,people"],
    ]);
    expect(world.routes("GET /session")).toHaveLength(0);
  });

  test("is heard in every tab while it lives, and in none once it has ended or fallen silent", async () => {
    const world = createWorld();
    const one = await listeningTab(world);
    const two = await secondTab(world);
    const hear = (): boolean[] => [one.client.isFollowing(), two.client.isFollowing()];
    last(world).comment();
    await world.advance(100);
    expect(hear()).toEqual([true, true]);
    let told = 0;
    two.client.subscribe(() => (told += 1));
    await stayOpen(world, 40_000);
    expect([hear(), told]).toEqual([[true, true], 0]);
    last(world).break();
    await world.advance(100);
    expect([hear(), told]).toEqual([[false, false], 1]);
    await world.advance(2_000);
    expect(hear()).toEqual([true, true]);
    // The tab that holds the stream is put to sleep, and passes nothing on.
    one.freeze();
    await world.advance(61_000);
    expect(two.client.isFollowing()).toBe(false);
  });

  test("waits until the page has nothing more urgent to do", async () => {
    const world = createWorld();
    await world.signedInTab("mike", "one");
    const whenDone: (() => void)[] = [];
    const tab = world.openTab("two", {
      environment: { whenFree: (callback) => void whenDone.push(callback) },
    });
    tab.listen();
    await world.until(tab.client.start());
    await world.advance(60_000);
    expect([world.streams.length, whenDone.length]).toEqual([0, 1]);
    whenDone[0]?.();
    await world.advance(100);
    expect(openStreams(world)).toEqual(["two"]);
  });

  test("is not opened for a visitor, nor before anybody listens, and is opened when somebody signs in", async () => {
    const world = createWorld();
    const tab = await world.startedTab("one");
    tab.listen();
    await world.advance(60_000);
    expect(world.streams).toHaveLength(0);
    await world.until(tab.client.signIn({ username: "mike", password: "sample-mike-passphrase" }));
    await world.advance(1_000);
    expect(openStreams(world)).toEqual(["one"]);

    const silent = createWorld();
    await silent.signedInTab();
    await silent.advance(60_000);
    expect(silent.routes(events)).toHaveLength(0);
  });

  test("is taken over by another tab when the one that holds it is closed, which then asks for everything anew", async () => {
    const world = createWorld();
    const one = await listeningTab(world);
    const two = await secondTab(world);
    one.close();
    await world.advance(2_000);
    expect(openStreams(world)).toEqual(["two"]);
    expect(two.events).toEqual(["sections any"]);
    last(world).send("sections", { slugs: ["finance"], list: false });
    await world.advance(100);
    expect(two.events).toEqual(["sections any", "sections finance"]);
  });

  test("is left alone where tabs cannot agree on one: without Web Locks", async () => {
    const world = createWorld({ locks: false });
    await listeningTab(world);
    await secondTab(world);
    expect(world.routes(events)).toHaveLength(0);
  });

  test("belongs to the tab alone where the tokens do, and carries its token", async () => {
    const world = createWorld({ locks: false });
    const tab = world.openTab("one", { delivery: "bearer" });
    await world.until(tab.client.signIn({ username: "mike", password: "sample-mike-passphrase" }));
    tab.listen();
    await world.advance(1_000);
    expect(
      world.routes(events).map(({ headers, cookies }) => [headers["authorization"], cookies]),
    ).toEqual([[expect.stringMatching(/^Bearer access-/), {}]]);
    last(world).send("sections", { slugs: ["finance"], list: false });
    await world.advance(100);
    expect(tab.events).toEqual(["sections finance"]);
  });

  test("ends with the client", async () => {
    const world = createWorld();
    const tab = await listeningTab(world);
    tab.client.dispose();
    await world.advance(120_000);
    expect(openStreams(world)).toEqual([]);
    expect(world.routes(events)).toHaveLength(1);
  });

  test("ends when the user signs out, and begins anew for the next one", async () => {
    const world = createWorld();
    const tab = await listeningTab(world);
    await world.until(tab.client.signOut());
    await world.advance(60_000);
    expect(openStreams(world)).toEqual([]);
    expect(world.routes(events)).toHaveLength(1);
    await world.until(tab.client.signIn({ username: "mica", password: "sample-mica-passphrase" }));
    await world.advance(60_000);
    expect(openStreams(world)).toEqual(["one"]);
  });
});

describe("when the list of sections has changed", () => {
  test("every tab asks who is signed in, since that answer has the list", async () => {
    const world = createWorld();
    await listeningTab(world);
    await secondTab(world);
    world.takeLog();
    last(world).send("sections", { slugs: ["finance"], list: true });
    await world.advance(1_000);
    expect(world.takeLog()).toEqual(["GET /session 200", "GET /session 200"]);
  });

  test("that question forgets no input, so that the session is still renewed ahead of time", async () => {
    const world = createWorld();
    const tab = await listeningTab(world);
    tab.touch();
    last(world).send("sections", { slugs: [], list: true });
    await world.advance(accessLifeMs);
    expect(world.routes("POST /refresh")).toHaveLength(1);
  });
});

describe("when permissions have changed", () => {
  test("the session is renewed once, and every tab has what is new", async () => {
    const world = createWorld();
    const one = await listeningTab(world);
    const two = await secondTab(world);
    const before = [one, two].map(({ client }) => client.state());
    world.server.raiseEpoch("mike");
    world.takeLog();
    last(world).send("permissions", {});
    await world.advance(1_000);
    expect(world.takeLog().filter((line) => line.endsWith(" 200"))).toEqual(["POST /refresh 200"]);
    for (const [index, { client }] of [one, two].entries()) {
      expect(client.state().status).toBe("signedIn");
      expect(client.state()).not.toBe(before[index]);
    }
    expect(openStreams(world)).toEqual(["one"]);
  });
});

describe("when the session has ended", () => {
  test("every tab says so, with the reason, and no stream is opened until somebody signs in again", async () => {
    const world = createWorld();
    const one = await listeningTab(world);
    const two = await secondTab(world);
    world.server.endAll("endedByAdmin");
    last(world).send("ended", { reason: "endedByAdmin" });
    last(world).close();
    await world.advance(60_000);
    for (const { client } of [one, two])
      expect(client.state()).toMatchObject({ status: "expired", reason: "endedByAdmin" });
    expect(world.streams).toHaveLength(1);
    await world.until(two.client.signIn({ username: "mike", password: "sample-mike-passphrase" }));
    await world.advance(1_000);
    expect(openStreams(world)).toEqual(["one"]);
  });
});

describe("a stream that broke", () => {
  test("is opened again after a growing delay, and then any section may have changed", async () => {
    const world = createWorld();
    const tab = await listeningTab(world);
    world.network.fault = (route) => (route === events ? "requestLost" : null);
    last(world).break();
    await world.advance(120_000);
    const at = world.routes(events).map((request) => request.at);
    const gaps = at.slice(2).map((time, index) => time - (at[index + 1] ?? 0));
    expect(gaps.length).toBeGreaterThan(5);
    expect(gaps[0]).toBeLessThan(3_000);
    for (const gap of gaps.slice(5)) expect(gap).toBeGreaterThan(14_000);
    expect(tab.client.state().connection).toBe("online");
    expect(tab.events).toEqual([]);
    world.network.fault = () => null;
    await world.advance(31_000);
    expect(openStreams(world)).toEqual(["one"]);
    expect(tab.events).toEqual(["sections any"]);
  });

  test("is tried at once when the page is looked at again", async () => {
    const world = createWorld();
    const tab = await listeningTab(world);
    world.network.fault = (route) => (route === events ? "requestLost" : null);
    last(world).break();
    await world.advance(120_000);
    world.network.fault = () => null;
    tab.wake();
    await world.advance(100);
    expect(openStreams(world)).toEqual(["one"]);
  });

  test("is given up and opened again when nothing has come over it for a minute", async () => {
    const world = createWorld();
    await listeningTab(world);
    await stayOpen(world, 200_000);
    expect(world.routes(events)).toHaveLength(1);
    await world.advance(63_000);
    expect(world.streams.map(({ open }) => open)).toEqual([false, true]);
  });

  test("waits as long as the server asks", async () => {
    const world = createWorld();
    await listeningTab(world);
    world.network.instead = (_, route) =>
      route === events ? problemOf("rate_limited", { retryAfter: 20 }) : null;
    last(world).close();
    await world.advance(15_000);
    expect(world.routes(events)).toHaveLength(2);
    await world.advance(10_000);
    expect(world.routes(events)).toHaveLength(3);
  });

  test("is no reason to renew the session of somebody who has done nothing: it waits until they do", async () => {
    const world = createWorld();
    const tab = await listeningTab(world);
    await stayOpen(world, accessLifeMs + 20_000);
    expect(openStreams(world)).toEqual(["one"]);
    last(world).close();
    await world.advance(3_600_000);
    expect(world.routes("POST /refresh")).toHaveLength(0);
    expect(world.routes(events)).toHaveLength(1);
    tab.touch();
    await world.advance(1_000);
    expect(world.takeLog().slice(1)).toEqual([
      "GET /session/events token_expired",
      "POST /refresh 200",
    ]);
    await world.advance(2_000);
    expect(openStreams(world)).toEqual(["one"]);
    expect(tab.events).toEqual(["sections any"]);
  });

  test("finds out by its 401 that permissions have changed meanwhile, and renews the session", async () => {
    const world = createWorld();
    await listeningTab(world);
    world.server.raiseEpoch("mike");
    last(world).close();
    await world.advance(5_000);
    expect(world.takeLog().slice(0, 4)).toEqual([
      "GET /session/events 200",
      "GET /session/events token_stale",
      "POST /refresh 200",
      "GET /session/events 200",
    ]);
  });

  test("finds out that the session has ended", async () => {
    const world = createWorld();
    const tab = await listeningTab(world);
    world.server.endAll("idle");
    last(world).close();
    await world.advance(5_000);
    expect(tab.client.state()).toMatchObject({ status: "expired", reason: "idle" });
  });
});

test("a stream that is answered for another session leads to the question who is signed in", async () => {
  const world = createWorld({ channel: false });
  const tab = await listeningTab(world);
  Object.assign(world.jar, world.server.signInElsewhere("mica"));
  last(world).close();
  await world.advance(5_000);
  expect(tab.client.userId()).toBe("usr_mica");
  expect(openStreams(world)).toEqual(["one"]);
});
