/** Whatever a person writes into a query, none of it becomes SQL. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  aggregates,
  timeUnits,
  type ColumnType,
  type DatasetColumn,
  type Filter,
  type Query,
} from "@sallyport/shared/contract";
import type { QueriedDataset } from "@sallyport/shared/core";
import { shops } from "../testing/shops.ts";
import { compileQuery } from "./compile-query.ts";

const now = Date.UTC(2026, 10, 22, 9);

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
    ...shops,
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
     sum avg count min max median percentile substr strftime date unixepoch row_number rowid sallyport_alive abs coalesce ranked kept place k v a b`.split(
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
    "9223372036854775808",
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
        found !== shops.tableName
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
    expect(foreignTokensOf(`SELECT c0 FROM ${shops.tableName} WHERE c0 = 'x'`)).toEqual(["'x'"]);
    expect(foreignTokensOf("SELECT c0 FROM users")).toEqual(["users"]);
    expect(foreignTokensOf("SELECT c0, 1000 FROM c1")).toEqual(["1000"]);
    expect(foreignTokensOf('SELECT "c0"')).toEqual(['"c0"']);
    expect(foreignTokensOf("SELECT c0 /* x */")).toEqual(["x"]);
    expect(foreignTokensOf("SELECT c0;")).toEqual([";"]);
  });
});
