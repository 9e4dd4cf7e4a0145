import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  aggregates,
  query as querySchema,
  timeUnits,
  type ColumnType,
  type DatasetColumn,
  type Filter,
  type Query,
  type Selection,
} from "@sallyport/shared/contract";
import { rowCeiling, type Asked, type QueriedDataset } from "@sallyport/shared/core";
import { shopColumns as columns } from "../testing/stored-dataset.ts";
import { compileQuery, describeResult } from "./compile-query.ts";

const shape: QueriedDataset = {
  name: "shops",
  tableName: `dataset_${"0".repeat(32)}`,
  columns,
  attribution: null,
  version: 1,
  timeBounds: {
    day: ["2025-01-01", "2026-06-30"],
    at: [Date.UTC(2025, 0, 1), Date.UTC(2026, 5, 30)],
  },
};
const queryOn = (rest: Omit<Query, "dataset">): Query => ({ dataset: "shops", ...rest });

const now = Date.UTC(2026, 10, 22, 9);
const compile = (query: Query, asked: Omit<Asked, "now"> = {}) => {
  const compiled = compileQuery(query, shape, { ...asked, now });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.issues));
  return compiled;
};
const guard = "((rowid & 1023) <> 0 OR sallyport_alive())";

const issuesOf = (query: Query, dataset: QueriedDataset | undefined = shape) => {
  const compiled = describeResult(query, dataset);
  return compiled.ok ? [] : compiled.issues.map(({ pointer, code }) => `${pointer} ${code}`);
};

describe("a query becomes SQL", () => {
  it("groups by the plain columns when there are aggregates, and binds every value in the order of the text", () => {
    const { statement, columns: result } = compile(
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
      { range: { from: "2026-01-01", to: "2026-01-02T01:00:00+01:00" } },
    );
    expect(statement.text).toBe(
      `SELECT k0 AS r0, v0 AS r1 FROM (SELECT c0 AS k0, sum(c2 * 1.0) AS v0 FROM ${shape.tableName} WHERE ${guard} AND (c3 = ? AND (c0 IN (?, ?) OR c0 LIKE ? ESCAPE '\\')) AND c5 >= ? AND c5 < ? GROUP BY k0) ORDER BY r1 DESC NULLS LAST, r0 ASC NULLS LAST LIMIT ?`,
    );
    expect(statement.parameters).toEqual([
      1,
      "Rome",
      "Oslo",
      "%50\\%\\_\\\\%",
      Date.UTC(2026, 0, 1),
      Date.UTC(2026, 0, 2),
      5,
    ]);
    expect(result).toEqual([
      { name: "city", label: "City", type: "text" },
      { name: "total", label: "total", type: "decimal", unit: "USD" },
    ]);
  });

  it("never asks for more rows than the ceiling", () => {
    for (const limit of [undefined, rowCeiling])
      expect(
        compile(queryOn({ select: [{ column: "city" }], ...(limit !== undefined && { limit }) }))
          .statement.parameters,
      ).toEqual([rowCeiling]);
  });

  it("looks whether there is time left in every scan of the table", () => {
    const everything: Omit<Query, "dataset">[] = [
      { select: [{ column: "city" }] },
      {
        select: [{ aggregate: "count", name: "n" }],
        timeColumn: "day",
        last: "P1M",
        compare: "previousPeriod",
      },
      {
        select: [
          { bucket: "day", column: "day" },
          { aggregate: "count", name: "n" },
        ],
        timeColumn: "day",
        last: "P1M",
        compare: "previousPeriod",
      },
      {
        select: [{ column: "city" }, { aggregate: "count", name: "n" }],
        top: { column: "city", by: "n", count: 3, others: "Rest" },
      },
    ];
    for (const rest of everything) {
      const { statement, count } = compile(queryOn(rest), { page: { offset: 0, limit: 5 } });
      for (const { text } of [statement, count])
        expect(text.split(` FROM ${shape.tableName} WHERE ${guard}`).length).toBe(
          text.split(shape.tableName).length,
        );
    }
  });

  it("leaves a query without a time column as it is, whatever range is asked for", () => {
    const query = queryOn({ select: [{ column: "city" }] });
    expect(compile(query, { range: { from: "2026-01-01" } })).toEqual(compile(query));
    expect(compile(query, { range: { last: "P1D" }, sectionLast: "P1D" })).toEqual(compile(query));
  });

  it("leaves an index on the time column aside where the range holds most of the rows", () => {
    const text = (query: Query, from: string) => compile(query, { range: { from } }).statement.text;
    for (const [timeColumn, name] of [
      ["at", "c5"],
      ["day", "c4"],
    ] as const) {
      const query = queryOn({ select: [{ column: "city" }], timeColumn });
      expect(text(query, "2026-06-01")).toContain(` AND ${name} >= ?`);
      expect(text(query, "2025-06-01")).toContain(` AND +${name} >= ?`);
      expect(text(query, "2020-01-01")).toContain(` AND +${name} >= ?`);
      expect(text(query, "2030-01-01")).toContain(` AND ${name} >= ?`);
    }
  });

  it("compares with a clock's changes only where they can come up: between the bounds of the rows, and of the range", () => {
    const query = queryOn({
      select: [
        { bucket: "day", column: "at" },
        { aggregate: "count", name: "n" },
      ],
      timeColumn: "at",
      timeZone: "Europe/Paris",
    });
    const changes = (asked: Omit<Asked, "now">, of: Query = query) =>
      compile(of, asked).statement.text.split("CASE WHEN").length - 1;
    expect(changes({})).toBe(3);
    expect(changes({ range: { from: "2026-01-01" } })).toBe(1);
    expect(changes({ range: { from: "2026-01-01", to: "2026-02-01" } })).toBe(0);
    expect(changes({}, { ...query, timeZone: "Asia/Kolkata" })).toBe(0);
  });
});

