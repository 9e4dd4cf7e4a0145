/** What sign-ins that come to nothing leave behind: in the audit trail, and in memory. */
import { json } from "node:stream/consumers";
import { getHeapSnapshot } from "node:v8";
import { AppError, createRefusedSignIns, type AuditEvent } from "@sallyport/shared/core";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createTeamApp as createIdleApp, type TeamApp } from "./team.ts";
import { request, type Reply } from "./test-browser.ts";

const minute = 60_000;

/** With what is done by the clock, as a server has it. */
const createTeamApp = async (...options: Parameters<typeof createIdleApp>): Promise<TeamApp> => {
  const app = await createIdleApp(...options);
  onTestFinished(app.dependencies.scheduledWork.start());
  return app;
};

const guess = (app: TeamApp, username: string, address = "192.0.2.1"): Promise<Reply> =>
  request(app, "POST", "/login", {
    body: { username, password: "wrong", delivery: "body" },
    address,
  });
/** Nobody waits for what is counted; it is written in the next turn of the loop. */
const written = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

interface Failure {
  readonly userId: string | null;
  readonly address: string | null;
  readonly at: number;
  readonly reason: unknown;
  readonly network: unknown;
  readonly count: number;
  readonly since: unknown;
}
const failures = async (app: TeamApp): Promise<Failure[]> => {
  await written();
  return app
    .auditEvents("session.signIn")
    .filter(({ result }) => result === "failure")
    .map(({ subjectId, address, at, detail }) => ({
      userId: subjectId,
      address,
      at,
      reason: detail["reason"],
      network: detail["network"] ?? null,
      count: Number(detail["count"] ?? 1),
      since: detail["since"] ?? null,
    }));
};
const sum = (events: readonly Failure[]): number =>
  events.reduce((total, { count }) => total + count, 0);

interface HeapSnapshot {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: readonly string[];
      readonly node_types: readonly [readonly string[]];
    };
  };
  readonly nodes: readonly number[];
}
/**
 * The bytes of all that can be reached of strings, objects, arrays, numbers and buffers. What V8
 * keeps for itself is left out: code, what it has learnt for it and shapes of objects come and go
 * by hundreds of kilobytes with how fast the machine is.
 */
const bytesOfData = async (): Promise<number> => {
  await written();
  const { snapshot, nodes } = (await json(getHeapSnapshot())) as HeapSnapshot;
  const { node_fields, node_types } = snapshot.meta;
  const ofV8 = new Set(
    ["hidden", "code", "object shape"].map((name) => node_types[0].indexOf(name)),
  );
  const type = node_fields.indexOf("type");
  const size = node_fields.indexOf("self_size");
  let bytes = 0;
  for (let at = 0; at < nodes.length; at += node_fields.length)
    if (!ofV8.has(nodes[at + type] ?? 0)) bytes += nodes[at + size] ?? 0;
  return bytes;
};

