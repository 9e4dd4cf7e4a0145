/** Datasets and their rows, which the mock has in its memory. */
import { importErrorCodeOf, type Contract, type HandlerInput } from "../contract/contract.ts";
import {
  AppError,
  changeDataset,
  csvOptionsOf,
  datasetChanged,
  datasetInUse,
  datasetNameTaken,
  decodeCursor,
  describeDataset,
  pageOf,
  readSample,
  rowFormats,
  rowRangeOf,
  unknownDataset,
  unknownImport,
  type StoredValue,
} from "../rules/rules.ts";
import { rowsOf } from "./dataset-rows.ts";
import type { MockContext, MockHandlers } from "./endpoint.ts";
import { compareValues } from "./evaluate-query.ts";
import { detect, readBytes, readRows } from "./read-rows.ts";
import { inOrder } from "./sections.ts";
import type { MockDataset, MockImport, MockState } from "./state.ts";

const rememberedImports = 100;

type DatasetKey = Extract<
  keyof MockHandlers,
  `${string} /datasets${string}` | `${string} /imports${string}`
>;

const find = ({ datasets }: MockState, name: string): MockDataset => {
  const found = datasets.find((dataset) => dataset.name === name);
  if (found === undefined) throw unknownDataset(name);
  return found;
};

const describe = (state: MockState, dataset: MockDataset) =>
  describeDataset({ ...dataset, rowCount: rowsOf(state, dataset).length });

const isPlace = (place: readonly unknown[]): place is readonly [name: string] =>
  place.length === 1 && typeof place[0] === "string";

/** Titles of the sections that have a panel which reads the dataset. */
const sectionsThatRead = ({ sections }: MockState, name: string): string[] => {
  const titles = inOrder(sections)
    .filter(({ definition }) =>
      definition.panels.some(
        (panel) =>
          "query" in panel &&
          (panel.query.dataset === name ||
            (panel.kind === "metric" && panel.trend?.dataset === name)),
      ),
    )
    .map(({ definition }) => definition.title);
  return [...new Set(titles)];
};

/** @throws AppError `dataset_changed` where that was asked for */
const storeRows = (
  { state, now }: MockContext,
  dataset: MockDataset,
  rows: readonly (readonly StoredValue[])[],
): { readonly rowCount: number; readonly version: number } => {
  if (state.rowsChangedMeanwhile) throw datasetChanged();
  dataset.rows = rows;
  dataset.version += 1;
  dataset.updatedAt = Math.max(dataset.updatedAt, now);
  return { rowCount: rows.length, version: dataset.version };
};

type RowsRequest = HandlerInput<Contract["POST /datasets/:name/rows"]> & {
  readonly context: MockContext;
};

const importRows = async (
  mode: "append" | "replace",
  { params: { name }, query, upload, context }: RowsRequest,
  bytes: Uint8Array,
) => {
  const { state } = context;
  const dataset = find(state, name);
  const { rows, read } = await readRows(
    dataset.columns,
    bytes,
    rowFormats[upload.mediaType],
    csvOptionsOf(query, upload),
  );
  return {
    rows: rows.length,
    ...storeRows(context, dataset, mode === "append" ? [...rowsOf(state, dataset), ...rows] : rows),
    read,
  };
};

/** The work is done at once even where nobody waits for it; only, the answer does not tell. */
const receiveRows = async (mode: "append" | "replace", request: RowsRequest) => {
  const { context, params, query, upload } = request;
  find(context.state, params.name);
  csvOptionsOf(query, upload);
  const bytes = await readBytes(upload.bytes);
  if (query.wait !== "false")
    return { result: await importRows(mode, request, bytes), waiting: undefined };
  const waiting: MockImport = {
    id: context.newId("imp"),
    dataset: params.name,
    status: "waiting",
    bytes: 0,
    totalBytes: bytes.byteLength,
    rows: 0,
    result: null,
    problem: null,
  };
  const finish = async (): Promise<MockImport> => {
    try {
      const result = await importRows(mode, request, bytes);
      return { ...waiting, status: "done", bytes: bytes.byteLength, rows: result.rows, result };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return {
        ...waiting,
        status: "failed",
        problem: {
          code: importErrorCodeOf(error.code),
          detail: error.members.detail ?? "Something went wrong.",
          errors: [...(error.members.errors ?? [])],
        },
      };
    }
  };
  context.state.imports = [...context.state.imports, await finish()].slice(-rememberedImports);
  return { result: undefined, waiting };
};

