import { expect, onTestFinished, test } from "vitest";
import { createWorld, type Tab } from "../../test/fake-browser.ts";
import type { AbortOptions } from "./client.ts";

const credentials = { username: "mike", password: "sample-mike-passphrase" };
const admin = {
  token: "t",
  username: "mica",
  displayName: "Mica",
  email: "mica@example.test",
  password: "a-long-passphrase-of-mica",
};
const inWords = (error: unknown): string =>
  `${(error as Error).name} ${String((error as { aborted?: boolean }).aborted)} ${(error as Error).message}`;

const ways: Readonly<Record<string, (tab: Tab, options: AbortOptions) => Promise<unknown>>> = {
  call: ({ client }, options) => client.call("GET /sections", {}, options),
  "sessionless call": ({ client }, options) =>
    client.call("GET /healthz", undefined, { ...options, sessionless: true }),
  signIn: ({ client }, options) => client.signIn(credentials, options),
  setUp: ({ client }, options) => client.setUp(admin, options),
  changeSession: ({ client }, options) =>
    client.changeSession("POST /login", { body: credentials }, options),
  signOut: ({ client }, options) => client.signOut(options),
  signOutEverywhere: ({ client }, options) => client.signOutEverywhere(options),
  checkCookies: ({ client }, options) => client.checkCookies(options),
};

for (const [name, act] of Object.entries(ways)) {
  test(`${name} ends at once with a NetworkError that says so, whether it is aborted before or under way, and the client goes on`, async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    const gone = act(tab, { signal: AbortSignal.abort(new Error("left the page")) });
    await expect(world.until(gone.catch(inWords))).resolves.toMatch(
      /^NetworkError true .* was aborted\.$/,
    );

    for (const ignoresAbort of [false, true]) {
      world.network.ignoresAbort = ignoresAbort;
      world.network.latencyMs = () => 1000;
      const controller = new AbortController();
      const began = world.now();
      const acting = act(tab, { signal: controller.signal }).catch(inWords);
      await world.advance(300);
      controller.abort();
      await expect(world.until(acting)).resolves.toMatch(/^NetworkError true .* was aborted\.$/);
      expect(world.now() - began).toBe(300);
    }
    expect(tab.client.state().connection).toBe("online");
    world.network.latencyMs = () => 20;
    await world.advance(20_000);
    await world.until(tab.client.signIn(credentials));
    expect(tab.client.state().status).toBe("signedIn");
  });
}

test("start() can be waited for no longer, and goes on for the others", async () => {
  const world = createWorld();
  const tab = world.openTab("one");
  world.network.fault = () => "requestLost";
  const controller = new AbortController();
  const impatient = tab.client.start({ signal: controller.signal }).catch(inWords);
  const patient = tab.client.start();
  await world.advance(5000);
  controller.abort();
  expect(await world.until(impatient)).toBe("NetworkError true start was aborted.");
  world.network.fault = () => null;
  expect((await world.until(patient)).status).toBe("visitor");
});

test("A sign-in that is aborted while another tab holds the lock asks nothing, and lets the next one in", async () => {
  const world = createWorld();
  const one = await world.startedTab("one");
  const two = await world.startedTab("two");
  world.network.latencyMs = (route) => (route === "POST /login" ? 5000 : 20);
  const first = one.client.signIn(credentials);
  await world.advance(100);
  const controller = new AbortController();
  const second = two.client.signIn(credentials, { signal: controller.signal }).catch(inWords);
  await world.advance(100);
  controller.abort();
  expect(await world.until(second)).toBe("NetworkError true POST /login was aborted.");
  await world.until(first);
  expect(world.routes("POST /login")).toHaveLength(1);
  await world.until(two.client.signIn(credentials));
});

test("What the server made of a sign-in that was aborted is found out by the next request", async () => {
  const world = createWorld();
  const tab = await world.signedInTab();
  world.network.latencyMs = () => 1000;
  const controller = new AbortController();
  const signingIn = tab.client.signIn(credentials, { signal: controller.signal }).catch(inWords);
  // The server has done its part; its answer, with the cookies, is still on its way.
  await world.advance(700);
  controller.abort();
  await world.until(signingIn);
  expect(tab.client.state().status).toBe("signedIn");
  const waiting = tab.client.call("GET /sections");
  await world.advance(10_000);
  expect(tab.client.state()).toMatchObject({ status: "expired", reason: "signedOut" });
  await world.until(tab.client.signIn(credentials));
  await world.until(waiting);
});

test("A start that nobody waits for is no unhandled rejection once the client is disposed of, and whoever waits for it is told", async () => {
  const world = createWorld();
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on("unhandledRejection", note);
  onTestFinished(() => void process.off("unhandledRejection", note));
  const [forgotten, waited] = [world.openTab("forgotten"), world.openTab("waited")];
  world.network.latencyMs = () => 1000;
  void forgotten.client.start();
  const waiting = waited.client.start().catch(inWords);
  await world.advance(100);
  forgotten.client.dispose();
  waited.client.dispose();
  await expect(world.until(waiting)).resolves.toMatch(/^NetworkError .* disposed of/);
  await new Promise((resolve) => setImmediate(resolve));
  expect(unhandled).toEqual([]);
});
