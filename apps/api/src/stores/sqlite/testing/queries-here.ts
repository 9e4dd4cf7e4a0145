/**
 * Queries that run in the test's own thread, on its own connection, so that a database in memory
 * will do.
 */
import type { Database } from "../connection.ts";
import type { PanelData } from "@sallyport/shared/contract";
import { encodedRowsOf } from "@sallyport/shared/core";
import { createExecutor, type Job } from "../queries/execute-query.ts";
import type { QueryWorkers } from "../queries/query-workers.ts";

/** @param onJob told of each job before it is carried out */
export const createQueriesHere = (
  { sqlite }: Pick<Database, "sqlite">,
  onJob: (job: Job) => void = () => {},
): Pick<QueryWorkers, "execute" | "wantToo"> => {
  const execute = createExecutor(sqlite, () => true);
  return {
    execute: async (job) => {
      onJob(job);
      await Promise.resolve();
      return execute(job);
    },
    wantToo: () => {},
  };
};

/** The rows that a result's stand in for, as whoever is sent them reads them. */
export const readRows = (rows: PanelData["rows"]): PanelData["rows"] => {
  const encoded = encodedRowsOf(rows);
  return encoded === undefined
    ? rows
    : (JSON.parse(new TextDecoder().decode(encoded.json)) as PanelData["rows"]);
};
