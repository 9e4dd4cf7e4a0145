/** Which rows a panel's query gives: filters, groups, aggregates, and their order. */
import type { Query } from "../contract/contract.ts";
import type { Shown } from "./behaviour.ts";
import { orders } from "./orders.ts";
import {
  type Case,
  asShown,
  ascending,
  byDay,
  count,
  descending,
  item,
  quantity,
  rowsOf,
  table,
  total,
} from "./panel-cases.ts";

const filters: readonly (readonly [
  what: string,
  filter: Query["filter"],
  items: readonly (number | null)[],
])[] = [
  ["equal", { column: "region", is: "equal", value: "north" }, [3, 1, 4]],
  [
    "notEqual, which holds for null",
    { column: "region", is: "notEqual", value: "north" },
    [5, 2, 10, 7, null],
  ],
  [
    "less and atLeast",
    {
      and: [
        { column: "quantity", is: "less", value: 7 },
        { column: "quantity", is: "atLeast", value: 3 },
      ],
    },
    [3, 5, 4],
  ],
  [
    "greater and atMost, of a decimal",
    {
      and: [
        { column: "price", is: "greater", value: 1.5 },
        { column: "price", is: "atMost", value: 2.25 },
      ],
    },
    [1, 4, 10],
  ],
  ["contains, in either case", { column: "item", is: "contains", value: "APP" }, [3, 5, 4, null]],
  ["contains, without wildcards", { column: "item", is: "contains", value: "%" }, []],
  ["in", { column: "item", is: "in", values: ["plums", "cherries", "nothing"] }, [2, 7]],
  ["null", { column: "region", is: "null" }, [7]],
  ["notNull", { column: "quantity", is: "notNull" }, [3, 1, 5, 2, 4, 10, 7]],
  ["equal, of a boolean", { column: "paid", is: "equal", value: false }, [1, 10]],
  ["less, of a date", { column: "day", is: "less", value: "2026-10-25" }, [3]],
  [
    "atLeast, of a timestamp",
    { column: "placed", is: "atLeast", value: "2026-10-25T23:59:59.999+01:00" },
    [4, 10, 7, null],
  ],
  [
    "or within and",
    {
      and: [
        { column: "paid", is: "equal", value: true },
        {
          or: [
            { column: "region", is: "equal", value: "south" },
            { column: "region", is: "null" },
          ],
        },
      ],
    },
    [5, 7],
  ],
];

const filterCases: readonly Case[] = [
  ...filters.map(([what, filter, rows]) =>
    rowsOf(
      `a filter compares by ${what}`,
      { select: [quantity], orderBy: [ascending("placed")], ...(filter && { filter }) },
      rows.map((one) => [one]),
    ),
  ),
];

