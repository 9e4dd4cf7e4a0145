import { importErrorCodeOf } from "../../contract/error-codes.ts";
import { AppError } from "../answering/errors.ts";
import type { ImportProblem, ImportStatus } from "./import-store.ts";

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
  };
};
