import type { datasetRowEndpoints } from "../../contract/dataset-rows.ts";
import type { PanelData } from "../../contract/contract.ts";
import { withRowsAside } from "../answering/encode-answer.ts";
import type { Handlers } from "../answering/endpoint.ts";
import { queueCallerOf } from "../answering/queue-callers.ts";
import { unknownDataset } from "../datasets/dataset-refusals.ts";
import { DatasetChanged, type QueryStore } from "../queries/query-store.ts";
import { panelErrorOf, readPanel } from "./section-panels.ts";
import type { SectionStore } from "./section-store.ts";

interface Dependencies {
  readonly stores: {
    readonly queries: Pick<QueryStore, "run">;
    readonly sections: Pick<SectionStore, "find">;
  };
}

/**
 * Rows of a dataset are read as those of a panel that shows all of it in a table. It takes as
 * decided that the caller may read datasets.
 */
export const createRowHandlers = ({
  stores: { queries, sections },
}: Dependencies): Pick<Handlers, keyof typeof datasetRowEndpoints> => ({
  "GET /datasets/:name/rows": async ({ params: { name }, query, context, ok }) => {
    const asking = queueCallerOf(context);
    const read = async (): Promise<PanelData> => {
      const dataset = (await sections.find([], [name])).datasets.get(name);
      if (dataset === undefined) throw unknownDataset(name);
      return readPanel(
        {
          kind: "table",
          title: name,
          width: 12,
          query: {
            dataset: name,
            select: dataset.columns.map((column) => ({ column: column.name })),
          },
        },
        { ...query, range: undefined, sectionLast: null },
        async (table, wanted) => queries.run(table, dataset, wanted, asking),
      );
    };
    try {
      // Rows, and columns with them, may be replaced between looking at a dataset and reading it.
      const {
        columns,
        rows,
        total = 0,
      } = await read().catch((error: unknown) => {
        if (error instanceof DatasetChanged) return read();
        throw error;
      });
      return ok(200, withRowsAside({ columns, rows, total }, context.requestId));
    } catch (thrown) {
      const error = panelErrorOf(thrown);
      // What no query of ours can come to is a fault.
      throw error.code === "panel_failed" ? thrown : error;
    }
  },
});
