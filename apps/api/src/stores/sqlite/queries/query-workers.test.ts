import { mkdtempSync, rmSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DatasetColumn, Query } from "@sallyport/shared/contract";
import { storeDataset, type StoredDataset } from "../testing/stored-dataset.ts";
import { openDatabase, type Database } from "../connection.ts";
import { stillAlive } from "./compile-groups.ts";
import type { Job, Outcome } from "./execute-query.ts";
import type { QueueCaller } from "@sallyport/shared/core";
import { createQueryWorkers, startQueryWorker, type QueryWorkers } from "./query-workers.ts";
import { createQueryRunner } from "./run-query.ts";

const columns: readonly DatasetColumn[] = [
  { name: "team", label: "Team", type: "text" },
  { name: "amount", label: "Amount", type: "integer" },
];
const slowRows = 300_000;

let directory: string;
let file: string;
let database: Database;
let sales: StoredDataset;
let started: Worker[];
let workers: QueryWorkers;

const open = (options: Partial<Parameters<typeof createQueryWorkers>[0]> = {}): QueryWorkers => {
  workers = createQueryWorkers({
    file,
    milliseconds: 30_000,
    threads: 1,
    startWorker: (start) => {
      const worker = startQueryWorker(start);
      started.push(worker);
      return worker;
    },
    ...options,
  });
  return workers;
};

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "sallyport-queries-"));
  file = join(directory, "sallyport.db");
  database = openDatabase(file);
  sales = storeDataset(database, "sales", columns);
  sales.store([
    { team: "red", amount: 1 },
    { team: "blue", amount: 2 },
  ]);
  started = [];
});
afterEach(async () => {
  await workers.close();
  database.close();
  rmSync(directory, { recursive: true });
});

const job = (sql: string, rest: Partial<Job> = {}): Job => ({
  sql,
  parameters: [],
  types: ["integer"],
  ...sales.shape(),
  ...rest,
});
const countAll = (): Job => job(`SELECT count(*) FROM ${sales.shape().tableName}`);
const rowsOf = (outcome: Outcome): unknown =>
  outcome.kind === "rows"
    ? (JSON.parse(new TextDecoder().decode(outcome.rows.json)) as unknown)
    : outcome.kind;
const reader: QueueCaller = { kind: "session", key: "reader" };
const execute = (job: Job): Promise<Outcome> => workers.execute(job, reader);

