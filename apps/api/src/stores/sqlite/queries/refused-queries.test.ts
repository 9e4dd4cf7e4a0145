/** Queries that are refused, and every reason that is given. */
import { describe, expect, it } from "vitest";
import {
  type aggregates,
  query as querySchema,
  type Filter,
  type Query,
  type Selection,
} from "@sallyport/shared/contract";
import type { QueriedDataset } from "@sallyport/shared/core";
import { queryShops, shops } from "../testing/shops.ts";
import { describeResult } from "./compile-query.ts";

const issuesOf = (query: Query, dataset: QueriedDataset | undefined = shops) => {
  const compiled = describeResult(query, dataset);
  return compiled.ok ? [] : compiled.issues.map(({ pointer, code }) => `${pointer} ${code}`);
};

describe("a query that does not fit its dataset is refused with every reason", () => {
  const select: Selection[] = [{ column: "city" }];
  const filtered = (filter: Filter) => issuesOf(queryShops({ select, filter }));

  it("names an unknown dataset", () => {
    expect(issuesOf({ dataset: "other", select })).toEqual(["/dataset unknown_dataset"]);
    expect(describeResult(queryShops({ select }), undefined).ok).toBe(false);
  });

  it("names every unknown column", () => {
    const query = queryShops({
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
      issuesOf(queryShops({ select: [{ column: "__proto__" }, { column: "constructor" }] })),
    ).toHaveLength(2);
  });

  it("does not order groups by a column that is not in the result", () => {
    expect(
      issuesOf(
        queryShops({
          select: [{ column: "city" }, { aggregate: "count", name: "n" }],
          orderBy: [{ name: "visits", direction: "ascending" }],
        }),
      ),
    ).toEqual(["/orderBy/0/name unknown_column"]);
    expect(
      issuesOf(queryShops({ select, orderBy: [{ name: "visits", direction: "ascending" }] })),
    ).toEqual([]);
  });

  it("refuses aggregates on the wrong type, and those that lack a column", () => {
    const refused = (aggregate: (typeof aggregates)[number], column?: string) =>
      issuesOf(
        queryShops({ select: [{ aggregate, ...(column !== undefined && { column }), name: "x" }] }),
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
      issuesOf(queryShops({ select: [{ column: "city" }, { aggregate: "count", name: "city" }] })),
    ).toEqual(["/select/1 duplicate_name"]);
    expect(issuesOf(queryShops({ select, timeColumn: "city" }))).toEqual([
      "/timeColumn not_a_time",
    ]);
    const conditions: Filter[] = Array.from({ length: 50 }, () => ({ column: "city", is: "null" }));
    expect(filtered({ and: Array.from({ length: 5 }, () => ({ or: conditions })) })).toEqual([
      "/filter too_many_conditions",
    ]);
  });

  it("refuses buckets of what is no time, and hours of a date", () => {
    expect(issuesOf(queryShops({ select: [{ bucket: "day", column: "city" }] }))).toEqual([
      "/select/0/column not_a_time",
    ]);
    for (const bucket of ["minute", "hour"] as const)
      expect(issuesOf(queryShops({ select: [{ bucket, column: "day" }] }))).toEqual([
        "/select/0/bucket not_a_bucket",
      ]);
    expect(filtered({ column: "city", is: "last", duration: "P1D" })).toEqual([
      "/filter/column not_a_time",
    ]);
  });

  it("refuses a percentile without its number, and a number without a percentile", () => {
    expect(
      issuesOf(queryShops({ select: [{ aggregate: "percentile", column: "visits", name: "p" }] })),
    ).toEqual(["/select/0 percentile_required"]);
    expect(
      issuesOf(
        queryShops({
          select: [{ aggregate: "median", percentile: 50, column: "visits", name: "p" }],
        }),
      ),
    ).toEqual(["/select/0/percentile not_a_percentile"]);
  });

  it("refuses what needs a time column and has none", () => {
    expect(
      issuesOf(
        queryShops({
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
      issuesOf(queryShops({ select: selected, timeColumn: "day", compare: "previousPeriod" }));
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
      issuesOf(queryShops({ select: [{ column }, ...more], top: { column, by, count: 3 } }));
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
    expect(issuesOf(queryShops({ select, filter }))).toEqual([]);
    expect(issuesOf(queryShops({ ...largest, filter }))).toEqual(["/filter too_many_values"]);
  });

  it("will not touch a table that the server has not named", () => {
    expect(() => describeResult(queryShops({ select }), { ...shops, tableName: "users" })).toThrow(
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
