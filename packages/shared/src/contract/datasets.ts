/**
 * Datasets and their rows. Rows come out of these endpoints for those only who may administer
 * datasets: what a panel shows of them is read through its section, by those who may see it.
 */
import * as z from "zod";
import { endpoint } from "./define-endpoint.ts";
import { importErrorCodes } from "./error-codes.ts";
import { bothWays } from "./sort-orders.ts";
import { columnName, columnTypes, datasetColumn, datasetName, numberFormat } from "./queries.ts";

export const delimiters = ["comma", "semicolon", "tab", "pipe"] as const;
export type Delimiter = (typeof delimiters)[number];
export const encodings = ["utf-8", "utf-16le", "utf-16be", "windows-1252"] as const;
export type Encoding = (typeof encodings)[number];
export const headerUses = ["names", "skip", "absent"] as const;
export type HeaderUse = (typeof headerUses)[number];
const decimalMarks = ["point", "comma"] as const;

export const datasetTitle = z.string().trim().min(1).max(100);
const title = datasetTitle;
export const attribution = z.string().trim().max(500);
/** Two hundred columns with names and labels in any script. */
export const bodyLimitBytes = 262_144;

export const newDataset = z
  .strictObject({
    name: datasetName.meta({ description: "What queries call it. It stays as it is." }),
    title,
    attribution: attribution
      .exactOptional()
      .meta({ description: "Where the rows come from; shown with what panels make of them." }),
    columns: z
      .array(datasetColumn)
      .min(1)
      .max(200)
      .refine(
        (columns) => new Set(columns.map((column) => column.name)).size === columns.length,
        "Two columns have one name.",
      ),
  })
  .meta({ id: "NewDataset" });
export type NewDataset = z.output<typeof newDataset>;

const dataset = z
  .object({
    id: z.string().meta({ example: "dat_J3yL0m2wQk2l8vFq5bX1Nw" }),
    name: z.string(),
    title: z.string(),
    attribution: z.string().nullable(),
    columns: z.array(
      z.object({
        name: z.string(),
        label: z.string(),
        type: z.enum(columnTypes),
        unit: z.string().exactOptional(),
        format: numberFormat.exactOptional(),
      }),
    ),
    rowCount: z.int(),
    version: z.int().meta({ description: "Rises with every change of rows or columns." }),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: "Dataset" });

const bytes = z.int().meta({
  description: "About how much room its rows take, by a sample of them.",
});
const measuredDataset = z.object({ ...dataset.shape, bytes }).meta({ id: "MeasuredDataset" });
const listedDataset = z
  .object({
    ...measuredDataset.shape,
    panelCount: z.int().meta({ description: "How many panels read it." }),
  })
  .meta({ id: "ListedDataset" });
export const datasetOrders = ["name", "title", "rowCount", "updatedAt"] as const;

const readers = z
  .object({
    items: z.array(
      z.object({
        slug: z.string(),
        title: z.string(),
        panels: z.array(z.object({ id: z.string(), title: z.string() })),
      }),
    ),
    isComplete: z.boolean().meta({
      description: "Otherwise panels of sections read it besides that you may not know of.",
    }),
  })
  .meta({ id: "DatasetReaders" });

export const csvOptions = {
  delimiter: z
    .enum(delimiters)
    .exactOptional()
    .meta({ description: "Of CSV. Recognised without it; a first line such as `sep=;` names it." }),
  encoding: z.enum(encodings).exactOptional().meta({
    description:
      "Of CSV. Without it, what the `charset` of the content type says; recognised without that.",
  }),
  decimal: z.enum(decimalMarks).exactOptional().meta({
    description:
      "Of CSV: what stands before the decimals. Without it a comma only where no number can be read otherwise, and never in a file separated by commas.",
  }),
  nullMarkers: z.string().max(500).exactOptional().meta({
    description:
      "Of CSV: what else than an empty cell stands for null, separated by commas: `NA,n/a,-`. Each is compared with the whole cell, letter by letter. A text column takes one in quotes as a text. None without it.",
    example: "NA,n/a",
  }),
};

