import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase, type Database } from "../database/connection.ts";
import {
  aggregates,
  columnTypes,
  query as querySchema,
  type ColumnType,
  type DatasetColumn,
  type Filter,
  type Query,
  type Selection,
  type Value,
} from "@sallyport/shared/contract";
import { datasets } from "../database/schema.ts";
import { compileQuery, rowCeiling, type DatasetShape } from "./compile-query.ts";
import { createDataset, importRows } from "./datasets.ts";
import { createQueryRunner, QueryRefused } from "./run-query.ts";

const columns: readonly DatasetColumn[] = [
  { name: "city", label: "City", type: "text" },
  { name: "visits", label: "Visits", type: "integer" },
  { name: "takings", label: "Takings", type: "decimal", unit: "USD" },
  { name: "open", label: "Open", type: "boolean" },
  { name: "day", label: "Day", type: "date" },
  { name: "at", label: "At", type: "timestamp" },
];
const shape: DatasetShape = { name: "shops", tableName: `dataset_${"0".repeat(32)}`, columns };
const queryOn = (rest: Omit<Query, "dataset">): Query => ({ dataset: "shops", ...rest });

const issuesOf = (query: Query, dataset: DatasetShape | undefined = shape) => {
  const compiled = compileQuery(query, dataset);
  return compiled.ok ? [] : compiled.issues.map(({ pointer, code }) => `${pointer} ${code}`);
};

describe("a query becomes SQL", () => {
  it("groups by the plain columns when there are aggregates, and binds every value in the order of the text", () => {
    const compiled = compileQuery(
      queryOn({
        select: [{ column: "city" }, { aggregate: "sum", column: "takings", name: "total" }],
        filter: {
          and: [
            { column: "open", is: "equal", value: true },
            {
              or: [
                { column: "city", is: "in", values: ["Rome", "Oslo"] },
                { column: "city", is: "contains", value: "50%_\\" },
              ],
            },
          ],
        },
        orderBy: [{ name: "total", direction: "descending" }],
        limit: 5,
        timeColumn: "at",
      }),
      shape,
      { from: "2026-01-01", to: "2026-01-02T01:00:00+01:00" },
    );
    expect(compiled).toEqual({
      ok: true,
      sql: `SELECT c0, sum(c2) FROM ${shape.tableName} WHERE (c3 = ? AND (c0 IN (?, ?) OR c0 LIKE ? ESCAPE '\\')) AND c5 >= ? AND c5 < ? GROUP BY c0 ORDER BY 2 DESC NULLS LAST LIMIT ?`,
      parameters: [1, "Rome", "Oslo", "%50\\%\\_\\\\%", Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 2), 5],
      columns: [
        { name: "city", label: "City", type: "text" },
        { name: "total", label: "total", type: "decimal", unit: "USD" },
      ],
    });
  });

  it("never asks for more rows than the ceiling", () => {
    for (const limit of [undefined, rowCeiling + 1, 1e15]) {
      const compiled = compileQuery(queryOn({ select: [{ column: "city" }], ...(limit !== undefined && { limit }) }), shape);
      expect(compiled.ok && compiled.parameters).toEqual([rowCeiling]);
    }
  });

  it("takes the first midnight that is not before the bound, where the time column holds dates", () => {
    const query = queryOn({ select: [{ column: "city" }], timeColumn: "day" });
    const boundsOf = (range: { from: string; to: string }) => {
      const compiled = compileQuery(query, shape, range);
      return compiled.ok && compiled.parameters.slice(0, 2);
    };
    expect(boundsOf({ from: "2026-01-01", to: "2026-02-01" })).toEqual(["2026-01-01", "2026-02-01"]);
    expect(boundsOf({ from: "2026-01-01T00:00:01Z", to: "2026-01-31T12:00:00-12:00" })).toEqual(["2026-01-02", "2026-02-01"]);
    expect(boundsOf({ from: "9999-12-31T23:00:00Z", to: "9999-12-31T23:00:00-05:00" })).toEqual(["9999-12-32", "9999-12-32"]);
  });

  it("leaves a query without a time column as it is, whatever range is asked for", () => {
    const query = queryOn({ select: [{ column: "city" }] });
    expect(compileQuery(query, shape, { from: "2026-01-01" })).toEqual(compileQuery(query, shape));
  });
});

