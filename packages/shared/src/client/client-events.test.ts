import { expect, test } from "vitest";
import { createWorld, type Tab, type World } from "../../test/fake-browser.ts";
import { accessLifeMs, credentialsOf } from "../../test/signed-in.ts";
// Fetched by the client when it is needed; here beforehand, so that the fetching takes no time.
import "./follow-events.ts";

/** Notes every event of a tab, with the state that its listener finds. */
const watch = (tab: Tab): (() => string[]) => {
  const seen: string[] = [];
  const { client } = tab;
  const note = (what: string): void =>
    void seen.push(`${what} (${client.state().status}, ${client.state().connection})`);
  client.on("signedIn", ({ user }) => note(`signedIn ${user.username}`));
  client.on("userChanged", ({ from, to }) => note(`userChanged ${from} ${to}`));
  client.on("signedOut", () => note("signedOut"));
  client.on("permissionsChanged", ({ before, after }) =>
    note(
      `permissionsChanged ${JSON.stringify([before, after].map(({ sections }) => sections.map(({ slug }) => slug)))}`,
    ),
  );
  client.on("connectionLost", () => note("connectionLost"));
  client.on("connectionRestored", () => note("connectionRestored"));
  return () => seen.splice(0);
};
const twoTabs = async (world: World) => {
  const one = world.openTab("one");
  const two = world.openTab("two");
  const watched = { one: watch(one), two: watch(two) };
  await world.until(Promise.all([one.client.start(), two.client.start()]));
  const taken = () => [watched.one(), watched.two()];
  return { one, two, taken };
};

test("What is found at start is no event: neither a visitor nor a session that was there", async () => {
  const world = createWorld();
  const { one, taken } = await twoTabs(world);
  expect(taken()).toEqual([[], []]);
  await world.until(one.client.signIn(credentialsOf("mike")));
  await world.advance(100);
  for (const age of [0, accessLifeMs + 1000]) {
    await world.advance(age);
    const later = world.openTab(`after ${age}`);
    const seen = watch(later);
    expect((await world.until(later.client.start())).status).toBe("signedIn");
    await world.advance(100);
    expect(seen()).toEqual([]);
  }
});

test("A sign-in is told once, here and in the other tab, with its session", async () => {
  for (const locks of [true, false]) {
    const world = createWorld({ locks });
    const { one, taken } = await twoTabs(world);
    const sessions: string[] = [];
    one.client.on("signedIn", ({ session }) => sessions.push(session.id));
    const { session } = await world.until(one.client.signIn(credentialsOf("mike")));
    await world.advance(1000);
    expect(taken()).toEqual([
      ["signedIn mike (signedIn, online)"],
      ["signedIn mike (signedIn, online)"],
    ]);
    expect(sessions).toEqual([session.id]);
  }
});

test("A sign-in before anybody has asked who is signed in is told as well", async () => {
  const world = createWorld();
  const tab = world.openTab("one");
  const seen = watch(tab);
  await world.until(tab.client.signIn(credentialsOf("mike")));
  await world.until(tab.client.start());
  expect(seen()).toEqual(["signedIn mike (signedIn, online)"]);
});

test("Refreshes, also of another tab, are no sign-in", async () => {
  const world = createWorld();
  const { one, two, taken } = await twoTabs(world);
  await world.until(one.client.signIn(credentialsOf("mike")));
  await world.advance(accessLifeMs + 5000);
  taken();
  world.log.length = 0;
  await world.until(
    Promise.all([one.client.call("GET /sections"), two.client.call("GET /sections")]),
  );
  await world.advance(1000);
  expect(world.routes("POST /refresh")).toHaveLength(1);
  expect(taken()).toEqual([[], []]);
});

test("Another user's sign-in is told after the change of user, in each tab", async () => {
  const world = createWorld();
  const { one, two, taken } = await twoTabs(world);
  await world.until(one.client.signIn(credentialsOf("mike")));
  await world.advance(1000);
  taken();
  await world.until(two.client.signIn(credentialsOf("mica")));
  await world.advance(1000);
  const events = [
    "userChanged usr_mike usr_mica (signedIn, online)",
    "signedIn mica (signedIn, online)",
  ];
  expect(taken()).toEqual([events, events]);
});

test("Where tabs cannot talk, a sign-in elsewhere is told when it is found", async () => {
  const world = createWorld({ channel: false });
  const { one, two, taken } = await twoTabs(world);
  await world.until(one.client.signIn(credentialsOf("mike")));
  await world.advance(1000);
  expect(taken()).toEqual([["signedIn mike (signedIn, online)"], []]);
  two.wake();
  await world.advance(1000);
  expect(taken()).toEqual([[], ["signedIn mike (signedIn, online)"]]);
});

test("A session that is over is no event, and signing in again is", async () => {
  const world = createWorld();
  const { one, taken } = await twoTabs(world);
  await world.until(one.client.signIn(credentialsOf("mike")));
  await world.advance(1000);
  taken();
  world.server.endAll("idle");
  const waiting = one.client.call("GET /sections");
  await world.advance(2000);
  expect(one.client.state().status).toBe("expired");
  expect(taken()).toEqual([[], []]);
  await world.until(one.client.signIn(credentialsOf("mike")));
  await world.until(waiting);
  await world.advance(1000);
  expect(taken()).toEqual([
    ["signedIn mike (signedIn, online)"],
    ["signedIn mike (signedIn, online)"],
  ]);
});

