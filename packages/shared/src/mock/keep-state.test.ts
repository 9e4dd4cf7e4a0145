import { expect, it, onTestFinished } from "vitest";
import type { Session } from "../contract/contract.ts";
import { samplePasswordOf } from "../sample/sample.ts";
import { createMockApi, type MockApi, type MockOptions } from "./mock.ts";
import type { TextStorage } from "./page.ts";

const createStorage = (): TextStorage & { text: string | null } => ({
  text: null,
  getItem() {
    return this.text;
  },
  setItem(_, text) {
    this.text = text;
  },
});
const open = (storage: TextStorage, options: Partial<MockOptions> = {}): MockApi =>
  createMockApi({
    baseUrl: "https://api.example.com",
    clock: Date.UTC(2026, 10, 22),
    persistence: "browser",
    storage,
    ...options,
  });

it.each([
  ["{no json"],
  ["null"],
  ["[]"],
  ['"text"'],
  ['{"version":1,"seed":1}'],
  ['{"version":2}'],
])("What is kept and is no state, as %s, is passed over", async (text) => {
  const storage = createStorage();
  storage.text = text;
  const mock = open(storage, { persona: "mike" });
  expect(mock.settings().persona).toBe("mike");
  expect((await mock.fetch("/session")).status).toBe(200);
  expect(open(storage).settings().persona).toBe("mike");
});

it.each([
  ["null", () => null],
  ["a list", () => []],
  ["a text", () => "state"],
  ["a state without its people", (mock: MockApi) => ({ ...mock.exportState(), users: null })],
  [
    "a state of a time when people had only a name",
    (mock: MockApi) => {
      const { users, ...state } = mock.exportState();
      return { ...state, users: users.map(({ id, username }) => ({ id, username })) };
    },
  ],
  [
    "a state with a part that there is not",
    (mock: MockApi) => ({ ...mock.exportState(), scenario: "sabotage" }),
  ],
  ["a version", () => ({ version: 1 })],
])("%s is not imported, and what the mock knows stays", (_, make) => {
  const mock = open(createStorage(), { persona: "frida" });
  expect(() => mock.importState(make(mock) as never)).toThrow(/no state of this version/);
  expect(mock.settings().persona).toBe("frida");
});

it("What is kept goes on with the seed that it began with, where no other is asked for", () => {
  const storage = createStorage();
  const first = open(storage, { seed: 7, persona: "nora" });
  const again = open(storage);
  expect(again.settings()).toMatchObject({ seed: 7, persona: "nora" });
  again.setPersona("mica");
  expect(first.settings()).toMatchObject({ seed: 7 });
  again.reset();
  expect(again.settings()).toMatchObject({ seed: 7, persona: "visitor" });
  expect(open(storage, { seed: 8 }).settings()).toMatchObject({ seed: 8, persona: "visitor" });
});

it("A state of another seed is imported with it, and kept", () => {
  const storage = createStorage();
  const mock = open(storage);
  mock.importState(open(createStorage(), { seed: 5, persona: "frida" }).exportState());
  expect(mock.settings()).toMatchObject({ seed: 5, persona: "frida" });
  expect(open(storage).settings()).toMatchObject({ seed: 5, persona: "frida" });
});

it(
  "What one tab's controls do while another tab's request is under way is not undone by it, nor is the request",
  { timeout: 30_000 },
  async () => {
    const afterTicks = async (ticks: number): Promise<void> => {
      for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
    };
    for (let ticks = 0; ticks < 60; ticks += 1) {
      const storage = createStorage();
      const one = open(storage);
      const two = open(storage);
      const password = samplePasswordOf("mike");
      const body = JSON.stringify({ username: "mike", password });
      const signingIn = one.fetch("/login", {
        method: "POST",
        headers: { "content-type": "application/json" },
        credentials: "include",
        body,
      });
      await afterTicks(ticks);
      two.giveGrant("mike", "finance");
      expect((await signingIn).status).toBe(200);
      // Where the grant came later, the access token is stale.
      expect(
        (
          await one.fetch("/refresh", {
            method: "POST",
            headers: { "idempotency-key": `refresh-${ticks}-0123456789` },
            credentials: "include",
          })
        ).status,
      ).toBe(200);
      for (const mock of [one, two]) {
        const session = (await (
          await mock.fetch("/session", { credentials: "include" })
        ).json()) as Session;
        expect(
          session.sections.map(({ slug }) => slug),
          `a grant ${ticks} ticks after the request`,
        ).toContain("finance");
      }
      expect(two.settings().persona).toBe("mike");
    }
  },
);

it("A browser that refuses its storage to the page is named as what is wrong", () => {
  const before = Object.getOwnPropertyDescriptor(globalThis, "localStorage");
  onTestFinished(
    () =>
      void (before
        ? Object.defineProperty(globalThis, "localStorage", before)
        : Reflect.deleteProperty(globalThis, "localStorage")),
  );
  Object.defineProperty(globalThis, "localStorage", {
    configurable: true,
    get: () => {
      throw new DOMException("Access is denied for this document.", "SecurityError");
    },
  });
  expect(() =>
    createMockApi({ baseUrl: "https://api.example.com", persistence: "browser" }),
  ).toThrow(/storage, which is blocked for this page/);
});
