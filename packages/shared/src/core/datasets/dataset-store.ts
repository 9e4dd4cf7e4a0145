import type { DatasetColumn } from "../../contract/contract.ts";
import type { DatasetRecord } from "./change-dataset.ts";
import type { DatasetReader } from "./dataset-refusals.ts";
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

export type DatasetOrder = "name" | "title" | "rowCount" | "updatedAt";

/** Which datasets are listed, and in which order; those of one rank are in that of their names. */
export interface DatasetListing {
  readonly order: DatasetOrder;
  readonly isDescending: boolean;
  /** Only those whose title or name has this in it, whatever the case of letters from A to Z. */
  readonly contains: string | null;
  /** Only those behind this place in the order: titles count without the case of A to Z. */
  readonly after: { readonly rank: string | number; readonly name: string } | null;
  readonly limit: number;
}

export interface ListedDataset extends Dataset {
  /** How many panels read it. */
  readonly panelCount: number;
}

/** Which datasets there are. Their rows come and go by imports, and come out by queries. */
export interface DatasetStore {
  /** At most so many, those behind a name, by name. */
  list(after: string, limit: number): Awaitable<readonly Dataset[]>;
  /** Those that are asked for, and how many there are on all pages. */
  search(listing: DatasetListing): Awaitable<{
    readonly datasets: readonly ListedDataset[];
    readonly total: number;
  }>;
  /** Which sections read the dataset of this name, in the order of the navigation. */
  readers(name: string): Awaitable<readonly DatasetReader[]>;
  /** By name, about how many bytes the rows of each take. */
  measure(names: readonly string[]): Awaitable<ReadonlyMap<string, number>>;
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
   * which.
   */
  remove(
    expected: Dataset,
    audit: AuditEvent,
  ): Promise<Applied | { readonly readBy: readonly DatasetReader[] }>;
}
