import { describe, expect, it } from "vitest";
import type { Query } from "@sallyport/shared/contract";
import { rowCeiling, type Asked } from "@sallyport/shared/core";
import { queryShops, shops } from "../testing/shops.ts";
import { stillAlive } from "./compile-groups.ts";
import { compileQuery } from "./compile-query.ts";

const now = Date.UTC(2026, 10, 22, 9);
const compile = (query: Query, asked: Omit<Asked, "now"> = {}) => {
  const compiled = compileQuery(query, shops, { ...asked, now });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.issues));
  return compiled;
};
const guard = stillAlive.text;

describe("a query becomes SQL", () => {
  it("groups by the plain columns when there are aggregates, and binds every value in the order of the text", () => {
    const { statement, columns: result } = compile(
      queryShops({
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
      `SELECT k0 AS r0, v0 AS r1 FROM (SELECT c0 AS k0, sum(c2 * 1.0) AS v0 FROM ${shops.tableName} WHERE ${guard} AND (c3 = ? AND (c0 IN (?, ?) OR c0 LIKE ? ESCAPE '\\')) AND c5 >= ? AND c5 < ? GROUP BY k0) ORDER BY r1 DESC NULLS LAST, r0 ASC NULLS LAST LIMIT ?`,
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
        compile(queryShops({ select: [{ column: "city" }], ...(limit !== undefined && { limit }) }))
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
      const { statement, count } = compile(queryShops(rest), { page: { offset: 0, limit: 5 } });
      for (const { text } of [statement, count])
        expect(text.split(` FROM ${shops.tableName} WHERE ${guard}`).length).toBe(
          text.split(shops.tableName).length,
        );
    }
  });

  it("leaves a query without a time column as it is, whatever range is asked for", () => {
    const query = queryShops({ select: [{ column: "city" }] });
    expect(compile(query, { range: { from: "2026-01-01" } })).toEqual(compile(query));
    expect(compile(query, { range: { last: "P1D" }, sectionLast: "P1D" })).toEqual(compile(query));
  });

  it("leaves an index on the time column aside where the range holds most of the rows", () => {
    const text = (query: Query, from: string) => compile(query, { range: { from } }).statement.text;
    for (const [timeColumn, name] of [
      ["at", "c5"],
      ["day", "c4"],
    ] as const) {
      const query = queryShops({ select: [{ column: "city" }], timeColumn });
      expect(text(query, "2026-06-01")).toContain(` AND ${name} >= ?`);
      expect(text(query, "2025-06-01")).toContain(` AND +${name} >= ?`);
      expect(text(query, "2020-01-01")).toContain(` AND +${name} >= ?`);
      expect(text(query, "2030-01-01")).toContain(` AND ${name} >= ?`);
    }
  });

  it("compares with a clock's changes only where they can come up: between the bounds of the rows, and of the range", () => {
    const query = queryShops({
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
  const query = queryShops({ select: [{ column: "city" }], timeColumn: "day" });
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
