import { describe, expect, it } from "vitest";
import fc from "fast-check";
import {
  columnTypes,
  sectionDefinition,
  type DatasetColumn,
  type PanelDefinition,
} from "../../contract/contract.ts";
import { describeResult } from "../queries/resolve-query.ts";
import { checkDefinition } from "./check-definition.ts";
import { layOut, type LaidOutDataset } from "./first-layout.ts";

const orders: LaidOutDataset = {
  name: "orders",
  title: "Orders",
  timeBounds: { day: ["2026-01-01", "2026-03-31"] },
  columns: [
    { name: "id", label: "Id", type: "integer" },
    { name: "day", label: "Day", type: "date" },
    { name: "item", label: "Item", type: "text" },
    { name: "price", label: "Price", type: "decimal", unit: "EUR" },
  ],
};
const mistakesOf = (dataset: LaidOutDataset, panels: readonly PanelDefinition[]) => {
  const parsed = sectionDefinition.safeParse({ slug: "orders", title: "Orders", panels });
  return parsed.success
    ? checkDefinition(parsed.data, (query) => describeResult(query, dataset))
    : parsed.error.issues;
};

describe("the first panels for a dataset", () => {
  it("are its first amount, the same over time, and its rows, the latest first", () => {
    const value = { aggregate: "sum", column: "price", name: "amount", label: "Price" };
    const byDay = { bucket: "day", column: "day", label: "Day" };
    expect(layOut(orders)).toEqual([
      {
        kind: "metric",
        title: "Price",
        width: 3,
        query: { dataset: "orders", timeColumn: "day", select: [value] },
        trend: { dataset: "orders", timeColumn: "day", select: [byDay, value] },
      },
      {
        kind: "chart",
        title: "Price by day",
        width: 9,
        query: { dataset: "orders", timeColumn: "day", select: [byDay, value] },
        chart: { type: "line", x: "day", y: ["amount"] },
      },
      {
        kind: "table",
        title: "Orders",
        width: 12,
        query: {
          dataset: "orders",
          timeColumn: "day",
          select: ["id", "day", "item", "price"].map((column) => ({ column })),
          orderBy: [{ name: "day", direction: "descending" }],
        },
      },
    ]);
  });

  it.each([
    ["day", { day: ["2026-01-01", "2026-01-01"] }],
    ["day", {}],
    ["week", { day: ["2025-01-01", "2026-03-31"] }],
    ["month", { day: ["2018-01-01", "2026-03-31"] }],
    ["year", { day: ["1918-01-01", "2026-03-31"] }],
  ] as const)("are drawn by %s where the days are %j", (unit, timeBounds) => {
    expect(layOut({ ...orders, timeBounds })[1]).toMatchObject({
      query: { select: [{ bucket: unit }, {}] },
    });
  });

  it("are drawn by hour for timestamps of a day or two", () => {
    const columns = orders.columns.map((column) =>
      column.type === "date" ? { ...column, type: "timestamp" as const } : column,
    );
    const at = Date.parse("2026-01-01T00:00:00Z");
    expect(
      layOut({ ...orders, columns, timeBounds: { day: [at, at + 86_400_000] } })[1],
    ).toMatchObject({ query: { select: [{ bucket: "hour" }, {}] } });
  });

  it("count rows by category where there are no amounts and no times", () => {
    const columns = orders.columns.filter(({ name }) => name === "id" || name === "item");
    expect(layOut({ ...orders, columns, timeBounds: {} }).slice(0, 2)).toMatchObject([
      { kind: "metric", title: "Rows", query: { select: [{ aggregate: "count" }] } },
      { kind: "chart", title: "Rows by Item", chart: { type: "bar", x: "item", y: ["rows"] } },
    ]);
  });

  it("average shares, which nobody adds up", () => {
    const columns: DatasetColumn[] = [
      { name: "late", label: "Late", type: "decimal", format: { style: "percent" } },
    ];
    expect(layOut({ ...orders, columns, timeBounds: {} })[0]).toMatchObject({
      query: { select: [{ aggregate: "average", column: "late" }] },
    });
  });

  it("fit the dataset, whatever its columns are", () => {
    const text = fc.oneof(
      fc.constantFrom("amount", "rows", "Amount", "lat", "id", "__proto__", "👩‍👩‍👧".repeat(12)),
      fc.string({ minLength: 1, maxLength: 50 }),
    );
    const name = text.map((one) => one.replaceAll("\0", "_"));
    const columns = fc.uniqueArray(
      fc.record({ name, label: text, type: fc.constantFrom(...columnTypes) }),
      { minLength: 1, maxLength: 12, selector: (column) => column.name },
    );
    fc.assert(
      fc.property(columns, fc.string({ minLength: 1, maxLength: 100 }), (given, title) => {
        const dataset: LaidOutDataset = { name: "orders", title, columns: given, timeBounds: {} };
        expect(mistakesOf(dataset, layOut(dataset))).toEqual([]);
      }),
    );
  });
});
