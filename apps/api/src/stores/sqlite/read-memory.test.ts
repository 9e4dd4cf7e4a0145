import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import BetterSqlite3 from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { arrive } from "../../http/arrivals.ts";
import { createReadMemory, type ReadMemory } from "./read-memory.ts";

describe("what was read is kept", () => {
  let directory: string;
  let sqlite: BetterSqlite3.Database;
  let other: BetterSqlite3.Database;
  let memory: ReadMemory;
  let reads: number;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "sallyport-test-"));
    const file = join(directory, "a.db");
    sqlite = new BetterSqlite3(file);
    sqlite.pragma("journal_mode = WAL");
    sqlite.exec(
      "CREATE TABLE users (name TEXT); CREATE TABLE grants (name TEXT); INSERT INTO users VALUES ('mike')",
    );
    sqlite.exec(
      "CREATE TRIGGER renamed AFTER INSERT ON grants BEGIN UPDATE users SET name = NEW.name; END",
    );
    other = new BetterSqlite3(file);
    memory = createReadMemory(sqlite);
    reads = 0;
  });

  afterEach(() => {
    sqlite.close();
    other.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const readName = (): unknown =>
    memory.recall("name", () => {
      reads += 1;
      return sqlite.prepare("SELECT name FROM users").pluck().get();
    });

  it("until something changes", () => {
    expect([readName(), readName(), readName()]).toEqual(["mike", "mike", "mike"]);
    expect(reads).toBe(1);
  });

  it("for each key by itself, and also when it was nothing", () => {
    const read = (key: string): unknown => memory.recall(key, () => ((reads += 1), null));
    expect([read("a"), read("a"), read("b"), read("b")]).toEqual([null, null, null, null]);
    expect(reads).toBe(2);
  });

  it.each([
    ["this connection", () => sqlite.exec("UPDATE users SET name = 'mica'")],
    ["another connection", () => other.exec("UPDATE users SET name = 'mica'")],
    ["a trigger", () => sqlite.exec("INSERT INTO grants VALUES ('mica')")],
    ["another connection's trigger", () => other.exec("INSERT INTO grants VALUES ('mica')")],
  ])("no longer in the next turn when %s has changed it", async (_, change) => {
    expect(readName()).toBe("mike");
    change();
    await Promise.resolve();
    expect(readName()).toBe("mica");
  });

  it("no longer when this connection has changed it in the same turn", () => {
    expect(readName()).toBe("mike");
    sqlite.exec("UPDATE users SET name = 'mica'");
    expect(readName()).toBe("mica");
  });

  it("no longer when it was told to forget that key, whatever is overlooked", () => {
    expect(readName()).toBe("mike");
    memory.forget("name");
    memory.overlook(sqlite.prepare("UPDATE users SET name = 'mica'").run().changes);
    expect(readName()).toBe("mica");
  });

  it("not from inside a transaction, which may be rolled back", () => {
    expect(readName()).toBe("mike");
    sqlite.exec("BEGIN; UPDATE users SET name = 'mica'");
    expect(readName()).toBe("mica");
    sqlite.exec("ROLLBACK");
    expect(readName()).toBe("mike");
  });

  it("over changes that are none of its business, and not over one that comes with them", () => {
    readName();
    memory.overlook(sqlite.prepare("INSERT INTO users SELECT 'nobody' WHERE 0").run().changes);
    sqlite.exec("CREATE TABLE sessions (id INTEGER)");
    memory.overlook(sqlite.prepare("INSERT INTO sessions VALUES (1), (2)").run().changes);
    readName();
    expect(reads).toBe(1);
    memory.overlook(sqlite.prepare("INSERT INTO sessions VALUES (3)").run().changes);
    sqlite.exec("UPDATE users SET name = 'mica'");
    expect(readName()).toBe("mica");
  });

  describe("and asked after once for all requests that had arrived before", () => {
    let clients: Socket[];
    /** What the server does when it reads from a connection, the first of a poll phase first. */
    let onArrival: (nth: number) => void;
    let nth: number;
    let close: () => Promise<void>;

    beforeEach(async () => {
      const server = createServer((socket) => socket.on("data", () => onArrival(nth++)));
      const path = join(directory, "socket");
      await once(server.listen(path), "listening");
      const accepted = new Promise<void>((resolve) => {
        let count = 0;
        server.on("connection", () => ++count === 3 && resolve());
      });
      clients = [connect(path), connect(path), connect(path)];
      await accepted;
      nth = 0;
      close = async () => {
        for (const client of clients) client.destroy();
        await new Promise((resolve) => server.close(resolve));
      };
    });
    afterEach(() => close());

    /** Everything is sent before the kernel is asked again, so that one poll phase reads it all. */
    const send = (count: number): Promise<void> =>
      new Promise((resolve) => {
        const asBefore = onArrival;
        onArrival = (index) => {
          asBefore(index);
          if (index === count - 1) resolve();
        };
        for (const client of clients.slice(0, count)) client.write("x");
      });
    const change = (name: string): void => void other.exec(`UPDATE users SET name = '${name}'`);

    it("of one poll phase, and anew for those of the next", async () => {
      const seen: unknown[] = [];
      readName();
      onArrival = () =>
        arrive(true, () => {
          seen.push(readName());
          change(`mica ${seen.length}`);
        });
      await send(3);
      // The first was asked about, and nothing had changed yet. The others had been sent by then.
      expect(seen).toEqual(["mike", "mike", "mike"]);
      nth = 0;
      await send(2);
      expect(seen.slice(3)).toEqual(["mica 3", "mica 3"]);
    });

    it.each([
      ["setImmediate", (run: () => void) => void setImmediate(run)],
      ["a timer", (run: () => void) => void setTimeout(run, 1)],
      [
        "what another request has waited for",
        (run: () => void) => void Promise.resolve().then(run),
      ],
    ])("and not shared with what asks after %s", async (_, later) => {
      let seen: unknown;
      onArrival = () => arrive(true, () => (seen = readName()));
      const sent = new Promise<void>((resolve, reject) =>
        later(() => {
          expect(readName()).toBe("mike");
          change("mica");
          send(1).then(resolve, reject);
        }),
      );
      await sent;
      expect(seen).toBe("mica");
    });

    it("and by itself for a request that may have been sent later than the question was put", async () => {
      const seen: unknown[] = [];
      onArrival = (index) =>
        arrive(index !== 1, () => {
          seen.push(readName());
          change(`mica ${seen.length}`);
        });
      await send(3);
      expect(seen).toEqual(["mike", "mica 1", "mica 2"]);
    });
  });
});