describe("a query that does not fit its dataset is refused with every reason", () => {
  const select: Selection[] = [{ column: "city" }];
  const filtered = (filter: Filter) => issuesOf(queryOn({ select, filter }));

  it("names an unknown dataset", () => {
    expect(issuesOf({ dataset: "other", select })).toEqual(["/dataset unknown_dataset"]);
    expect(compileQuery(queryOn({ select }), undefined).ok).toBe(false);
  });

  it("names every unknown column", () => {
    const query = queryOn({
      select: [{ column: "a" }, { aggregate: "sum", column: "b", name: "s" }],
      filter: { or: [{ column: "c", is: "null" }] },
      orderBy: [{ name: "d", direction: "ascending" }],
      timeColumn: "e",
    });
    expect(issuesOf(query)).toEqual([
      "/select/0/column unknown_column",
      "/select/1/column unknown_column",
      "/filter/or/0/column unknown_column",
      "/timeColumn unknown_column",
      "/orderBy/0/name unknown_column",
    ]);
    expect(issuesOf(queryOn({ select: [{ column: "__proto__" }, { column: "constructor" }] }))).toHaveLength(2);
  });

  it("does not order groups by a column that is not in the result", () => {
    expect(issuesOf(queryOn({ select: [{ column: "city" }, { aggregate: "count", name: "n" }], orderBy: [{ name: "visits", direction: "ascending" }] }))).toEqual([
      "/orderBy/0/name unknown_column",
    ]);
    expect(issuesOf(queryOn({ select, orderBy: [{ name: "visits", direction: "ascending" }] }))).toEqual([]);
  });

  it("refuses aggregates on the wrong type, and those that lack a column", () => {
    const refused = (aggregate: (typeof aggregates)[number], column?: string) => issuesOf(queryOn({ select: [{ aggregate, ...(column !== undefined && { column }), name: "x" }] }));
    for (const type of ["city", "open", "day", "at"])
      for (const aggregate of ["sum", "average"] as const) expect(refused(aggregate, type)).toEqual(["/select/0/aggregate wrong_aggregate"]);
    expect(refused("minimum", "open")).toEqual(["/select/0/aggregate wrong_aggregate"]);
    expect(refused("maximum", "city")).toEqual([]);
    expect(refused("count")).toEqual([]);
    expect(refused("distinct")).toEqual(["/select/0 column_required"]);
  });

  it("refuses values of the wrong type", () => {
    expect(filtered({ column: "visits", is: "equal", value: "1" })).toEqual(["/filter/value wrong_value_type"]);
    expect(filtered({ column: "visits", is: "in", values: [1, 1.5] })).toEqual(["/filter/values/1 wrong_value_type"]);
    expect(filtered({ column: "day", is: "atLeast", value: "2026-02-30" })).toEqual(["/filter/value wrong_value_type"]);
    expect(filtered({ column: "at", is: "less", value: "2026-02-03T10:00:00" })).toEqual(["/filter/value wrong_value_type"]);
    expect(filtered({ column: "visits", is: "contains", value: "1" })).toEqual(["/filter wrong_value_type"]);
    expect(filtered({ column: "open", is: "less", value: true })).toEqual(["/filter/is not_ordered"]);
  });

  it("refuses two result columns of one name, a time column without times, and too many conditions", () => {
    expect(issuesOf(queryOn({ select: [{ column: "city" }, { aggregate: "count", name: "city" }] }))).toEqual(["/select/1 duplicate_name"]);
    expect(issuesOf(queryOn({ select, timeColumn: "city" }))).toEqual(["/timeColumn not_a_time"]);
    const conditions: Filter[] = Array.from({ length: 50 }, () => ({ column: "city", is: "null" }));
    expect(filtered({ and: Array.from({ length: 5 }, () => ({ or: conditions })) })).toEqual(["/filter too_many_conditions"]);
  });

  it("will not touch a table that the server has not named", () => {
    expect(() => compileQuery(queryOn({ select }), { ...shape, tableName: "users" })).toThrow(/a name that this server did not make/);
  });
});

describe("the schema of queries", () => {
  it("refuses filters that are nested too deep without running out of stack", () => {
    let deep: unknown = { column: "city", is: "null" };
    for (let level = 0; level < 50_000; level += 1) deep = { and: [deep] };
    expect(querySchema.safeParse({ dataset: "shops", select: [{ column: "city" }], filter: deep }).success).toBe(false);
  });

  it("refuses NUL characters, which LIKE would read as the end of the text", () => {
    expect(querySchema.safeParse({ dataset: "shops", select: [{ column: "city" }], filter: { column: "city", is: "contains", value: "a\0b" } }).success).toBe(false);
  });
});

