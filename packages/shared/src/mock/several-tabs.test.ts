/**
 * Tabs of one browser, each in a process of its own: each has a copy of the storage, and hears of
 * what another one has written only when it is told.
 */
import { afterEach, expect, it } from "vitest";
import type { Session } from "../contract/contract.ts";
import { samplePasswordOf } from "../sample/sample.ts";
import { createMockApi, type MockApi, type MockOptions } from "./mock.ts";
import type { StorageChange } from "./page.ts";

interface Write {
  readonly by: object;
  readonly key: string;
  readonly newValue: string;
}

const createBrowser = () => {
  const mocks: MockApi[] = [];
  /** As the browser knows them: the last one is what is kept. */
  const writes: Write[] = [];
  const tabs: { hearNext(): boolean; leave(): void }[] = [];

  const openTab = (baseUrl: string, options: Partial<MockOptions> = {}): MockApi => {
    const tab = {};
    const copy = new Map<string, string>();
    for (const { key, newValue } of writes) copy.set(key, newValue);
    const listeners = {
      storage: new Set<(change: StorageChange) => void>(),
      pagehide: new Set<(change: StorageChange) => void>(),
    };
    let heard = writes.length;
    const page = {
      localStorage: {
        getItem: (key: string) => copy.get(key) ?? null,
        setItem: (key: string, newValue: string) => {
          copy.set(key, newValue);
          writes.push({ by: tab, key, newValue });
        },
      },
      addEventListener: (type: keyof typeof listeners, listener: (change: StorageChange) => void) =>
        void listeners[type].add(listener),
      removeEventListener: (
        type: keyof typeof listeners,
        listener: (change: StorageChange) => void,
      ) => void listeners[type].delete(listener),
    };
    tabs.push({
      hearNext: () => {
        const write = writes[heard];
        if (write === undefined) return false;
        heard += 1;
        if (write.by === tab) return true;
        // What this tab has written since comes after it.
        if (!writes.slice(heard).some(({ by }) => by === tab)) copy.set(write.key, write.newValue);
        for (const listener of listeners.storage) listener(write);
        return true;
      },
      leave: () => {
        for (const listener of listeners.pagehide) listener({});
      },
    });
    Object.assign(globalThis, page);
    const mock = createMockApi({
      baseUrl,
      clock: Date.UTC(2026, 10, 22),
      persistence: "browser",
      ...options,
    });
    for (const name of Object.keys(page)) Reflect.deleteProperty(globalThis, name);
    mocks.push(mock);
    return mock;
  };
  return {
    openTab,
    leave: (tab: number) => tabs[tab]?.leave(),
    /** Everything that has been written arrives everywhere, and what follows from it. */
    tellAll: () => {
      while (tabs.map(({ hearNext }) => hearNext()).includes(true));
    },
    close: () => {
      for (const mock of mocks) mock.dispose();
    },
  };
};

let browser: ReturnType<typeof createBrowser> | undefined;
afterEach(() => browser?.close());

const ticks = async (count: number): Promise<void> => {
  for (let tick = 0; tick < count; tick += 1) await Promise.resolve();
};
/** Locks are granted, and answered for, by the event loop. */
const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1)
    await new Promise((resolve) => void setImmediate(resolve));
};
let installations = 0;
const open = (): readonly [MockApi, MockApi] => {
  browser?.close();
  browser = createBrowser();
  const baseUrl = `https://api-${(installations += 1)}.example.com`;
  const tabs = [browser.openTab(baseUrl), browser.openTab(baseUrl)] as const;
  browser.tellAll();
  return tabs;
};
const signIn = async (mock: MockApi, username: string): Promise<number> => {
  const body = JSON.stringify({ username, password: samplePasswordOf(username) });
  return (
    await mock.fetch("/login", {
      method: "POST",
      headers: { "content-type": "application/json" },
      credentials: "include",
      body,
    })
  ).status;
};
const sessionIn = async (mock: MockApi): Promise<Session> =>
  (await (await mock.fetch("/session", { credentials: "include" })).json()) as Session;
/** With the news arriving while it waits. */
const arriving = async <T>(promise: Promise<T>): Promise<T> => {
  let isDone = false;
  const done = promise.finally(() => (isDone = true));
  while (!isDone) {
    await turns(1);
    browser?.tellAll();
  }
  return done;
};

