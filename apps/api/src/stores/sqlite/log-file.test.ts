import { execFileSync } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  existsSync,
  fdatasyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";

import { tmpdir } from "node:os";
import { join } from "node:path";
import BetterSqlite3 from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { openDatabase } from "./connection.ts";
import { longLogPages, openLogFile } from "./log-file.ts";
import { openLog, type Log } from "./log.ts";
import { createWriter } from "./writer.ts";

const makeDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), "sallyport-log-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
};
const open = () => {
  const file = join(makeDirectory(), "test.db");
  const database = openDatabase(file);
  onTestFinished(() => database.close());
  const { sqlite } = database;
  sqlite.pragma("synchronous = NORMAL");
  sqlite.pragma("wal_autocheckpoint = 0");
  sqlite.exec("CREATE TABLE kept (key INTEGER PRIMARY KEY, value TEXT NOT NULL)");
  return { file, sqlite };
};
const clock = { now: Date.now, wait: () => Promise.resolve() };

const createRandom = (seed: number): ((below: number) => number) => {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return Math.floor((state / 4_294_967_296) * below);
  };
};

describe("a power cut", () => {
  it(
    "loses nothing that was answered, and of the rest keeps what came first, at whatever moment",
    { timeout: 30_000 },
    async () => {
      const seed = Date.now() % 1_000_000;
      const random = createRandom(seed);
      const { file, sqlite } = open();
      const log = openLogFile(file);
      onTestFinished(() => log.close());
      const place = join(makeDirectory(), "after");
      mkdirSync(place);

      /** What the disk is known to hold of the log. */
      log.sync();
      let onDisk = readFileSync(`${file}-wal`);
      const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
      /**
       * A disk that takes some turns. It holds what was there when it was asked, or anything of
       * what has come since.
       */
      const slow: Log = {
        sync: async () => {
          for (let turns = random(4); turns > 0; turns -= 1) await turn();
          const isLong = log.sync();
          onDisk = readFileSync(`${file}-wal`);
          for (let turns = random(2); turns > 0; turns -= 1) await turn();
          return isLong;
        },
        rewind: async () => {
          log.rewind();
          // SQLite waits for the head of the log that begins anew, and for nothing behind it.
          readFileSync(`${file}-wal`).copy(onDisk, 0, 0, 32);
        },
        close: async () => {},
      };
      const writer = createWriter(sqlite, clock, () => {}, slow);

      /** Every key below has been answered. */
      let answered = 0;
      const cut = (): void => {
        const now = readFileSync(`${file}-wal`);
        const left = Buffer.alloc(now.length);
        onDisk.copy(left);
        // Blocks reach the disk in any order, and the size of the file with them.
        for (let at = 0; at < now.length; at += 512)
          if (random(2) === 0) now.copy(left, at, at, Math.min(at + 512, now.length));
        const length = onDisk.length + random(Math.max(1, now.length - onDisk.length + 1));
        copyFileSync(file, join(place, "test.db"));
        writeFileSync(join(place, "test.db-wal"), left.subarray(0, length));
        if (existsSync(join(place, "test.db-shm"))) rmSync(join(place, "test.db-shm"));
        const found = new BetterSqlite3(join(place, "test.db"));
        expect(found.pragma("integrity_check", { simple: true }), `seed ${seed}`).toBe("ok");
        const keys = found.prepare("SELECT key FROM kept ORDER BY key").pluck().all() as number[];
        found.close();
        expect(keys.length, `seed ${seed}`).toBeGreaterThanOrEqual(answered);
        // In the order in which they were committed, with no gap: what is there rests on nothing
        // that is lost.
        expect(keys, `seed ${seed}`).toEqual(Array.from({ length: keys.length }, (_, key) => key));
      };

      const insert = sqlite.prepare("INSERT INTO kept VALUES (?, ?)");
      let rewound = 0;
      const rewind = slow.rewind;
      slow.rewind = () => ((rewound += 1), rewind());
      const writes: Promise<void>[] = [];
      for (let cuts = 0, key = 0; cuts < 80 || rewound < 2;) {
        for (let many = random(6); many > 0; many -= 1) {
          const own = key;
          key += 1;
          const text = "x".repeat(random(24_000));
          writes.push(
            writer
              .write(() => void insert.run(own, text))
              .then(() => void (answered = Math.max(answered, own + 1))),
          );
        }
        await turn();
        if (random(2) > 0) continue;
        cuts += 1;
        cut();
      }
      await Promise.all(writes);
      await writer.drain();
      cut();
    },
  );
});

