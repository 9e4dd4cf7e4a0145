import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { timeUnits, type Query } from "@sallyport/shared/contract";
import { QueryRefused } from "@sallyport/shared/core";
import { evaluateQuery, type Cell, type Evaluation, type Row } from "@sallyport/shared/mock";
import {
  asking,
  comparedQuery,
  duration,
  groupedQuery,
  moments,
  namesIn,
  plainQuery,
  queryOn,
  row,
  toDate,
  topQuery,
  zones,
} from "../testing/arbitrary-queries.ts";
import { isThorough } from "../../../../test/thorough.ts";
import { createQueriesHere, readRows } from "../testing/queries-here.ts";
import {
  shopColumns as columns,
  storeDataset,
  type StoredDataset,
} from "../testing/stored-dataset.ts";
import { openDatabase, type Database } from "../connection.ts";
import type { Job } from "./execute-query.ts";
import { ours } from "@sallyport/shared/core";
import { createQueryRunner } from "./run-query.ts";

const types = { day: "date", at: "timestamp" } as const;

let database: Database;
let shops: StoredDataset;
let now = Date.parse("2026-11-22T09:00:00Z");
let executed: Job[];
let runQuery: ReturnType<typeof createQueryRunner>;
const run = async (query: Query, wanted: Parameters<typeof runQuery>[2] = {}) => {
  const result = await runQuery(query, shops.shape(), wanted, ours);
  return { ...result, rows: readRows(result.rows) };
};

beforeAll(() => {
  database = openDatabase(":memory:");
  shops = storeDataset(database, "shops", columns);
  executed = [];
  runQuery = createQueryRunner({
    workers: createQueriesHere(database, (job) => executed.push(job)),
    now: () => now,
    seconds: 10,
  });
});
afterAll(() => database.close());

/** Sums of the same numbers in another order differ in their last digits. */
const rounded = (rows: readonly (readonly Cell[])[]): string[] =>
  rows.map((one) =>
    JSON.stringify(
      one.map((cell) => (typeof cell === "number" ? Number(cell.toPrecision(9)) + 0 : cell)),
    ),
  );

