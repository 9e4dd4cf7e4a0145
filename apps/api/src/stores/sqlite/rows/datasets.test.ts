import { eq } from "drizzle-orm";
import * as z from "zod";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDatabase, type Database } from "../connection.ts";
import type { DatasetColumn } from "@sallyport/shared/contract";
import { RowsRejected, type RowIssue } from "@sallyport/shared/core";
import { datasets } from "../schema.ts";
import { createDataset, importRows } from "./datasets.ts";

const columns: DatasetColumn[] = [
  { name: "name", label: "Name", type: "text" },
  { name: "count", label: "Count", type: "integer" },
  { name: "day", label: "Day", type: "date" },
];

let database: Database;
let id: string;
beforeEach(() => {
  database = openDatabase(":memory:");
  id = createDataset(database, { name: "things", title: "Things", columns }, 1);
});
afterEach(() => database.close());

const dataset = () => {
  const found = database.orm.select().from(datasets).get();
  if (!found) throw new Error("no dataset");
  return found;
};
const storedRows = () =>
  database.sqlite.prepare(`SELECT * FROM ${dataset().tableName}`).raw().all();
const datasetTables = () =>
  database.sqlite
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'dataset_*'")
    .pluck()
    .all();

const issuesOf = async (importing: () => unknown): Promise<readonly RowIssue[]> => {
  try {
    await importing();
  } catch (error) {
    if (error instanceof RowsRejected) return error.issues;
    throw error;
  }
  throw new Error("nothing was rejected");
};
const at = (issues: readonly RowIssue[]) => issues.map(({ line, column }) => [line, column]);

describe("a dataset has a table of its own", () => {
  it("which is strict and typed, and not named by anyone", () => {
    const hostile = createDataset(
      database,
      {
        name: "x",
        title: '"; DROP TABLE users; --',
        columns: [{ name: "a); DROP TABLE users; --", label: "A", type: "integer" }],
      },
      1,
    );
    const { tableName } = database.orm
      .select()
      .from(datasets)
      .all()
      .find((one) => one.id === hostile) as { tableName: string };
    expect(tableName).toMatch(/^dataset_[0-9a-f]{32}$/);
    const sqlText = database.sqlite
      .prepare("SELECT sql FROM sqlite_schema WHERE name = ?")
      .pluck()
      .get(tableName);
    expect(sqlText).toBe(`CREATE TABLE ${tableName} (c0 INTEGER) STRICT`);
    expect(() => database.sqlite.prepare(`INSERT INTO ${tableName} VALUES ('text')`).run()).toThrow(
      /cannot store TEXT/,
    );
  });

  it("and none is left behind when its name is taken", () => {
    expect(() => createDataset(database, { name: "things", title: "Again", columns }, 1)).toThrow(
      /UNIQUE/,
    );
    expect(datasetTables()).toEqual([dataset().tableName]);
  });

  it("and a name that can stand in an address and in a file", () => {
    for (const name of [
      "",
      "Orders",
      "two words",
      "-a",
      "a--b",
      'x"; DROP TABLE users; --',
      "x".repeat(65),
    ])
      expect(() => createDataset(database, { name, title: "Other", columns }, 1), name).toThrow(
        z.ZodError,
      );
    expect(datasetTables()).toHaveLength(1);
  });

  it("and no two columns of one name", () => {
    expect(() =>
      createDataset(
        database,
        { name: "other", title: "Other", columns: [...columns, ...columns] },
        1,
      ),
    ).toThrow(/Two columns have one name/);
  });
});

describe("a dataset knows of its rows", () => {
  const times: DatasetColumn[] = [
    { name: "__proto__", label: "Day", type: "date" },
    { name: "at", label: "At", type: "timestamp" },
    { name: "never", label: "Never", type: "date" },
    { name: "count", label: "Count", type: "integer" },
  ];
  const known = (datasetId: string) =>
    database.orm.select().from(datasets).where(eq(datasets.id, datasetId)).get();

  it("the first and the last time in each column that has any", () => {
    const timed = createDataset(database, { name: "timed", title: "Timed", columns: times }, 1);
    expect(known(timed)?.timeBounds).toEqual({});
    const rows = [
      JSON.parse('{"__proto__":"2026-02-01","at":"1970-01-01T00:00:02Z","count":1}'),
      JSON.parse('{"__proto__":"2026-01-31","count":9}'),
      { at: "1970-01-01T00:00:01Z" },
    ];
    importRows(database, timed, rows as Record<string, unknown>[], 2);
    const bounds = { at: [1_000, 2_000], ["__proto__"]: ["2026-01-31", "2026-02-01"] };
    expect(known(timed)?.timeBounds).toEqual(bounds);
    importRows(database, timed, [], 4);
    expect(known(timed)?.timeBounds).toEqual({});
  });

  it("how often they have changed", async () => {
    expect(dataset().version).toBe(1);
    importRows(database, id, [{ name: "a" }], 2);
    expect(dataset().version).toBe(2);
    importRows(database, id, [], 3);
    expect(dataset().version).toBe(3);
    await issuesOf(() => importRows(database, id, [{ name: 1 }], 4));
    expect(dataset().version).toBe(3);
  });
});

describe("rows from JSON", () => {
  it("replace the rows there were, with missing members as null", () => {
    expect(
      importRows(database, id, [{ name: "a", count: 1, day: "2026-01-01" }, { name: "b" }], 2),
    ).toBe(2);
    expect(importRows(database, id, [{ count: -0 }], 3)).toBe(1);
    expect(storedRows()).toEqual([[null, 0, null]]);
    expect(dataset()).toMatchObject({ rowCount: 1, updatedAt: 3 });
    expect(datasetTables()).toEqual([dataset().tableName]);
  });

  it("are stored all or none, and every bad one is named", async () => {
    importRows(database, id, [{ name: "kept" }], 2);
    const rows = [
      { name: "good" },
      { name: 1 },
      { count: "1" },
      { day: "2026-02-30" },
      { other: 1 },
      { count: 2 ** 53 },
    ];
    expect(at(await issuesOf(() => importRows(database, id, rows, 3)))).toEqual([
      [2, "name"],
      [3, "count"],
      [4, "day"],
      [5, "other"],
      [6, "count"],
    ]);
    expect(storedRows()).toEqual([["kept", null, null]]);
    expect(datasetTables()).toHaveLength(1);
  });

  it("do not read what an object inherits", () => {
    const inherited = createDataset(
      database,
      { name: "proto", title: "P", columns: [{ name: "toString", label: "T", type: "text" }] },
      1,
    );
    expect(importRows(database, inherited, [{}], 2)).toBe(1);
  });

  it("report a hundred bad rows at most", async () => {
    expect(
      await issuesOf(() =>
        importRows(
          database,
          id,
          Array.from({ length: 5_000 }, () => ({ count: "x" })),
          2,
        ),
      ),
    ).toHaveLength(100);
  });
});
