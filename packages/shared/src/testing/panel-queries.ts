/** What panel queries answer, to the last digit: of the same rows, a server and a mock have to say the same. */
import type { PanelDefinition, Query, Session } from "../contract/contract.ts";
import { expectOutcome, type Input } from "./ask.ts";
import type { Shown } from "./behaviour.ts";
import { holds, same } from "./differences.ts";
import {
  addDataset,
  addOrderPanels,
  addOrders,
  orders,
  panelsOf,
  signInToAdminister,
} from "./orders.ts";
import type { Subject } from "./subject.ts";

interface Data {
  readonly columns: readonly Readonly<Record<string, unknown>>[];
  readonly rows: readonly (readonly unknown[])[];
  readonly range?: unknown;
  readonly timeZone?: string;
  readonly total?: number;
  readonly points?: number;
  readonly trend?: Pick<Data, "columns" | "rows" | "range">;
}

const readPanel = async (
  subject: Subject,
  mica: Session,
  panelId: string,
  query: Input["query"] = {},
): Promise<Data> =>
  (
    await expectOutcome(
      subject,
      200,
      "GET /sections/:slug/panels/:panelId/data",
      { params: { slug: "orders", panelId }, query },
      mica,
    )
  ).body as Data;

const of = (query: Omit<Query, "dataset">): Query => ({ dataset: orders.name, ...query });
const table = (query: Omit<Query, "dataset">): PanelDefinition => ({
  kind: "table",
  title: "Table",
  width: 12,
  pageSize: 100,
  query: of(query),
});

const quantity = { column: "quantity" } as const;
const item = { column: "item" } as const;
const count = { aggregate: "count", name: "count" } as const;
const total = { aggregate: "sum", column: "quantity", name: "total" } as const;
const ascending = (name: string) => ({ name, direction: "ascending" }) as const;
const descending = (name: string) => ({ name, direction: "descending" }) as const;

interface Case {
  readonly name: string;
  readonly panel: PanelDefinition;
  readonly query?: Input["query"];
  /** The members of the answer that are compared; all of them must be equal. */
  readonly expected: { readonly [M in keyof Data]?: Data[M] | undefined };
}

const rowsOf = (
  name: string,
  query: Omit<Query, "dataset">,
  rows: Data["rows"],
  asked: Input["query"] = {},
): Case => ({
  name,
  panel: table(query),
  query: asked,
  expected: { rows },
});

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

const paris = "Europe/Paris";
const byDay = { timeColumn: "placed", timeZone: paris } as const;

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

