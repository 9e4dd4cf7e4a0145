import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import BetterSqlite3 from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import type { AppError } from "@sallyport/shared/core";
import { openDatabase } from "./connection.ts";
import type { Log } from "./log.ts";
import { createWriter } from "./writer.ts";

const open = (log?: Log) => {
  const directory = mkdtempSync(join(tmpdir(), "sallyport-writer-"));
  const path = join(directory, "test.db");
  const { sqlite, close } = openDatabase(path);
  const second = new BetterSqlite3(path, { timeout: 0 });
  onTestFinished(() => {
    second.close();
    close();
    rmSync(directory, { recursive: true, force: true });
  });
  let time = 0;
  const waits: number[] = [];
  const clock = {
    now: () => time,
    wait: async (milliseconds: number) => {
      waits.push(milliseconds);
      time += milliseconds;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
  const insert = sqlite.prepare("INSERT INTO installation VALUES (?, '')");
  const stored = second
    .prepare("SELECT name FROM installation WHERE value = '' ORDER BY name")
    .pluck();
  return {
    sqlite,
    second,
    waits,
    writer: createWriter(sqlite, clock, () => {}, log),
    add: (name: string) => () => void insert.run(name),
    stored: () => stored.all(),
  };
};

describe("the writer", () => {
  it("commits the writes of one turn together, and has each on disk before it resolves", async () => {
    const { sqlite, writer, add, stored } = open();
    const commits: string[][] = [];
    const begin = Number(sqlite.pragma("data_version", { simple: true }));
    await Promise.all(
      ["a", "b", "c"].map((name) =>
        writer.write(add(name)).then(() => commits.push(stored() as string[])),
      ),
    );
    for (const seen of commits) expect(seen).toEqual(["a", "b", "c"]);
    expect(Number(sqlite.pragma("data_version", { simple: true }))).toBe(begin);
  });

  it("gives each change its own result", async () => {
    const { writer } = open();
    expect(await Promise.all([1, 2, 3].map((value) => writer.write(() => value * 2)))).toEqual([
      2, 4, 6,
    ]);
  });

  it("lets one failing change roll back nothing but itself", async () => {
    const { writer, add, stored } = open();
    const results = await Promise.allSettled([
      writer.write(add("before")),
      writer.write(() => {
        add("half")();
        throw new Error("it went wrong");
      }),
      writer.write(add("before")),
      writer.write(add("after")),
    ]);
    expect(results.map((result) => result.status)).toEqual([
      "fulfilled",
      "rejected",
      "rejected",
      "fulfilled",
    ]);
    expect(stored()).toEqual(["after", "before"]);
  });

  it("shows the second connection nothing of a change that has not resolved", async () => {
    const { writer, add, stored } = open();
    let during: unknown[] = ["unset"];
    await writer.write(() => {
      add("a")();
      during = stored();
    });
    expect(during).toEqual([]);
    expect(stored()).toEqual(["a"]);
  });

  it("gives up after two seconds while another process holds the database, without blocking the event loop", async () => {
    const { second, writer, add, stored, waits } = open();
    second.exec("BEGIN IMMEDIATE");
    let turns = 0;
    const count = setInterval(() => (turns += 1), 0);
    await expect(writer.write(add("a"))).rejects.toMatchObject({
      code: "busy",
      members: { retryAfterSeconds: 1 },
    });
    clearInterval(count);
    expect(turns).toBeGreaterThan(3);
    expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeGreaterThanOrEqual(2_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(100);
    second.exec("ROLLBACK");
    await writer.write(add("b"));
    expect(stored()).toEqual(["b"]);
  });

  it("carries out what waited as soon as the other process lets go, in order", async () => {
    const { second, writer, add, stored } = open();
    const order: string[] = [];
    second.exec("BEGIN IMMEDIATE");
    const writes = ["a", "b"].map((name) => writer.write(add(name)).then(() => order.push(name)));
    for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    writes.push(writer.write(add("c")).then(() => order.push("c")));
    second.exec("COMMIT");
    await Promise.all(writes);
    expect(order).toEqual(["a", "b", "c"]);
    expect(stored()).toEqual(["a", "b", "c"]);
  });

  it("lets whoever asks for one change wait for no flood of somebody else's", async () => {
    const { sqlite, writer } = open();
    let done = 0;
    const flood = Array.from({ length: 2_000 }, () =>
      writer.write(() => void (done += 1), { kind: "visitor", key: "192.0.2.1" }),
    );
    const before = await writer.write(() => done, { kind: "session", key: "ses_reader" });
    // One batch holds two hundred and fifty-six; the reader's change is among its first.
    expect(before).toBeLessThan(10);
    await Promise.all(flood);
    expect(done).toBe(2_000);
    expect(sqlite.inTransaction).toBe(false);
  });

  it("refuses what is more than can wait, from whoever asks for the most", async () => {
    const { writer } = open();
    const flood = Array.from({ length: 5_000 }, () =>
      writer
        .write(() => "written", { kind: "visitor", key: "192.0.2.1" })
        .catch((error: AppError) => error.code),
    );
    expect(await writer.write(() => "written", { kind: "session", key: "ses_reader" })).toBe(
      "written",
    );
    const answers = await Promise.all(flood);
    expect(answers.filter((answer) => answer === "busy")).toHaveLength(5_001 - 4_096);
  });

  it("drains what is queued before the database is closed", async () => {
    const { writer, add, stored } = open();
    void writer.write(add("a"));
    void writer.write(add("b"));
    await writer.drain();
    expect(stored()).toEqual(["a", "b"]);
  });

  it("takes writes that arrive while it works", async () => {
    const { writer, add, stored } = open();
    await writer
      .write(add("a"))
      .then(() => writer.write(add("b")))
      .then(() => writer.write(add("c")));
    expect(stored()).toEqual(["a", "b", "c"]);
  });
});

/** A disk that takes nothing until the test says so. */
const createHeldLog = () => {
  interface Held {
    succeed(isLong?: boolean): void;
    fail(): void;
  }
  const held: Held[] = [];
  let tell: () => void = () => {};
  let rewound = 0;
  const log: Log = {
    sync: () =>
      new Promise((resolve, reject) => {
        held.push({
          succeed: (isLong = false) => resolve(isLong),
          fail: () => reject(Object.assign(new Error("the disk is gone"), { code: "EIO" })),
        });
        tell();
      }),
    rewind: async () => void (rewound += 1),
    close: async () => {},
  };
  /** The next sync that is asked for. */
  const next = async (): Promise<Held> => {
    while (held.length === 0) await new Promise<void>((resolve) => (tell = resolve));
    return held.shift() as Held;
  };
  return { log, next, waiting: () => held.length, rewound: () => rewound };
};
/** Whatever can happen without anybody's help has happened. */
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

describe("the writer, with a thread that waits for the disk", () => {
  it("resolves nothing before the disk has it", async () => {
    const disk = createHeldLog();
    const { writer, add, stored } = open(disk.log);
    const resolved: string[] = [];
    const writes = ["a", "b"].map((name) =>
      writer.write(add(name)).then(() => resolved.push(name)),
    );
    const sync = await disk.next();
    await turns();
    expect(stored()).toEqual(["a", "b"]);
    expect(resolved).toEqual([]);
    sync.succeed();
    await Promise.all(writes);
    expect(resolved).toEqual(["a", "b"]);
  });

  it("commits nothing meanwhile, and what has come by then together", async () => {
    const disk = createHeldLog();
    const { writer, add, stored } = open(disk.log);
    const first = writer.write(add("a"));
    const sync = await disk.next();
    const later = ["b", "c", "d"].map((name) => writer.write(add(name)));
    await turns();
    expect(stored()).toEqual(["a"]);
    expect(disk.waiting()).toBe(0);
    sync.succeed();
    await first;
    const second = await disk.next();
    expect(stored()).toEqual(["a", "b", "c", "d"]);
    second.succeed();
    await Promise.all(later);
    expect(disk.waiting()).toBe(0);
  });

  it("says whether everything is on disk, and when it is", async () => {
    const disk = createHeldLog();
    const { writer, add } = open(disk.log);
    expect(writer.settled()).toBeNull();
    const writing = writer.write(add("a"));
    expect(writer.settled()).toBeNull();
    const sync = await disk.next();
    let isSettled = false;
    const settling = writer.settled()?.then(() => (isSettled = true));
    await turns();
    expect(isSettled).toBe(false);
    sync.succeed();
    await Promise.all([writing, settling]);
    expect(isSettled).toBe(true);
    expect(writer.settled()).toBeNull();
  });

  it("says that nobody knows when the disk fails, and does and tells nothing more until it has taken everything", async () => {
    const disk = createHeldLog();
    const { writer, add, stored } = open(disk.log);
    const writing = writer.write(add("a"));
    (await disk.next()).fail();
    const saying = (words: RegExp) => ({
      code: "busy",
      members: { retryAfterSeconds: 30, detail: expect.stringMatching(words) as string },
    });
    await expect(writing).rejects.toMatchObject(saying(/may have been made/));
    expect(writer.isDiskWritable()).toBe(false);

    const refused = saying(/Nothing was changed/);
    const second = writer.write(add("b"));
    (await disk.next()).fail();
    await expect(second).rejects.toMatchObject(refused);
    // Whoever asks may have changed something: what is not on disk yet.
    const asked = Promise.resolve(writer.settled());
    (await disk.next()).fail();
    await expect(asked).rejects.toMatchObject(saying(/may have been made/));
    expect(stored()).toEqual(["a"]);

    const again = Promise.resolve(writer.settled());
    // The one that brings there what was left behind, and the one for whoever made it try.
    (await disk.next()).succeed();
    (await disk.next()).succeed();
    await again;
    expect(writer.settled()).toBeNull();
    const third = writer.write(add("c"));
    (await disk.next()).succeed();
    await third;
    expect(stored()).toEqual(["a", "c"]);
    expect(writer.isDiskWritable()).toBe(true);
  });

  it("has a long log rewound before it commits anything else", async () => {
    const disk = createHeldLog();
    const { writer, add } = open(disk.log);
    const first = writer.write(add("a"));
    (await disk.next()).succeed(true);
    await first;
    await turns();
    expect(disk.rewound()).toBe(1);
    const second = writer.write(add("b"));
    (await disk.next()).succeed();
    await second;
    expect(disk.rewound()).toBe(1);
  });

  it("is drained when the disk has the last of it", async () => {
    const disk = createHeldLog();
    const { writer, add } = open(disk.log);
    let isDrained = false;
    void writer.write(add("a"));
    const draining = writer.drain().then(() => (isDrained = true));
    const sync = await disk.next();
    await turns();
    expect(isDrained).toBe(false);
    sync.succeed();
    await draining;
  });

  it("waits for another process as before", async () => {
    const disk = createHeldLog();
    const { second, writer, add, stored } = open(disk.log);
    second.exec("BEGIN IMMEDIATE");
    const writing = writer.write(add("a"));
    await turns();
    expect(disk.waiting()).toBe(0);
    second.exec("COMMIT");
    (await disk.next()).succeed();
    await writing;
    expect(stored()).toEqual(["a"]);
  });
});