describe("the range of time", () => {
  const query = queryOn({ select: [{ column: "city" }], timeColumn: "day" });
  const boundsOf = (of: Query, asked: Omit<Asked, "now">) =>
    compile(of, asked).statement.parameters.slice(0, -1);

  it("begins at the first midnight that is not before the bound, where the time column holds dates", () => {
    const bounds = (from: string, to: string) => boundsOf(query, { range: { from, to } });
    expect(bounds("2026-01-01", "2026-02-01")).toEqual(["2026-01-01", "2026-02-01"]);
    expect(bounds("2026-01-01T00:00:01Z", "2026-01-31T12:00:00-12:00")).toEqual([
      "2026-01-02",
      "2026-02-01",
    ]);
    expect(bounds("9999-12-31T23:00:00Z", "9999-12-31T23:00:00-05:00")).toEqual([
      "9999-12-32",
      "9999-12-32",
    ]);
  });

  it("of dates begins at midnight in the query's time zone", () => {
    const paris = { ...query, timeColumn: "at", timeZone: "Europe/Paris" };
    expect(boundsOf(paris, { range: { from: "2026-01-01", to: "2026-07-01" } })).toEqual([
      Date.UTC(2025, 11, 31, 23),
      Date.UTC(2026, 5, 30, 22),
    ]);
  });

  it("is the request's, else the query's, else the section's; `all` is none", () => {
    const own = { ...query, last: "P1M" };
    const november = ["2026-11-01", "2026-12-01"];
    expect(boundsOf(query, {})).toEqual([]);
    expect(boundsOf(query, { sectionLast: "P1Y" })).toEqual(["2026-01-01", "2027-01-01"]);
    expect(boundsOf(own, { sectionLast: "P1Y" })).toEqual(november);
    expect(boundsOf(own, { sectionLast: "P1Y", range: { last: "P1D" } })).toEqual([
      "2026-11-22",
      "2026-11-23",
    ]);
    expect(boundsOf(own, { range: { from: "2020-01-01" } })).toEqual(["2020-01-01"]);
    expect(boundsOf(own, { sectionLast: "P1Y", range: { last: "all" } })).toEqual([]);
  });

  it("counts back from the latest row where the query says so", () => {
    expect(boundsOf({ ...query, relativeTo: "latest", last: "P1W" }, {})).toEqual([
      "2026-06-29",
      "2026-07-06",
    ]);
    expect(
      boundsOf({ ...query, timeColumn: "at", relativeTo: "latest", last: "PT2H" }, {}),
    ).toEqual([Date.UTC(2026, 5, 29, 23), Date.UTC(2026, 5, 30, 1)]);
  });

  it("reaches as far as durations do", () => {
    expect(boundsOf(query, { range: { last: "P9999Y" } })).toEqual(["0000-01-01", "2027-01-01"]);
    expect(boundsOf({ ...query, timeColumn: "at" }, { range: { last: "P9999Y" } })).toEqual([
      Date.UTC(-7972, 0),
      Date.UTC(2027, 0),
    ]);
  });
});