describe("a query gives what a plain evaluation in memory gives", () => {
  const check = async (
    rows: readonly Row[],
    queries: readonly (readonly [Query, Omit<Evaluation, "now">])[],
  ): Promise<void> => {
    shops.store(rows);
    for (const [query, asked] of queries) {
      const expected = evaluateQuery(query, rows, types, { ...asked, now });
      const actual = await run(query, asked);
      expect({ query, asked, rows: rounded(actual.rows) }).toEqual({
        query,
        asked,
        rows: rounded(expected.rows),
      });
      if (asked.page !== undefined) expect(actual.total).toBe(expected.total);
    }
  };
  const seed = 20_261_122;
  const many = (number: number): number => (isThorough ? number : number / 2);
  /** One property, on random rows with a few random queries each. */
  const onRandomRows = (
    query: fc.Arbitrary<Query>,
    asked: fc.Arbitrary<Omit<Evaluation, "now">> = asking,
  ): Promise<void> =>
    fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 40 }),
        fc.array(fc.tuple(query, asked), { minLength: 1, maxLength: 6 }),
        check,
      ),
      { numRuns: many(250), seed },
    );
  const paged = fc.record({
    offset: fc.integer({ min: 0, max: 20 }),
    limit: fc.integer({ min: 1, max: 10 }),
  });

  it("for plain columns and buckets, in every order", { timeout: 120_000 }, async () => {
    await expect(onRandomRows(plainQuery)).resolves.toBeUndefined();
  });
  it("for groups and aggregates", { timeout: 120_000 }, async () => {
    await expect(onRandomRows(groupedQuery)).resolves.toBeUndefined();
  });
  it("for the largest groups, with and without the rest", { timeout: 120_000 }, async () => {
    await expect(onRandomRows(topQuery)).resolves.toBeUndefined();
  });
  it("for the period before", { timeout: 120_000 }, async () => {
    const ranges = fc.constantFrom<Omit<Evaluation, "now">>(
      {},
      { range: { last: "P3M" } },
      { range: { last: "all" } },
      { range: { from: "2026-01-01" } },
      { range: { from: "2026-06-15", to: "2026-11-20" } },
      { range: { from: "2026-11-01T08:30:00Z", to: "2026-11-22T10:00:00+01:00" } },
      { range: { last: "PT48H" } },
      { sectionLast: "P1D" },
    );
    await expect(onRandomRows(comparedQuery, ranges)).resolves.toBeUndefined();
  });
  it("for buckets of time where clocks are changed", { timeout: 120_000 }, async () => {
    const nearChange = fc
      .tuple(fc.constantFrom(...moments), fc.integer({ min: -100, max: 100 }))
      .map(([moment, minutes]) => ({ at: new Date(moment + minutes * 60_000).toISOString() }));
    const bucketed = fc
      .tuple(fc.constantFrom(...timeUnits), fc.constantFrom(...zones))
      .map(([bucket, timeZone]) =>
        queryOn({
          select: [
            { bucket, column: "at", name: "bucket" },
            { aggregate: "count", name: "n" },
          ],
          timeZone,
        }),
      );
    const property = fc.asyncProperty(
      fc.array(nearChange, { minLength: 1, maxLength: 20 }),
      bucketed,
      (rows, query) => check(rows, [[query, {}]]),
    );
    await expect(fc.assert(property, { numRuns: many(800), seed })).resolves.toBeUndefined();
  });
  it("for the last units of time, where they begin and end", { timeout: 120_000 }, async () => {
    const near = fc
      .tuple(
        fc.integer({ min: -40, max: 40 }),
        fc.constantFrom(0, 1, -1, 3_600_000, -3_600_000, 19_800_000, -39_600_000),
      )
      .map(([days, difference]) => {
        const at = Date.UTC(2026, 10, 22 + days) + difference;
        return { at: new Date(at).toISOString(), day: toDate(at) };
      });
    const last = fc.record({
      timeColumn: fc.constantFrom("day", "at"),
      timeZone: fc.constantFrom(...zones),
      relativeTo: fc.constantFrom("now" as const, "latest" as const),
      last: duration,
    });
    const property = fc.asyncProperty(
      fc.array(near, { minLength: 1, maxLength: 30 }),
      last,
      (rows, time) =>
        check(rows, [[queryOn({ select: [{ column: "at" }, { column: "day" }], ...time }), {}]]),
    );
    await expect(fc.assert(property, { numRuns: many(1_000), seed })).resolves.toBeUndefined();
  });
  it("for pages", { timeout: 120_000 }, async () => {
    await expect(
      onRandomRows(
        fc.oneof(plainQuery, groupedQuery, topQuery),
        paged.map((page) => ({ page })),
      ),
    ).resolves.toBeUndefined();
  });
  it("for pages sorted by a column of the result", { timeout: 120_000 }, async () => {
    const sorted = fc.oneof(plainQuery, groupedQuery, topQuery).chain((query) => {
      const sort = fc.record({
        name: fc.constantFrom(...namesIn(query.select)),
        direction: fc.constantFrom("ascending" as const, "descending" as const),
      });
      return fc
        .tuple(paged, sort)
        .map(([page, by]) => [query, { page: { ...page, sort: by } }] as const);
    });
    const property = fc.asyncProperty(fc.array(row, { maxLength: 40 }), sorted, (rows, asked) =>
      check(rows, [asked]),
    );
    await expect(fc.assert(property, { numRuns: many(500), seed })).resolves.toBeUndefined();
  });
});

