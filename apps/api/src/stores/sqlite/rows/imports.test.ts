/**
 * Imports under way: what others see of them, what is left when they are cut off, and what they
 * cost.
 */
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { Agent, createServer } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { getRequestListener } from "@hono/node-server";
import BetterSqlite3 from "better-sqlite3";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { Imports } from "../../imports.ts";
import { databaseOf } from "../testing/by-hand.ts";
import { createImports } from "./imports.ts";
import { createDataset, importRows } from "./datasets.ts";
import { newId } from "../../../tokens/chance.ts";
import { samplePasswordOf } from "@sallyport/shared/sample";
import { findFreePort, send, startApiProcess } from "../../../../test/api-process.ts";
import { createTeamApp, type TeamApp } from "../../../../test/team.ts";
import { createTestClock } from "../../../../test/test-app.ts";
import { createBrowser, signInForBody } from "../../../../test/test-browser.ts";
import { isThorough } from "../../../../test/thorough.ts";

vi.setConfig({ testTimeout: 90_000 });

const columns = [
  { name: "day", label: "Day", type: "date" as const },
  { name: "kind", label: "Kind", type: "text" as const },
  { name: "count", label: "Count", type: "integer" as const },
];

const open = async (
  rows = 3,
  options: Parameters<typeof createTeamApp>[0] = {},
): Promise<{ app: TeamApp; id: string; imports: Imports }> => {
  const app = await createTeamApp(options);
  const { now, imports } = app.dependencies;
  const database = databaseOf(app);
  const id = createDataset(database, { name: "orders", title: "Orders", columns }, now());
  importRows(
    database,
    id,
    Array.from({ length: rows }, (_, index) => ({ day: "2026-01-01", kind: "old", count: index })),
    now(),
  );
  return { app, id, imports };
};

/**
 * Imports of a second process on the same installation: another thread, another connection, the
 * same lock.
 */
const createImportsBeside = async (
  { dataDirectory }: TeamApp,
  heapMebibytes = 256,
  retiredMilliseconds = 60_000,
): Promise<Imports> => {
  const imports = createImports({
    databaseFile: join(dataDirectory, "sallyport.db"),
    dataDirectory,
    retiredMilliseconds,
    heapMebibytes,
    hasOrphans: () => true,
  });
  onTestFinished(() => imports.close());
  return imports;
};

/** Of the dataset: how many rows of each kind, by what it says and by what its table holds. */
const seenOf = (app: TeamApp): Record<string, number> => {
  const database = databaseOf(app);
  const { table, count } = database.sqlite
    .prepare<[], { table: string; count: number }>(
      "SELECT table_name AS 'table', row_count AS count FROM datasets",
    )
    .get() ?? {
    table: "",
    count: 0,
  };
  const kinds = database.sqlite
    .prepare<[], [string, number]>(`SELECT c1, count(*) FROM ${table} GROUP BY c1 ORDER BY c1`)
    .raw()
    .all();
  expect(kinds.reduce((sum, [, number]) => sum + number, 0)).toBe(count);
  return Object.fromEntries(kinds);
};
const tablesOf = (app: TeamApp): number =>
  databaseOf(app)
    .sqlite.prepare(
      "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name GLOB 'dataset_*'",
    )
    .pluck()
    .get() as number;
const leftFiles = ({ dataDirectory }: Pick<TeamApp, "dataDirectory">): string[] =>
  existsSync(join(dataDirectory, "imports"))
    ? readdirSync(join(dataDirectory, "imports")).filter((name) => name.startsWith("rows-"))
    : [];