const hostileTexts = [
  '"; DROP TABLE users; --',
  "' OR 1=1 --",
  "c0",
  "?",
  "?1",
  ":name",
  "@p",
  "$p",
  "\\",
  "%",
  "_",
  "[x]",
  "`",
  "]",
  "users",
  "sqlite_master",
  "ORDER",
  "/*",
  "*/",
  "1); SELECT",
  "\u2028",
  "\ud83d\ude00",
  "__proto__",
  "toString",
];
const hostileText = fc.oneof(fc.constantFrom(...hostileTexts), fc.string({ unit: "binary", minLength: 1, maxLength: 30 })).filter((text) => !text.includes("\0"));
/** Mostly text, so that enough random queries fit their dataset. */
const columnType = fc.oneof({ weight: 4, arbitrary: fc.constant("text" as const) }, { weight: 1, arbitrary: fc.constantFrom(...columnTypes) });
const value: fc.Arbitrary<Value> = fc.oneof(
  { weight: 15, arbitrary: hostileText },
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constantFrom("2026-01-01", "2026-01-01T00:00:00Z"),
);

const filterOn = (name: fc.Arbitrary<string>, values: fc.Arbitrary<Value>): fc.Arbitrary<Filter> =>
  fc.letrec<{ filter: Filter; condition: Filter }>((tie) => ({
    condition: fc.oneof(
      fc.record({ column: name, is: fc.constantFrom("equal", "notEqual", "less", "atMost", "greater", "atLeast", "contains"), value: values }),
      fc.record({ column: name, is: fc.constant("in" as const), values: fc.array(values, { minLength: 1, maxLength: 4 }) }),
      fc.record({ column: name, is: fc.constantFrom("null", "notNull") }),
    ) as fc.Arbitrary<Filter>,
    filter: fc.oneof(
      { maxDepth: 3, depthIdentifier: "filter" },
      tie("condition"),
      fc.record({ and: fc.array(tie("filter"), { minLength: 1, maxLength: 3 }) }),
      fc.record({ or: fc.array(tie("filter"), { minLength: 1, maxLength: 3 }) }),
    ),
  })).filter;

/** Queries on columns of these names, of which the first is a timestamp. */
const queryOnNames = (names: readonly string[]): fc.Arbitrary<Omit<Query, "dataset">> => {
  const name = fc.constantFrom(...names);
  const someAggregate = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom("count" as const, "distinct" as const, "maximum" as const) },
    { weight: 1, arbitrary: fc.constantFrom(...aggregates) },
  );
  return fc
    .uniqueArray(
      fc.oneof(
        fc.record({ column: name }),
        fc.record({ aggregate: someAggregate, column: name, name: hostileText, label: hostileText }),
        fc.record({ aggregate: fc.constant("count" as const), name: hostileText, unit: hostileText }),
      ),
      { minLength: 1, maxLength: 4, selector: (one) => ("aggregate" in one ? one.name : one.column) },
    )
    .chain((select) =>
      fc.record(
        {
          select: fc.constant(select),
          filter: filterOn(fc.constantFrom(...names.slice(1)), value),
          orderBy: fc.array(
            fc.record({ name: fc.constantFrom(...select.map((one) => ("aggregate" in one ? one.name : one.column))), direction: fc.constantFrom("ascending", "descending") }),
            { maxLength: 2 },
          ),
          limit: fc.integer({ min: 1 }),
          timeColumn: fc.constant(names[0] as string),
        },
        { requiredKeys: ["select"] },
      ),
    );
};

