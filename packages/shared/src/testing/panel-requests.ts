/** What a panel may be asked for beside its query, and what is refused. */
import { expectOutcome } from "./ask.ts";
import type { Shown } from "./behaviour.ts";
import { same } from "./differences.ts";
import { addOrderPanels, addOrders, signInToAdminister } from "./orders.ts";
import { type Case, asShown, descending, item, of, quantity, table, total } from "./panel-cases.ts";

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

export const panelRequestBehaviours: readonly Shown[] = [
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
];
