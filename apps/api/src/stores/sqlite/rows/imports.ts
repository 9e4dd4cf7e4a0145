/**
 * Changes of datasets' rows, as the rest of the API asks for them. What arrives is kept in a file
 * first, so that a slow client holds up nobody and one that is cut off leaves nothing; the work is
 * done in a thread.
 */
import { join } from "node:path";
import {
  AppError,
  datasetChanged,
  importProblemOf,
  ours,
  queueCallerOfRecord,
  rejectionOf,
  waitingImport,
  type ImportOrder,
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
      return rejectionOf(failure.issues, format);
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
    const over = [...remembered.values()].find(
      ({ status }) => status === "done" || status === "failed",
    );
    if (over) remembered.delete(over.id);
  };

  return {
    receive: files.receive,
    discard: files.discard,
    start: (order, arrived) => {
      const { file, bytes } = arrived;
      const id = newId("imp");
      const first = waitingImport(id, order.dataset, bytes);
      remember(first);
      const update = (changes: Partial<ImportStatus>): void =>
        void remembered.set(id, { ...(remembered.get(id) ?? first), ...changes });
      const finished = asked<ImportResult>(
        { kind: "import", order: { ...order, file } },
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
        .finally(() => files.discard(arrived));
      return { status: first, finished };
    },
    startFile: (order, onProgress) =>
      asked({ kind: "import", order }, queueCallerOfRecord(order.author), order.format, onProgress),
    find: (importId) => remembered.get(importId),
    deleteRows: (order) => asked({ kind: "deletion", order }, queueCallerOfRecord(order.author)),
    ensureIndexes: (dataset) => asked({ kind: "indexes", dataset }, ours),
    detect: (sample, isCut, given, caller) =>
      asked({ kind: "detection", sample, isCut, given }, caller),
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