describe("names and values never reach the SQL text", () => {
  const words = new Set([
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP",
    "BY",
    "ORDER",
    "LIMIT",
    "AND",
    "OR",
    "IS",
    "NOT",
    "NULL",
    "NULLS",
    "LAST",
    "IN",
    "LIKE",
    "ESCAPE",
    "ASC",
    "DESC",
    "DISTINCT",
    "sum",
    "avg",
    "count",
    "min",
    "max",
  ]);
  const tokens = /'\\'|[A-Za-z_][A-Za-z0-9_]*|\d+|<=|>=|[(),*?=<> ]/y;

  /** Everything in the text that is neither a word of ours, a numbered column, our table, a position nor punctuation. */
  const foreignTokensOf = (sql: string): string[] => {
    const foreign: string[] = [];
    tokens.lastIndex = 0;
    while (tokens.lastIndex < sql.length) {
      const start = tokens.lastIndex;
      const token = tokens.exec(sql)?.[0];
      if (token === undefined) return [...foreign, sql.slice(start)];
      if (/^[A-Za-z_]/.test(token) && !words.has(token) && !/^c\d{1,3}$/.test(token) && token !== shape.tableName) foreign.push(token);
      else if (/^\d/.test(token) && Number(token) > 50) foreign.push(token);
    }
    return foreign;
  };

  it("whatever the columns are called and compared with", { timeout: 60_000 }, () => {
    let compiledCount = 0;
    fc.assert(
      fc.property(
        fc
          .uniqueArray(hostileText, { minLength: 2, maxLength: 6 })
          .chain((names) => fc.tuple(fc.constant(names), fc.array(columnType, { minLength: names.length - 1, maxLength: names.length - 1 }), queryOnNames(names), hostileText)),
        ([names, types, rest, datasetName]) => {
          const dataset = { ...shape, name: datasetName, columns: names.map((name, index) => ({ name, label: name, type: types[index - 1] ?? "timestamp" })) };
          const compiled = compileQuery({ ...rest, dataset: datasetName }, dataset, { from: "2026-01-01" });
          if (!compiled.ok) return;
          compiledCount += 1;
          expect(foreignTokensOf(compiled.sql)).toEqual([]);
          expect(compiled.sql.split("?").length - 1).toBe(compiled.parameters.length);
        },
      ),
      { numRuns: 3_000, seed: 20_261_122 },
    );
    // Many random queries do not fit their dataset; enough have to, or little is proven.
    expect(compiledCount).toBeGreaterThan(1_000);
  });

  it("which the check above would notice", () => {
    expect(foreignTokensOf(`SELECT c0 FROM ${shape.tableName} WHERE c0 = 'x'`)).not.toEqual([]);
    expect(foreignTokensOf("SELECT c0 FROM users")).toEqual(["users"]);
    expect(foreignTokensOf("SELECT c0, 1000 FROM c1")).toEqual(["1000"]);
  });
});

type Row = Readonly<Record<string, Value | null>>;

const compareValues = (left: Value, right: Value): number => {
  if (typeof left === "string" && typeof right === "string") return Buffer.compare(Buffer.from(left), Buffer.from(right));
  return Number(left) - Number(right);
};

/** ASCII only, as LIKE has it. */
const lowerAscii = (text: string): string => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());

const holds = (filter: Filter, row: Row): boolean => {
  if ("and" in filter) return filter.and.every((part) => holds(part, row));
  if ("or" in filter) return filter.or.some((part) => holds(part, row));
  const actual = row[filter.column] ?? null;
  if (filter.is === "last") return false;
  if (!("value" in filter) && filter.is !== "in") return (actual === null) === (filter.is === "null");
  if (filter.is === "notEqual") return actual === null || compareValues(actual, filter.value) !== 0;
  if (actual === null) return false;
  if (filter.is === "in") return filter.values.some((one) => compareValues(actual, one) === 0);
  if (filter.is === "contains") return lowerAscii(String(actual)).includes(lowerAscii(String(filter.value)));
  const order = compareValues(actual, filter.value);
  return { equal: order === 0, less: order < 0, atMost: order <= 0, greater: order > 0, atLeast: order >= 0 }[filter.is];
};

const evaluateSelection = (selection: Selection, group: readonly Row[]): Value | null => {
  if (!("aggregate" in selection)) return group[0]?.[selection.column] ?? null;
  const { column } = selection;
  const values = column === undefined ? group.map(() => true) : group.map((row) => row[column] ?? null).filter((one) => one !== null);
  const sorted = values.toSorted(compareValues);
  const sum = values.reduce<number>((total, one) => total + Number(one), 0);
  switch (selection.aggregate) {
    case "median":
    case "percentile":
      return null;
    case "count":
      return values.length;
    case "distinct":
      return new Set(values).size;
    case "minimum":
      return sorted[0] ?? null;
    case "maximum":
      return sorted.at(-1) ?? null;
    case "sum":
      return values.length === 0 ? null : sum;
    case "average":
      return values.length === 0 ? null : sum / values.length;
  }
};

