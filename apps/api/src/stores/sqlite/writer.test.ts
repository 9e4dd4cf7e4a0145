import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import BetterSqlite3 from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import type { AppError } from "@sallyport/shared/core";
import { openDatabase } from "./connection.ts";
import { createWriter } from "./writer.ts";

const open = () => {
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
    writer: createWriter(sqlite, clock),
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