describe("a query that does not fit its dataset is refused with every reason", () => {
  const select: Selection[] = [{ column: "city" }];
  const filtered = (filter: Filter) => issuesOf(queryOn({ select, filter }));

  it("names an unknown dataset", () => {
    expect(issuesOf({ dataset: "other", select })).toEqual(["/dataset unknown_dataset"]);
    expect(describeResult(queryOn({ select }), undefined).ok).toBe(false);
  });

  it("names every unknown column", () => {
    const query = queryOn({
      select: [{ column: "a" }, { aggregate: "sum", column: "b", name: "s" }],
      filter: { or: [{ column: "c", is: "null" }] },
      orderBy: [{ name: "d", direction: "ascending" }],
      timeColumn: "e",
      top: { column: "f", by: "g", count: 3 },
    });
    expect(issuesOf(query)).toEqual([
      "/timeColumn unknown_column",
      "/filter/or/0/column unknown_column",
      "/select/0/column unknown_column",
      "/select/1/column unknown_column",
      "/top/column unknown_column",
      "/top/by unknown_column",
      "/orderBy/0/name unknown_column",
    ]);
    expect(
      issuesOf(queryOn({ select: [{ column: "__proto__" }, { column: "constructor" }] })),
    ).toHaveLength(2);
  });

  it("does not order groups by a column that is not in the result", () => {
    expect(
      issuesOf(
        queryOn({
          select: [{ column: "city" }, { aggregate: "count", name: "n" }],
          orderBy: [{ name: "visits", direction: "ascending" }],
        }),
      ),
    ).toEqual(["/orderBy/0/name unknown_column"]);
    expect(
      issuesOf(queryOn({ select, orderBy: [{ name: "visits", direction: "ascending" }] })),
    ).toEqual([]);
  });

  it("refuses aggregates on the wrong type, and those that lack a column", () => {
    const refused = (aggregate: (typeof aggregates)[number], column?: string) =>
      issuesOf(
        queryOn({ select: [{ aggregate, ...(column !== undefined && { column }), name: "x" }] }),
      );
    for (const type of ["city", "open", "day", "at"])
      for (const aggregate of ["sum", "average"] as const)
        expect(refused(aggregate, type)).toEqual(["/select/0/aggregate wrong_aggregate"]);
    expect(refused("minimum", "open")).toEqual(["/select/0/aggregate wrong_aggregate"]);
    expect(refused("maximum", "city")).toEqual([]);
    expect(refused("count")).toEqual([]);
    expect(refused("distinct")).toEqual(["/select/0 column_required"]);
  });

  it("refuses values of the wrong type", () => {
    expect(filtered({ column: "visits", is: "equal", value: "1" })).toEqual([
      "/filter/value wrong_value_type",
    ]);
    expect(filtered({ column: "visits", is: "in", values: [1, 1.5] })).toEqual([
      "/filter/values/1 wrong_value_type",
    ]);
    expect(filtered({ column: "day", is: "atLeast", value: "2026-02-30" })).toEqual([
      "/filter/value wrong_value_type",
    ]);
    expect(filtered({ column: "at", is: "less", value: "2026-02-03T10:00:00" })).toEqual([
      "/filter/value wrong_value_type",
    ]);
    expect(filtered({ column: "visits", is: "contains", value: "1" })).toEqual([
      "/filter wrong_value_type",
    ]);
    expect(filtered({ column: "open", is: "less", value: true })).toEqual([
      "/filter/is not_ordered",
    ]);
  });

  it("refuses two result columns of one name, a time column without times, and too many conditions", () => {
    expect(
      issuesOf(queryOn({ select: [{ column: "city" }, { aggregate: "count", name: "city" }] })),
    ).toEqual(["/select/1 duplicate_name"]);
    expect(issuesOf(queryOn({ select, timeColumn: "city" }))).toEqual(["/timeColumn not_a_time"]);
    const conditions: Filter[] = Array.from({ length: 50 }, () => ({ column: "city", is: "null" }));
    expect(filtered({ and: Array.from({ length: 5 }, () => ({ or: conditions })) })).toEqual([
      "/filter too_many_conditions",
    ]);
  });

  it("refuses buckets of what is no time, and hours of a date", () => {
    expect(issuesOf(queryOn({ select: [{ bucket: "day", column: "city" }] }))).toEqual([
      "/select/0/column not_a_time",
    ]);
    for (const bucket of ["minute", "hour"] as const)
      expect(issuesOf(queryOn({ select: [{ bucket, column: "day" }] }))).toEqual([
        "/select/0/bucket not_a_bucket",
      ]);
    expect(filtered({ column: "city", is: "last", duration: "P1D" })).toEqual([
      "/filter/column not_a_time",
    ]);
  });

  it("refuses a percentile without its number, and a number without a percentile", () => {
    expect(
      issuesOf(queryOn({ select: [{ aggregate: "percentile", column: "visits", name: "p" }] })),
    ).toEqual(["/select/0 percentile_required"]);
    expect(
      issuesOf(
        queryOn({ select: [{ aggregate: "median", percentile: 50, column: "visits", name: "p" }] }),
      ),
    ).toEqual(["/select/0/percentile not_a_percentile"]);
  });

  it("refuses what needs a time column and has none", () => {
    expect(
      issuesOf(
        queryOn({
          select: [{ aggregate: "count", name: "n" }],
          last: "P1D",
          relativeTo: "latest",
          compare: "previousPeriod",
        }),
      ),
    ).toEqual([
      "/last time_column_required",
      "/relativeTo time_column_required",
      "/compare time_column_required",
    ]);
  });

  it("refuses comparisons that have nothing to stand beside", () => {
    const compared = (...selected: Selection[]) =>
      issuesOf(queryOn({ select: selected, timeColumn: "day", compare: "previousPeriod" }));
    const count: Selection = { aggregate: "count", name: "n" };
    expect(compared(count)).toEqual([]);
    expect(compared({ bucket: "week", column: "day" }, count)).toEqual([]);
    expect(compared({ column: "city" })).toEqual(["/compare not_comparable"]);
    expect(compared({ column: "city" }, count)).toEqual(["/compare not_comparable"]);
    expect(compared({ bucket: "day", column: "at" }, count)).toEqual(["/compare not_comparable"]);
    expect(compared(count, { aggregate: "count", column: "city", name: "n (previous)" })).toEqual([
      "/compare duplicate_name",
    ]);
  });

  it("refuses the largest groups of what is no text, or by what is no number", () => {
    const largest = (column: string, by: string, ...more: Selection[]) =>
      issuesOf(queryOn({ select: [{ column }, ...more], top: { column, by, count: 3 } }));
    const count: Selection = { aggregate: "count", name: "n" };
    expect(largest("city", "n", count)).toEqual([]);
    expect(largest("open", "n", count)).toEqual(["/top/column not_a_text"]);
    expect(largest("city", "last", { aggregate: "maximum", column: "day", name: "last" })).toEqual([
      "/top/by not_a_number",
    ]);
    expect(largest("city", "n")).toEqual(["/top/by unknown_column"]);
  });

  it("refuses more values than SQLite takes, however often the query has to name them", () => {
    const values = Array.from({ length: 100 }, (_, value) => value);
    const conditions: Filter[] = Array.from({ length: 40 }, () => ({
      column: "visits",
      is: "in",
      values,
    }));
    const largest = {
      select: [{ column: "city" }, { aggregate: "count", name: "n" }] as Selection[],
      top: { column: "city", by: "n", count: 3 },
    };
    const filter: Filter = { and: Array.from({ length: 5 }, () => ({ or: conditions })) };
    expect(issuesOf(queryOn({ select, filter }))).toEqual([]);
    expect(issuesOf(queryOn({ ...largest, filter }))).toEqual(["/filter too_many_values"]);
  });

  it("will not touch a table that the server has not named", () => {
    expect(() => describeResult(queryOn({ select }), { ...shape, tableName: "users" })).toThrow(
      /a name that this server did not make/,
    );
  });
});