/** The same query on rows in memory, without order and limit. */
const evaluate = (query: Query, rows: readonly Row[]): (Value | null)[][] => {
  const matching = rows.filter((row) => query.filter === undefined || holds(query.filter, row));
  if (!query.select.some((selection) => "aggregate" in selection)) return matching.map((row) => query.select.map((selection) => evaluateSelection(selection, [row])));
  const plain = query.select.flatMap((selection) => ("aggregate" in selection ? [] : [selection.column]));
  const groups = plain.length === 0 ? [matching] : [...Map.groupBy(matching, (row) => JSON.stringify(plain.map((name) => row[name] ?? null))).values()];
  return groups.map((group) => query.select.map((selection) => evaluateSelection(selection, group)));
};

const rounded = (rows: readonly (readonly (Value | null)[])[]): string[] =>
  rows.map((row) => JSON.stringify(row.map((one) => (typeof one === "number" ? Number(one.toPrecision(9)) + 0 : one))));

describe("on a real database", () => {
  const valueOf: Record<ColumnType, fc.Arbitrary<Value>> = {
    text: fc.oneof(
      fc.constantFrom("a", "A", "b%", "b_", "é", "É", "\\", "%", "_", "ab", "😀", "\uffee"),
      hostileText.filter((text) => text.isWellFormed()),
    ),
    integer: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -1e12, max: 1e12 })),
    decimal: fc.integer({ min: -40, max: 40 }).map((quarter) => quarter / 4 + 0),
    boolean: fc.boolean(),
    date: fc.constantFrom("2025-12-31", "2026-01-01", "2026-01-02"),
    timestamp: fc.integer({ min: -2, max: 2 }).map((hours) => new Date(hours * 3_600_000).toISOString()),
  };
  const typeOf = new Map(columns.map(({ name, type }) => [name, type]));
  const names = columns.map(({ name }) => name);
  const row = fc.record(Object.fromEntries(columns.map(({ name, type }) => [name, fc.option(valueOf[type], { freq: 5 })])));
  const typedFilter = filterOn(fc.constantFrom(...names), fc.constant(0)).chain((filter) => {
    // Give each condition a value of its column's type.
    const retype = (part: Filter): fc.Arbitrary<Filter> => {
      if ("and" in part) return fc.tuple(...part.and.map(retype)).map((and) => ({ and }));
      if ("or" in part) return fc.tuple(...part.or.map(retype)).map((or) => ({ or }));
      if (!("value" in part) && part.is !== "in") return fc.constant(part);
      const column = part.is === "contains" ? "city" : part.column;
      const type = typeOf.get(column) as ColumnType;
      if (part.is === "in") return fc.array(valueOf[type], { minLength: 1, maxLength: 3 }).map((values) => ({ column, is: "in", values }));
      const is = type === "boolean" && part.is !== "notEqual" ? "equal" : part.is;
      return valueOf[type].map((one) => ({ column, is, value: one }));
    };
    return retype(filter);
  });
  const aggregated = fc.oneof(
    fc.constantFrom("visits", "takings").chain((column) => fc.constantFrom(...aggregates).map((aggregate) => ({ aggregate, column }))),
    fc
      .constantFrom("city", "day")
      .chain((column) => fc.constantFrom("count" as const, "distinct" as const, "minimum" as const, "maximum" as const).map((aggregate) => ({ aggregate, column }))),
    fc.constant({ aggregate: "count" as const }),
  );
  const typedQuery = fc
    .record({
      plain: fc.subarray(names),
      aggregates: fc.array(aggregated, { maxLength: 3 }),
      filter: fc.option(typedFilter, { nil: undefined }),
      orderBy: fc.nat(),
      descending: fc.boolean(),
      limit: fc.integer({ min: 1, max: 30 }),
    })
    .filter((parts) => parts.plain.length + parts.aggregates.length > 0)
    .map((parts): Query => {
      const select: Selection[] = [...parts.plain.map((column) => ({ column })), ...parts.aggregates.map((aggregate, index) => ({ ...aggregate, name: `aggregate ${index}` }))];
      const sortedBy = select[parts.orderBy % select.length] as Selection;
      return queryOn({
        select,
        ...(parts.filter && { filter: parts.filter }),
        orderBy: [{ name: "aggregate" in sortedBy ? sortedBy.name : sortedBy.column, direction: parts.descending ? "descending" : "ascending" }],
        limit: parts.limit,
      });
    });

  let database: Database;
  let runQuery: ReturnType<typeof createQueryRunner>;
  let id: string;
  const storedShape = (): DatasetShape => database.orm.select().from(datasets).all()[0] as DatasetShape;
  beforeAll(() => {
    database = openDatabase(":memory:");
    runQuery = createQueryRunner(database);
    id = createDataset(database, { name: "shops", title: "Shops", columns: [...columns] }, 0);
  });
  afterAll(() => database.close());

  it("gives what a plain evaluation in memory gives, for random rows and random queries", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 40 }), fc.array(typedQuery, { minLength: 1, maxLength: 8 }), async (rows, queries) => {
        importRows(database, id, rows, 0);
        for (const query of queries) {
          const { orderBy, limit, ...unlimited } = query;
          const expected = rounded(evaluate(query, rows));
          const all = await runQuery(unlimited, storedShape());
          expect(rounded(all.rows).toSorted()).toEqual(expected.toSorted());

          const limited = await runQuery(query, storedShape());
          expect(limited.rows).toHaveLength(Math.min(limit as number, expected.length));
          const [order] = orderBy as NonNullable<Query["orderBy"]>;
          const position = limited.columns.findIndex((column) => column.name === order?.name);
          // Rows that are equal in the ordering column may come in any order: its values alone are compared.
          const ordering = evaluate(query, rows)
            .map((one) => one[position] ?? null)
            .toSorted((left, right) => {
              if (left === null || right === null) return Number(left === null) - Number(right === null);
              return order?.direction === "descending" ? compareValues(right, left) : compareValues(left, right);
            });
          expect(rounded(limited.rows.map((one) => [one[position] ?? null]))).toEqual(rounded(ordering.slice(0, limit).map((one) => [one])));
        }
      }),
      { numRuns: 300, seed: 20_261_122 },
    );
  });

  it("gives booleans, dates and timestamps as JSON has them", async () => {
    importRows(database, id, [{ city: "Rome", visits: 2, takings: 0.5, open: true, day: "2026-01-31", at: "2026-01-31T10:00:00+02:00" }, {}], 0);
    const { rows } = await runQuery(queryOn({ select: columns.map(({ name }) => ({ column: name })), orderBy: [{ name: "city", direction: "ascending" }] }), storedShape());
    expect(rows).toEqual([
      ["Rome", 2, 0.5, true, "2026-01-31", "2026-01-31T08:00:00.000Z"],
      [null, null, null, null, null, null],
    ]);
  });

  it("narrows on the time column: from is in, to is out", async () => {
    importRows(
      database,
      id,
      ["2026-01-01T00:00:00Z", "2026-01-01T23:59:59.999Z", "2026-01-02T00:00:00Z"].map((at) => ({ at, day: at.slice(0, 10) })),
      0,
    );
    const count = async (timeColumn: string, range: { from?: string; to?: string }) =>
      (await runQuery(queryOn({ select: [{ aggregate: "count", name: "n" }], timeColumn }), storedShape(), range)).rows[0]?.[0];
    for (const timeColumn of ["at", "day"]) {
      expect(await count(timeColumn, {})).toBe(3);
      expect(await count(timeColumn, { from: "2026-01-01", to: "2026-01-02" })).toBe(2);
      expect(await count(timeColumn, { from: "2026-01-02" })).toBe(1);
      expect(await count(timeColumn, { to: "2026-01-01" })).toBe(0);
    }
  });

  it("rejects a query that does not fit with every reason", async () => {
    await expect(runQuery(queryOn({ select: [{ column: "nothing" }] }), storedShape())).rejects.toThrow(QueryRefused);
  });

  it("has no infinity in its answers", async () => {
    importRows(database, id, [{ takings: Number.MAX_VALUE }, { takings: Number.MAX_VALUE }], 0);
    expect((await runQuery(queryOn({ select: [{ aggregate: "sum", column: "takings", name: "s" }] }), storedShape())).rows).toEqual([[null]]);
  });

  it("answers from the new rows after an import, though statements stay prepared", async () => {
    const query = queryOn({ select: [{ aggregate: "count", name: "n" }] });
    importRows(database, id, [{}, {}], 0);
    expect((await runQuery(query, storedShape())).rows).toEqual([[2]]);
    importRows(database, id, [{}], 0);
    expect((await runQuery(query, storedShape())).rows).toEqual([[1]]);
  });
});
