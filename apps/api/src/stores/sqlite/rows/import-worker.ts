/**
 * The thread in which rows are changed, on a connection of its own: one change after the other, in
 * the order in which they were asked for. It imports no schemas, so that it is there in a few
 * milliseconds.
 */
import BetterSqlite3 from "better-sqlite3";
import { parentPort, workerData } from "node:worker_threads";
import type { FileDetection } from "@sallyport/shared/contract";
import {
  detectFile,
  NotJson,
  RowsRejected,
  type CsvOptions,
  type DeletionOrder,
  type RowFormat,
} from "@sallyport/shared/core";
import {
  ChangeRefused,
  deleteRows,
  ensureIndexes,
  importRows,
  sweepOrphans,
  type Turn,
} from "./change-rows.ts";
import type { FileImportOrder, Progress } from "../../imports.ts";
import { createFileLock } from "../file-lock.ts";
import { isUnwritableDisk } from "../../../http/unwritable-disk.ts";
import { listOrphans } from "./tables.ts";

export interface ImportWorkerStart {
  readonly databaseFile: string;
  readonly lockFile: string;
  readonly retiredMilliseconds: number;
}

export type WorkerTask =
  | { readonly kind: "import"; readonly order: FileImportOrder }
  | { readonly kind: "deletion"; readonly order: DeletionOrder }
  | { readonly kind: "indexes"; readonly dataset: string }
  /**
   * Of orphans: all of them, where nobody can be reading one; otherwise those that have been known
   * for long enough.
   */
  | { readonly kind: "sweep"; readonly all: boolean }
  | {
      readonly kind: "detection";
      readonly sample: Uint8Array;
      readonly isCut: boolean;
      readonly given: { readonly format: RowFormat; readonly csv: CsvOptions };
    };

export type WorkerMessage =
  | { readonly kind: "task"; readonly id: number; readonly task: WorkerTask }
  /** One task that is under way is given up. */
  | { readonly kind: "cancel"; readonly id: number }
  /** Whatever is under way or waits is given up. */
  | { readonly kind: "stop" }
  | { readonly kind: "close" };

export type WorkerFailure =
  | {
      readonly kind: "rejected";
      readonly rejected: Pick<RowsRejected, "issues" | "badRows">;
    }
  | { readonly kind: "notJson"; readonly detail: string }
  | { readonly kind: "refused"; readonly reason: ChangeRefused["reason"] }
  | { readonly kind: "busy" }
  | { readonly kind: "unwritable" }
  | { readonly kind: "fault"; readonly error: unknown };

export type WorkerReply =
  | { readonly id: number; readonly kind: "progress"; readonly progress: Progress }
  | { readonly id: number; readonly kind: "done"; readonly result: unknown }
  | { readonly id: number; readonly kind: "failed"; readonly failure: WorkerFailure };

/**
 * Much longer than any other write, so that only a database that is really held by somebody is
 * called busy.
 */
const busyTimeoutMilliseconds = 10_000;
const progressMilliseconds = 100;

const { databaseFile, lockFile, retiredMilliseconds } = workerData as ImportWorkerStart;
const sqlite = new BetterSqlite3(databaseFile, {
  timeout: busyTimeoutMilliseconds,
  fileMustExist: true,
});
sqlite.pragma("foreign_keys = ON");
sqlite.pragma("synchronous = NORMAL");
/**
 * At most one process at a time fills fresh tables or sweeps orphans, since only whoever fills a
 * table knows that it is none.
 */
const lock = createFileLock(lockFile);

let isStopped = false;
let cancelled: number | undefined;
let queue: Promise<void> = Promise.resolve();
/** When each orphan may go. */
const dueAt = new Map<string, number>();
let sweeping: NodeJS.Timeout | undefined;

const tell = (reply: WorkerReply): void => parentPort?.postMessage(reply);