describe("the schema of queries", () => {
  it("refuses filters that are nested too deep without running out of stack", () => {
    let deep: unknown = { column: "city", is: "null" };
    for (let level = 0; level < 50_000; level += 1) deep = { and: [deep] };
    expect(
      querySchema.safeParse({ dataset: "shops", select: [{ column: "city" }], filter: deep })
        .success,
    ).toBe(false);
  });

  it("refuses NUL characters, which LIKE would read as the end of the text", () => {
    expect(
      querySchema.safeParse({
        dataset: "shops",
        select: [{ column: "city" }],
        filter: { column: "city", is: "contains", value: "a\0b" },
      }).success,
    ).toBe(false);
  });
});

const hostileTexts = [
  '"; DROP TABLE users; --',
  "' OR 1=1 --",
  "c0",
  "k0",
  "v0",
  "ranked",
  "place",
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
  "a\0b",
];
/** Also what the schema would refuse: the compiler does not rely on it. */
const hostileText = fc.oneof(
  fc.constantFrom(...hostileTexts),
  fc.string({ unit: "binary", minLength: 1, maxLength: 30 }),
);
/** No column of text holds a NUL, so that none can be compared with. */
const hostileValue = hostileText.filter((text) => !text.includes("\0"));

/**
 * One structure of a query, to be filled with texts: names of columns and of results, labels,
 * units, values, what the rest is called, and what a page is sorted by.
 */
