import { afterEach, expect, test, vi } from "vitest";
import { createWorld } from "../../test/fake-browser.ts";
import { environmentOf } from "./environment.ts";

afterEach(() => vi.unstubAllGlobals());

const locks = { request: async () => undefined };
const inBrowser = (): void => {
  vi.stubGlobal("navigator", { locks });
  vi.stubGlobal("BroadcastChannel", () => undefined);
  vi.stubGlobal("indexedDB", {});
};

test("In Node there is nothing to share a session with, although there are locks, channels and storage", () => {
  inBrowser();
  vi.stubGlobal("localStorage", {});
  expect(environmentOf()).toMatchObject({ locks: null, openChannel: null, localStorage: null });
});

test("A worker takes part in what the pages of its origin share, without their localStorage", () => {
  inBrowser();
  vi.stubGlobal("WorkerGlobalScope", () => undefined);
  expect(environmentOf()).toMatchObject({
    locks,
    openChannel: expect.any(Function) as unknown,
    indexedDB: {},
    localStorage: null,
  });
});

test("A page has localStorage too, and where the browser forbids a part, it does without", () => {
  inBrowser();
  vi.stubGlobal("document", new EventTarget());
  vi.stubGlobal("localStorage", { length: 0 });
  expect(environmentOf()).toMatchObject({ locks, localStorage: { length: 0 } });
  vi.stubGlobal("navigator", undefined);
  expect(environmentOf()).toMatchObject({ locks: null });
});

test("A worker wakes when it is online again, a page only where it is seen", () => {
  const scope = new EventTarget();
  vi.stubGlobal("addEventListener", scope.addEventListener.bind(scope));
  vi.stubGlobal("removeEventListener", scope.removeEventListener.bind(scope));
  let woken = 0;
  const stop = environmentOf().onWake(() => void woken++);
  scope.dispatchEvent(new Event("online"));
  expect(woken).toBe(1);
  stop();
  scope.dispatchEvent(new Event("online"));
  expect(woken).toBe(1);

  vi.stubGlobal("document", Object.assign(new EventTarget(), { visibilityState: "hidden" }));
  environmentOf().onWake(() => void woken++);
  scope.dispatchEvent(new Event("online"));
  expect(woken).toBe(1);
});

test("With bearer delivery tokens are in memory only: no store, no lock and no channel is touched, and fetch sends no cookies", async () => {
  const world = createWorld();
  const touched: string[] = [];
  const forbidden = (name: string) =>
    new Proxy(() => undefined, {
      get: (_, member) => void touched.push(`${name}.${String(member)}`),
      apply: () => void touched.push(name),
    }) as never;
  const credentials: (RequestCredentials | undefined)[] = [];
  const tab = world.openTab("one", {
    delivery: "bearer",
    environment: {
      locks: forbidden("locks"),
      openChannel: forbidden("openChannel"),
      indexedDB: forbidden("indexedDB"),
      localStorage: forbidden("localStorage"),
    },
  });
  const { fetch } = world.openTab("wire").environment;
  const own = world.openTab("two", {
    delivery: "bearer",
    environment: { fetch: (url, init) => (credentials.push(init.credentials), fetch(url, init)) },
  });
  for (const { client } of [tab, own]) {
    await world.until(client.start());
    await world.until(client.signIn({ username: "mike", password: "sample-mike-passphrase" }));
    await world.advance(301_000);
    await world.until(client.call("GET /sections"));
    expect(client.state()).toMatchObject({ status: "signedIn" });
    expect(JSON.stringify(client.state())).not.toMatch(/access-\d|ses_\d+\.\d/);
  }
  expect(world.routes("POST /refresh").map(({ status }) => status)).toEqual([200, 200]);
  expect(touched).toEqual([]);
  expect(new Set(credentials)).toEqual(new Set(["omit"]));
  expect(world.storage.size).toBe(0);
  expect(await world.indexedDB.databases()).toEqual([]);
  expect(world.jar).toEqual({});
  await world.until(tab.client.signOut());
  expect(touched).toEqual([]);
});