const blankRows = z.int().meta({
  description:
    "How many lines had nothing but delimiters and blanks in them. They are no rows, and were passed over.",
});

const stray = z
  .object({
    column: z.string().meta({ description: "Its name, as among the columns." }),
    type: z.enum(columnTypes).meta({ description: "That all other cells have." }),
    count: z.int().meta({ description: "How many cells are not of that type." }),
    line: z.int().meta({ description: "Where the first of them is." }),
    text: z.string().meta({ description: "What stands there." }),
  })
  .meta({ id: "StrayCells" });

export const detection = z
  .object({
    delimiter: z.enum(delimiters),
    encoding: z.enum(encodings),
    decimal: z.enum(decimalMarks),
    header: z.enum(headerUses).meta({
      description: "What to send as `header` with the rows, for the columns below to fit.",
    }),
    columns: z.array(datasetColumn).meta({
      description: "As `POST /datasets` takes them. Correct names, labels and types there.",
    }),
    rows: z.array(z.array(z.string())).meta({ description: "The first rows, as texts." }),
    rowsSeen: z.int().meta({ description: "How many rows the types were detected by." }),
    blankRows,
    suggestedNullMarkers: z.array(z.string()).meta({
      description:
        "What seems to stand for null in columns that are text for nothing else. It counts as text unless you send it as `nullMarkers`, here and with the rows.",
    }),
    strays: z.array(stray).meta({
      description:
        "Of CSV: columns that are text because of a few cells, and have another type but for them. Those cells may be mistakes.",
    }),
  })
  .meta({ id: "Detection" });
export type Detection = z.output<typeof detection>;

const importResult = z
  .object({
    rows: z.int().meta({ description: "How many rows came in." }),
    rowCount: z.int().meta({ description: "How many rows the dataset has now." }),
    version: z.int(),
    read: z
      .object({
        delimiter: z.enum(delimiters),
        encoding: z.enum(encodings),
        decimal: z.enum(decimalMarks),
        header: z.enum(headerUses),
        nullMarkers: z.array(z.string()).readonly(),
        blankRows,
      })
      .partial()
      .meta({ description: "How a CSV file was read." }),
  })
  .meta({ id: "ImportResult" });

const rowIssue = z.object({
  pointer: z.string().meta({
    description:
      "`/lines/{line}/{column}`; of a JSON array `/{index}/{column}`, as RFC 6901 has it.",
    example: "/lines/17/price",
  }),
  code: z.string(),
  detail: z.string(),
});

const badRows = z
  .object({
    header: z.array(z.string()).meta({
      description:
        "What the cells are: of CSV, the columns of the file in its order; of JSON, one cell with the text of the row. Empty where too much would have to be kept.",
    }),
    rows: z.array(
      z.object({
        line: z.int().meta({ description: "Of a JSON array the count of the row, from one." }),
        cells: z.array(z.string()).meta({
          description:
            "As they stand in the file. Empty where a row could not be read, or where too much would have to be kept.",
        }),
        reason: z.string(),
      }),
    ),
  })
  .meta({ id: "BadRows" });

export const importStatus = z
  .object({
    id: z.string().meta({ example: "imp_Zr0nq6mJ1tq1p8xV3cJm0w" }),
    dataset: z.string(),
    status: z.enum(["expected", "waiting", "running", "done", "failed"]).meta({
      description: "`expected`: its rows have still to be sent (`POST /imports`).",
    }),
    bytes: z.int().meta({ description: "Read so far." }),
    totalBytes: z.int().meta({ description: "That have arrived." }),
    rows: z.int().meta({ description: "Read so far. None is seen before all are stored." }),
    result: importResult.nullable().meta({ description: "Once it is done." }),
    problem: z
      .object({
        code: z.enum(importErrorCodes),
        detail: z.string(),
        errors: z.array(rowIssue),
        badRows: badRows.nullable().meta({ description: "The rows that `errors` are about." }),
      })
      .nullable()
      .meta({ description: "Once it has failed: nothing was stored." }),
  })
  .meta({ id: "ImportStatus" });