interface Texts {
  readonly dataset: string;
  /** Of a timestamp, a date, two texts and a number. */
  readonly columns: readonly [string, string, string, string, string];
  readonly results: readonly [string, string, string];
  readonly labels: readonly string[];
  readonly values: readonly [string, string, string];
}
const texts: fc.Arbitrary<Texts> = fc
  .tuple(
    fc.uniqueArray(hostileText, { minLength: 9, maxLength: 9 }),
    fc.array(hostileText, { minLength: 4, maxLength: 4 }),
    fc.tuple(hostileValue, hostileValue, hostileValue),
  )
  .map(
    ([[dataset, first, second, third, fourth, fifth, sixth, seventh, eighth], labels, values]) => ({
      dataset: dataset as string,
      columns: [first, second, third, fourth, fifth] as unknown as Texts["columns"],
      results: [sixth, seventh, eighth] as unknown as Texts["results"],
      labels,
      values,
    }),
  );

const structure = fc.record({
  unit: fc.constantFrom(...timeUnits),
  buckets: fc.boolean(),
  groups: fc.boolean(),
  aggregate: fc.option(fc.constantFrom(...aggregates), { nil: undefined, freq: 6 }),
  filter: fc.constantFrom(
    "equal",
    "notEqual",
    "less",
    "contains",
    "in",
    "last",
    "null",
    "nested",
    undefined,
  ),
  order: fc.constantFrom("result", "column", undefined),
  limit: fc.option(fc.integer({ min: 1, max: 10_000 }), { nil: undefined }),
  timeZone: fc.constantFrom("Europe/Paris", "Australia/Lord_Howe", undefined),
  range: fc.constantFrom("last", "bounds", undefined),
  compare: fc.boolean(),
  top: fc.constantFrom("others", "alone", undefined),
  sorted: fc.boolean(),
});
type Structure = typeof structure extends fc.Arbitrary<infer T> ? T : never;

