import { asc, eq, gt } from "drizzle-orm";
import type { Upload } from "@sallyport/shared/contract";
import { encodings, type DatasetColumn, type Encoding } from "@sallyport/shared/contract";
import type { Database } from "../database/connection.ts";
import { newId } from "../database/identifier.ts";
import { auditEvents, datasets } from "../database/schema.ts";
import type { AuditEvent } from "../database/store.ts";
import type { Writer } from "../database/writer.ts";
import type { Handlers, RequestContext } from "../http/endpoint.ts";
import { AppError, type ValidationIssue } from "../http/errors.ts";
import type { Author, RowFormat } from "./change-rows.ts";
import { createDataset } from "./datasets.ts";
import type { Imports, ImportStatus } from "./imports.ts";
import type { CsvOptions } from "./read-csv.ts";
import { sampleBytes } from "./recognise.ts";
import { encodeText, type StoredValue } from "./values.ts";

interface Dependencies {
  readonly database: Database;
  readonly writer: Pick<Writer, "write">;
  readonly imports: Imports;
  now(): number;
}

type DatasetRow = typeof datasets.$inferSelect;

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

const authorOf = ({ caller, address, userAgent, requestId }: RequestContext, at: number): Author => ({
  at,
  ...(caller && { actorUserId: caller.userId, sessionId: caller.sessionId }),
  address,
  userAgent,
  requestId,
});

const invalid = (issue: ValidationIssue): AppError => new AppError("validation_failed", { detail: `${issue.pointer}: ${issue.detail}`, errors: [issue] });

const encodeCursor = (name: string): string => Buffer.from(JSON.stringify([name])).toString("base64url");
const decodeCursor = (cursor: string): string => {
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    if (Array.isArray(place) && typeof place[0] === "string") return place[0];
  } catch {
    // Answered as any other cursor that is none.
  }
  throw invalid({ pointer: "/query/cursor", code: "invalid_cursor", detail: "Not a cursor of this list. Start again without one." });
};

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

