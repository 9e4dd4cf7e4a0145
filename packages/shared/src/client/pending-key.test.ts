import { IDBFactory } from "fake-indexeddb";
import { expect, test } from "vitest";
import { environmentOf, type ClientEnvironment } from "./environment.ts";
import { openPendingKey } from "./pending-key.ts";

const createKeys = (given: Partial<ClientEnvironment> = {}) => {
  let serial = 0;
  const environment = environmentOf({
    indexedDB: new IDBFactory(),
    randomKey: () => `key-${++serial}`,
    ...given,
  });
  return { environment, open: () => openPendingKey("sallyport https://api.test", environment) };
};

test("Tabs that ask at the same moment get the same key", async () => {
  const { open } = createKeys();
  expect(
    new Set(await Promise.all([open().current(), open().current(), open().current()])),
  ).toEqual(new Set(["key-1"]));
});

test("A key stays until it is retired, then there is another, and the last one is kept", async () => {
  const { open } = createKeys();
  const keys = open();
  expect(await keys.lastRetired()).toBeUndefined();
  expect(await keys.current()).toBe("key-1");
  expect(await open().current()).toBe("key-1");
  expect(await keys.retire("key-1")).toBe("current");
  expect(await open().lastRetired()).toBe("key-1");
  expect(await open().current()).toBe("key-2");
});

test("Retiring a key that another tab has retired does not touch the next one", async () => {
  const { open } = createKeys();
  const [one, two] = [open(), open()];
  await one.current();
  await two.current();
  await one.retire("key-1");
  await one.current();
  expect(await two.retire("key-1")).toBe("current");
  expect(await two.current()).toBe("key-2");
});

test("Retiring a key says so where even the next one has been retired: the answer came out of order", async () => {
  const { open } = createKeys();
  const [one, two] = [open(), open()];
  await two.current();
  for (const key of ["key-1", "key-2"]) {
    expect(await one.current()).toBe(key);
    await one.retire(key);
  }
  expect(await two.retire("key-1")).toBe("overtaken");
});

for (const [what, indexedDB] of [
  ["is absent", null],
  [
    "throws",
    {
      open: () => {
        throw new DOMException("no", "SecurityError");
      },
    },
  ],
  ["never answers", { open: () => ({}) }],
] as const) {
  test(`Where storage ${what}, the key lives in memory`, async () => {
    const { open } = createKeys({
      indexedDB: indexedDB as unknown as IDBFactory | null,
      setTimer: (callback) => setImmediate(callback),
      clearTimer: (timer) => clearImmediate(timer as NodeJS.Immediate),
    });
    const keys = open();
    expect(await keys.current()).toBe("key-1");
    expect(await keys.current()).toBe("key-1");
    await keys.retire("key-1");
    expect(await keys.lastRetired()).toBe("key-1");
    expect(await keys.current()).toBe("key-2");
  });
}

test("Storage that fails half way does not change the key of the refresh under way", async () => {
  const factory = new IDBFactory();
  let broken = false;
  const { open } = createKeys({
    indexedDB: {
      open: (name: string, version: number) => {
        if (broken) throw new Error("disk full");
        return factory.open(name, version);
      },
    } as unknown as IDBFactory,
  });
  const keys = open();
  expect(await keys.current()).toBe("key-1");
  broken = true;
  expect(await keys.current()).toBe("key-1");
});