it("A control in one tab holds although another tab, which hears of it late, is answering a request", async () => {
  for (let at = 0; at < 24; at += 1) {
    const [one, two] = open();
    one.setPersona("mike");
    browser?.tellAll();
    const asking = two.fetch("/session", { credentials: "include" });
    await (at < 12 ? ticks(at * 2) : turns(at - 12));
    one.setPersona("mica");
    await arriving(asking);
    await turns(3);
    browser?.tellAll();
    for (const mock of [one, two]) {
      expect(mock.settings().persona, `a control at ${at}`).toBe("mica");
      expect((await arriving(sessionIn(mock))).user.username).toBe("mica");
    }
  }
});

it("A request in one tab holds although another tab, which hears of it late, is told to change something", async () => {
  for (let at = 0; at < 24; at += 1) {
    const [one, two] = open();
    const signingIn = one.fetch("/login", {
      method: "POST",
      headers: { "content-type": "application/json" },
      credentials: "include",
      body: JSON.stringify({ username: "frida", password: samplePasswordOf("frida") }),
    });
    await (at < 12 ? ticks(at * 2) : turns(at - 12));
    two.giveGrant("nora", "finance");
    expect((await arriving(signingIn)).status).toBe(200);
    await turns(3);
    browser?.tellAll();
    for (const mock of [one, two]) {
      expect(mock.settings().persona, `a grant at ${at}`).toBe("frida");
      expect(mock.exportState().grants).toContainEqual(
        expect.objectContaining({ to: { username: "nora" }, section: "finance" }),
      );
    }
  }
});

it("A request begins where the last one of another tab has ended, also before the news of it has arrived", async () => {
  const [one, two] = open();
  expect(await arriving(signIn(one, "mike"))).toBe(200);
  const [session, again] = await arriving(Promise.all([sessionIn(two), sessionIn(one)]));
  expect(session.user.username).toBe("mike");
  expect(again.user.username).toBe("mike");
});

it("Controls of two tabs at once both hold", async () => {
  const [one, two] = open();
  one.giveGrant("nora", "finance");
  two.giveGrant("mike", "operations");
  one.advanceClock({ minutes: 5 });
  await arriving(turns(5));
  for (const mock of [one, two]) {
    const { grants } = mock.exportState();
    expect(grants).toContainEqual(
      expect.objectContaining({ to: { username: "nora" }, section: "finance" }),
    );
    expect(grants).toContainEqual(
      expect.objectContaining({ to: { username: "mike" }, section: "operations" }),
    );
    expect(mock.settings().now).toBe(two.settings().now);
  }
});

it("The setup link that a tab was given is the one that works, also where another tab was first to keep something", async () => {
  const [one, two] = open();
  one.setPersona("nora");
  const token = two.createSetupLink();
  await arriving(turns(5));
  for (const mock of [one, two]) {
    const { status } = await arriving(
      mock.fetch("/setup", {
        method: "POST",
        headers: { "content-type": "application/json" },
        credentials: "include",
        body: JSON.stringify({
          token,
          username: "ada",
          displayName: "Ada",
          email: "ada@example.com",
          password: "correct horse battery staple",
        }),
      }),
    );
    expect(status).toBe(mock === one ? 200 : 409);
  }
});

it("What a control has done is there after a reload, even if the page is left at once", () => {
  const [one] = open();
  one.setPersona("nora");
  browser?.leave(0);
  expect(browser?.openTab(one.settings().baseUrl).settings().persona).toBe("nora");
});

it("A tab that has written and is never heard of holds the others up for a second and no longer", async () => {
  const [one] = open();
  const timers: [milliseconds: number, run: () => void][] = [];
  const after = (milliseconds: number, run: () => void) => {
    timers.push([milliseconds, run]);
    return () => {};
  };
  const two = browser?.openTab(one.settings().baseUrl, {
    timers: { after, every: () => () => {} },
  }) as MockApi;
  expect((await arriving(two.fetch("/healthz"))).status).toBe(200);
  timers.splice(0);
  one.setPersona("nora");
  // Kept before this is answered.
  await one.fetch("/healthz");
  const asking = two.fetch("/healthz");
  while (timers.length === 0) await turns(1);
  expect(timers.map(([milliseconds]) => milliseconds)).toEqual([1000]);
  timers[0]?.[1]();
  expect((await asking).status).toBe(200);
});