const fill = (parts: Structure, given: Texts) => {
  const [timestamp, date, category, other, number] = given.columns;
  const [bucketName, total, more] = given.results;
  const [label, unit, second, rest] = given.labels as [string, string, string, string];
  const column = (name: string, type: ColumnType): DatasetColumn => ({ name, label, type, unit });
  const dataset: QueriedDataset = {
    ...shape,
    name: given.dataset,
    columns: [
      column(timestamp, "timestamp"),
      column(date, "date"),
      column(category, "text"),
      column(other, "text"),
      column(number, "decimal"),
    ],
    timeBounds: Object.fromEntries([
      [timestamp, [Date.UTC(2025, 0), Date.UTC(2026, 0)]],
      [date, ["2025-01-01", "2026-01-01"]],
    ]),
  };
  const filters: Record<NonNullable<Structure["filter"]>, Filter> = {
    equal: { column: category, is: "equal", value: given.values[0] },
    notEqual: { column: category, is: "notEqual", value: given.values[0] },
    less: { column: other, is: "less", value: given.values[1] },
    contains: { column: category, is: "contains", value: given.values[0] },
    in: { column: category, is: "in", values: given.values },
    last: { column: timestamp, is: "last", duration: "P3M" },
    null: { column: other, is: "null" },
    nested: {
      or: [
        { and: [{ column: category, is: "equal", value: given.values[1] }] },
        { column: other, is: "contains", value: given.values[2] },
      ],
    },
  };
  const query: Query = {
    dataset: given.dataset,
    select: [
      ...(parts.buckets
        ? [{ bucket: parts.unit, column: timestamp, name: bucketName, label }]
        : []),
      ...(parts.groups ? [{ column: category, label: second }] : []),
      ...(parts.aggregate
        ? [
            {
              aggregate: parts.aggregate,
              column: number,
              name: total,
              label,
              unit,
              ...(parts.aggregate === "percentile" && { percentile: 90 }),
            },
          ]
        : []),
      ...(parts.aggregate ? [{ aggregate: "count" as const, name: more }] : []),
      ...(parts.aggregate || parts.groups || parts.buckets ? [] : [{ column: other }]),
    ],
    ...(parts.filter && { filter: filters[parts.filter] }),
    ...(parts.order && {
      orderBy: [
        { name: parts.order === "column" ? other : total, direction: "descending" as const },
      ],
    }),
    ...(parts.limit !== undefined && { limit: parts.limit }),
    ...(parts.timeZone && { timeZone: parts.timeZone }),
    ...((parts.range ?? parts.compare) && { timeColumn: timestamp }),
    ...(parts.range === "last" && { last: "P2M", relativeTo: "latest" as const }),
    ...(parts.compare && { compare: "previousPeriod" as const }),
    ...(parts.top && {
      top: {
        column: category,
        by: total,
        count: 3,
        ...(parts.top === "others" && { others: rest }),
      },
    }),
  };
  const sort = parts.aggregate
    ? total
    : parts.groups
      ? category
      : parts.buckets
        ? bucketName
        : other;
  return compileQuery(query, dataset, {
    now,
    ...(parts.range === "bounds" && { range: { from: "2025-03-01", to: "2025-12-01T00:00:00Z" } }),
    ...(parts.sorted && {
      page: { sort: { name: sort, direction: "descending" as const }, offset: 5, limit: 5 },
    }),
  });
};

