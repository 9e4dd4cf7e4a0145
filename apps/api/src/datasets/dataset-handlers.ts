import type { Upload } from "@sallyport/shared/contract";
import {
  type CsvQuery,
  csvOptionsOf,
  decodeCursor,
  describeDataset,
  pageOf,
  readSample,
  rowFormats,
  unknownImport,
} from "@sallyport/shared/rules";
import type { Handlers, RequestContext } from "../http/endpoint.ts";
import { queueCallerOf } from "../http/fair-queue.ts";
import type { Author } from "./change-rows.ts";
import type { DatasetRegister } from "./dataset-register.ts";
import type { Imports, ImportStatus } from "./imports.ts";

interface Dependencies {
  readonly datasets: DatasetRegister;
  readonly imports: Imports;
  now(): number;
}

const isPlace = (place: readonly unknown[]): place is readonly [name: string] =>
  place.length === 1 && typeof place[0] === "string";

type DatasetKey =
  | "GET /datasets"
  | "POST /datasets"
  | "POST /datasets/detection"
  | "GET /datasets/:name"
  | "PATCH /datasets/:name"
  | "DELETE /datasets/:name"
  | "POST /datasets/:name/rows"
  | "PUT /datasets/:name/rows"
  | "DELETE /datasets/:name/rows"
  | "GET /imports/:importId";

/** The handlers of the datasets' endpoints. They take as decided that the caller has the permission. None of them reads a row. */
export const createDatasetHandlers = ({
  datasets,
  imports,
  now,
}: Dependencies): Pick<Handlers, DatasetKey> => {
  const authorOf = ({ caller, address, userAgent, requestId }: RequestContext): Author => ({
    at: now(),
    ...(caller && { actorUserId: caller.userId, sessionId: caller.sessionId }),
    address,
    userAgent,
    requestId,
  });

  const statusOf = (status: ImportStatus) => ({
    ...status,
    problem: status.problem && { ...status.problem, errors: [...status.problem.errors] },
  });

  interface RowsRequest {
    readonly name: string;
    readonly query: CsvQuery & { readonly wait?: "true" | "false" };
    readonly upload: Upload<"text/csv" | "application/json" | "application/x-ndjson">;
    readonly context: RequestContext;
  }
  const receiveRows = async (
    mode: "append" | "replace",
    { name, query, upload, context }: RowsRequest,
  ) => {
    datasets.find(name);
    const csv = csvOptionsOf(query, upload);
    const arrived = await imports.receive(upload.bytes);
    const started = imports.start(
      { dataset: name, mode, format: rowFormats[upload.mediaType], csv, author: authorOf(context) },
      arrived,
    );
    if (query.wait !== "false") return { result: await started.finished };
    // Whoever asks for it learns how it ended.
    started.finished.catch(() => {});
    return { id: started.id, status: imports.find(started.id) as ImportStatus };
  };

  return {
    "GET /datasets": ({ query: { limit, cursor }, ok }) => {
      const [after] = cursor === undefined ? [""] : decodeCursor(cursor, isPlace);
      const { items, nextCursor, headers } = pageOf(
        datasets.list(after, limit + 1),
        limit,
        ({ name }) => [name],
      );
      return ok(200, { items: items.map(describeDataset), nextCursor }, { headers });
    },

    "POST /datasets": async ({ body, context, ok }) => {
      const added = await datasets.add(body, authorOf(context));
      return ok(201, describeDataset(added), { headers: { location: `/datasets/${added.name}` } });
    },

    "POST /datasets/detection": async ({ query, upload, context, ok }) => {
      const given = csvOptionsOf(query, upload);
      const { sample, isCut } = await readSample(upload.bytes);
      return ok(200, await imports.detect(sample, isCut, given, queueCallerOf(context)));
    },

    "GET /datasets/:name": ({ params: { name }, ok }) =>
      ok(200, describeDataset(datasets.find(name))),

    "PATCH /datasets/:name": async ({ params: { name }, body, context, ok }) =>
      ok(200, describeDataset(await datasets.change(name, body, authorOf(context)))),

    "DELETE /datasets/:name": async ({ params: { name }, context, ok }) => {
      await datasets.remove(name, authorOf(context));
      return ok(204, null);
    },

    "POST /datasets/:name/rows": async ({ params: { name }, query, upload, context, ok }) => {
      const done = await receiveRows("append", { name, query, upload, context });
      return "result" in done
        ? ok(200, done.result)
        : ok(202, statusOf(done.status), { headers: { location: `/imports/${done.id}` } });
    },
    "PUT /datasets/:name/rows": async ({ params: { name }, query, upload, context, ok }) => {
      const done = await receiveRows("replace", { name, query, upload, context });
      return "result" in done
        ? ok(200, done.result)
        : ok(202, statusOf(done.status), { headers: { location: `/imports/${done.id}` } });
    },

    "DELETE /datasets/:name/rows": async ({ params: { name }, query, context, ok }) =>
      ok(200, await datasets.removeRows(name, query, authorOf(context))),

    "GET /imports/:importId": ({ params: { importId }, ok }) => {
      const found = imports.find(importId);
      if (found === undefined) throw unknownImport();
      return ok(200, statusOf(found));
    },
  };
};
