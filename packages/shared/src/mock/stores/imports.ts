import {
  datasetChanged,
  importProblemOf,
  unknownDataset,
  waitingImport,
  type Arrived,
  type Author,
  type ImportOrder,
  type ImportResult,
  type ImportStatus,
  type ImportStore,
  type StoredValue,
} from "../../core/core.ts";
import type { MockDataset } from "../state.ts";
import { addEvent } from "./audit.ts";
import { rowsOf } from "./dataset-rows.ts";
import { findDataset } from "./datasets.ts";
import { compareValues } from "./aggregate-rows.ts";
import type { Parts } from "./parts.ts";
import { detect, readBytes, readRows } from "./read-rows.ts";

const rememberedImports = 100;

interface ArrivedBytes extends Arrived {
  readonly content: Uint8Array;
}

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

  const importRows = async (
    { dataset: name, mode, format, csv, author }: ImportOrder,
    content: Uint8Array,
  ): Promise<ImportResult> => {
    const { columns } = find(name);
    const { rows, read } = await readRows(columns, content, format, csv);
    const dataset = find(name);
    const all = mode === "append" ? [...rowsOf(state(), dataset), ...rows] : rows;
    return { rows: rows.length, ...storeRows(dataset, all, "dataset.import", author), read };
  };

  return {
    receive: async (bytes) => {
      const content = await readBytes(bytes);
      return { bytes: content.byteLength, content };
    },
    start: async (order, { bytes, content }) => {
      const status = waitingImport(newId("imp"), order.dataset, bytes);
      const remember = (changes: Partial<ImportStatus>): void => {
        const found = state();
        found.imports = [...found.imports, { ...status, ...changes }].slice(-rememberedImports);
      };
      const finished = importRows(order, content).then(
        (result) => {
          remember({ status: "done", bytes, rows: result.rows, result });
          return result;
        },
        (error: unknown) => {
          remember({ status: "failed", problem: importProblemOf(error) });
          throw error;
        },
      );
      // Before the answer, so that it belongs to the request that asked for it.
      await finished.catch(() => {});
      return { status, finished };
    },
    find: (importId) => state().imports.find(({ id }) => id === importId),
    deleteRows: async ({ dataset: name, column, from, to, author }) => {
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
      if (deleted === 0) return { deleted, rowCount: rows.length, version: dataset.version };
      return { deleted, ...storeRows(dataset, kept, "dataset.deleteRows", author) };
    },
    ensureIndexes: async () => {},
    detect: (sample, isCut, given) => detect(sample, isCut, given),
  };
};
