/**
 * Changes of datasets' rows, as the rest of the API asks for them. What arrives is kept in a file
 * first, so that a slow client holds up nobody and one that is cut off leaves nothing; the work is
 * done in a thread.
 */
import { join } from "node:path";
import {
  AppError,
  datasetChanged,
  datasetNameTaken,
  expectedImport,
  importCancelled,
  importProblemOf,
  ours,
  queueCallerOfRecord,
  rejectionOf,
  unknownImport,
  waitingImport,
  type ImportOrder,
  type ImportPlan,
  type ImportResult,
  type ImportStatus,
  type QueueCaller,
} from "@sallyport/shared/core";
import { diskUnwritable } from "../../../http/unwritable-disk.ts";
import { newId } from "../../../tokens/chance.ts";
import type { Imports, Progress } from "../../imports.ts";
import { openArrivedFiles } from "./arrived-files.ts";
import { createImportThread } from "./import-thread.ts";
import type { WorkerFailure, WorkerTask } from "./import-worker.ts";

const rememberedImports = 100;

const errorOf = (failure: WorkerFailure, format: ImportOrder["format"]): unknown => {
  switch (failure.kind) {
    case "rejected":
      return rejectionOf(failure.rejected, format);
    case "notJson":
      return new AppError("malformed_json", { detail: failure.detail });
    case "busy":
      return new AppError("busy", { detail: "The database is busy.", retryAfterSeconds: 5 });
    case "unwritable":
      return diskUnwritable();
    case "fault":
      return failure.error;
    case "refused":
      if (failure.reason === "noDataset")
        return new AppError("not_found", { detail: "There is no such dataset." });
      if (failure.reason === "nameTaken") return datasetNameTaken();
      if (failure.reason === "cancelled") return importCancelled();
      return failure.reason === "stopped"
        ? new AppError("busy", {
            detail: "The API is stopping. Nothing was changed.",
            retryAfterSeconds: 5,
          })
        : datasetChanged();
  }
};

interface Options {
  readonly databaseFile: string;
  /** Gets a folder `imports`, for the files and the lock. */
  readonly dataDirectory: string;
  /** How long a table that is no longer in use may still be read: longer than any query takes. */
  readonly retiredMilliseconds: number;
  /** How much memory the thread may take. However many rows there are, it needs far less. */
  readonly heapMebibytes?: number;
  /** Are there tables that no dataset names? */
  hasOrphans(): boolean;
}

export const createImports = ({
  databaseFile,
  dataDirectory,
  retiredMilliseconds,
  heapMebibytes = 256,
  hasOrphans,
}: Options): Imports => {
  const folder = join(dataDirectory, "imports");
  const remembered = new Map<string, ImportStatus>();
  /** Of those whose rows have still to come. */
  const plans = new Map<string, ImportPlan>();
  /** Of those that wait or are under way. */
  const atWork = new Map<
    string,
    { readonly task: WorkerTask; readonly finished: Promise<unknown> }
  >();
  let hasSwept = false;

  const files = openArrivedFiles(folder);
  const thread = createImportThread(
    { databaseFile, lockFile: join(folder, "lock"), retiredMilliseconds },
    heapMebibytes,
  );

  const asked = async <R>(
    task: WorkerTask,
    caller: QueueCaller,
    format: ImportOrder["format"] = "csv",
    onProgress?: (progress: Progress) => void,
  ): Promise<R> => {
    try {
      return (await thread.carryOut(task, caller, onProgress)) as R;
    } catch (failure) {
      throw errorOf(failure as WorkerFailure, format);
    }
  };

  const remember = (status: ImportStatus): void => {
    remembered.set(status.id, status);
    if (remembered.size <= rememberedImports) return;
    const others = [...remembered.values()].filter(({ id }) => id !== status.id);
    const over =
      others.find(({ status }) => status === "done" || status === "failed") ??
      others.find(({ status }) => status === "expected");
    if (over === undefined) return;
    remembered.delete(over.id);
    plans.delete(over.id);
  };

  return {
    receive: files.receive,
    discard: files.discard,
    expect: (plan) => {
      const status = expectedImport(newId("imp"), plan.dataset);
      plans.set(status.id, plan);
      remember(status);
      return status;
    },
    findPlan: (importId) => plans.get(importId),
    cancel: async (importId) => {
      if (plans.delete(importId))
        remembered.set(importId, {
          ...(remembered.get(importId) as ImportStatus),
          status: "failed",
          problem: importProblemOf(importCancelled()),
        });
      const working = atWork.get(importId);
      if (working !== undefined) {
        thread.cancel(working.task);
        await working.finished.catch(() => {});
      }
      return remembered.get(importId);
    },
    start: (order, arrived, importId) => {
      const { file, bytes } = arrived;
      // Rows may have been sent twice, or too late.
      if (importId !== undefined && !plans.delete(importId)) {
        files.discard(arrived);
        throw unknownImport();
      }
      const id = importId ?? newId("imp");
      const task: WorkerTask = { kind: "import", order: { ...order, file } };
      const first = waitingImport(id, order.dataset, bytes);
      remember(first);
      const update = (changes: Partial<ImportStatus>): void =>
        void remembered.set(id, { ...(remembered.get(id) ?? first), ...changes });
      const finished = asked<ImportResult>(
        task,
        queueCallerOfRecord(order.author),
        order.format,
        (progress) => update({ status: "running", ...progress }),
      )
        .then((result) => {
          update({ status: "done", bytes, rows: result.rows, result });
          return result;
        })
        .catch((error: unknown) => {
          update({ status: "failed", problem: importProblemOf(error) });
          throw error;
        })
        .finally(() => {
          atWork.delete(id);
          files.discard(arrived);
        });
      atWork.set(id, { task, finished });
      return { status: first, finished };
    },
    startFile: (order, onProgress) =>
      asked({ kind: "import", order }, queueCallerOfRecord(order.author), order.format, onProgress),
    find: (importId) => remembered.get(importId),
    deleteRows: (order) => asked({ kind: "deletion", order }, queueCallerOfRecord(order.author)),
    ensureIndexes: (dataset) => asked({ kind: "indexes", dataset }, ours),
    detect: (sample, isCut, given, caller) =>
      asked({ kind: "detection", sample, isCut, given }, caller, given.format),
    sweep: async () => {
      files.removeLeft();
      const all = !hasSwept;
      hasSwept = true;
      if (hasOrphans()) await asked({ kind: "sweep", all }, ours);
    },
    sweepSoon: () => void asked({ kind: "sweep", all: false }, ours).catch(() => {}),
    stop: thread.stop,
    close: thread.close,
  };
};