const bucketCases: readonly Case[] = [
  {
    name: "buckets of days are those of the calendar in the query's time zone, the night of the clock change included",
    panel: table({
      ...byDay,
      select: [{ bucket: "day", column: "placed" }, count],
      orderBy: [ascending("placed")],
    }),
    expected: {
      columns: [
        { name: "placed", label: "Placed", type: "date", bucket: "day" },
        { name: "count", label: "count", type: "integer" },
      ],
      rows: [
        ["2026-10-24", 1],
        ["2026-10-25", 4],
        ["2026-10-26", 1],
        ["2026-10-27", 1],
        ["2026-11-03", 1],
      ],
      timeZone: paris,
    },
  },
  rowsOf(
    "the hour that clocks show twice is two buckets",
    {
      ...byDay,
      select: [{ bucket: "hour", column: "placed" }, count],
      orderBy: [ascending("placed")],
      limit: 5,
    },
    [
      ["2026-10-24T21:00:00.000Z", 1],
      ["2026-10-24T22:00:00.000Z", 1],
      ["2026-10-25T00:00:00.000Z", 1],
      ["2026-10-25T01:00:00.000Z", 1],
      ["2026-10-25T22:00:00.000Z", 1],
    ],
  ),
  rowsOf(
    "hours begin where local clocks begin them",
    {
      timeZone: "Asia/Kolkata",
      select: [{ bucket: "hour", column: "placed" }, count],
      orderBy: [ascending("placed")],
      limit: 2,
    },
    [
      ["2026-10-24T21:30:00.000Z", 1],
      ["2026-10-24T22:30:00.000Z", 1],
    ],
  ),
  rowsOf(
    "buckets of minutes",
    {
      select: [{ bucket: "minute", column: "placed" }, count],
      orderBy: [descending("placed")],
      limit: 2,
    },
    [
      ["2026-11-03T08:15:00.000Z", 1],
      ["2026-10-27T12:00:00.000Z", 1],
    ],
  ),
  rowsOf(
    "weeks begin on Monday",
    {
      ...byDay,
      select: [{ bucket: "week", column: "placed" }, total],
      orderBy: [ascending("placed")],
    },
    [
      ["2026-10-19", 15],
      ["2026-10-26", 17],
      ["2026-11-02", null],
    ],
  ),
  ...(
    [
      [
        "week",
        [
          ["2026-10-19", 5],
          ["2026-10-26", 2],
          ["2026-11-02", 1],
        ],
      ],
      [
        "month",
        [
          ["2026-10-01", 7],
          ["2026-11-01", 1],
        ],
      ],
      ["quarter", [["2026-10-01", 8]]],
      ["year", [["2026-01-01", 8]]],
    ] as const
  ).map(([bucket, rows]) =>
    rowsOf(
      `a date falls into its ${bucket}`,
      { select: [{ bucket, column: "day" }, count], orderBy: [ascending("day")] },
      rows,
    ),
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

const rangeCases: readonly Case[] = [
  {
    name: "a range of days is that of the query's time zone, and is said in UTC",
    panel: table({ ...byDay, select: [quantity], orderBy: [ascending("placed")] }),
    query: { from: "2026-10-25", to: "2026-10-26" },
    expected: {
      rows: [[1], [5], [2], [4]],
      range: { from: "2026-10-24T22:00:00.000Z", to: "2026-10-25T23:00:00.000Z" },
      timeZone: paris,
      total: 4,
    },
  },
  {
    name: "a range of instants counts to the millisecond, and one of its ends is enough",
    panel: table({ ...byDay, select: [quantity], orderBy: [ascending("placed")] }),
    query: { from: "2026-10-25T22:59:59.999Z" },
    expected: {
      rows: [[4], [10], [7], [null]],
      range: { from: "2026-10-25T22:59:59.999Z", to: null },
    },
  },
  {
    name: "a range on a column of dates is of dates",
    panel: table({ timeColumn: "day", select: [quantity] }),
    query: { to: "2026-10-25" },
    expected: { rows: [[3]], range: { from: null, to: "2026-10-25" } },
  },
  {
    name: "the request's range goes before the query's own, and `all` is none",
    panel: table({ ...byDay, select: [count], last: "P1D", relativeTo: "latest" }),
    query: { last: "all" },
    expected: { rows: [[8]], range: undefined },
  },
  {
    name: "the last days count back from the latest time where the query says so",
    panel: table({
      ...byDay,
      select: [{ bucket: "day", column: "placed" }, count],
      last: "P10D",
      relativeTo: "latest",
      orderBy: [ascending("placed")],
    }),
    expected: {
      rows: [
        ["2026-10-25", 4],
        ["2026-10-26", 1],
        ["2026-10-27", 1],
        ["2026-11-03", 1],
      ],
      range: { from: "2026-10-24T22:00:00.000Z", to: "2026-11-03T23:00:00.000Z" },
    },
  },
  {
    name: "where there is no time column, a range changes nothing",
    panel: table({ select: [count] }),
    query: { from: "2026-11-01" },
    expected: { rows: [[8]], range: undefined },
  },
];

const comparisonCases: readonly Case[] = [
  {
    name: "a number stands beside that of the period before, of the same length",
    panel: {
      kind: "metric",
      title: "Pieces",
      width: 3,
      query: of({ ...byDay, select: [total, count], compare: "previousPeriod" }),
    },
    query: { from: "2026-10-25", to: "2026-10-26" },
    expected: {
      columns: [
        { name: "total", label: "total", type: "integer", unit: "pcs" },
        { name: "count", label: "count", type: "integer" },
        {
          name: "total (previous)",
          label: "total (previous)",
          type: "integer",
          unit: "pcs",
          previousOf: "total",
        },
        {
          name: "count (previous)",
          label: "count (previous)",
          type: "integer",
          previousOf: "count",
        },
      ],
      rows: [[12, 4, 3, 1]],
    },
  },
  {
    name: "without a range, there is no period before",
    panel: {
      kind: "metric",
      title: "Pieces",
      width: 3,
      query: of({ ...byDay, select: [total], compare: "previousPeriod" }),
    },
    query: { last: "all" },
    expected: { rows: [[32, null]] },
  },
  {
    name: "each bucket stands beside the one in its place in the period before",
    panel: {
      kind: "chart",
      title: "Pieces",
      width: 3,
      query: of({
        timeColumn: "day",
        select: [{ bucket: "day", column: "day" }, total],
        compare: "previousPeriod",
      }),
      chart: { type: "line", x: "day", y: ["total"] },
    },
    query: { from: "2026-10-26", to: "2026-10-28" },
    expected: {
      rows: [
        ["2026-10-26", 10, 3],
        ["2026-10-27", 7, 12],
      ],
      range: { from: "2026-10-26", to: "2026-10-28" },
    },
  },
  {
    name: "a metric has its trend beside it, in the order of time",
    panel: {
      kind: "metric",
      title: "Pieces",
      width: 3,
      query: of({ ...byDay, select: [total] }),
      trend: of({ ...byDay, select: [{ bucket: "week", column: "placed" }, total] }),
    },
    expected: {
      rows: [[32]],
      trend: {
        columns: [
          { name: "placed", label: "Placed", type: "date", bucket: "week" },
          { name: "total", label: "total", type: "integer", unit: "pcs" },
        ],
        rows: [
          ["2026-10-19", 15],
          ["2026-10-26", 17],
          ["2026-11-02", null],
        ],
      },
    },
  },
];

const pageCases: readonly Case[] = [
  {
    name: "a chart comes in the order of its axis where the query names none",
    panel: {
      kind: "chart",
      title: "Pieces",
      width: 3,
      query: of({
        select: [{ column: "day" }, quantity],
        filter: { column: "region", is: "in", values: ["west", "south"] },
      }),
      chart: { type: "line", x: "day", y: ["quantity"] },
    },
    expected: {
      rows: [
        ["2026-10-25", 5],
        ["2026-10-25", 2],
        ["2026-10-26", 10],
      ],
    },
  },
  ...(
    [
      ["the second page of a table", { page: 2, limit: 3 }, ["plums", "apples", "pears"]],
      [
        "a page of a table that is sorted by one of its columns",
        { sort: "quantity", limit: 3 },
        ["pears", "plums", "apples"],
      ],
      [
        "a page in descending order, null last",
        { sort: "-quantity", page: 3, limit: 3 },
        ["pears", "Apples"],
      ],
      ["a page beyond the last one", { page: 9 }, []],
    ] as const
  ).map(([name, query, items]): Case => ({
    name: `${name} says how many rows there are on all of them`,
    panel: table({ select: [item, quantity] }),
    query,
    expected: { rows: items.map((one) => [one]), total: 8 },
  })),
  {
    name: "a table with a limit of its own is sorted within it",
    panel: table({ select: [item, quantity], orderBy: [descending("quantity")], limit: 3 }),
    query: { sort: "item" },
    expected: { rows: [["apples"], ["cherries"], ["pears"]], total: 3 },
  },
];

/** One installation for all cases: each is a panel of one section. */
const asShown = (name: string, cases: readonly Case[]): Shown => ({
  name: `panel query: ${name}`,
  run: async (subject) => {
    const mica = await signInToAdminister(subject);
    await addOrders(subject, mica);
    const ids = await addOrderPanels(subject, mica, ...cases.map(({ panel }) => panel));
    for (const [index, { name: what, query, expected }] of cases.entries()) {
      const data = await readPanel(subject, mica, ids[index] as string, query);
      // Where one column tells enough, only that is written down.
      const width = expected.rows?.[0]?.length ?? 0;
      const compared = {
        ...data,
        rows: data.rows.map((row) => (width === 1 ? row.slice(0, 1) : row)),
      };
      for (const [member, value] of Object.entries(expected))
        same(compared[member as keyof Data], value, `${what}: ${member}`);
    }
  },
});

export const panelQueryBehaviours: readonly Shown[] = [
  asShown("filters compare as their words say, whatever the type", filterCases),
  asShown("rows, groups and aggregates, and their order", resultCases),
  asShown("times fall into the buckets of the query's time zone", bucketCases),
  asShown("the largest groups, and the rest", topCases),
  asShown("a range of time narrows what is seen", rangeCases),
  asShown(
    "numbers stand beside those of the period before, and beside their trend",
    comparisonCases,
  ),
  asShown("tables have pages and an order, charts have an axis", pageCases),
  {
    name: "panel query: what only panels of another kind have is refused, and so is a column that is not there",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      await addOrders(subject, mica);
      const [tableId, chartId] = await addOrderPanels(subject, mica, table({ select: [item] }), {
        kind: "chart",
        title: "Chart",
        width: 12,
        query: of({ select: [item, total] }),
        chart: { type: "bar", x: "item", y: ["total"] },
      });
      for (const [panelId, query, error] of [
        [tableId, { points: 10 }, ["/query/points", "wrong_kind"]],
        [chartId, { page: 1 }, ["/query/page", "wrong_kind"]],
        [chartId, { sort: "item" }, ["/query/sort", "wrong_kind"]],
        [tableId, { sort: "price" }, ["/query/sort", "unknown_column"]],
      ] as const) {
        const { problem } = await expectOutcome(
          subject,
          "validation_failed",
          "GET /sections/:slug/panels/:panelId/data",
          { params: { slug: "orders", panelId: panelId as string }, query },
          mica,
        );
        same(
          problem?.errors?.map(({ pointer, code }) => [pointer, code]),
          [error],
          "what is wrong",
        );
      }
    },
  },
  {
    name: "panel query: what is relative to the present follows the clock",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      await addOrders(subject, mica);
      const now = Date.parse(mica.accessExpiresAt) - mica.expiresIn * 1000;
      const dayOf = (days: number): string =>
        new Date(now + days * 86_400_000).toISOString().slice(0, 10);
      const rows = [-31, -30, -29, -1, 0, 1].map((days) => ({
        day: dayOf(days),
        item: `${days}`,
        quantity: days,
      }));
      await expectOutcome(
        subject,
        200,
        "PUT /datasets/:name/rows",
        {
          params: { name: orders.name },
          upload: { type: "application/json", content: JSON.stringify(rows) },
        },
        mica,
      );
      const [plain, filtered] = await addOrderPanels(
        subject,
        mica,
        table({ timeColumn: "day", select: [quantity], last: "P30D", orderBy: [ascending("day")] }),
        table({
          select: [quantity],
          filter: { column: "day", is: "last", duration: "P2D" },
          orderBy: [ascending("day")],
        }),
      );
      const data = await readPanel(subject, mica, plain as string);
      same(
        [data.rows, data.range],
        [[[-29], [-1], [0]], { from: dayOf(-29), to: dayOf(1) }],
        "the last thirty days",
      );
      same(
        (await readPanel(subject, mica, filtered as string)).rows,
        [[-1], [0]],
        "the last two days",
      );
      await subject.advanceClock(86_400_000);
      const tomorrow = await expectOutcome(subject, 200, "POST /refresh", {
        body: { refreshToken: mica.refreshToken },
        headers: { "idempotency-key": "tomorrow" },
      });
      same(
        (await readPanel(subject, tomorrow.body as Session, filtered as string)).rows,
        [[0], [1]],
        "the last two days, a day later",
      );
    },
  },
  {
    name: "panel query: a section's range applies where neither the request nor the query names one",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      await addOrders(subject, mica);
      const panels = [
        table({ timeColumn: "placed", relativeTo: "latest", select: [count] }),
        table({ timeColumn: "placed", relativeTo: "latest", last: "P1D", select: [count] }),
      ];
      await expectOutcome(
        subject,
        201,
        "PUT /sections/:slug/definition",
        {
          params: { slug: "orders" },
          body: { slug: "orders", title: "Orders", last: "P9D", panels },
        },
        mica,
      );
      const read = async (query: Input["query"]): Promise<unknown> => {
        const { body } = await expectOutcome(
          subject,
          200,
          "GET /sections/:slug",
          { params: { slug: "orders" }, query: { include: "data", ...query } },
          mica,
        );
        return (body as { panels: { data: Data }[] }).panels.map(({ data }) => data.rows[0]?.[0]);
      };
      same(await read({}), [2, 1], "the counts of the section's range and of the query's");
      same(await read({ last: "P10D" }), [6, 6], "the counts of the request's range");
      same(await read({ last: "all" }), [8, 8], "the counts of everything");
      same(
        (await panelsOf(subject, "orders", mica)).map(({ last }) => last),
        [undefined, "P1D"],
        "the ranges that the panels have of their own",
      );
    },
  },
  {
    name: "panel query: a metric and its trend each say the range that they were narrowed to",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      await addOrders(subject, mica);
      const [id] = await addOrderPanels(subject, mica, {
        kind: "metric",
        title: "Pieces",
        width: 3,
        query: of({ timeColumn: "day", relativeTo: "latest", last: "P1D", select: [total] }),
        trend: of({
          timeColumn: "day",
          last: "P2D",
          relativeTo: "latest",
          select: [{ bucket: "day", column: "day" }, total],
        }),
      });
      const own = await readPanel(subject, mica, id as string);
      same(
        [own.range, own.trend?.range],
        [
          { from: "2026-11-03", to: "2026-11-04" },
          { from: "2026-11-02", to: "2026-11-04" },
        ],
        "the ranges of their own",
      );
      const all = await readPanel(subject, mica, id as string, { last: "all" });
      same([all.range, all.trend?.range], [undefined, undefined], "the ranges of everything");
    },
  },
  {
    name: "panel query: numbers come with the format of their column, or what its name says of it",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      await addDataset(
        subject,
        mica,
        {
          name: "sales",
          title: "Sales",
          columns: [
            { name: "customerId", label: "Customer", type: "integer" },
            { name: "year", label: "Year", type: "integer" },
            { name: "price", label: "Price", type: "decimal", format: { digits: 2 } },
            { name: "salesThisYear", label: "Sales", type: "integer" },
          ],
        },
        [{ customerId: 20_417, year: 2026, price: 19.9, salesThisYear: 12_000 }],
      );
      const formatsOf = async (select: Query["select"]): Promise<unknown> => {
        const [panelId] = await addOrderPanels(subject, mica, {
          kind: "table",
          title: "Sales",
          width: 12,
          query: { dataset: "sales", select },
        });
        return (await readPanel(subject, mica, panelId as string)).columns.map(
          (column) => column["format"],
        );
      };
      const names = ["customerId", "year", "price", "salesThisYear"];
      same(
        await formatsOf(names.map((column) => ({ column }))),
        [{ style: "code" }, { style: "code" }, { digits: 2 }, undefined],
        "the formats of plain columns",
      );
      same(
        await formatsOf([
          { aggregate: "maximum", column: "year", name: "latest" },
          { aggregate: "average", column: "customerId", name: "mean" },
          { aggregate: "sum", column: "price", name: "sum" },
          { aggregate: "distinct", column: "customerId", name: "customers" },
        ]),
        [{ style: "code" }, undefined, { digits: 2 }, undefined],
        "the formats of aggregates",
      );
      same(
        await formatsOf([{ column: "year", format: { style: "plain" } }]),
        [{ style: "plain" }],
        "what the panel says goes before",
      );
      const sales = { params: { name: "sales" } };
      await expectOutcome(
        subject,
        200,
        "PATCH /datasets/:name",
        {
          ...sales,
          body: {
            columns: [
              { name: "year", format: { style: "plain" } },
              { name: "price", format: null },
            ],
          },
        },
        mica,
      );
      same(
        await formatsOf(names.map((column) => ({ column }))),
        [{ style: "code" }, { style: "plain" }, undefined, undefined],
        "the formats after they were corrected",
      );
      const misfit = await expectOutcome(
        subject,
        "validation_failed",
        "PATCH /datasets/:name",
        { ...sales, body: { columns: [{ name: "price", format: { style: "code" } }] } },
        mica,
      );
      same(
        misfit.problem?.errors?.map(({ pointer, code }) => [pointer, code]),
        [["/columns/0/format", "wrong_format"]],
        "what is wrong with a price as a code",
      );
      const refused = await expectOutcome(
        subject,
        "validation_failed",
        "PUT /sections/:slug/definition",
        {
          params: { slug: "orders" },
          body: {
            slug: "orders",
            title: "Orders",
            panels: [
              {
                kind: "table",
                title: "Sales",
                width: 12,
                query: {
                  dataset: "sales",
                  select: [{ column: "price", format: { style: "code" } }],
                },
              },
            ],
          },
        },
        mica,
      );
      same(
        refused.problem?.errors?.map(({ pointer, code }) => [pointer, code]),
        [["/panels/0/query/select/0/format/style", "wrong_format"]],
        "what is wrong with it in a panel",
      );
    },
  },
  {
    name: "definition: a text that is nested without end is refused, and pointed at",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      for (const text of ["> ".repeat(2_000), "- ".repeat(2_000), "*a _b ".repeat(1_000)]) {
        const { problem } = await expectOutcome(
          subject,
          "validation_failed",
          "PUT /sections/:slug/definition",
          {
            params: { slug: "deep" },
            body: {
              slug: "deep",
              title: "Deep",
              panels: [{ kind: "markdown", title: "Words", width: 12, text }],
            },
          },
          mica,
        );
        same(
          problem?.errors?.map(({ pointer, code }) => [pointer, code]),
          [["/panels/0/text", "too_deep"]],
          `what is wrong with ${text.slice(0, 4)}`,
        );
      }
    },
  },
  {
    name: "panel query: a long series is reduced to so many points, its ends and its peak among them",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      const long = Array.from({ length: 600 }, (_, index) => ({
        at: new Date(Date.UTC(2026, 0, 1, index)).toISOString(),
        value: index === 333 ? 1_000 : (index * 37) % 101,
        line: index % 2 === 0 ? "even" : "odd",
      }));
      await addDataset(
        subject,
        mica,
        {
          name: "long",
          title: "Long",
          columns: [
            { name: "at", label: "At", type: "timestamp" },
            { name: "value", label: "Value", type: "integer" },
            { name: "line", label: "Line", type: "text" },
          ],
        },
        long,
      );
      const [one, two] = await addOrderPanels(
        subject,
        mica,
        {
          kind: "chart",
          title: "One",
          width: 12,
          query: { dataset: "long", select: [{ column: "at" }, { column: "value" }] },
          chart: { type: "line", x: "at", y: ["value"] },
        },
        {
          kind: "chart",
          title: "Two",
          width: 12,
          query: {
            dataset: "long",
            select: [{ column: "at" }, { column: "value" }, { column: "line" }],
          },
          chart: { type: "line", x: "at", y: ["value"], series: "line" },
        },
      );
      const reduced = await readPanel(subject, mica, one as string, { points: 10 });
      same(reduced.points, 600, "how many there were");
      holds(reduced.rows.length <= 10, `there are ${reduced.rows.length}`);
      same(
        [reduced.rows[0], reduced.rows.at(-1)],
        [
          [long[0]?.at, 0],
          [long[599]?.at, (599 * 37) % 101],
        ],
        "the ends",
      );
      holds(
        reduced.rows.some(([, value]) => value === 1_000),
        "the peak is lost",
      );
      const both = await readPanel(subject, mica, two as string, { points: 10 });
      const lines = Map.groupBy(both.rows, ([, , line]) => line);
      same(
        [both.points, [...lines.keys()].map(String).toSorted()],
        [600, ["even", "odd"]],
        "how many there were, and of which series",
      );
      for (const [line, points] of lines)
        holds(
          points.length <= 10 && points.length > 2,
          `the series ${String(line)} has ${points.length}`,
        );
      const whole = await readPanel(subject, mica, one as string, { points: 600 });
      same([whole.points, whole.rows.length], [undefined, 600], "a series that is short enough");
    },
  },
  {
    name: "panel query: a sum of large whole numbers does not fail, and decimals keep their digits",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      await addDataset(
        subject,
        mica,
        {
          name: "numbers",
          title: "Numbers",
          columns: [
            { name: "whole", label: "Whole", type: "integer" },
            { name: "part", label: "Part", type: "decimal" },
          ],
        },
        [
          { whole: 9_007_199_254_740_991, part: 0.1 },
          { whole: 9_007_199_254_740_991, part: 0.2 },
          { whole: -1, part: -0 },
        ],
      );
      const [panelId] = await addOrderPanels(subject, mica, {
        kind: "table",
        title: "Sums",
        width: 12,
        query: {
          dataset: "numbers",
          select: [
            { aggregate: "sum", column: "whole", name: "whole" },
            { aggregate: "sum", column: "part", name: "part" },
            { aggregate: "maximum", column: "whole", name: "most" },
          ],
        },
      });
      const { rows } = await readPanel(subject, mica, panelId as string);
      same(rows[0]?.[0], 18_014_398_509_481_980, "the sum of the whole numbers");
      holds(
        Math.abs(Number(rows[0]?.[1]) - 0.3) < 1e-12,
        `the sum of the decimals is ${String(rows[0]?.[1])}`,
      );
      same(rows[0]?.[2], 9_007_199_254_740_991, "the largest");
    },
  },
];