export const importParams = z.object({
  importId: z
    .string()
    .regex(/^imp_[A-Za-z0-9_-]{22}$/, "This must be an id that starts with imp_."),
});

const named = z.object({ name: datasetName });
const ifMatch = z.object({
  "if-match": z.string().max(1_000).exactOptional().meta({
    description:
      "The `ETag` of the dataset as it was read, so that nobody else's change of it is overwritten unseen. Rows that come and go do not change it.",
  }),
});
export const rowMediaTypes = ["application/json", "text/csv", "application/x-ndjson"] as const;
const howRowsAreSent =
  "All or none: with one bad row nothing is stored, and up to a hundred are listed. A reader sees all of the rows there were or all of the new ones. As `text/csv`, whose header names the columns, in any order, an empty cell being null, and rows of empty cells being none; as `application/json`, an array of objects; or as `application/x-ndjson`, an object on each line, a missing member being null. Dates are `2026-01-31`, timestamps have an offset. `Content-Encoding: gzip` is understood.";

const rowsEndpoint = <const S extends string>(summary: S) =>
  endpoint({
    summary,
    description: howRowsAreSent,
    tag: "Datasets",
    access: { permission: "datasets:write" },
    params: named,
    query: z.strictObject({
      ...csvOptions,
      header: z.enum(headerUses).exactOptional().meta({
        description:
          "Of CSV: whether the first record `names` the columns (the default), is to be skipped, or is absent. Without names the columns stand in the dataset's order.",
      }),
      wait: z.enum(["true", "false"]).exactOptional().meta({
        description:
          "`false`: answer 202 once the rows have arrived, and do the work afterwards. `Location` says where to ask how it goes.",
      }),
    }),
    upload: rowMediaTypes,
    responses: { 200: importResult, 202: importStatus },
    sends: { 202: ["Location"] },
    errors: ["not_found", "rows_rejected", "dataset_changed", "busy"],
  });

