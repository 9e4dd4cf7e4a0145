import type {
  FileDetection,
  ImportedColumn,
  ImportErrorCode,
  NewImport,
} from "../../contract/contract.ts";
import type { ValidationIssue } from "../answering/errors.ts";
import type { QueueCaller } from "../answering/queue-callers.ts";
import type { AuditEvent } from "../audit/audit-store.ts";
import type { Awaitable } from "../awaitable.ts";
import type { CsvTally } from "./read-csv.ts";
import type { CsvOptions } from "./recognise-csv.ts";
import type { BadRows, RowFormat } from "./rows-rejected.ts";
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

/** What is to become of a file of rows, before they are there. */
export interface ImportPlan {
  readonly dataset: string;
  readonly mode: NewImport["mode"];
  /** Of a dataset that is made. */
  readonly title?: string;
  readonly attribution?: string;
  /**
   * Of a dataset that is made, or other ones for one whose rows are replaced. Where rows are added,
   * they say what the file calls its columns, and nothing else of them counts.
   */
  readonly columns?: readonly ImportedColumn[];
  /**
   * The dataset as it was when it was decided that it may have other columns: its version, and the
   * sections that read it. Where any of it is another by then, nothing is stored.
   */
  readonly decidedOn?: {
    readonly version: number;
    readonly sections: readonly { readonly slug: string; readonly version: number }[];
  };
}

export interface ImportOrder extends ImportPlan {
  readonly format: RowFormat;
  readonly csv: CsvOptions;
  readonly author: Author;
}

export interface DeletionOrder {
  /** Only counts them. */
  readonly dryRun?: boolean;
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
  readonly badRows: BadRows | null;
}

export interface ImportStatus {
  readonly id: string;
  readonly dataset: string;
  readonly status: "expected" | "waiting" | "running" | "done" | "failed";
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
  start(order: ImportOrder, arrived: A, importId?: string): Awaitable<StartedImport>;
  /** Remembers a plan whose rows have still to come. It may be forgotten for later ones. */
  expect(plan: ImportPlan): Awaitable<ImportStatus>;
  /** The plan of an import whose rows have still to come. */
  findPlan(importId: string): Awaitable<ImportPlan | undefined>;
  /** Gives up an import that is not over. @returns how it ended, once it has */
  cancel(importId: string): Awaitable<ImportStatus | undefined>;
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
  /** Looks at the beginning of a file. @throws AppError `rows_rejected`, `malformed_json` */
  detect(
    sample: Uint8Array,
    isCut: boolean,
    given: { readonly format: RowFormat; readonly csv: CsvOptions },
    caller: QueueCaller,
  ): Awaitable<FileDetection>;
}