describe("no text of a query reaches the SQL", () => {
  /**
   * What our templates are made of: words, quoted formats, numbers, numbered columns and
   * punctuation.
   */
  const words = new Set(
    `SELECT FROM WHERE GROUP BY ORDER LIMIT OFFSET AND OR IS NOT NULL NULLS LAST IN LIKE ESCAPE ASC DESC DISTINCT WITH AS MATERIALIZED OVER CASE WHEN THEN ELSE END EXISTS LEFT JOIN ON
     sum avg count min max median percentile substr strftime date unixepoch row_number rowid sallyport_alive ranked kept place k v a b`.split(
      /\s+/,
    ),
  );
  const literals = new Set([
    "'\\'",
    "'%Y-%m'",
    "'%Y'",
    "'unixepoch'",
    "'-01'",
    "'-01-01'",
    "'01'",
    "'04'",
    "'07'",
    "'10'",
    "'-6 days'",
    "'weekday 1'",
  ]);
  const numbers = new Set([
    "0",
    "1",
    "2",
    "4",
    "5",
    "6",
    "7",
    "12",
    "1023",
    "86400",
    "86400000",
    "604800000",
    "1000002",
  ]);
  const token = /'[^']*'|[A-Za-z_][A-Za-z0-9_]*|\d+|\|\||<=|>=|<>|[(),*?=<>+\-/%&. ]/y;

  /** Everything in the text that is none of ours. */
  const foreignTokensOf = (text: string): string[] => {
    const foreign: string[] = [];
    token.lastIndex = 0;
    while (token.lastIndex < text.length) {
      const start = token.lastIndex;
      const found = token.exec(text)?.[0];
      if (found === undefined) return [...foreign, text.slice(start)];
      if (
        found.startsWith("'")
          ? !literals.has(found)
          : /^\d/.test(found)
            ? !numbers.has(found)
            : false
      )
        foreign.push(found);
      if (
        /^[A-Za-z_]/.test(found) &&
        !words.has(found) &&
        !/^[ckvpr]\d{1,2}$/.test(found) &&
        found !== shape.tableName
      )
        foreign.push(found);
    }
    return foreign;
  };

  it(
    "which is the same for every choice of texts, and holds nothing but words of ours",
    { timeout: 120_000 },
    () => {
      let compiledCount = 0;
      const compiledParts = new Set<string>();
      fc.assert(
        fc.property(structure, texts, texts, (parts, some, others) => {
          const [first, second] = [fill(parts, some), fill(parts, others)];
          expect(first.ok).toBe(second.ok);
          if (!first.ok || !second.ok) return;
          compiledCount += 1;
          for (const [name, value] of Object.entries(parts))
            compiledParts.add(`${name} ${String(name === "limit" ? value !== undefined : value)}`);
          for (const part of ["statement", "count"] as const) {
            expect(first[part].text).toBe(second[part].text);
            expect(foreignTokensOf(first[part].text)).toEqual([]);
            expect(first[part].text.split("?").length - 1).toBe(first[part].parameters.length);
          }
        }),
        { numRuns: 5_000, seed: 20_261_122 },
      );
      // Many random queries do not fit their dataset; enough have to, and with every part, or
      // little is proven.
      expect(compiledCount).toBeGreaterThan(1_000);
      for (const part of [
        "unit hour",
        "unit week",
        "filter nested",
        "filter contains",
        "filter last",
        "order column",
        "compare true",
        "top others",
        "top alone",
        "sorted true",
        "range bounds",
        "aggregate percentile",
      ])
        expect(compiledParts).toContain(part);
    },
  );

  it("which the check above would notice", () => {
    expect(foreignTokensOf(`SELECT c0 FROM ${shape.tableName} WHERE c0 = 'x'`)).toEqual(["'x'"]);
    expect(foreignTokensOf("SELECT c0 FROM users")).toEqual(["users"]);
    expect(foreignTokensOf("SELECT c0, 1000 FROM c1")).toEqual(["1000"]);
    expect(foreignTokensOf('SELECT "c0"')).toEqual(['"c0"']);
    expect(foreignTokensOf("SELECT c0 /* x */")).toEqual(["x"]);
    expect(foreignTokensOf("SELECT c0;")).toEqual([";"]);
  });
});
