import type { DatasetColumn } from "../../contract/contract.ts";
import type { DatasetRecord } from "./change-dataset.ts";
import type { TimeBounds } from "./time-bounds.ts";
import type { AuditEvent } from "../audit/audit-store.ts";
import type { Applied, Awaitable } from "../awaitable.ts";

/** What a query has to know of a dataset. */
export interface QueriedDataset {
  readonly name: string;
  /**
   * Names its rows as they are now. It means something to the store that gave it, and to nobody
   * else.
   */
  readonly tableName: string;
  readonly columns: readonly DatasetColumn[];
  readonly attribution: string | null;
  /** Rises with every change of rows or columns. */
  readonly version: number;
  /**
   * The first and the last value of each column of dates or timestamps that has any, in stored
   * form.
   */
  readonly timeBounds: TimeBounds;
}

/** What a dataset says of itself. */
export interface Dataset extends Omit<DatasetRecord, "columns"> {
  readonly columns: DatasetColumn[];
}

/** Which datasets there are. Their rows come and go by imports, and come out by queries. */
export interface DatasetStore {
  /** At most so many, those behind a name, by name. */
  list(after: string, limit: number): Awaitable<readonly Dataset[]>;
  /** Null when there is none of this name. */
  find(name: string): Awaitable<Dataset | null>;
  /** Adds a dataset without rows. */
  add(dataset: Dataset, audit: AuditEvent): Promise<"added" | "nameTaken">;
  /** Carries out what was decided on this dataset as it was read. */
  apply(
    expected: Dataset,
    change: Pick<Dataset, "title" | "attribution" | "columns" | "version">,
    audit: AuditEvent,
  ): Promise<Applied>;
  /**
   * Removes this dataset as it was read, with its rows, unless panels read it: then the answer is
   * the titles of their sections, in order.
   */
  remove(
    expected: Dataset,
    audit: AuditEvent,
  ): Promise<Applied | { readonly readBy: readonly string[] }>;
}
