import { describe, expect, it } from "vitest";
import { createMockApi, type MockApi, type MockOptions } from "./mock.ts";
import { ask, baseUrl, create, refresh, signIn, start } from "../../test/asked-mock.ts";

describe("the state of the mock", () => {
  it("keeps what it knows over a reload, shares it between tabs, and heeds options only when they change", async () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, text: string) => void kept.set(name, text),
    };
    const open = (options: Partial<MockOptions> = {}): MockApi =>
      create({ persistence: "browser", storage, ...options });
    const tab = open({ persona: "mike" });
    const other = open({ persona: "mike" });
    expect((await refresh(tab)).status).toBe(200);
    expect((await refresh(other, "2")).status).toBe(200);
    expect((await ask(tab, "/session")).status).toBe(200);
    other.setPersona("frida");
    expect((await ask(tab, "/session")).body).toMatchObject({ user: { username: "frida" } });
    // The options are those of before.
    expect(open({ persona: "mike" }).settings().persona).toBe("frida");
    expect(open({ persona: "nora", scenario: "slow" }).settings()).toMatchObject({
      persona: "nora",
      scenario: "slow",
    });
    expect(open({ seed: 9 }).settings().persona).toBe("visitor");
    expect(() => create({ persistence: "browser" })).toThrow(/needs a browser/);
  });

  it("goes on to a later time that it is given after a reload, and never back", () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, text: string) => void kept.set(name, text),
    };
    const yearAt = (clock: string): number =>
      new Date(
        createMockApi({ baseUrl, persistence: "browser", storage, clock }).settings().now,
      ).getUTCFullYear();
    expect(yearAt("2040-06-01")).toBe(2040);
    expect(yearAt("2042-06-01")).toBe(2042);
    expect(yearAt("2041-06-01")).toBe(2042);
  });

  it("gives all that it knows, takes it back, and begins anew", async () => {
    const mock = create({ persona: "mike" });
    const state = mock.exportState();
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    mock.setPersona("visitor");
    mock.advanceClock({ days: 40 });
    mock.importState(state);
    expect((await ask(mock, "/session")).status).toBe(200);
    expect(() => mock.importState({ version: 0 } as never)).toThrow(/no state of this version/);
    mock.setScenario("offline");
    mock.reset();
    expect(mock.settings()).toMatchObject({ persona: "mike", scenario: "normal", now: start });
  });

  it("does the same again for the same requests once it has begun anew", async () => {
    const mock = create({ persona: "frida" });
    const states = [];
    for (let time = 0; time < 2; time += 1) {
      expect((await ask(mock, "/sections/nowhere")).status).toBe(403);
      expect((await ask(mock, "/datasets")).status).toBe(403);
      expect((await signIn(mock, "nobody")).status).toBe(401);
      expect((await signIn(mock)).status).toBe(200);
      states.push(mock.exportState());
      mock.reset();
    }
    expect(states[1]).toEqual(states[0]);
  });

  it("goes on in the same way with the state of another one, whatever that has recorded", async () => {
    const mock = create({ persona: "frida" });
    expect((await ask(mock, "/datasets")).status).toBe(403);
    const other = create();
    other.importState(mock.exportState());
    // The one has recorded it within this minute, and does not again. The other does.
    const [one, another] = await Promise.all(
      [mock, other].map(async (of) => {
        expect((await ask(of, "/datasets")).status).toBe(403);
        return signIn(of);
      }),
    );
    expect(one?.body).toEqual(another?.body);
    expect(new Set(other.exportState().audit.map(({ id }) => id)).size).toBe(4);
  });

  it.each<[what: string, control: (mock: MockApi) => void, persona: string]>([
    ["a new beginning", (mock) => mock.reset(), "frida"],
    ["another persona", (mock) => mock.setPersona("mike"), "mike"],
    ["a sign-out", (mock) => mock.setPersona("visitor"), "visitor"],
  ])("lets %s hold that comes while it answers, whenever that is", async (_, control, persona) => {
    for (let turns = 0; turns < 40; turns += 1) {
      const mock = create({ persona: "frida" });
      const refreshing = refresh(mock);
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      control(mock);
      await refreshing;
      expect(mock.settings().persona).toBe(persona);
      if (persona === "visitor") expect((await refresh(mock, "key-2")).status).toBe(401);
      else
        expect(await refresh(mock, "key-2")).toMatchObject({
          status: 200,
          body: { user: { username: persona } },
        });
    }
  });
});
