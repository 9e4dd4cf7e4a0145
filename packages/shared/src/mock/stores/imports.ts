import {
  asInFile,
  datasetChanged,
  datasetNameTaken,
  expectedImport,
  importCancelled,
  importProblemOf,
  joinBytes,
  unknownDataset,
  unknownImport,
  waitingImport,
  withoutSources,
  type Arrived,
  type Author,
  type ImportOrder,
  type ImportResult,
  type ImportStore,
  type StoredValue,
} from "../../core/core.ts";
import type { MockDataset, MockImport } from "../state.ts";
import { addEvent } from "./audit.ts";
import { rowsOf } from "./dataset-rows.ts";
import { findDataset } from "./find-dataset.ts";
import { compareValues } from "./aggregate-rows.ts";
import type { Parts } from "./parts.ts";

const rememberedImports = 100;

interface ArrivedBytes extends Arrived {
  readonly content: Uint8Array;
}

/** Few pages with the mock ever read a file, so that what it takes is fetched with the first. */
const loadReading = () => import("./read-rows.ts");

const readBytes = async (bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return joinBytes(pieces);
};

/** Rows come in at once, also where nobody waits for it. */
export const createImportStore = (parts: Parts): ImportStore<ArrivedBytes> => {
  const { state, now, newId } = parts;

  const find = (name: string): MockDataset => {
    const found = findDataset(state(), name);
    if (found === undefined) throw unknownDataset(name);
    return found;
  };

  /** @throws AppError `dataset_changed` where that was asked for */
  const storeRows = (
    dataset: MockDataset,
    rows: readonly (readonly StoredValue[])[],
    action: "dataset.import" | "dataset.deleteRows",
    { by, ...author }: Author,
  ): { readonly rowCount: number; readonly version: number } => {
    if (state().rowsChangedMeanwhile) throw datasetChanged();
    dataset.rows = rows;
    dataset.version += 1;
    dataset.updatedAt = Math.max(dataset.updatedAt, now());
    const { name, version } = dataset;
    addEvent(parts, {
      ...author,
      action,
      result: "success",
      subjectType: "dataset",
      subjectId: dataset.id,
      subjectName: dataset.name,
      detail: { dataset: name, rows: rows.length, version, ...(by !== undefined && { by }) },
    });
    return { rowCount: rows.length, version };
  };

  /** As it will be when it has its rows. */
  const addPlanned = ({
    dataset: name,
    title = name,
    attribution,
    columns = [],
    author: { by, ...author },
  }: ImportOrder): MockDataset => {
    if (findDataset(state(), name) !== undefined) throw datasetNameTaken();
    const added: MockDataset = {
      id: newId("dat"),
      name,
      title,
      attribution: attribution ?? null,
      columns: withoutSources(columns),
      version: 0,
      updatedAt: author.at,
      rows: [],
    };
    state().datasets = [...state().datasets, added];
    addEvent(parts, {
      ...author,
      action: "dataset.create",
      result: "success",
      subjectType: "dataset",
      subjectId: added.id,
      subjectName: name,
      detail: { dataset: name, title, ...(by !== undefined && { by }) },
    });
    return added;
  };

  const importRows = async (order: ImportOrder, content: Uint8Array): Promise<ImportResult> => {
    const { dataset: name, mode, format, csv, author, decidedOn } = order;
    const newColumns =
      mode === "append" || order.columns === undefined ? null : withoutSources(order.columns);
    const columns = newColumns ?? find(name).columns;
    const { readRows } = await loadReading();
    const { rows, read } = await readRows(asInFile(columns, order.columns), content, format, csv);
    const dataset = mode === "create" ? addPlanned(order) : find(name);
    if (decidedOn !== undefined && decidedOn.version !== dataset.version) throw datasetChanged();
    const all = mode === "append" ? [...rowsOf(state(), dataset), ...rows] : rows;
    const stored = storeRows(dataset, all, "dataset.import", author);
    if (newColumns !== null) dataset.columns = newColumns;
    return { rows: rows.length, ...stored, read };
  };

  const remember = (status: MockImport): void => {
    const found = state();
    found.imports = [...found.imports.filter(({ id }) => id !== status.id), status].slice(
      -rememberedImports,
    );
  };
  const known = (importId: string): MockImport | undefined =>
    state().imports.find(({ id }) => id === importId);

  return {
    receive: async (bytes) => {
      const content = await readBytes(bytes);
      return { bytes: content.byteLength, content };
    },
    expect: (plan) => {
      const status = expectedImport(newId("imp"), plan.dataset);
      remember({ ...status, plan });
      return status;
    },
    findPlan: (importId) => known(importId)?.plan,
    cancel: (importId) => {
      const found = known(importId);
      if (found?.plan === undefined) return found;
      const { plan: _, ...status } = found;
      const cancelled: MockImport = {
        ...status,
        status: "failed",
        problem: importProblemOf(importCancelled()),
      };
      remember(cancelled);
      return cancelled;
    },
    start: async (order, { bytes, content }, importId) => {
      if (importId !== undefined && known(importId)?.plan === undefined) throw unknownImport();
      const status = waitingImport(importId ?? newId("imp"), order.dataset, bytes);
      // Its plan is taken, however it ends.
      remember(status);
      const finished = importRows(order, content).then(
        (result) => {
          remember({ ...status, status: "done", bytes, rows: result.rows, result });
          return result;
        },
        (error: unknown) => {
          remember({ ...status, status: "failed", problem: importProblemOf(error) });
          throw error;
        },
      );
      // Before the answer, so that it belongs to the request that asked for it.
      await finished.catch(() => {});
      return { status, finished };
    },
    find: known,
    deleteRows: async ({ dataset: name, column, from, to, author, dryRun }) => {
      const dataset = find(name);
      const position = dataset.columns.findIndex((one) => one.name === column);
      const rows = rowsOf(state(), dataset);
      const kept = rows.filter((row) => {
        const value = row[position] ?? null;
        return (
          value === null ||
          (from !== null && compareValues(value, from) < 0) ||
          (to !== null && compareValues(value, to) >= 0)
        );
      });
      const deleted = rows.length - kept.length;
      if (deleted === 0 || dryRun)
        return { deleted, rowCount: rows.length, version: dataset.version };
      return { deleted, ...storeRows(dataset, kept, "dataset.deleteRows", author) };
    },
    ensureIndexes: async () => {},
    detect: async (sample, isCut, given) => (await loadReading()).detect(sample, isCut, given),
  };
};
