/**
 * Files of rows from beginning to end: what is in one, what is to become of it, its rows, and
 * giving it up. Until the rows are in, nothing of a dataset is there or is another.
 */
import * as z from "zod";
import {
  attribution,
  bodyLimitBytes,
  csvOptions,
  datasetTitle,
  detection,
  headerUses,
  importParams,
  importStatus,
  rowMediaTypes,
} from "./datasets.ts";
import { endpoint } from "./define-endpoint.ts";
import { fitsFormat, formatMisfit } from "./number-formats.ts";
import { datasetColumn, datasetName } from "./queries.ts";

const header = z.enum(headerUses).exactOptional().meta({
  description:
    "Of CSV: whether the first record names the columns, is to be skipped, or is absent.",
});

const importedColumn = z
  .strictObject({
    ...datasetColumn.unwrap().shape,
    source: z.string().max(1_000).exactOptional().meta({
      description:
        "What the file calls it, in the header of a CSV file or as the member of JSON objects; as the dataset does without it.",
    }),
  })
  .refine(({ type, format }) => format === undefined || fitsFormat(type, format), {
    path: ["format"],
    error: formatMisfit,
  });

export type ImportedColumn = z.output<typeof importedColumn>;

const { delimiter, encoding, decimal, header: headerUse, ...found } = detection.shape;
const fileDetection = z
  .object({
    format: z.enum(["csv", "json", "ndjson"]),
    delimiter: delimiter.exactOptional(),
    encoding: encoding.exactOptional(),
    decimal: decimal.exactOptional(),
    header: headerUse.exactOptional(),
    ...found,
    columns: z.array(importedColumn).meta({
      description: "As `POST /imports` takes them. Correct names, labels and types there.",
    }),
  })
  .meta({
    id: "DatasetDetection",
    description: "How a CSV file is to be read, and which columns a file of any kind has.",
  });

export type FileDetection = z.output<typeof fileDetection>;

const newImport = z
  .strictObject({
    dataset: datasetName,
    mode: z.enum(["create", "append", "replace"]).meta({
      description:
        "`create` a dataset with the rows, `append` them to one, or `replace` all that it has.",
    }),
    title: datasetTitle
      .exactOptional()
      .meta({ description: "Of a new dataset; its name without it." }),
    attribution: attribution.exactOptional().meta({ description: "Of a new dataset." }),
    columns: z
      .array(importedColumn)
      .min(1)
      .max(200)
      .refine(
        (columns) => new Set(columns.map((column) => column.name)).size === columns.length,
        "Two columns have one name.",
      )
      .exactOptional()
      .meta({
        description:
          "Of a new dataset, or other ones for a dataset whose rows are replaced: refused while a panel reads it that would not fit them. Rows that are added keep the columns there are; then only `source` counts.",
      }),
  })
  .refine(({ mode, columns }) => mode !== "create" || columns !== undefined, {
    path: ["columns"],
    error: "A new dataset needs columns.",
  })
  .meta({ id: "NewImport" });
export type NewImport = z.output<typeof newImport>;

export const importEndpoints = {
  "POST /dataset-detections": endpoint({
    summary: "Look at the beginning of a file of rows",
    description:
      "CSV, an array of JSON objects, or a JSON object on each line. Tells which columns a dataset for it would have and, of CSV, how it is to be read. Nothing is stored. A megabyte of it is enough, and more is not looked at.",
    tag: "Datasets",
    access: { permission: "datasets:write" },
    query: z.strictObject({
      ...csvOptions,
      header,
      cut: z.enum(["true", "false"]).exactOptional().meta({
        description:
          "`true`: what is sent is the beginning of a file, and may end in the middle of a row.",
      }),
    }),
    upload: rowMediaTypes,
    responses: { 200: fileDetection },
    errors: ["rows_rejected"],
  }),
  "POST /imports": endpoint({
    summary: "Say what is to become of a file of rows",
    description:
      "The rows are sent to `PUT /imports/{importId}/rows` afterwards. Nothing is stored before they have all been read and fit: then the dataset is made, or has other columns, in the moment in which it has the rows. An import that no rows come for is forgotten in time, or when the API restarts.",
    tag: "Datasets",
    access: { permission: "datasets:write" },
    body: newImport,
    bodyLimitBytes,
    responses: { 200: importStatus },
    sends: { 200: ["Location"] },
    errors: ["not_found", "dataset_name_taken", "dataset_in_use"],
  }),
  "PUT /imports/:importId/rows": endpoint({
    summary: "Send the rows of an import",
    description:
      "Answers once they have arrived; `GET /imports/{importId}` tells how the work goes. An upload that is cut off can be sent again. `Content-Encoding: gzip` is understood.",
    tag: "Datasets",
    access: { permission: "datasets:write" },
    params: importParams,
    query: z.strictObject({ ...csvOptions, header }),
    upload: rowMediaTypes,
    responses: { 200: importStatus },
    errors: ["not_found"],
  }),
  "DELETE /imports/:importId": endpoint({
    summary: "Give up an import",
    description:
      "Answers once it is over: `failed` with `import_cancelled`, and nothing is stored; or `done`, where it was too late.",
    tag: "Datasets",
    access: { permission: "datasets:write" },
    params: importParams,
    responses: { 200: importStatus },
    errors: ["not_found"],
  }),
};