describe("the answer to a query", () => {
  const single = {
    city: "Rome",
    visits: 2,
    takings: 0.5,
    open: true,
    day: "2026-01-31",
    at: "2026-01-31T10:00:00+02:00",
  };

  it("has booleans, dates and timestamps as JSON has them", async () => {
    shops.store([single, {}]);
    const { rows } = await run(
      queryOn({
        select: columns.map(({ name }) => ({ column: name })),
        orderBy: [{ name: "city", direction: "ascending" }],
      }),
    );
    expect(rows).toEqual([
      ["Rome", 2, 0.5, true, "2026-01-31", "2026-01-31T08:00:00.000Z"],
      [null, null, null, null, null, null],
    ]);
  });

  it("has no infinity in it", async () => {
    shops.store([{ takings: Number.MAX_VALUE }, { takings: Number.MAX_VALUE }]);
    expect(
      (await run(queryOn({ select: [{ aggregate: "sum", column: "takings", name: "s" }] }))).rows,
    ).toEqual([[null]]);
  });

  it("has sums beyond the largest integer of a database", async () => {
    shops.store(Array.from({ length: 2_000 }, () => ({ visits: Number.MAX_SAFE_INTEGER })));
    expect(
      (await run(queryOn({ select: [{ aggregate: "sum", column: "visits", name: "s" }] }))).rows,
    ).toEqual([[2_000 * Number.MAX_SAFE_INTEGER]]);
  });

  it("says what each column is, which range it was narrowed to, and by which clocks", async () => {
    shops.store([single]);
    const query = queryOn({
      select: [
        { bucket: "hour", column: "at" },
        {
          aggregate: "sum",
          column: "takings",
          name: "total",
          label: "Total",
          format: { digits: 2 },
        },
      ],
      timeColumn: "at",
      timeZone: "Europe/Paris",
      last: "P1D",
      relativeTo: "latest",
      compare: "previousPeriod",
    });
    expect(await run(query)).toEqual({
      columns: [
        { name: "at", label: "At", type: "timestamp", bucket: "hour" },
        { name: "total", label: "Total", type: "decimal", unit: "USD", format: { digits: 2 } },
        {
          name: "total (previous)",
          label: "Total (previous)",
          type: "decimal",
          unit: "USD",
          format: { digits: 2 },
          previousOf: "total",
        },
      ],
      rows: [["2026-01-31T08:00:00.000Z", 0.5, null]],
      range: { from: "2026-01-30T23:00:00.000Z", to: "2026-01-31T23:00:00.000Z" },
      timeZone: "Europe/Paris",
    });
    expect(
      await run(
        { ...query, select: query.select.slice(1), timeColumn: "day" },
        { range: { from: "2026-01-01" } },
      ),
    ).toMatchObject({ range: { from: "2026-01-01", to: null } });
    expect(await run({ ...query, timeZone: "UTC" }, { range: { last: "all" } })).not.toHaveProperty(
      "range",
    );
  });

  it("begins an hour where clocks were set to its middle, also when no row is from before", async () => {
    const hours = queryOn({
      select: [{ bucket: "hour", column: "at" }],
      timeZone: "Australia/Lord_Howe",
    });
    for (const [at, hour] of [
      ["2025-04-05T14:59:00Z", "2025-04-05T14:00:00.000Z"],
      ["2025-04-05T15:10:00Z", "2025-04-05T15:00:00.000Z"],
      ["2025-04-05T15:40:00Z", "2025-04-05T15:30:00.000Z"],
    ] as const) {
      shops.store([{ at }]);
      expect((await run(hours)).rows).toEqual([[hour]]);
    }
  });

  it("is there for a range that ends before it begins, or that no calendar holds", async () => {
    const query = queryOn({
      select: [
        { bucket: "week", column: "day" },
        { aggregate: "count", name: "n" },
      ],
      timeColumn: "day",
      compare: "previousPeriod",
    });
    for (const range of [
      { from: "9999-12-31", to: "2026-10-25" },
      { from: "9999-12-31T23:59:59-12:00", to: "9999-12-31T23:59:59-12:00" },
      { from: "0001-01-01", to: "9999-12-31" },
    ])
      expect(await run(query, { range })).toHaveProperty("rows");
  });

  it("rejects a query that does not fit, with every reason, and an order by a column that there is not", async () => {
    await expect(run(queryOn({ select: [{ column: "nothing" }] }))).rejects.toThrow(QueryRefused);
    const sorted = run(queryOn({ select: [{ column: "city" }] }), {
      page: { sort: { name: "visits", direction: "ascending" }, offset: 0, limit: 5 },
    });
    await expect(sorted).rejects.toMatchObject({
      code: "validation_failed",
      members: { errors: [{ pointer: "/query/sort", code: "unknown_column" }] },
    });
  });

  it("keeps pages without an order in the order of the rows, also where an index finds them", async () => {
    const first = Date.UTC(2026, 0);
    shops.store(
      Array.from({ length: 2_000 }, (_, index) => ({
        at: new Date(first + ((index * 7) % 2_000) * 60_000).toISOString(),
        visits: index,
      })),
    );
    database.sqlite.exec(`CREATE INDEX shops_at ON ${shops.shape().tableName} (c5)`);
    const query = queryOn({ select: [{ column: "visits" }], timeColumn: "at" });
    const range = {
      from: new Date(first).toISOString(),
      to: new Date(first + 20 * 60_000).toISOString(),
    };
    const pages = [];
    for (const offset of [0, 7, 14])
      pages.push(...(await run(query, { range, page: { offset, limit: 7 } })).rows.flat());
    expect(pages).toHaveLength(20);
    expect(pages).toEqual(pages.toSorted((one, other) => Number(one) - Number(other)));
  });

  it("counts the rows of all pages, also of a page beyond the last", async () => {
    shops.store(Array.from({ length: 12 }, (_, visits) => ({ visits })));
    const totals = async (limit?: number) => {
      const query = queryOn({
        select: [{ column: "visits" }],
        ...(limit !== undefined && { limit }),
      });
      const pages = await Promise.all(
        [0, 5, 10, 15].map((offset) => run(query, { page: { offset, limit: 5 } })),
      );
      return pages.map(({ rows, total }) => [rows.length, total]);
    };
    expect(await totals()).toEqual([
      [5, 12],
      [5, 12],
      [2, 12],
      [0, 12],
    ]);
    expect(await totals(7)).toEqual([
      [5, 7],
      [2, 7],
      [0, 7],
      [0, 7],
    ]);
  });
});