test("Signing out is told once in each tab", async () => {
  const world = createWorld();
  const { one, two, taken } = await twoTabs(world);
  await world.until(one.client.signIn(credentialsOf("mike")));
  await world.advance(1000);
  taken();
  await world.until(two.client.signOut());
  await world.until(one.client.signOut());
  await world.advance(1000);
  expect(taken()).toEqual([["signedOut (visitor, online)"], ["signedOut (visitor, online)"]]);
});

test("Other rights are told once in each tab: by a refresh, by the server's word, and after signing in again", async () => {
  const world = createWorld();
  world.server.grant("mike", ["finance", "people"]);
  const { one, taken } = await twoTabs(world);
  await world.until(one.client.signIn(credentialsOf("mike")));
  await world.advance(1000);
  expect(taken()[0]).toEqual(["signedIn mike (signedIn, online)"]);

  world.server.grant("mike", ["people"]);
  await world.until(one.client.call("GET /sections"));
  await world.advance(1000);
  const lost = 'permissionsChanged [["finance","people"],["people"]] (signedIn, online)';
  expect(taken()).toEqual([[lost], [lost]]);

  world.server.grant("mike", ["people", "shop"]);
  world.streams[0]?.send("permissions", {});
  await world.advance(1000);
  const gained = 'permissionsChanged [["people"],["people","shop"]] (signedIn, online)';
  expect(taken()).toEqual([[gained], [gained]]);

  world.server.endAll("passwordChanged");
  world.server.grant("mike", []);
  const waiting = one.client.call("GET /sections");
  await world.advance(3000);
  await world.until(one.client.signIn(credentialsOf("mike")));
  await world.until(waiting);
  await world.advance(1000);
  const none = [
    "signedIn mike (signedIn, online)",
    'permissionsChanged [["people","shop"],[]] (signedIn, online)',
  ];
  expect(taken()).toEqual([none, none]);
});

test("The same rights in another order, and another user's, are no change", async () => {
  const world = createWorld();
  world.server.grant("mike", ["finance", "people"]);
  world.server.grant("mica", ["shop"]);
  const { one, taken } = await twoTabs(world);
  await world.until(one.client.signIn(credentialsOf("mike")));
  world.server.grant("mike", ["people", "finance"]);
  await world.until(one.client.call("GET /sections"));
  expect(world.routes("POST /refresh").at(-1)?.status).toBe(200);
  await world.until(one.client.signIn(credentialsOf("mica")));
  await world.advance(1000);
  expect(taken().flat().join()).not.toContain("permissionsChanged");
});

test("Who only listens to permissionsChanged hears of it without a request", async () => {
  const world = createWorld();
  const tab = await world.signedInTab();
  expect(world.streams).toHaveLength(0);
  const stop = tab.client.on("permissionsChanged", () => tab.events.push("permissionsChanged"));
  await world.advance(1000);
  world.server.grant("mike", ["finance"]);
  world.streams[0]?.send("permissions", {});
  await world.advance(1000);
  expect(tab.events).toEqual(["permissionsChanged"]);
  stop();
  world.server.grant("mike", []);
  world.streams[0]?.send("permissions", {});
  await world.advance(1000);
  expect(tab.events).toEqual(["permissionsChanged"]);
});

test("A lost connection is told once, however many requests meet it, and so is its return", async () => {
  const world = createWorld();
  const { one, taken } = await twoTabs(world);
  await world.until(one.client.signIn(credentialsOf("mike")));
  await world.advance(1000);
  taken();
  world.network.fault = (_, tab) => (tab === "one" ? "requestLost" : null);
  await world.until(
    Promise.allSettled([one.client.call("GET /sections"), one.client.call("GET /sections")]),
  );
  await world.advance(20_000);
  expect(taken()).toEqual([["connectionLost (signedIn, lost)"], []]);
  world.network.fault = () => null;
  await world.advance(60_000);
  expect(taken()).toEqual([["connectionRestored (signedIn, online)"], []]);
});

test("A server that cannot be reached at start is told, since that is news", async () => {
  const world = createWorld();
  const tab = world.openTab("one");
  const seen = watch(tab);
  world.network.fault = () => "requestLost";
  const starting = tab.client.start();
  await world.advance(5000);
  world.network.fault = () => null;
  await world.until(starting);
  expect(seen()).toEqual([
    "connectionLost (starting, unreached)",
    "connectionRestored (visitor, online)",
  ]);
});

test("A listener that throws is reported, and keeps neither the others nor the sign-in from going on", async () => {
  const world = createWorld();
  const tab = await world.startedTab("one");
  const reported: unknown[] = [];
  const others = process.rawListeners("unhandledRejection") as ((error: unknown) => void)[];
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (error) => void reported.push(error));
  tab.client.on("signedIn", () => {
    throw new Error("of an event");
  });
  const stop = tab.client.subscribe(() => {
    throw new Error("of a state");
  });
  const seen = watch(tab);
  await world.until(tab.client.signIn(credentialsOf("mike")));
  stop();
  await world.advance(1000);
  process.removeAllListeners("unhandledRejection");
  for (const other of others) process.on("unhandledRejection", other);
  expect(seen()).toEqual(["signedIn mike (signedIn, online)"]);
  expect(reported.map((error) => (error as Error).message)).toEqual(["of a state", "of an event"]);
});

test("A client that has been disposed of tells nothing more", async () => {
  const world = createWorld();
  const { one, two, taken } = await twoTabs(world);
  one.client.dispose();
  await world.until(two.client.signIn(credentialsOf("mike")));
  await world.advance(1000);
  expect(taken()).toEqual([[], ["signedIn mike (signedIn, online)"]]);
});