function* csv(kind: string, rows: number, ending = ""): Generator<Uint8Array> {
  yield Buffer.from("day,kind,count\n");
  for (let row = 0; row < rows; row += 1_000) {
    let text = "";
    for (let index = row; index < Math.min(rows, row + 1_000); index += 1)
      text += `2026-02-${String((index % 28) + 1).padStart(2, "0")},${kind},${index}\n`;
    yield Buffer.from(text);
  }
  if (ending !== "") yield Buffer.from(ending);
}
async function* arriving(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

const most = isThorough ? 1_000_000 : 400_000;

const order = { dataset: "orders", format: "csv", csv: {}, author: { at: 1 } } as const;
const importCsv = async (
  imports: Imports,
  mode: "append" | "replace",
  chunks: Iterable<Uint8Array>,
) => imports.start({ ...order, mode }, await imports.receive(arriving(chunks))).finished;

describe("many rows", () => {
  it("replace and follow the rows there were, and a reader sees the old ones until all of the new ones are there", async () => {
    const { app, imports } = await open();
    for (const [mode, kind, after] of [
      ["append", "first", { first: 30_000, old: 3 }],
      ["append", "second", { first: 30_000, old: 3, second: 30_000 }],
      ["replace", "third", { third: 30_000 }],
    ] as const) {
      const before = seenOf(app);
      const importing = importCsv(imports, mode, csv(kind, 30_000));
      const seen = new Set<string>();
      let isOver = false;
      void importing.finally(() => (isOver = true));
      while (!isOver) {
        seen.add(JSON.stringify(seenOf(app)));
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(await importing).toMatchObject({ rows: 30_000 });
      seen.delete(JSON.stringify(after));
      expect([...seen]).toEqual([JSON.stringify(before)]);
      expect(seenOf(app)).toEqual(after);
    }
    expect(
      databaseOf(app).sqlite.prepare("SELECT version, time_bounds FROM datasets").raw().get(),
    ).toEqual([5, '{"day":["2026-02-01","2026-02-28"]}']);
    expect(leftFiles(app)).toEqual([]);
  });

  it(`${most} of them pass through a small memory, and the import tells how far it has come`, async () => {
    const { app } = await open();
    // So many rows as objects would be several times as much.
    const imports = await createImportsBeside(app, 32);
    const {
      status: { id },
      finished,
    } = imports.start(
      { ...order, mode: "replace" },
      await imports.receive(arriving(csv("new", most))),
    );
    const told: number[] = [];
    const ask = setInterval(() => told.push(imports.find(id)?.rows ?? 0), 50);
    onTestFinished(() => clearInterval(ask));
    expect(await finished).toMatchObject({ rows: most, rowCount: most });
    clearInterval(ask);
    expect(seenOf(app)).toEqual({ new: most });
    expect(new Set(told).size).toBeGreaterThan(5);
    expect(told).toEqual(told.toSorted((one, other) => one - other));
  });

  it("of one session wait for no more than one of another's that had come before", async () => {
    const { app, imports } = await open();
    const finished: string[] = [];
    const append = async (sessionId: string): Promise<unknown> =>
      imports
        .start(
          { ...order, mode: "append", author: { ...order.author, sessionId } },
          await imports.receive(arriving(csv("new", 10))),
        )
        .finished.then(() => finished.push(sessionId));
    const all: Promise<unknown>[] = [];
    for (let time = 1; time <= 12; time += 1) all.push(append("ses_of_many"));
    all.push(append("ses_of_one"));
    await Promise.all(all);
    expect(finished.slice(0, 3)).toContain("ses_of_one");
    expect(seenOf(app)["new"]).toBe(130);
  });

  it("with one bad row on the last line are not stored at all", async () => {
    const { app, imports } = await open();
    for (const mode of ["append", "replace"] as const)
      await expect(
        importCsv(imports, mode, csv("new", 30_000, "2026-02-01,new,many\n")),
      ).rejects.toMatchObject({
        code: "rows_rejected",
        members: { errors: [{ pointer: "/lines/30002/count", code: "wrong_value" }] },
      });
    expect(seenOf(app)).toEqual({ old: 3 });
    await expect.poll(() => tablesOf(app), { timeout: 10_000 }).toBe(1);
    expect(leftFiles(app)).toEqual([]);
  });

  it("are deleted by a range without anybody seeing half of them gone", async () => {
    const { app, imports } = await open(30_000);
    const deleting = imports.deleteRows({
      dataset: "orders",
      column: "count",
      from: 5,
      to: 29_995,
      author: { at: 1 },
    });
    expect(seenOf(app)).toEqual({ old: 30_000 });
    expect(await deleting).toMatchObject({ deleted: 29_990, rowCount: 10 });
    expect(seenOf(app)).toEqual({ old: 10 });
  });
});

describe("two imports at once", () => {
  it("into one dataset both take effect, in some order", async () => {
    const { app, imports } = await open();
    await Promise.all([
      importCsv(imports, "append", csv("large", 25_000)),
      importCsv(imports, "append", csv("small", 10)),
      importCsv(imports, "append", csv("other", 25_000)),
    ]);
    expect(seenOf(app)).toEqual({ large: 25_000, old: 3, other: 25_000, small: 10 });
  });

  it("by two processes take turns as well", async () => {
    const { app, imports } = await open();
    const other = await createImportsBeside(app);
    await Promise.all([
      importCsv(imports, "append", csv("ours", 25_000)),
      importCsv(other, "append", csv("theirs", 25_000)),
      importCsv(imports, "append", csv("ours", 10)),
      importCsv(other, "append", csv("theirs", 10)),
    ]);
    expect(seenOf(app)).toEqual({ old: 3, ours: 25_010, theirs: 25_010 });
  });

  it("of which one's dataset is changed by hand meanwhile ends that one, with nothing stored", async () => {
    const { app, id, imports } = await open();
    const importing = importCsv(imports, "append", csv("new", 60_000));
    importing.catch(() => {});
    await expect.poll(() => tablesOf(app), { interval: 1, timeout: 10_000 }).toBe(2);
    databaseOf(app).sqlite.pragma("busy_timeout = 5000");
    databaseOf(app)
      .sqlite.transaction(() => importRows(databaseOf(app), id, [{ kind: "hand" }], 2))
      .immediate();
    await expect(importing).rejects.toMatchObject({ code: "dataset_changed" });
    expect(seenOf(app)).toEqual({ hand: 1 });
    await expect.poll(() => tablesOf(app), { timeout: 10_000 }).toBe(1);
  });
});

describe("while rows are imported", () => {
  it("sessions refresh, and none of them is told that the database is busy", async () => {
    // What is at stake is real time.
    const clock = {
      ...createTestClock(),
      now: Date.now,
      wait: (milliseconds: number) => setTimeout(milliseconds),
    };
    const { app, imports } = await open(3, {
      clock,
      environment: { SALLYPORT_REFRESH_PER_MINUTE: "1000000" },
    });
    const browser = createBrowser(app);
    await browser.signIn("mica");
    const importing = importCsv(imports, "replace", csv("new", 200_000));
    let isOver = false;
    void importing.finally(() => (isOver = true));
    let count = 0;
    while (!isOver) {
      const reply = await browser.refresh(`key-${count}`);
      expect(reply.status, reply.text).toBe(200);
      count += 1;
    }
    expect(await importing).toMatchObject({ rows: 200_000 });
    expect(count).toBeGreaterThan(20);
  });

  it("a stop of the API ends the import, which leaves the rows there were", async () => {
    const { app, imports } = await open();
    const importing = importCsv(imports, "append", csv("new", 200_000));
    const outcome = importing.catch((error: unknown) => error);
    await expect.poll(() => tablesOf(app), { interval: 1, timeout: 10_000 }).toBe(2);
    app.dependencies.beginShutdown();
    expect(await outcome).toMatchObject({ code: "busy" });
    expect(seenOf(app)).toEqual({ old: 3 });
    await expect(imports.ensureIndexes("orders")).rejects.toMatchObject({ code: "busy" });
  });
});

describe("a table that is no longer in use", () => {
  it("is kept for the queries that still know it, and swept when the API starts again", async () => {
    const { app, imports } = await open();
    await importCsv(imports, "replace", csv("new", 10));
    expect(tablesOf(app)).toBe(2);
    await imports.sweep();
    expect(tablesOf(app)).toBe(1);
    expect(seenOf(app)).toEqual({ new: 10 });
  });

  it("goes by itself once no query can know it any more", async () => {
    const { app } = await open();
    const imports = await createImportsBeside(app, 256, 50);
    await importCsv(imports, "replace", csv("new", 10));
    await expect.poll(() => tablesOf(app), { timeout: 5_000 }).toBe(1);
  });
});

describe("indexes", () => {
  it("are those that the panels' queries need, for rows that come and for those that are there", async () => {
    for (const rows of [10, 25_000]) {
      const { app, id, imports } = await open(rows);
      const { sqlite } = databaseOf(app);
      const query = {
        dataset: "orders",
        select: [{ aggregate: "count", name: "n" }],
        filter: { column: "kind", is: "equal", value: "old" },
        timeColumn: "day",
      };
      sqlite
        .prepare(
          "INSERT INTO panels (id, section_id, position, dataset_id, definition) VALUES (?, ?, 1, ?, ?)",
        )
        .run(newId("pan"), app.sectionIds.finance, id, JSON.stringify({ kind: "table", query }));
      const indexes = (): unknown[] =>
        sqlite
          .prepare<[], string>(
            "SELECT sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = (SELECT table_name FROM datasets)",
          )
          .pluck()
          .all()
          .map((text) => /\((.*)\)$/.exec(text)?.[1] ?? "")
          .toSorted();
      expect(indexes()).toEqual([]);
      await imports.ensureIndexes("orders");
      expect(indexes()).toEqual(["c0", "c1, c0"]);
      expect(seenOf(app)).toEqual({ old: rows });
      await imports.ensureIndexes("orders");
      await importCsv(imports, "replace", csv("new", 10));
      expect(indexes()).toEqual(["c0", "c1, c0"]);
    }
  });
});

/** The app on a real port. */
const listen = async (app: TeamApp): Promise<{ port: number; connection(): Promise<Socket> }> => {
  const listener = getRequestListener(app.app.fetch, { autoCleanupIncoming: true });
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return {
    port,
    connection: async () => {
      const socket = connect(port, "127.0.0.1");
      await once(socket, "connect");
      onTestFinished(() => void socket.destroy());
      return socket;
    },
  };
};

describe("a connection", () => {
  const headOf = (token: string, length: number): string =>
    `PUT /datasets/orders/rows HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nContent-Type: text/csv\r\nContent-Length: ${length}\r\n\r\n`;

  it("that is cut in the middle of the rows leaves nothing", async () => {
    const { app } = await open();
    const client = await signInForBody(app, "mica");
    const { connection } = await listen(app);
    const socket = await connection();
    socket.write(headOf(client.accessToken, 1_000_000));
    socket.write("day,kind,count\n2026-01-01,new,1\n");
    await expect.poll(() => leftFiles(app).length, { timeout: 5_000 }).toBe(1);
    socket.destroy();
    await expect.poll(() => leftFiles(app).length, { timeout: 5_000 }).toBe(0);
    expect(seenOf(app)).toEqual({ old: 3 });
    expect(tablesOf(app)).toBe(1);
  });

  it("that is slow holds up nobody else's rows", async () => {
    const { app } = await open();
    const client = await signInForBody(app, "mica");
    const { connection } = await listen(app);
    const slow = await connection();
    slow.write(headOf(client.accessToken, 1_000));
    slow.write("day,kind,count\n");
    await expect.poll(() => leftFiles(app).length, { timeout: 5_000 }).toBe(1);
    const quick = await client.send("POST", "/datasets/orders/rows", {
      body: "day,kind,count\n,quick,1\n",
      headers: { "content-type": "text/csv" },
    });
    expect(quick.body).toMatchObject({ rows: 1 });
    slow.write("x".repeat(985));
    const [answer] = (await once(slow, "data")) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 422 /);
  });

  it("that sends rows without permission is answered, though nobody reads them", async () => {
    const { app } = await open();
    const client = await signInForBody(app, "nora");
    const { port } = await listen(app);
    const answer = await fetch(`http://127.0.0.1:${port}/datasets/orders/rows`, {
      method: "PUT",
      headers: { authorization: `Bearer ${client.accessToken}`, "content-type": "text/csv" },
      body: "x".repeat(1_000_000),
    });
    expect(answer.status).toBe(403);
    expect(leftFiles(app)).toEqual([]);
  });
});

describe("kill -9", () => {
  it("in the middle of an import leaves the rows there were, and the next start sweeps up what was begun", async () => {
    const directory = mkdtempSync(join(tmpdir(), "sallyport-import-"));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const environment = {
      SALLYPORT_DATA_DIR: directory,
      SALLYPORT_SAMPLE_DATA: "1",
      SALLYPORT_LOG_LEVEL: "error",
    };
    const port = await findFreePort();
    const agent = new Agent({ keepAlive: false });
    let api = await startApiProcess(port, environment);
    onTestFinished(() => api.kill());

    const signedIn = await send(agent, port, "POST", "/login", {
      body: { username: "mica", password: samplePasswordOf("mica"), delivery: "body" },
    });
    const authorization = `Bearer ${String(signedIn.body?.["accessToken"])}`;
    const call = (method: string, path: string, body: string | object, type: string) =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        headers: { authorization, "content-type": type },
        body: typeof body === "string" ? body : JSON.stringify(body),
      });
    expect(
      (
        await call(
          "POST",
          "/datasets",
          { name: "orders", title: "Orders", columns },
          "application/json",
        )
      ).status,
    ).toBe(201);
    expect(
      (await call("PUT", "/datasets/orders/rows", "day,kind,count\n,old,1\n", "text/csv")).status,
    ).toBe(200);

    const database = new BetterSqlite3(join(directory, "sallyport.db"), { readonly: true });
    onTestFinished(() => void database.close());
    const names = database
      .prepare<[], string>(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'dataset_*' AND name NOT IN (SELECT table_name FROM datasets)",
      )
      .pluck();
    const rows = (): unknown => {
      const table = database
        .prepare("SELECT table_name FROM datasets WHERE name = 'orders'")
        .pluck()
        .get() as string;
      return database.prepare(`SELECT c1, count(*) FROM ${table} GROUP BY c1`).raw().all();
    };
    const retired = new Set(names.all());
    const large = Buffer.concat([...csv("new", 300_000)]).toString();
    const importing = call("PUT", "/datasets/orders/rows", large, "text/csv").then(
      ({ status }) => status,
      () => "cut off",
    );
    const fresh = (): string | undefined => names.all().find((name) => !retired.has(name));
    await expect
      .poll(
        () =>
          fresh() !== undefined &&
          (database.prepare(`SELECT count(*) FROM ${fresh()}`).pluck().get() as number) > 1_000,
        { interval: 2, timeout: 10_000 },
      )
      .toBe(true);
    await api.kill();
    expect(await importing).toBe("cut off");
    expect(rows()).toEqual([["old", 1]]);
    expect(leftFiles({ dataDirectory: directory })).toHaveLength(1);

    api = await startApiProcess(port, environment);
    await expect.poll(() => names.all(), { timeout: 20_000 }).toEqual([]);
    expect(leftFiles({ dataDirectory: directory })).toEqual([]);
    expect(rows()).toEqual([["old", 1]]);
    expect(
      (await call("PUT", "/datasets/orders/rows", "day,kind,count\n,new,1\n", "text/csv")).status,
    ).toBe(200);
    expect(rows()).toEqual([["new", 1]]);
  });
});
