/** What the API asks of imports beside what its endpoints do, whatever database the rows go to. */
import type { DatasetColumn } from "@sallyport/shared/contract";
import type {
  Arrived,
  ImportOrder,
  ImportResult,
  ImportStatus,
  ImportStore,
  StartedImport,
} from "@sallyport/shared/core";

/** An import whose rows are in a file. */
export interface FileImportOrder extends ImportOrder {
  /** Stays as it is until the import is over. */
  readonly file: string;
  /** Only look whether every row fits these columns, for a dataset that need not exist. */
  readonly dryRun?: readonly DatasetColumn[];
}

export interface Progress {
  readonly bytes: number;
  readonly rows: number;
}

/** Rows that have arrived and wait in a file. */
export interface ArrivedFile extends Arrived {
  readonly file: string;
}

/** What the API does with imports beside what its endpoints do. */
export interface Imports extends ImportStore<ArrivedFile> {
  /** At once: it knows of every import itself. */
  start(order: ImportOrder, arrived: ArrivedFile, importId?: string): StartedImport;
  find(importId: string): ImportStatus | undefined;
  /** Deletes what arrived, where no import was started with it. */
  discard(arrived: ArrivedFile): void;
  /** Imports from a file of somebody's own, which stays. */
  startFile(
    order: FileImportOrder,
    onProgress: (progress: Progress) => void,
  ): Promise<ImportResult>;
  /**
   * Deletes what imports have left behind that were cut off. The first time takes it for certain
   * that no query is under way.
   */
  sweep(): Promise<void>;
  /** The same, and nobody waits: a dataset has just been deleted. */
  sweepSoon(): void;
  /** Gives up what is under way and what waits; none of it leaves anything. */
  stop(): void;
  /** Waits for what is under way and lets go of the database. */
  close(): Promise<void>;
}
