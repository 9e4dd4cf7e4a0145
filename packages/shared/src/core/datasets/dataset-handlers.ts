import type { datasetEndpoints } from "../../contract/datasets.ts";
import type { Upload } from "../../contract/contract.ts";
import { recordOf, type Handlers, type RequestContext } from "../answering/endpoint.ts";
import { queueCallerOf } from "../answering/queue-callers.ts";
import { pageOf } from "../answering/list-pages.ts";
import {
  csvOptionsOf,
  describeDataset,
  readSample,
  rowFormats,
  type CsvQuery,
} from "./change-dataset.ts";
import { DatasetInUse, unknownImport } from "./dataset-refusals.ts";
import { datasetListingOf, rankOfDataset } from "./dataset-listing.ts";
import { requireMatch } from "../answering/entity-tags.ts";
import type { Digests } from "../ports.ts";
import type { Dataset } from "./dataset-store.ts";
import type { DatasetRegister } from "./dataset-register.ts";
import { describeImport } from "./import-status.ts";
import type { Author, ImportStore } from "./import-store.ts";

interface Dependencies {
  readonly datasets: DatasetRegister;
  readonly stores: { readonly imports: ImportStore };
  readonly digests: Pick<Digests, "tag">;
  now(): number;
  /** Which sections a caller may be told of by name. @throws AppError `token_stale` */
  nameableTo(context: RequestContext): Promise<(slug: string) => boolean>;
}

/**
 * The handlers of the datasets' endpoints. They take as decided that the caller has the permission.
 * None of them reads a row.
 */
export const createDatasetHandlers = ({
  datasets,
  stores: { imports },
  digests,
  now,
  nameableTo,
}: Dependencies): Pick<Handlers, keyof typeof datasetEndpoints> => {
  /** Of what it says of itself: whoever edits that need not mind rows that come in meanwhile. */
  const tagOf = ({ id, title, attribution, columns }: Dataset): string =>
    `"${digests.tag(JSON.stringify([id, title, attribution, columns]))}"`;
  const checkMatch =
    (ifMatch: string | undefined) =>
    (before: Dataset): void => {
      if (ifMatch !== undefined) requireMatch(ifMatch, tagOf(before));
    };
  const authorOf = (context: RequestContext): Author => ({ ...recordOf(context), at: now() });

  interface RowsRequest {
    readonly params: { readonly name: string };
    readonly query: CsvQuery & { readonly wait?: "true" | "false" };
    readonly upload: Upload<"text/csv" | "application/json" | "application/x-ndjson">;
    readonly context: RequestContext;
  }
  const receiveRows = async (
    mode: "append" | "replace",
    { params: { name }, query, upload, context }: RowsRequest,
  ) => {
    await datasets.find(name);
    const csv = csvOptionsOf(query, upload);
    const arrived = await imports.receive(upload.bytes);
    const { status, finished } = await imports.start(
      { dataset: name, mode, format: rowFormats[upload.mediaType], csv, author: authorOf(context) },
      arrived,
    );
    if (query.wait !== "false") return { result: await finished, status: undefined };
    // Whoever asks for it learns how it ended.
    finished.catch(() => {});
    return { result: undefined, status, work: finished };
  };

  /** The sections whose panels read it, as far as the caller may be told of them. */
  const readersFor = async (name: string, context: RequestContext) => {
    const readers = await datasets.readers(name);
    const mayName = await nameableTo(context);
    const items = readers.filter(({ slug }) => mayName(slug));
    return { items, isComplete: items.length === readers.length };
  };

  return {
    "GET /datasets": async ({ query, ok }) => {
      const { limit, sort, q } = query;
      const listing = datasetListingOf(query);
      const { datasets: found, total } = await datasets.search(listing);
      const { items, nextCursor, headers } = pageOf(
        found,
        limit,
        (dataset) => [listing.order, rankOfDataset(listing.order, dataset), dataset.name],
        { ...(sort !== undefined && { sort }), ...(q !== undefined && { q }) },
      );
      const sizes = await datasets.measure(items.map(({ name }) => name));
      return ok(
        200,
        {
          items: items.map((one) => ({
            ...describeDataset(one),
            bytes: sizes.get(one.name) ?? 0,
            panelCount: one.panelCount,
          })),
          nextCursor,
          total,
        },
        { headers },
      );
    },

    "POST /datasets": async ({ body, context, ok }) => {
      const added = await datasets.add(body, authorOf(context));
      return ok(201, describeDataset(added), { headers: { location: `/datasets/${added.name}` } });
    },

    "POST /datasets/detection": async ({ query, upload, context, ok }) => {
      const given = csvOptionsOf(query, upload);
      const { sample, isCut } = await readSample(upload.bytes);
      const found = await imports.detect(
        sample,
        isCut,
        { format: "csv", csv: given },
        queueCallerOf(context),
      );
      const { delimiter, encoding, decimal, header } = found;
      if (!delimiter || !encoding || !decimal || !header)
        throw new Error("It is not said how a CSV file is to be read");
      return ok(200, { ...found, delimiter, encoding, decimal, header });
    },

    "GET /datasets/:name": async ({ params: { name }, ok }) => {
      const found = await datasets.find(name);
      const bytes = (await datasets.measure([name])).get(name) ?? 0;
      return ok(200, { ...describeDataset(found), bytes }, { headers: { ETag: tagOf(found) } });
    },

    "GET /datasets/:name/readers": async ({ params: { name }, context, ok }) => {
      const { items, isComplete } = await readersFor(name, context);
      return ok(200, {
        items: items.map(({ panels, ...section }) => ({ ...section, panels: [...panels] })),
        isComplete,
      });
    },

    "PATCH /datasets/:name": async ({ params: { name }, headers, body, context, ok }) => {
      const changed = await datasets.change(
        name,
        body,
        authorOf(context),
        checkMatch(headers["if-match"]),
      );
      return ok(200, describeDataset(changed), { headers: { ETag: tagOf(changed) } });
    },

    "DELETE /datasets/:name": async ({ params: { name }, headers, context, ok }) => {
      try {
        await datasets.remove(name, authorOf(context), checkMatch(headers["if-match"]));
      } catch (error) {
        if (!(error instanceof DatasetInUse)) throw error;
        throw error.as(await nameableTo(context));
      }
      return ok(204, null);
    },

    "POST /datasets/:name/rows": async ({ ok, ...request }) => {
      const { result, status, work } = await receiveRows("append", request);
      return status === undefined
        ? ok(200, result)
        : ok(202, describeImport(status), { headers: { location: `/imports/${status.id}` }, work });
    },
    "PUT /datasets/:name/rows": async ({ ok, ...request }) => {
      const { result, status, work } = await receiveRows("replace", request);
      return status === undefined
        ? ok(200, result)
        : ok(202, describeImport(status), { headers: { location: `/imports/${status.id}` }, work });
    },

    "DELETE /datasets/:name/rows": async ({ params: { name }, query, context, ok }) =>
      ok(200, await datasets.removeRows(name, query, authorOf(context), query.dryRun === "true")),

    "GET /imports/:importId": async ({ params: { importId }, ok }) => {
      const found = await imports.find(importId);
      if (found === undefined) throw unknownImport();
      return ok(200, describeImport(found));
    },
  };
};