const failureOf = (error: unknown): WorkerFailure => {
  if (error instanceof RowsRejected)
    return { kind: "rejected", rejected: { issues: error.issues, badRows: error.badRows } };
  if (error instanceof NotJson) return { kind: "notJson", detail: error.message };
  if (error instanceof ChangeRefused) return { kind: "refused", reason: error.reason };
  // Somebody's own SQL has taken the table away between two looks at it.
  if (
    error instanceof BetterSqlite3.SqliteError &&
    error.message.startsWith("no such table: dataset_")
  )
    return { kind: "refused", reason: "changedMeanwhile" };
  if (error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_BUSY"))
    return { kind: "busy" };
  if (isUnwritableDisk(error)) return { kind: "unwritable" };
  return { kind: "fault", error };
};

/**
 * Notes when orphans may go. A table that never was in use is over at once; one that was waits for
 * the queries that still know it.
 */
const noteOrphans = (wereInUse: boolean): void => {
  const orphans = new Set(listOrphans(sqlite));
  for (const name of dueAt.keys()) if (!orphans.has(name)) dueAt.delete(name);
  for (const name of orphans)
    if (!dueAt.has(name)) dueAt.set(name, wereInUse ? performance.now() + retiredMilliseconds : 0);
};

const sweep = async (): Promise<void> => {
  await sweepOrphans(
    sqlite,
    { whyStopped: () => (isStopped ? "stopped" : null), report: () => {} },
    (tableName) => (dueAt.get(tableName) ?? Number.POSITIVE_INFINITY) <= performance.now(),
  );
  noteOrphans(true);
  clearTimeout(sweeping);
  sweeping = undefined;
  if (dueAt.size === 0) return;
  sweeping = setTimeout(
    () => enqueue(() => locked(sweep)),
    Math.max(1, Math.min(...dueAt.values()) - performance.now()),
  );
};

const locked = async (work: () => Promise<void>): Promise<void> => {
  if (!(await lock.acquire(() => isStopped))) throw new ChangeRefused("stopped");
  try {
    await work();
  } finally {
    lock.release();
  }
};

const carryOut = (
  id: number,
  task: Exclude<WorkerTask, { kind: "detection" }>,
): Promise<unknown> => {
  let toldAt = 0;
  const turn: Turn = {
    whyStopped: () => (isStopped ? "stopped" : cancelled === id ? "cancelled" : null),
    report: (progress: Progress) => {
      if (performance.now() - toldAt < progressMilliseconds) return;
      toldAt = performance.now();
      tell({ id, kind: "progress", progress });
    },
  };
  switch (task.kind) {
    case "import":
      return importRows(sqlite, task.order, turn);
    case "deletion":
      return deleteRows(sqlite, task.order, turn);
    case "indexes":
      return ensureIndexes(sqlite, task.dataset, turn);
    case "sweep":
      noteOrphans(!task.all);
      return Promise.resolve(null);
  }
};

const change = (id: number, task: Exclude<WorkerTask, { kind: "detection" }>): Promise<void> =>
  locked(async () => {
    noteOrphans(true);
    let reply: WorkerReply;
    try {
      if (task.kind === "sweep" && task.all) dueAt.clear();
      const result = await carryOut(id, task);
      noteOrphans(true);
      reply = { id, kind: "done", result };
    } catch (error) {
      noteOrphans(false);
      reply = { id, kind: "failed", failure: failureOf(error) };
    }
    // Who waits for rows need not wait for what is swept up after them.
    if (task.kind !== "sweep") tell(reply);
    await sweep();
    if (task.kind === "sweep") tell(reply);
  });

const enqueue = (
  work: () => Promise<void>,
  onFailure: (error: unknown) => void = () => {},
): void => {
  queue = queue.then(work).catch(onFailure);
};

const detect = ({
  sample,
  isCut,
  given,
}: Extract<WorkerTask, { kind: "detection" }>): Promise<FileDetection> =>
  detectFile(sample, isCut, given);

parentPort?.on("message", (message: WorkerMessage) => {
  if (message.kind === "stop") isStopped = true;
  else if (message.kind === "cancel") cancelled = message.id;
  else if (message.kind === "close")
    enqueue(async () => {
      clearTimeout(sweeping);
      sqlite.close();
      lock.close();
      parentPort?.close();
    });
  else {
    const { id, task } = message;
    const fail = (error: unknown): void => tell({ id, kind: "failed", failure: failureOf(error) });
    if (task.kind !== "detection") return enqueue(() => change(id, task), fail);
    detect(task).then((result) => tell({ id, kind: "done", result }), fail);
  }
});
