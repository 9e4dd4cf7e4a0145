/** What panels' queries make of times: buckets, ranges, the period before. */
import type { Session } from "../contract/contract.ts";
import { expectOutcome, type Input } from "./ask.ts";
import type { Shown } from "./behaviour.ts";
import { same } from "./differences.ts";
import { addOrderPanels, addOrders, orders, panelsOf, signInToAdminister } from "./orders.ts";
import {
  type Case,
  type Data,
  asShown,
  ascending,
  byDay,
  count,
  descending,
  of,
  paris,
  quantity,
  readPanel,
  rowsOf,
  table,
  total,
} from "./panel-cases.ts";

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

export const panelTimeBehaviours: readonly Shown[] = [
  asShown("times fall into the buckets of the query's time zone", bucketCases),
  asShown("a range of time narrows what is seen", rangeCases),
  asShown(
    "numbers stand beside those of the period before, and beside their trend",
    comparisonCases,
  ),
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
];