describe("a long series", () => {
  const drawn = { chart: { x: "at", y: ["visits"] }, points: 50 };
  const query = queryOn({ select: [{ column: "at" }, { column: "visits" }] });
  const at = (minute: number): string =>
    new Date(Date.UTC(2026, 0) + minute * 60_000).toISOString();

  it("is reduced to so many points, in order of time, with its peak, its ends and the number there was", async () => {
    shops.store(
      Array.from({ length: 3_000 }, (_, index) => ({
        at: at((index * 7) % 3_000),
        visits: (index * 7) % 3_000 === 1_234 ? 99 : 0,
      })),
    );
    const { rows, points } = await run(query, { drawn });
    expect(points).toBe(3_000);
    expect(rows.length).toBeLessThanOrEqual(50);
    expect(rows).toContainEqual([at(1_234), 99]);
    expect([rows[0], rows.at(-1)]).toEqual([
      [at(0), 0],
      [at(2_999), 0],
    ]);
    expect(rows.map(([time]) => time)).toEqual(
      rows.map(([time]) => String(time)).toSorted((a, b) => (a < b ? -1 : 1)),
    );
  });

  it("is shown to its end, however long it is", async () => {
    const last = 119_999;
    shops.store(
      Array.from({ length: last + 1 }, (_, index) => ({
        at: at(index),
        visits: index === 118_000 ? 99 : 0,
      })),
    );
    const { rows, points } = await run(query, { drawn });
    expect(points).toBe(last + 1);
    expect(rows.length).toBeLessThanOrEqual(50);
    expect(rows).toContainEqual([at(118_000), 99]);
    expect(rows.at(-1)).toEqual([at(last), 0]);
  });

  it("is left alone when it is short enough, and when it is made of categories", async () => {
    shops.store(Array.from({ length: 50 }, (_, index) => ({ at: at(index), visits: index })));
    expect(await run(query, { drawn })).not.toHaveProperty("points");
    shops.store(
      Array.from({ length: 60 }, (_, index) => ({ city: `city ${index}`, visits: index })),
    );
    const categories = await run(queryOn({ select: [{ column: "city" }, { column: "visits" }] }), {
      drawn: { ...drawn, chart: { x: "city", y: ["visits"] } },
    });
    expect(categories.rows).toHaveLength(60);
    expect(categories).not.toHaveProperty("points");
  });
});

