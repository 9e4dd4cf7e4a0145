import type { PanelDefinition } from "../contract/contract.ts";
import type { datasetRowEndpoints } from "../contract/dataset-rows.ts";
import type { previewEndpoints } from "../contract/panel-previews.ts";
import { expectOutcome, type Input, type Reply } from "./ask.ts";
import type { BehaviourTable } from "./behaviour.ts";
import { notFound, ofOrders } from "./dataset-steps.ts";
import { same } from "./differences.ts";
import { addOrders, orderTable, orders, signInToAdminister } from "./orders.ts";
import { showBusy } from "./show-busy.ts";
import { addManyRows, slowTable } from "./slow-queries.ts";

interface DatasetRows {
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    readonly unit?: string;
  }[];
  readonly rows: readonly (readonly unknown[])[];
  readonly total: number;
}

const total = { aggregate: "sum", column: "quantity", name: "total" } as const;
const chart: PanelDefinition = {
  kind: "chart",
  title: "By day",
  width: 6,
  query: {
    dataset: orders.name,
    select: [{ bucket: "month", column: "day" }, total],
    timeColumn: "day",
  },
  chart: { type: "bar", x: "day", y: ["total"] },
};

export const previewBehaviours: Pick<
  BehaviourTable,
  keyof typeof previewEndpoints | keyof typeof datasetRowEndpoints
> = {
  "GET /datasets/:name/rows": {
    request: { params: { name: orders.name } },
    wrong: { params: { name: orders.name }, query: { page: "0" }, pointer: "/query/page" },
    succeeds: {
      200: {
        name: "gives every column of a dataset, page by page, in the order that is asked for",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          await addOrders(subject, mica);
          const read = async (query: Input["query"]): Promise<DatasetRows> =>
            (
              await expectOutcome(
                subject,
                200,
                "GET /datasets/:name/rows",
                { ...ofOrders, query },
                mica,
              )
            ).body as DatasetRows;
          const { columns, rows, total } = await read({});
          same(
            [columns.map(({ name, type, unit }) => [name, type, unit]), rows.length, total],
            [
              orders.columns.map((column) => [
                column.name,
                column.type,
                "unit" in column ? column.unit : undefined,
              ]),
              8,
              8,
            ],
            "the dataset",
          );
          same(
            rows[3],
            ["2026-10-25T01:30:00.000Z", "2026-10-25", "south", "plums", 2, 4, null],
            "a row",
          );
          const sorted = await read({ sort: "-quantity", limit: 3, page: 2 });
          same(
            [sorted.rows.map((row) => row[4]), sorted.total],
            [[4, 3, 2], 8],
            "the second page of the largest orders",
          );
          same((await read({ page: 9 })).rows, [], "a page behind the last");
          const { problem } = await expectOutcome(
            subject,
            "validation_failed",
            "GET /datasets/:name/rows",
            { ...ofOrders, query: { sort: "colour" } },
            mica,
          );
          same(problem?.errors?.[0]?.pointer, "/query/sort", "what is wrong");
        },
      },
    },
    fails: {
      not_found: notFound("GET /datasets/:name/rows", ofOrders),
      busy: showBusy("GET /datasets/:name/rows", async (subject) => {
        const mica = await signInToAdminister(subject);
        await addOrders(subject, mica);
        return { input: ofOrders, as: mica };
      }),
      query_timeout: {
        name: "gives up where it takes too long",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          await addManyRows(subject, mica);
          await subject.arrange({ kind: "queriesTakeTooLong" });
          await expectOutcome(
            subject,
            "query_timeout",
            "GET /datasets/:name/rows",
            { params: { name: "many" }, query: { sort: "text", page: 300 } },
            mica,
          );
        },
      },
    },
  },

  "POST /panel-previews": {
    request: { body: { panel: orderTable } },
    prepare: addOrders,
    wrong: { body: { panel: { ...orderTable, width: 13 } }, pointer: "/panel/width" },
    succeeds: {
      200: {
        name: "shows a panel as its section would, with its data, and says what does not fit where it stands",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          await addOrders(subject, mica);
          const preview = async (body: Input["body"]): Promise<Record<string, unknown>> =>
            (await expectOutcome(subject, 200, "POST /panel-previews", { body }, mica))
              .body as Record<string, unknown>;
          const { data, ...panel } = await preview({ panel: chart });
          same(
            panel,
            {
              id: "preview",
              kind: "chart",
              title: "By day",
              width: 6,
              attribution: orders.attribution,
              followsRange: true,
              chart: chart.kind === "chart" && chart.chart,
            },
            "the panel",
          );
          same(
            (data as { rows: unknown }).rows,
            [
              ["2026-10-01", 32],
              ["2026-11-01", null],
            ],
            "what it shows",
          );
          const inYear = await preview({ panel: chart, sectionLast: "P1Y" });
          same(
            typeof (inYear["data"] as { range?: unknown }).range,
            "object",
            "whether the section's range narrows it",
          );
          const ofAll = await preview({ panel: chart, sectionLast: "P1Y", last: "all" });
          same(
            (ofAll["data"] as { range?: unknown }).range,
            undefined,
            "what narrows it where the page asks for all of it",
          );
          const { data: table } = await preview({ panel: orderTable });
          same(
            [(table as { rows: unknown[] }).rows.length, (table as { total: number }).total],
            [5, 8],
            "the first page of a table, and how many rows there are in all",
          );
          same(
            await preview({ panel: { kind: "markdown", title: "Words", width: 4, text: "Fruit" } }),
            { id: "preview", kind: "markdown", title: "Words", width: 4, text: "Fruit" },
            "a text",
          );
          const refused = async (panel: unknown): Promise<unknown> => {
            const reply: Reply = await expectOutcome(
              subject,
              "validation_failed",
              "POST /panel-previews",
              { body: { panel } },
              mica,
            );
            return reply.problem?.errors?.map(({ pointer, code }) => [pointer, code]);
          };
          same(
            await refused({ ...orderTable, query: { dataset: "none", select: [{ column: "a" }] } }),
            [["/panel/query/dataset", "unknown_dataset"]],
            "what is wrong with a dataset that there is not",
          );
          same(
            await refused({ ...chart, chart: { type: "bar", x: "day", y: ["item"] } }),
            [["/panel/chart/y/0", "unknown_column"]],
            "what is wrong with a chart of a column that is not in the result",
          );
        },
      },
    },
    fails: {
      query_timeout: {
        name: "gives up a query that takes too long",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          await addManyRows(subject, mica);
          await subject.arrange({ kind: "queriesTakeTooLong" });
          await expectOutcome(
            subject,
            "query_timeout",
            "POST /panel-previews",
            { body: { panel: slowTable } },
            mica,
          );
        },
      },
    },
  },
};
