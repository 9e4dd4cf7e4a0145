import type { Detection, ImportErrorCode } from "../../contract/contract.ts";
import type { ValidationIssue } from "../answering/errors.ts";
import type { QueueCaller } from "../answering/fair-queue.ts";
import type { AuditEvent } from "../audit/audit-store.ts";
import type { Awaitable } from "../awaitable.ts";
import type { CsvTally } from "./read-csv.ts";
import type { CsvOptions } from "./recognise-csv.ts";
import type { RowFormat } from "./rows-rejected.ts";
import type { StoredValue } from "./values.ts";

/** Who changes rows, for the audit trail. */
export interface Author extends Pick<
  AuditEvent,
  "at" | "actorUserId" | "sessionId" | "address" | "userAgent" | "requestId"
> {
  /** Of a change by the command-line tool. */
  readonly by?: string;
}

/** Rows that have arrived and wait. */
export interface Arrived {
  readonly bytes: number;
}

export interface ImportOrder {
  readonly dataset: string;
  readonly mode: "append" | "replace";
  readonly format: RowFormat;
  readonly csv: CsvOptions;
  readonly author: Author;
}

export interface DeletionOrder {
  readonly dataset: string;
  readonly column: string;
  readonly from: StoredValue;
  readonly to: StoredValue;
  readonly author: Author;
}

export interface ImportResult {
  /** How many rows the file had. */
  readonly rows: number;
  /** How many rows the dataset has now. */
  readonly rowCount: number;
  readonly version: number;
  /** How the file was read. */
  readonly read: CsvOptions & Partial<CsvTally>;
}

export interface ImportProblem {
  readonly code: ImportErrorCode;
  readonly detail: string;
  readonly errors: readonly ValidationIssue[];
}

export interface ImportStatus {
  readonly id: string;
  readonly dataset: string;
  readonly status: "waiting" | "running" | "done" | "failed";
  readonly bytes: number;
  readonly totalBytes: number;
  readonly rows: number;
  readonly result: ImportResult | null;
  readonly problem: ImportProblem | null;
}

export interface StartedImport {
  /** As it began: it waits. */
  readonly status: ImportStatus;
  /** @throws AppError `rows_rejected`, `malformed_json`, `not_found`, `dataset_changed`, `busy` */
  readonly finished: Promise<ImportResult>;
}

/**
 * How rows come in and go. A change is made whole or not at all, and recorded in the audit trail
 * with it.
 */
export interface ImportStore<A extends Arrived = Arrived> {
  /**
   * Keeps what arrives until an import is made of it. When it breaks off, nothing is left of it.
   */
  receive(bytes: AsyncIterable<Uint8Array>): Promise<A>;
  /**
   * Reads the rows into the dataset, all or none, once the changes before it are done. What arrived
   * is gone afterwards.
   */
  start(order: ImportOrder, arrived: A): Awaitable<StartedImport>;
  /** The last hundred imports are remembered. */
  find(importId: string): Awaitable<ImportStatus | undefined>;
  /** @throws AppError `not_found`, `dataset_changed`, `busy` */
  deleteRows(
    order: DeletionOrder,
  ): Promise<{ readonly deleted: number; readonly rowCount: number; readonly version: number }>;
  /**
   * Gives the dataset the indexes that its panels need by now. To be called when panels have
   * changed.
   */
  ensureIndexes(dataset: string): Promise<void>;
  /** Looks at the beginning of a file. @throws AppError `rows_rejected` */
  detect(
    sample: Uint8Array,
    isCut: boolean,
    given: CsvOptions,
    caller: QueueCaller,
  ): Awaitable<Detection>;
}