const isOrdered = ({ type }: DatasetColumn): boolean => type !== "boolean";

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
export const createDatasetHandlers = ({ database: { orm, sqlite }, database, writer, imports, now }: Dependencies): Pick<Handlers, DatasetKey> => {
  const find = (name: string): DatasetRow => {
    const found = orm.select().from(datasets).where(eq(datasets.name, name)).get();
    if (found === undefined) throw new AppError("not_found", { detail: `There is no dataset ${JSON.stringify(name)}.` });
    return found;
  };

  const addAuditEvent = (action: string, { id, name }: Pick<DatasetRow, "id" | "name">, { at, ...author }: Author, detail: Record<string, unknown>): void => {
    const event: AuditEvent = { at, action, result: "success", ...author, subjectType: "dataset", subjectId: id, detail: { dataset: name, ...detail } };
    orm
      .insert(auditEvents)
      .values({ id: newId("evt"), ...event })
      .run();
  };

  /** Titles of the sections that have a panel which reads the dataset. */
  const sectionsThatRead = sqlite
    .prepare<[string, string, string], string>(
      `SELECT DISTINCT sections.title FROM panels JOIN sections ON sections.id = panels.section_id
       WHERE panels.dataset_id = ? OR json_extract(panels.definition, '$.query.dataset') = ? OR json_extract(panels.definition, '$.trend.dataset') = ?
       ORDER BY sections.position, sections.slug`,
    )
    .pluck();

  const statusOf = (status: ImportStatus) => ({ ...status, problem: status.problem && { ...status.problem, errors: [...status.problem.errors] } });

  interface RowsRequest {
    readonly name: string;
    readonly query: CsvOptions & { readonly wait?: "true" | "false" };
    readonly upload: Upload<"text/csv" | "application/json" | "application/x-ndjson">;
    readonly context: RequestContext;
  }
  const receiveRows = async (mode: "append" | "replace", { name, query, upload, context }: RowsRequest) => {
    find(name);
    const csv = csvOptionsOf({ ...query, ...encodingOf(query.encoding, upload.mediaType === "text/csv" ? upload.charset : undefined) });
    const arrived = await imports.receive(upload.bytes);
    const format = formats[upload.mediaType] as RowFormat;
    const started = imports.start({ dataset: name, mode, format, csv, dryRun: false, author: authorOf(context, now()) }, arrived);
    if (query.wait !== "false") return { result: await started.finished };
    // Whoever asks for it learns how it ended.
    started.finished.catch(() => {});
    return { id: started.id, status: imports.find(started.id) as ImportStatus };
  };

  return {
    "GET /datasets": ({ query: { limit, cursor }, ok }) => {
      const found = orm
        .select()
        .from(datasets)
        .where(gt(datasets.name, cursor === undefined ? "" : decodeCursor(cursor)))
        .orderBy(asc(datasets.name))
        .limit(limit + 1)
        .all();
      const items = found.slice(0, limit);
      const last = items.at(-1);
      if (found.length <= limit || last === undefined) return ok(200, { items: items.map(describe), nextCursor: null });
      const nextCursor = encodeCursor(last.name);
      const next = new URLSearchParams({ limit: String(limit), cursor: nextCursor });
      return ok(200, { items: items.map(describe), nextCursor }, { headers: { link: `<?${next.toString()}>; rel="next"` } });
    },

    "POST /datasets": async ({ body, context, ok }) => {
      const created = await writer.write(() => {
        if (orm.select({ id: datasets.id }).from(datasets).where(eq(datasets.name, body.name)).get() !== undefined) return null;
        const author = authorOf(context, now());
        const id = createDataset(database, body, author.at);
        addAuditEvent("dataset.create", { id, name: body.name }, author, { title: body.title, columns: body.columns.map(({ name, type }) => ({ name, type })) });
        return find(body.name);
      });
      if (created === null) throw new AppError("dataset_name_taken", { errors: [{ pointer: "/name", code: "taken", detail: "There is a dataset of this name." }] });
      return ok(201, describe(created), { headers: { location: `/datasets/${created.name}` } });
    },

    "POST /datasets/detection": async ({ query, upload, ok }) => {
      const given = csvOptionsOf({ ...query, ...encodingOf(query.encoding, upload.charset) });
      const { sample, isCut } = await readBeginningOf(upload.bytes);
      return ok(200, await imports.detect(sample, isCut, given));
    },

    "GET /datasets/:name": ({ params: { name }, ok }) => ok(200, describe(find(name))),

    "PATCH /datasets/:name": async ({ params: { name }, body, context, ok }) => {
      const changed = await writer.write(() => {
        const before = orm.select().from(datasets).where(eq(datasets.name, name)).get();
        if (before === undefined) return null;
        const known = new Set(before.columns.map((column) => column.name));
        const issues = (body.columns ?? []).flatMap((column, index) =>
          known.has(column.name) ? [] : [{ pointer: `/columns/${index}/name`, code: "unknown_column", detail: `The dataset has no column ${JSON.stringify(column.name)}.` }],
        );
        if (issues.length > 0) return issues;
        const columns = before.columns.map(({ unit, ...column }): DatasetColumn => {
          const change = body.columns?.findLast((one) => one.name === column.name);
          const newUnit = change?.unit === undefined ? unit : (change.unit ?? undefined);
          return { ...column, label: change?.label ?? column.label, ...(newUnit !== undefined && { unit: newUnit }) };
        });
        const after = { title: body.title ?? before.title, attribution: body.attribution === undefined ? before.attribution : body.attribution, columns };
        const former = { title: before.title, attribution: before.attribution, columns: before.columns };
        if (JSON.stringify(after) === JSON.stringify(former)) return before;
        const author = authorOf(context, now());
        const version = JSON.stringify(columns) === JSON.stringify(before.columns) ? before.version : before.version + 1;
        orm
          .update(datasets)
          .set({ ...after, version, updatedAt: author.at })
          .where(eq(datasets.id, before.id))
          .run();
        addAuditEvent("dataset.change", before, author, { before: former, after });
        return { ...before, ...after, version, updatedAt: author.at };
      });
      if (changed === null) throw new AppError("not_found", { detail: `There is no dataset ${JSON.stringify(name)}.` });
      if (Array.isArray(changed)) throw new AppError("validation_failed", { detail: changed.map((issue) => `${issue.pointer}: ${issue.detail}`).join("; "), errors: changed });
      return ok(200, describe(changed));
    },

    "DELETE /datasets/:name": async ({ params: { name }, context, ok }) => {
      const readers = await writer.write(() => {
        const found = orm.select().from(datasets).where(eq(datasets.name, name)).get();
        if (found === undefined) return null;
        const titles = sectionsThatRead.all(found.id, name, name);
        if (titles.length > 0) return titles;
        // Its table is swept up afterwards: to drop a large one would hold the database for long.
        orm.delete(datasets).where(eq(datasets.id, found.id)).run();
        addAuditEvent("dataset.delete", found, authorOf(context, now()), { title: found.title, rows: found.rowCount });
        return [];
      });
      if (readers === null) throw new AppError("not_found", { detail: `There is no dataset ${JSON.stringify(name)}.` });
      if (readers.length > 0) throw new AppError("dataset_in_use", { detail: `Panels of these sections read it: ${readers.join(", ")}. Remove them first.` });
      imports.sweepSoon();
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

    "DELETE /datasets/:name/rows": async ({ params: { name }, query: { column: columnName, from, to }, context, ok }) => {
      const { columns } = find(name);
      const column = columns.find((one) => one.name === columnName);
      if (column === undefined) throw invalid({ pointer: "/query/column", code: "unknown_column", detail: `The dataset has no column ${JSON.stringify(columnName)}.` });
      if (!isOrdered(column)) throw invalid({ pointer: "/query/column", code: "not_ordered", detail: "A boolean is neither less nor greater." });
      const bound = (text: string | undefined, which: "from" | "to"): StoredValue => {
        if (text === undefined) return null;
        const encoded = encodeText(column.type, text);
        if (!encoded.ok || encoded.value === null)
          throw invalid({ pointer: `/query/${which}`, code: "wrong_value_type", detail: encoded.ok ? "Not empty." : `Not ${encoded.expected}.` });
        return encoded.value;
      };
      const range = { from: bound(from, "from"), to: bound(to, "to") };
      if (range.from === null && range.to === null) throw invalid({ pointer: "/query/from", code: "bound_required", detail: "Name `from`, `to` or both." });
      return ok(200, await imports.deleteRows({ dataset: name, column: columnName, ...range, author: authorOf(context, now()) }));
    },

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