/** Makes the dataset as large as it takes for a join of it with itself to run for minutes. */
const fill = (): void => {
  database.sqlite.exec(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${slowRows}) INSERT INTO ${sales.shape().tableName} SELECT 'team ' || (i % 7), i FROM n`,
  );
};
const endless = (): Job => {
  const { tableName } = sales.shape();
  return job(
    `SELECT count(*) FROM ${tableName} AS a CROSS JOIN ${tableName} AS b WHERE ${stillAlive.text.replace("rowid", "b.rowid")} AND a.c1 + b.c1 < ?`,
    { parameters: [0] },
  );
};
/** SQLite is at work on a query: it reads the database as it was when the query began. */
const untilItReads = async (): Promise<void> => {
  for (;;) {
    database.sqlite.prepare("UPDATE datasets SET updated_at = updated_at + 1").run();
    const [state] = database.sqlite.pragma("wal_checkpoint(RESTART)") as { busy: number }[];
    if (state?.busy === 1) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
};
/** Nothing in it looks at the clock. */
const deaf = (): Job => {
  const { tableName } = sales.shape();
  return job(`SELECT count(*) FROM ${tableName} AS a, ${tableName} AS b WHERE a.c1 + b.c1 < 0`);
};

describe("a query in a thread", () => {
  it("reads what is committed", async () => {
    open();
    expect(rowsOf(await execute(countAll()))).toEqual([[2]]);
    sales.store([{}, {}, {}], "the same table");
    expect(rowsOf(await execute(countAll()))).toEqual([[3]]);
  });

  it("cannot write, create or attach anything", async () => {
    open();
    const { tableName } = sales.shape();
    for (const statement of [
      `DELETE FROM ${tableName}`,
      `INSERT INTO ${tableName} VALUES ('green', 3) RETURNING c1`,
      `UPDATE datasets SET name = 'x' RETURNING 1`,
      "DELETE FROM users RETURNING 1",
    ])
      await expect(execute(job(statement))).rejects.toThrow(/readonly|statements that return data/);
    await expect(
      execute(job(`ATTACH DATABASE '${join(directory, "other.db")}' AS other`)),
    ).rejects.toThrow(/readonly|unable to open|statements that return data/);
    expect(rowsOf(await execute(countAll()))).toEqual([[2]]);
  });

  it("is refused when the dataset is no longer what it was compiled for", async () => {
    open();
    const [inSameTable, inOldTable] = [countAll(), countAll()];
    sales.store([{}], "the same table");
    expect(await execute(inSameTable)).toEqual({ kind: "changed" });
    sales.store([{}]);
    expect(await execute({ ...inOldTable, version: sales.shape().version })).toEqual({
      kind: "changed",
    });
  });
});

describe("a query that takes too long", () => {
  it("stops by itself, and the thread goes on", async () => {
    fill();
    open({ milliseconds: 60 });
    await execute(countAll());
    expect(await execute(endless())).toEqual({ kind: "overdue" });
    expect(rowsOf(await execute(countAll()))).toEqual([[slowRows + 2]]);
    expect(started).toHaveLength(1);
  });

  it("is told apart from others by its own code", async () => {
    fill();
    open({ milliseconds: 1 });
    const run = createQueryRunner({ workers, now: () => 0, seconds: 1 });
    const query: Query = {
      dataset: "sales",
      select: [{ column: "team" }, { aggregate: "median", column: "amount", name: "middle" }],
    };
    await execute(job("SELECT 1"));
    await expect(run(query, sales.shape(), {}, reader)).rejects.toMatchObject({
      code: "query_timeout",
    });
  });

  it("and does not listen loses its thread to a new one", { timeout: 20_000 }, async () => {
    fill();
    open({ milliseconds: 30 });
    expect(await execute(deaf())).toEqual({ kind: "overdue" });
    expect(rowsOf(await execute(countAll()))).toEqual([[slowRows + 2]]);
    expect(started).toHaveLength(2);
  });

  it("holds up nothing but its own thread", async () => {
    fill();
    open();
    let isOver = false;
    const slow = execute(
      job(
        `SELECT count(DISTINCT c1 % 1000) FROM ${sales.shape().tableName} WHERE ((rowid & 3) <> 0 OR sallyport_alive())`,
      ),
    ).finally(() => (isOver = true));
    // The main thread answers, reads and writes many times over meanwhile.
    let turns = 0;
    while (!isOver) {
      sales.shape();
      database.sqlite.prepare("UPDATE datasets SET updated_at = updated_at + 1").run();
      turns += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(rowsOf(await slow)).toEqual([[1000]]);
    expect(turns).toBeGreaterThan(10);
  });
});

describe("a thread", () => {
  it("that ends takes its query with it, and the next query has a new one", async () => {
    fill();
    open();
    await execute(countAll());
    const under = execute(endless());
    const waiting = execute(countAll());
    await untilItReads();
    // It notices at the next row it looks at.
    void (started[0] as Worker).terminate();
    await expect(under).rejects.toThrow("has ended");
    expect(rowsOf(await waiting)).toEqual([[slowRows + 2]]);
    expect(started).toHaveLength(2);
  });

  it("that cannot open the database fails its query and no other", async () => {
    open();
    renameSync(file, `${file}.away`);
    await expect(execute(countAll())).rejects.toThrow("has ended");
    renameSync(`${file}.away`, file);
    expect(rowsOf(await execute(countAll()))).toEqual([[2]]);
  });

  it("is one of a few; what finds none free waits its turn, and more than a queue's length is refused", async () => {
    open({ threads: 2 });
    const many = Array.from({ length: 300 }, () =>
      execute(countAll()).then(rowsOf, (error: { code?: string }) => error.code),
    );
    const outcomes = await Promise.all(many);
    expect(outcomes.filter((outcome) => outcome === "busy")).toHaveLength(300 - 2 - 256);
    expect(outcomes.filter((outcome) => Array.isArray(outcome))).toHaveLength(258);
    expect(started).toHaveLength(2);
  });

  it("starts when there is a query, and ends when all is closed, with the query under way", async () => {
    fill();
    open();
    expect(started).toHaveLength(0);
    await execute(countAll());
    const underWay = execute(endless());
    await untilItReads();
    const [outcome] = await Promise.allSettled([underWay, workers.close()]);
    expect(outcome).toMatchObject({
      status: "rejected",
      reason: { message: expect.stringContaining("has ended") as string },
    });
    await expect(execute(countAll())).rejects.toMatchObject({ code: "busy" });
  });
});