describe("the log", () => {
  it("begins anew once it has grown long, without a wait for whoever writes next", () => {
    const { file, sqlite } = open();
    const log = openLogFile(file);
    onTestFinished(() => log.close());
    const insert = sqlite.prepare("INSERT INTO kept (value) VALUES (?)");
    let rewound = 0;
    for (let turn = 0; turn < 3 * longLogPages; turn += 1) {
      insert.run("x".repeat(4_000));
      if (!log.sync()) continue;
      rewound += 1;
      log.rewind();
      expect(sqlite.prepare("PRAGMA wal_checkpoint(NOOP)").get()).toMatchObject({ log: 1 });
    }
    expect(rewound).toBeGreaterThan(2);
    expect(statSync(`${file}-wal`).size).toBeLessThan(2 * longLogPages * 4_096);
  });

  it("grows on while somebody reads what was there before, and is not tried again at once", () => {
    const { file, sqlite } = open();
    const log = openLogFile(file);
    onTestFinished(() => log.close());
    const reader = new BetterSqlite3(file);
    onTestFinished(() => void reader.close());
    const fill = (): number => {
      for (let turn = 1; ; turn += 1) {
        sqlite.prepare("INSERT INTO kept (value) VALUES (?)").run("x".repeat(4_000));
        if (log.sync()) return turn;
      }
    };
    sqlite.prepare("INSERT INTO kept (value) VALUES ('first')").run();
    reader.exec("BEGIN");
    const before = reader.prepare("SELECT count(*) FROM kept").pluck().get();
    for (let time = 0; time < 3; time += 1) {
      expect(fill()).toBeGreaterThan(longLogPages / 4);
      log.rewind();
    }
    expect(reader.prepare("SELECT count(*) FROM kept").pluck().get()).toBe(before);
    reader.exec("COMMIT");
    fill();
    log.rewind();
    expect(sqlite.prepare("PRAGMA wal_checkpoint(NOOP)").get()).toMatchObject({ log: 1 });
  });

  it("is written again as it is after the disk has failed, and only then on disk", () => {
    const { file, sqlite } = open();
    let failures = 0;
    let syncs = 0;
    const log = openLogFile(file, true, (descriptor) => {
      syncs += 1;
      if (failures > 0) {
        failures -= 1;
        throw Object.assign(new Error("i/o error"), { code: "EIO" });
      }
      fdatasyncSync(descriptor);
    });
    onTestFinished(() => log.close());
    for (let turn = 0; turn < 600; turn += 1)
      sqlite.prepare("INSERT INTO kept (value) VALUES (?)").run("x".repeat(4_000));
    const before = readFileSync(`${file}-wal`);
    const { mtimeNs } = statSync(`${file}-wal`, { bigint: true });

    failures = 1;
    log.sync();
    expect(syncs).toBe(2);
    expect(readFileSync(`${file}-wal`).equals(before)).toBe(true);
    expect(statSync(`${file}-wal`, { bigint: true }).mtimeNs).toBeGreaterThan(mtimeNs);

    failures = 2;
    expect(() => log.sync()).toThrow("i/o error");
    // A second success of the system would mean nothing: it writes all of it once more.
    const { mtimeNs: failedAt } = statSync(`${file}-wal`, { bigint: true });
    log.sync();
    expect(statSync(`${file}-wal`, { bigint: true }).mtimeNs).toBeGreaterThan(failedAt);
    expect(sqlite.pragma("integrity_check", { simple: true })).toBe("ok");
  });

  it("may be closed without ending a lock that somebody of this process holds on the database", () => {
    const { file, sqlite } = open();
    sqlite.exec("BEGIN IMMEDIATE");
    closeSync(openSync(`${file}-wal`, "r+"));
    const other = `const D = require("better-sqlite3"); new D(process.argv[1], { timeout: 0 }).exec("BEGIN IMMEDIATE")`;
    expect(() => execFileSync(process.execPath, ["-e", other, file], { stdio: "pipe" })).toThrow(
      /database is locked/,
    );
    sqlite.exec("ROLLBACK");
    execFileSync(process.execPath, ["-e", other, file], { stdio: "pipe" });
  });
});

describe("the thread", () => {
  it("brings what was committed to the disk, leaves a commit without a wait, and ends", async () => {
    const file = join(makeDirectory(), "test.db");
    const database = openDatabase(file);
    onTestFinished(() => database.close());
    const log = openLog(database.sqlite);
    expect(database.sqlite.pragma("synchronous", { simple: true })).toBe(1);
    const writer = createWriter(database.sqlite, clock, () => {}, log);
    const insert = database.sqlite.prepare("INSERT INTO installation VALUES (?, '')");
    for (let turn = 0; turn < 50; turn += 1)
      await writer.write(() => void insert.run(`${turn} ${"x".repeat(200_000)}`));
    await writer.drain();
    await log.close();
    expect(statSync(`${file}-wal`).size).toBeLessThan(2 * longLogPages * 4_096);
    expect(
      database.sqlite.prepare("SELECT count(*) FROM installation").pluck().get(),
    ).toBeGreaterThanOrEqual(50);
  });
});