// Ten thousand requests take a while on a machine that is busy.
describe("Refused sign-ins", { timeout: 180_000 }, () => {
  it("under ten thousand names that are made up leave a few rows, which say how many there were and from where", async () => {
    const app = await createTeamApp();
    for (let index = 0; index < 10_000; index += 1) await guess(app, `made-up-${index}`);
    expect(await failures(app)).toHaveLength(2);
    app.clock.advance(15 * minute);
    const events = await failures(app);
    expect(events).toHaveLength(4);
    expect(sum(events)).toBe(10_000);
    expect(events.map(({ reason, network, count }) => [reason, network, count])).toEqual([
      ["unknownUser", "192.0.2.1", 1],
      ["rateLimited", "192.0.2.1", 1],
      ["unknownUser", "192.0.2.1", 19],
      ["rateLimited", "192.0.2.1", 9_979],
    ]);
    expect(JSON.stringify(events)).not.toContain("made-up");
  });

  it("of an account say of whom, how often, since when and from where", async () => {
    const app = await createTeamApp();
    const began = app.clock.now();
    for (let index = 0; index < 30; index += 1) {
      await guess(app, "mike", "203.0.113.9");
      app.clock.advance(1_000);
    }
    for (let index = 0; index < 10; index += 1) await guess(app, "mike", `2001:db8:7:${index}::1`);
    app.clock.advance(15 * minute);
    const events = await failures(app);
    expect(new Set(events.map(({ userId }) => userId))).toEqual(new Set([app.userIds.mike]));
    expect(sum(events)).toBe(40);
    const refused = events.filter(({ reason }) => reason === "rateLimited");
    expect(refused.map(({ network, count, address }) => [network, count, address])).toEqual([
      ["203.0.113.9", 1, "203.0.113.9"],
      ["2001:db8:7::/48", 1, "2001:db8:7:5::1"],
      ["203.0.113.9", 24, "203.0.113.9"],
      ["2001:db8:7::/48", 4, "2001:db8:7:9::1"],
    ]);
    expect(refused[2]?.since).toBe(new Date(began + 5_000).toISOString());
    expect(refused[2]?.at).toBe(began + 29_000);
  });

  it("that are still counted when the API stops are stored before it has", async () => {
    const app = await createTeamApp();
    const stored: unknown[] = [];
    const { audit } = app.dependencies.stores;
    const add = audit.add;
    audit.add = (event) => (stored.push(event.detail), add(event));
    for (let index = 0; index < 100; index += 1) await guess(app, `made-up-${index}`);
    await app.dependencies.close();
    expect(stored).toMatchObject([
      { reason: "unknownUser", count: 1 },
      { reason: "rateLimited", count: 1 },
      { reason: "unknownUser", count: 19 },
      { reason: "rateLimited", count: 79 },
    ]);
  });

  it("from thousands of networks leave no more rows than are kept apart, and are all counted", async () => {
    const app = await createTeamApp();
    for (let index = 0; index < 2_000; index += 1)
      await guess(app, `made-up-${index}`, `10.${index % 200}.${index >> 8}.1`);
    app.clock.advance(15 * minute);
    const events = await failures(app);
    expect(events.length).toBeLessThan(410);
    expect(sum(events)).toBe(2_000);
    // Beyond what is kept apart, one count of all the rest.
    expect(events.filter(({ network }) => network === null).map(({ address }) => address)).toEqual(
      expect.arrayContaining([null]),
    );
  });

  it("under made-up names from everywhere hide nothing of the accounts that are attacked meanwhile", async () => {
    const app = await createTeamApp();
    for (let index = 0; index < 500; index += 1)
      await guess(app, `made-up-${index}`, `10.${index % 250}.${index >> 8}.1`);
    const attack = async (
      username: string,
      networks: readonly string[],
      rounds = 6,
    ): Promise<void> => {
      for (let round = 0; round < rounds; round += 1)
        for (const network of networks) await guess(app, username, network);
    };
    await attack("mike", ["203.0.113.1", "203.0.113.2", "203.0.113.3"]);
    // Of one account not so many networks are kept apart that nothing would be left for another.
    await attack(
      "mica",
      Array.from({ length: 260 }, (_, index) => `198.51.${index % 200}.${index % 250}`),
      1,
    );
    await attack("nora", ["203.0.113.4", "203.0.113.5"]);
    app.clock.advance(15 * minute);
    const events = (await failures(app)).filter(({ reason }) => reason === "rateLimited");
    const networksOf = (username: "mike" | "mica" | "nora") =>
      new Set(
        events
          .filter(({ userId }) => userId === app.userIds[username])
          .map(({ network }) => network),
      );
    expect(networksOf("mike")).toEqual(new Set(["203.0.113.1", "203.0.113.2", "203.0.113.3"]));
    expect(networksOf("nora")).toEqual(new Set(["203.0.113.4", "203.0.113.5"]));
    expect(networksOf("mica").size).toBe(21);
    expect(networksOf("mica")).toContain(null);
  });

  it("and wrong passwords that the database had no time for are written as soon as it has", async () => {
    const app = await createTeamApp();
    const { stores } = app.dependencies;
    let rejected = 0;
    const add = stores.audit.add;
    stores.audit.add = (event) =>
      add(event).catch((error: unknown) => {
        rejected += 1;
        throw error;
      });
    const release = app.holdWriteLock();
    onTestFinished(release);
    for (let time = 0; time < 7; time += 1) await guess(app, "mike");
    await vi.waitFor(() => expect(rejected).toBe(6));
    // Nor has it a minute later.
    app.clock.advance(minute);
    await vi.waitFor(() => expect(rejected).toBe(12));
    release();
    // Whatever is written next takes along what waits.
    await guess(app, "nora", "192.0.2.2");
    await written();
    const events = await failures(app);
    expect(events.map(({ userId, reason }) => [userId, reason])).toEqual([
      [app.userIds.nora, "wrongPassword"],
      ...Array.from({ length: 5 }, () => [app.userIds.mike, "wrongPassword"]),
      [app.userIds.mike, "rateLimited"],
    ]);
    expect(app.faults).toEqual([]);
  });

  it("are kept for a database that has no time for them up to a thousand, and told of beyond it", async () => {
    const faults: unknown[] = [];
    let isBusy = true;
    const events: AuditEvent[] = [];
    const { store, flush } = createRefusedSignIns({
      now: () => 0,
      store: async (event) => {
        if (isBusy) throw new AppError("busy");
        events.push(event);
      },
      reportFault: (error) => faults.push(error),
    });
    const event = (at: number): AuditEvent => ({
      at,
      action: "session.signIn",
      result: "failure",
      subjectType: "user",
    });
    for (let at = 0; at < 1_010; at += 1) store(event(at));
    await written();
    expect(faults).toHaveLength(10);
    isBusy = false;
    flush();
    await written();
    expect(events.map(({ at }) => at)).toEqual(Array.from({ length: 1_000 }, (_, at) => at));
    // What cannot be written before the end is told of too.
    isBusy = true;
    store(event(0));
    await written();
    flush(true);
    await written();
    expect(faults).toHaveLength(11);
  });

  it("leave nothing in memory, whatever names and addresses, origins, targets and tokens come along", async () => {
    const app = await createTeamApp();
    let made = 0;
    const knock = async (times: number): Promise<void> => {
      for (let index = 0; index < times; index += 1) {
        made += 1;
        const origin = `https://o${made}.${"x".repeat(150)}.example`;
        const from = { address: `2001:db8:${(made % 65_536).toString(16)}::1` };
        await request(app, "POST", "/login", {
          ...from,
          body: { username: `${"n".repeat(50)}${made}`, password: "wrong", delivery: "body" },
        });
        await request(app, "POST", "/setup", {
          ...from,
          body: {
            token: `${"t".repeat(100)}${made}`,
            username: `a${made}`,
            displayName: "A",
            email: `a${made}@example.com`,
            password: "forty-two quiet herons",
            delivery: "body",
          },
        });
        await request(app, "POST", "/refresh", {
          ...from,
          body: { refreshToken: `${"r".repeat(200)}${made}` },
          headers: { "idempotency-key": `k${made}`, origin },
        });
        await request(app, "GET", `/sections/${"s".repeat(200)}${made}`, {
          ...from,
          headers: { origin, authorization: `Bearer ${"b".repeat(200)}${made}` },
        });
      }
    };
    // What is bounded is full by then.
    await knock(500);
    const bytes = [await bytesOfData()];
    for (let round = 0; round < 2; round += 1) {
      await knock(500);
      bytes.push(await bytesOfData());
    }
    const [first = 0, second = 0, third = 0] = bytes;
    // A table of V8's own may have doubled in one round, but hardly in both. The smallest entry of
    // a Set or a Map takes more, whatever it is made from.
    expect(Math.min(second - first, third - second), `${bytes.join(", ")} bytes`).toBeLessThan(
      500 * 10,
    );
  });
});
