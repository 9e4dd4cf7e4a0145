import { importErrorCodeOf } from "../../contract/error-codes.ts";
import { AppError } from "../answering/errors.ts";
import type { ImportedColumn, DatasetColumn } from "../../contract/contract.ts";
import type { ImportProblem, ImportStatus } from "./import-store.ts";
import { RowsRejection } from "./rows-rejected.ts";

/**
 * An import as it begins, whoever carries it out: all of it has arrived, and none of it has been
 * read.
 */
export const waitingImport = (id: string, dataset: string, totalBytes: number): ImportStatus => ({
  id,
  dataset,
  status: "waiting",
  bytes: 0,
  totalBytes,
  rows: 0,
  result: null,
  problem: null,
});

/**
 * What is told of an import that came to nothing. What is no outcome but a fault keeps its words to
 * itself.
 */
export const importProblemOf = (error: unknown): ImportProblem => {
  const { code, members } = error instanceof AppError ? error : new AppError("internal");
  return {
    code: importErrorCodeOf(code),
    detail: members.detail ?? "Something went wrong.",
    errors: members.errors ?? [],
    badRows: error instanceof RowsRejection ? error.badRows : null,
  };
};

/** An import of which only the plan is there. */
export const expectedImport = (id: string, dataset: string): ImportStatus => ({
  ...waitingImport(id, dataset, 0),
  status: "expected",
});

/** As it is told. */
export const describeImport = ({ problem, ...status }: ImportStatus) => ({
  ...status,
  problem: problem && {
    ...problem,
    errors: [...problem.errors],
    badRows: problem.badRows && {
      header: [...problem.badRows.header],
      rows: problem.badRows.rows.map((row) => ({ ...row, cells: [...row.cells] })),
    },
  },
});

export const importCancelled = (): AppError =>
  new AppError("import_cancelled", { detail: "The import was given up. Nothing was stored." });

/** As the dataset has them. */
export const withoutSources = (columns: readonly ImportedColumn[]): DatasetColumn[] =>
  columns.map((column) => {
    const { source: _, ...kept } = column;
    return kept;
  });

/** The dataset's columns under the names that the file has for them. */
export const asInFile = (
  columns: readonly DatasetColumn[],
  imported: readonly ImportedColumn[] = [],
): DatasetColumn[] =>
  columns.map((column) => ({
    ...column,
    name: imported.find(({ name }) => name === column.name)?.source ?? column.name,
  }));
