import type { Upload } from "@sallyport/shared/contract";
import { encodings, type Encoding } from "@sallyport/shared/contract";
import { AppError, type ValidationIssue } from "@sallyport/shared/rules";
import type { Handlers, RequestContext } from "../http/endpoint.ts";
import { decodeCursor, pageOf } from "../http/list-pages.ts";
import type { Author, RowFormat } from "./change-rows.ts";
import type { DatasetRegister, DatasetRow } from "./dataset-register.ts";
import type { Imports, ImportStatus } from "./imports.ts";
import type { CsvOptions } from "./read-csv.ts";
import { sampleBytes } from "./recognise.ts";

interface Dependencies {
  readonly datasets: DatasetRegister;
  readonly imports: Imports;
  now(): number;
}

const describe = ({ id, name, title, attribution, columns, rowCount, version, updatedAt }: DatasetRow) => ({
  id,
  name,
  title,
  attribution,
  columns,
  rowCount,
  version,
  updatedAt: new Date(updatedAt).toISOString(),
});

const invalid = (issue: ValidationIssue): AppError => new AppError("validation_failed", { detail: `${issue.pointer}: ${issue.detail}`, errors: [issue] });

const isPlace = (place: readonly unknown[]): place is readonly [name: string] => place.length === 1 && typeof place[0] === "string";

/** Defined members only, as the rest of the code has them. */
const csvOptionsOf = ({ delimiter, encoding, decimal, header }: CsvOptions): CsvOptions => ({
  ...(delimiter !== undefined && { delimiter }),
  ...(encoding !== undefined && { encoding }),
  ...(decimal !== undefined && { decimal }),
  ...(header !== undefined && { header }),
});

const charsets: Readonly<Record<string, Encoding>> = { utf8: "utf-8", "us-ascii": "utf-8", "iso-8859-1": "windows-1252", latin1: "windows-1252", cp1252: "windows-1252" };

/** The encoding that the caller names; the query's word counts before the header's. */
const encodingOf = (given: Encoding | undefined, charset: string | undefined): { encoding?: Encoding } => {
  if (given !== undefined) return { encoding: given };
  if (charset === undefined) return {};
  const encoding = encodings.find((one) => one === charset) ?? charsets[charset];
  if (encoding === undefined)
    throw invalid({
      pointer: "/headers/content-type",
      code: "unknown_charset",
      detail: `The charset ${JSON.stringify(charset)} is not known here. There are: ${encodings.join(", ")}.`,
    });
  return { encoding };
};

const formats: Readonly<Record<Upload["mediaType"], RowFormat>> = { "text/csv": "csv", "application/json": "json", "application/x-ndjson": "ndjson" };

/** The beginning; the rest is received and forgotten, since not every client reads an answer that comes before its body has gone. */
const readBeginningOf = async (bytes: AsyncIterable<Uint8Array>): Promise<{ sample: Uint8Array; isCut: boolean }> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    if (size < sampleBytes) chunks.push(chunk);
    size += chunk.byteLength;
  }
  return { sample: Buffer.concat(chunks).subarray(0, sampleBytes), isCut: size > sampleBytes };
};

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
export const createDatasetHandlers = ({ datasets, imports, now }: Dependencies): Pick<Handlers, DatasetKey> => {
  const authorOf = ({ caller, address, userAgent, requestId }: RequestContext): Author => ({
    at: now(),
    ...(caller && { actorUserId: caller.userId, sessionId: caller.sessionId }),
    address,
    userAgent,
    requestId,
  });

  const statusOf = (status: ImportStatus) => ({ ...status, problem: status.problem && { ...status.problem, errors: [...status.problem.errors] } });

  interface RowsRequest {
    readonly name: string;
    readonly query: CsvOptions & { readonly wait?: "true" | "false" };
    readonly upload: Upload<"text/csv" | "application/json" | "application/x-ndjson">;
    readonly context: RequestContext;
  }
  const receiveRows = async (mode: "append" | "replace", { name, query, upload, context }: RowsRequest) => {
    datasets.find(name);
    const csv = csvOptionsOf({ ...query, ...encodingOf(query.encoding, upload.mediaType === "text/csv" ? upload.charset : undefined) });
    const arrived = await imports.receive(upload.bytes);
    const format = formats[upload.mediaType] as RowFormat;
    const started = imports.start({ dataset: name, mode, format, csv, author: authorOf(context) }, arrived);
    if (query.wait !== "false") return { result: await started.finished };
    // Whoever asks for it learns how it ended.
    started.finished.catch(() => {});
    return { id: started.id, status: imports.find(started.id) as ImportStatus };
  };

  return {
    "GET /datasets": ({ query: { limit, cursor }, ok }) => {
      const [after] = cursor === undefined ? [""] : decodeCursor(cursor, isPlace);
      const { items, nextCursor, headers } = pageOf(datasets.list(after, limit + 1), limit, ({ name }) => [name]);
      return ok(200, { items: items.map(describe), nextCursor }, { headers });
    },

    "POST /datasets": async ({ body, context, ok }) => {
      const added = await datasets.add(body, authorOf(context));
      return ok(201, describe(added), { headers: { location: `/datasets/${added.name}` } });
    },

    "POST /datasets/detection": async ({ query, upload, ok }) => {
      const given = csvOptionsOf({ ...query, ...encodingOf(query.encoding, upload.charset) });
      const { sample, isCut } = await readBeginningOf(upload.bytes);
      return ok(200, await imports.detect(sample, isCut, given));
    },

    "GET /datasets/:name": ({ params: { name }, ok }) => ok(200, describe(datasets.find(name))),

    "PATCH /datasets/:name": async ({ params: { name }, body, context, ok }) => ok(200, describe(await datasets.change(name, body, authorOf(context)))),

    "DELETE /datasets/:name": async ({ params: { name }, context, ok }) => {
      await datasets.remove(name, authorOf(context));
      return ok(204, null);
    },

    "POST /datasets/:name/rows": async ({ params: { name }, query, upload, context, ok }) => {
      const done = await receiveRows("append", { name, query, upload, context });
      return "result" in done ? ok(200, done.result) : ok(202, statusOf(done.status), { headers: { location: `/imports/${done.id}` } });
    },
    "PUT /datasets/:name/rows": async ({ params: { name }, query, upload, context, ok }) => {
      const done = await receiveRows("replace", { name, query, upload, context });
      return "result" in done ? ok(200, done.result) : ok(202, statusOf(done.status), { headers: { location: `/imports/${done.id}` } });
    },

    "DELETE /datasets/:name/rows": async ({ params: { name }, query, context, ok }) => ok(200, await datasets.removeRows(name, query, authorOf(context))),

    "GET /imports/:importId": ({ params: { importId }, ok }) => {
      const found = imports.find(importId);
      if (found === undefined)
        throw new AppError("not_found", {
          detail: "No import of this id is known. The last hundred are, until the API restarts; one that was under way then has changed nothing.",
        });
      return ok(200, statusOf(found));
    },
  };
};