/** The handlers of the datasets' endpoints. They take as decided that the caller has the permission. */
export const datasetHandlers: Pick<MockHandlers, DatasetKey> = {
  "GET /datasets": ({ query: { limit, cursor }, context: { state }, ok }) => {
    const [after] = cursor === undefined ? [""] : decodeCursor(cursor, isPlace);
    const found = state.datasets
      .filter(({ name }) => name > after)
      .sort((one, other) => (one.name < other.name ? -1 : 1));
    const { items, nextCursor, headers } = pageOf(found.slice(0, limit + 1), limit, ({ name }) => [
      name,
    ]);
    return ok(
      200,
      { items: items.map((dataset) => describe(state, dataset)), nextCursor },
      { headers },
    );
  },

  "POST /datasets": ({
    body: { name, title, attribution, columns },
    context: { state, now, newId },
    ok,
  }) => {
    if (state.datasets.some((dataset) => dataset.name === name)) throw datasetNameTaken();
    const added: MockDataset = {
      id: newId("dat"),
      name,
      title,
      attribution: attribution ?? null,
      columns,
      version: 1,
      updatedAt: now,
      rows: [],
    };
    state.datasets = [...state.datasets, added];
    return ok(201, describe(state, added), { headers: { location: `/datasets/${name}` } });
  },

  "POST /datasets/detection": async ({ query, upload, ok }) => {
    const given = csvOptionsOf(query, upload);
    const { sample, isCut } = await readSample(upload.bytes);
    return ok(200, detect(sample, isCut, given));
  },

  "GET /datasets/:name": ({ params: { name }, context: { state }, ok }) =>
    ok(200, describe(state, find(state, name))),

  "PATCH /datasets/:name": ({ params: { name }, body, context: { state, now }, ok }) => {
    const dataset = find(state, name);
    const after = changeDataset(dataset, body);
    if (after instanceof AppError) throw after;
    if (after !== null) Object.assign(dataset, after, { updatedAt: now });
    return ok(200, describe(state, dataset));
  },

  "DELETE /datasets/:name": ({ params: { name }, context: { state }, ok }) => {
    const dataset = find(state, name);
    const titles = sectionsThatRead(state, name);
    if (titles.length > 0) throw datasetInUse(titles);
    state.datasets = state.datasets.filter((one) => one !== dataset);
    return ok(204, null);
  },

  "POST /datasets/:name/rows": async ({ ok, ...request }) => {
    const { result, waiting } = await receiveRows("append", request);
    return waiting === undefined
      ? ok(200, result)
      : ok(202, waiting, { headers: { location: `/imports/${waiting.id}` } });
  },
  "PUT /datasets/:name/rows": async ({ ok, ...request }) => {
    const { result, waiting } = await receiveRows("replace", request);
    return waiting === undefined
      ? ok(200, result)
      : ok(202, waiting, { headers: { location: `/imports/${waiting.id}` } });
  },

  "DELETE /datasets/:name/rows": ({ params: { name }, query, context, ok }) => {
    const { state } = context;
    const dataset = find(state, name);
    const { from, to } = rowRangeOf(dataset.columns, query);
    const position = dataset.columns.findIndex((column) => column.name === query.column);
    const rows = rowsOf(state, dataset);
    const kept = rows.filter((row) => {
      const value = row[position] ?? null;
      return (
        value === null ||
        (from !== null && compareValues(value, from) < 0) ||
        (to !== null && compareValues(value, to) >= 0)
      );
    });
    const deleted = rows.length - kept.length;
    if (deleted === 0) return ok(200, { deleted, rowCount: rows.length, version: dataset.version });
    return ok(200, { deleted, ...storeRows(context, dataset, kept) });
  },

  "GET /imports/:importId": ({ params: { importId }, context: { state }, ok }) => {
    const found = state.imports.find(({ id }) => id === importId);
    if (found === undefined) throw unknownImport();
    return ok(200, found);
  },
};