export const datasetEndpoints = {
  "GET /datasets": endpoint({
    summary: "Every dataset",
    description: "What they are, and not their rows.",
    tag: "Datasets",
    access: { permission: "datasets:read" },
    query: z.strictObject({
      limit: z.coerce.number<number | string>().int().min(1).max(200).default(100),
      cursor: z.string().max(1_000).exactOptional(),
      q: z.string().max(100).exactOptional().meta({
        description:
          "A part of the title or of the name, whatever the case of its letters from A to Z.",
      }),
      sort: z
        .enum(bothWays(datasetOrders))
        .exactOptional()
        .meta({ description: "`name` without it; with a hyphen before it in descending order." }),
    }),
    responses: {
      200: z
        .object({
          items: z.array(listedDataset),
          nextCursor: z.string().nullable(),
          total: z.int().meta({ description: "On all pages." }),
        })
        .meta({ id: "DatasetList" }),
    },
    sends: { 200: ["Link"] },
    errors: [],
  }),
  "POST /datasets": endpoint({
    summary: "Create a dataset without rows",
    tag: "Datasets",
    access: { permission: "datasets:write" },
    body: newDataset,
    bodyLimitBytes,
    responses: { 201: dataset },
    sends: { 201: ["Location"] },
    errors: ["dataset_name_taken", "busy"],
  }),
  "POST /datasets/detection": endpoint({
    summary: "Look at the beginning of a CSV file",
    description:
      "Tells how it is to be read and which columns a dataset for it would have. Nothing is stored. A megabyte of it is enough, and more is not looked at.",
    tag: "Datasets",
    access: { permission: "datasets:write" },
    query: z.strictObject({
      ...csvOptions,
      header: z.enum(headerUses).exactOptional().meta({
        description:
          "Whether the first record names the columns. Recognised without it, by cells that are no numbers and dates.",
      }),
    }),
    upload: ["text/csv"],
    responses: { 200: detection },
    errors: ["rows_rejected"],
  }),
  "GET /datasets/:name": endpoint({
    summary: "One dataset",
    description: "What it is, and not its rows.",
    tag: "Datasets",
    access: { permission: "datasets:read" },
    params: named,
    responses: { 200: measuredDataset },
    sends: { 200: ["ETag"] },
    errors: ["not_found"],
  }),
  "GET /datasets/:name/readers": endpoint({
    summary: "Which panels read a dataset",
    description:
      "By section, in the order of the navigation. As long as there is one, the dataset cannot be deleted. A section that you may not open yourself is named only where you hold `sections:read` or `grants:read`.",
    tag: "Datasets",
    access: { permission: "datasets:read" },
    params: named,
    responses: { 200: readers },
    errors: ["not_found"],
  }),
  "PATCH /datasets/:name": endpoint({
    summary: "Change what a dataset says of itself",
    description: "Names and types of columns stay as they are: queries and rows rest on them.",
    tag: "Datasets",
    access: { permission: "datasets:write" },
    params: named,
    headers: ifMatch,
    body: z.strictObject({
      title: title.exactOptional(),
      attribution: attribution.nullable().exactOptional(),
      columns: z
        .array(
          z.strictObject({
            name: columnName,
            label: datasetColumn.unwrap().shape.label.exactOptional(),
            unit: z.string().min(1).max(20).nullable().exactOptional(),
            format: numberFormat.nullable().exactOptional().meta({
              description: "How the numbers of this column are written; `null` for as detected.",
            }),
          }),
        )
        .max(200)
        .exactOptional()
        .meta({ description: "Only those to change." }),
    }),
    bodyLimitBytes,
    responses: { 200: dataset },
    sends: { 200: ["ETag"] },
    errors: ["not_found", "precondition_failed", "busy"],
  }),
  "DELETE /datasets/:name": endpoint({
    summary: "Delete a dataset and its rows",
    description: "Refused while a panel reads it.",
    tag: "Datasets",
    access: { permission: "datasets:write" },
    freshSignIn: true,
    params: named,
    headers: ifMatch,
    responses: { 204: null },
    errors: ["not_found", "precondition_failed", "dataset_in_use", "busy"],
  }),
  "POST /datasets/:name/rows": rowsEndpoint("Add rows"),
  "PUT /datasets/:name/rows": rowsEndpoint("Replace all rows"),
  "DELETE /datasets/:name/rows": endpoint({
    summary: "Delete the rows of a range",
    description:
      "Those with from ≤ value < to in a column that has an order. One of the bounds may be missing. Rows without a value in it stay.",
    tag: "Datasets",
    access: { permission: "datasets:write" },
    params: named,
    query: z.strictObject({
      column: columnName,
      from: z.string().max(1_000).exactOptional(),
      to: z.string().max(1_000).exactOptional(),
      dryRun: z
        .enum(["true", "false"])
        .exactOptional()
        .meta({ description: "`true`: only say how many rows these are, and delete none." }),
    }),
    responses: {
      200: z
        .object({ deleted: z.int(), rowCount: z.int(), version: z.int() })
        .meta({ id: "RowDeletion" }),
    },
    errors: ["not_found", "dataset_changed", "busy"],
  }),
  "GET /imports/:importId": endpoint({
    summary: "How an import goes",
    description: "The last hundred are known, until the API restarts.",
    tag: "Datasets",
    access: { permission: "datasets:read" },
    params: importParams,
    responses: { 200: importStatus },
    errors: ["not_found"],
  }),
};