const resultCases: readonly Case[] = [
  {
    name: "a column is described by its label, its type, its unit and the format that the query gives it",
    panel: table({
      select: [
        { column: "price", label: "Each", format: { digits: 2 } },
        { bucket: "month", column: "day", name: "month", label: "Month" },
        { aggregate: "average", column: "price", name: "mean" },
        {
          aggregate: "count",
          column: "price",
          name: "how many",
          unit: "orders",
          format: { style: "compact" },
        },
        { aggregate: "maximum", column: "placed", name: "last" },
      ],
      limit: 1,
      orderBy: [descending("price")],
    }),
    expected: {
      columns: [
        { name: "price", label: "Each", type: "decimal", unit: "EUR", format: { digits: 2 } },
        { name: "month", label: "Month", type: "date", bucket: "month" },
        { name: "mean", label: "mean", type: "decimal", unit: "EUR" },
        {
          name: "how many",
          label: "how many",
          type: "integer",
          unit: "orders",
          format: { style: "compact" },
        },
        { name: "last", label: "last", type: "timestamp" },
      ],
      rows: [[4, "2026-10-01", 4, 1, "2026-10-25T01:30:00.000Z"]],
    },
  },
  rowsOf(
    "values come as they were put in, timestamps in UTC",
    {
      select: [...orders.columns.map(({ name }) => ({ column: name }))],
      filter: { column: "item", is: "in", values: ["plums", "Apples"] },
      orderBy: [ascending("placed")],
    },
    [
      ["2026-10-25T01:30:00.000Z", "2026-10-25", "south", "plums", 2, 4, null],
      ["2026-11-03T08:15:00.000Z", "2026-11-03", "east", "Apples", null, null, true],
    ],
  ),
  rowsOf(
    "rows are ordered by one column after the other, null last either way",
    { select: [item, quantity], orderBy: [ascending("region"), descending("quantity")] },
    [
      ["Apples", null],
      ["apples", 4],
      ["apples", 3],
      ["pears", 1],
      ["apples", 5],
      ["plums", 2],
      ["pears", 10],
      ["cherries", 7],
    ],
  ),
  rowsOf(
    "null is last in descending order",
    {
      select: [{ column: "region" }],
      orderBy: [descending("region")],
      limit: 3,
      filter: { column: "quantity", is: "atLeast", value: 5 },
    },
    [["west"], ["south"], [null]],
  ),
  rowsOf(
    "groups come in the order of what they are grouped by, and a sum of nothing is null",
    { select: [{ column: "region" }, total, count] },
    [
      ["east", null, 1],
      ["north", 8, 3],
      ["south", 7, 2],
      ["west", 10, 1],
      [null, 7, 1],
    ],
  ),
  rowsOf(
    "groups of two columns, in the order of an aggregate",
    {
      select: [{ column: "paid" }, item, total],
      orderBy: [descending("total"), ascending("item")],
      limit: 4,
    },
    [
      [true, "apples", 12],
      [false, "pears", 11],
      [true, "cherries", 7],
      [null, "plums", 2],
    ],
  ),
  rowsOf(
    "aggregates leave null out, and a count without a column does not",
    {
      select: [
        count,
        { aggregate: "count", column: "quantity", name: "known" },
        { aggregate: "distinct", column: "item", name: "items" },
        { aggregate: "minimum", column: "item", name: "first" },
        { aggregate: "maximum", column: "day", name: "latest" },
        { aggregate: "minimum", column: "price", name: "cheapest" },
        { aggregate: "average", column: "quantity", name: "mean" },
        { aggregate: "median", column: "quantity", name: "middle" },
        { aggregate: "percentile", percentile: 75, column: "quantity", name: "p75" },
        { aggregate: "percentile", percentile: 0, column: "price", name: "p0" },
        { aggregate: "percentile", percentile: 12.5, column: "price", name: "p12.5" },
      ],
    },
    [[8, 7, 5, "Apples", "2026-11-03", 0.5, 32 / 7, 4, 6, 0.5, 1.25]],
  ),
  rowsOf(
    "without a row, aggregates without groups are one row",
    {
      select: [count, total, { aggregate: "median", column: "price", name: "middle" }],
      filter: { column: "item", is: "equal", value: "nothing" },
    },
    [[0, null, null]],
  ),
  rowsOf(
    "without a row, there is no group",
    { select: [item, count], filter: { column: "item", is: "equal", value: "nothing" } },
    [],
  ),
];

const topCases: readonly Case[] = [
  rowsOf(
    "only the largest groups, and the rest together comes last",
    {
      select: [item, total, count],
      top: { column: "item", by: "total", count: 2, others: "Others" },
    },
    [
      ["apples", 12, 3],
      ["pears", 11, 2],
      ["Others", 9, 3],
    ],
  ),
  rowsOf(
    "without a name for the rest, it is left out",
    { select: [item, total], top: { column: "item", by: "total", count: 2 } },
    [
      ["apples", 12],
      ["pears", 11],
    ],
  ),
  rowsOf(
    "the rest comes last within its bucket of time",
    {
      ...byDay,
      select: [{ bucket: "week", column: "placed" }, item, total],
      top: { column: "item", by: "total", count: 1, others: "Others" },
      orderBy: [ascending("placed"), descending("total")],
    },
    [
      ["2026-10-19", "apples", 12],
      ["2026-10-19", "Others", 3],
      ["2026-10-26", "Others", 17],
      ["2026-11-02", "Others", null],
    ],
  ),
];

export const panelRowBehaviours: readonly Shown[] = [
  asShown("filters compare as their words say, whatever the type", filterCases),
  asShown("rows, groups and aggregates, and their order", resultCases),
  asShown("the largest groups, and the rest", topCases),
];
