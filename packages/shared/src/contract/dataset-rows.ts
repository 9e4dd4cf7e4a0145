/** Rows of a dataset as they are, for those who may administer datasets. */
import * as z from "zod";
import { endpoint } from "./define-endpoint.ts";
import { datasetName } from "./queries.ts";
import { panelData } from "./sections.ts";

const { columns, rows } = panelData.shape;
const datasetRows = z
  .object({
    columns,
    rows,
    total: z.int().meta({ description: "The rows on all pages." }),
  })
  .meta({ id: "DatasetRows" });

export const datasetRowEndpoints = {
  "GET /datasets/:name/rows": endpoint({
    summary: "The rows of a dataset, page by page",
    description:
      "Every column, in the dataset's order. A page is read as a table's is, in the turn of whoever asks.",
    tag: "Datasets",
    access: { permission: "datasets:read" },
    params: z.object({ name: datasetName }),
    query: z.strictObject({
      page: z.coerce.number<number | string>().int().min(1).max(100_000).default(1),
      limit: z.coerce.number<number | string>().int().min(1).max(1_000).default(100),
      sort: z.string().max(101).exactOptional().meta({
        description: "The name of a column, with a hyphen before it for descending order.",
        example: "-price",
      }),
    }),
    responses: { 200: datasetRows },
    errors: ["not_found", "query_timeout", "busy"],
  }),
};
