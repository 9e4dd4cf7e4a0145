import type { Chart, PanelData, Query } from "../../contract/contract.ts";
import type { QueueCaller } from "../answering/queue-callers.ts";
import type { QueriedDataset } from "../datasets/dataset-store.ts";
import type { Awaitable } from "../awaitable.ts";
import type { Asked, Refused, ResultColumn } from "./resolved-query.ts";

/** The dataset is no longer as it was when it was read. Read anew, the query can be run again. */
export class DatasetChanged extends Error {
  override readonly name = "DatasetChanged";
}

/** What a query is asked for, beside what stands in it. */
export interface Wanted extends Pick<Asked, "range" | "sectionLast" | "page"> {
  /** Reads far more rows than are answered with, and reduces each series to so many points. */
  readonly drawn?: { readonly chart: Pick<Chart, "x" | "y" | "series">; readonly points: number };
}

/** A page has a `total`; what was reduced has `points`. */
export type QueryResult = Pick<
  PanelData,
  "columns" | "rows" | "range" | "timeZone" | "total" | "points"
>;

/** How rows come out. */
export interface QueryStore {
  /**
   * Gives what the query selects and not a row more, as JSON has it: booleans, dates as
   * `YYYY-MM-DD`, timestamps as ISO 8601 in UTC. Nobody may change the result, and its rows may
   * only be stood in for (`answering/encode-answer.ts`).
   * @param caller whose turn it takes
   * @throws QueryRefused, DatasetChanged, AppError `query_timeout`, `busy`, `panel_failed` (in the
   * promise)
   */
  run(
    query: Query,
    dataset: QueriedDataset | undefined,
    wanted: Wanted,
    caller: QueueCaller,
  ): Awaitable<QueryResult>;
  /**
   * The columns of a query's result, or every reason why the query does not fit its dataset. For
   * whoever keeps queries: what is let in here can be run, with any range. All that it needs is
   * handed over, so that it asks no database, and answers at once.
   */
  describe(
    query: Query,
    dataset: QueriedDataset | undefined,
  ): { readonly ok: true; readonly columns: readonly ResultColumn[] } | Refused;
}