describe("a query that was run before", () => {
  const count = queryOn({ select: [{ aggregate: "count", name: "n" }] });
  const executions = async (asking: () => Promise<unknown>): Promise<number> => {
    const before = executed.length;
    await asking();
    return executed.length - before;
  };

  it("runs once while it is under way, and not again while its dataset is the same", async () => {
    shops.store([{}, {}]);
    expect(
      await executions(async () => {
        const all = await Promise.all(Array.from({ length: 20 }, () => run(count)));
        expect(new Set(all.map(({ rows }) => JSON.stringify(rows)))).toEqual(new Set(["[[2]]"]));
      }),
    ).toBe(1);
    expect(await executions(() => run(count))).toBe(0);
  });

  it("runs again when the dataset has changed, in a new table or in the same", async () => {
    shops.store([{}, {}]);
    expect((await run(count)).rows).toEqual([[2]]);
    for (const into of ["a new table", "the same table"] as const) {
      shops.store([{}], into);
      expect(await executions(async () => expect((await run(count)).rows).toEqual([[1]]))).toBe(1);
    }
  });

  it("runs again for other values, another range and another moment", async () => {
    shops.store([{ day: "2026-11-22" }]);
    const today = { ...count, timeColumn: "day", last: "P1D" };
    const is = (value: boolean) => ({
      ...count,
      filter: { column: "open", is: "equal", value } as const,
    });
    expect(
      await executions(async () => {
        await run(is(true));
        await run(is(false));
        expect((await run(today)).rows).toEqual([[1]]);
        now += 86_400_000;
        expect((await run(today)).rows).toEqual([[0]]);
        now -= 86_400_000;
        expect((await run(today, { range: { last: "P2D" } })).rows).toEqual([[1]]);
      }),
    ).toBe(5);
  });

  it("is not remembered when it failed", async () => {
    const broken = createQueryRunner({
      workers: {
        execute: () => (executed.push({} as Job), Promise.resolve({ kind: "overdue" })),
        wantToo: () => {},
      },
      now: () => now,
      seconds: 7,
    });
    const failing = () =>
      expect(broken(count, shops.shape(), {}, ours)).rejects.toMatchObject({
        code: "query_timeout",
        members: { detail: expect.stringContaining("7 s") as string },
      });
    expect(await executions(failing)).toBe(1);
    expect(await executions(failing)).toBe(1);
  });
});

describe("a result", () => {
  it("is kept only as long as there is room: the one that was not asked for the longest goes first", async () => {
    let executions = 0;
    const megabyte = 1024 * 1024;
    const small = createQueryRunner({
      workers: {
        execute: () => (
          (executions += 1),
          Promise.resolve({
            kind: "rows",
            rows: { json: new Uint8Array(10 * megabyte), digest: "", count: 0 },
            found: 0,
          })
        ),
        wantToo: () => {},
      },
      now: () => now,
      seconds: 1,
    });
    const ask = (limit: number) =>
      small(queryOn({ select: [{ column: "city" }], limit }), shops.shape(), {}, ours);
    for (const limit of [1, 2, 3, 1]) await ask(limit);
    expect(executions).toBe(3);
    // There is room for three: this one takes the place of the second.
    await ask(4);
    await ask(1);
    expect(executions).toBe(4);
    await ask(2);
    expect(executions).toBe(5);
  });

  it("of no rows takes up room as well: whoever asks for ever new ranges of time fills no memory", async () => {
    let executions = 0;
    const empty = createQueryRunner({
      workers: {
        execute: () => (
          (executions += 1),
          Promise.resolve({
            kind: "rows",
            rows: { json: new Uint8Array(2), digest: "", count: 0 },
            found: 0,
          })
        ),
        wantToo: () => {},
      },
      now: () => now,
      seconds: 1,
    });
    const ask = (limit: number) =>
      empty(queryOn({ select: [{ column: "city" }], limit }), shops.shape(), {}, ours);
    const most = 16_368;
    for (let limit = 1; limit <= most; limit += 1) await ask(limit);
    await ask(1);
    expect(executions).toBe(most);
    await ask(most + 1);
    await ask(2);
    expect(executions).toBe(most + 2);
  }, 30_000);

  it("that is too large is not sent", async () => {
    const text = "x".repeat(10_000);
    shops.store(Array.from({ length: 2_000 }, () => ({ city: text })));
    await expect(run(queryOn({ select: [{ column: "city" }] }))).rejects.toMatchObject({
      code: "panel_failed",
    });
    expect((await run(queryOn({ select: [{ column: "city" }], limit: 10 }))).rows).toHaveLength(10);
  });
});
