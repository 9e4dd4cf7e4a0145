/**
 * Changes of datasets' rows, as the rest of the API asks for them. What arrives is kept in a file
 * first, so that a slow client holds up nobody and one that is cut off leaves nothing; the work is
 * done in a thread (`import-worker.ts`), one change after the other, in which all who wait take
 * turns. To have a sample looked at nobody waits for a change.
 */
import { randomBytes } from "node:crypto";
import { createWriteStream, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Worker } from "node:worker_threads";
import {
  AppError,
  createFairQueue,
  datasetChanged,
  importProblemOf,
  ours,
  queueCallerOfRecord,
  rejectionOf,
  waitingImport,
  type FairQueue,
  type ImportOrder,
  type ImportResult,
  type ImportStatus,
  type QueueCaller,
} from "@sallyport/shared/core";
import { diskUnwritable, isUnwritableDisk } from "../../../http/unwritable-disk.ts";
import { newId } from "../../../tokens/chance.ts";
import type { Imports, Progress } from "../../imports.ts";
import { threadFile } from "../thread-file.ts";
import type {
  ImportWorkerStart,
  WorkerFailure,
  WorkerMessage,
  WorkerReply,
  WorkerTask,
} from "./import-worker.ts";

/** Another process may have had the same number before. */
const ownFiles = `rows-${process.pid}-${randomBytes(4).toString("hex")}-`;
const rememberedImports = 100;
/** Of changes, each with a file, and of samples. */
const mostWaiting = 100;

interface Task {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress: ((progress: Progress) => void) | undefined;
}

/** What is carried out one at a time. */
interface Lane {
  readonly waiting: FairQueue<{ readonly task: WorkerTask; readonly asking: Task }>;
  isBusy: boolean;
}
const createLane = (): Lane => ({ waiting: createFairQueue(mostWaiting), isBusy: false });

const stopped: WorkerFailure = { kind: "refused", reason: "stopped" };
const tooMany: WorkerFailure = { kind: "busy" };

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

const isAlive = (processId: number): boolean => {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
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
  const tasks = new Map<number, Task>();
  const remembered = new Map<string, ImportStatus>();
  let worker: Worker | undefined;
  let exited: Promise<void> = Promise.resolve();
  let lastTask = 0;
  let isStopped = false;
  let isClosing = false;
  let hasSwept = false;

  const openFolder = (): void => void mkdirSync(folder, { recursive: true, mode: 0o700 });

  const startWorker = (): Worker => {
    openFolder();
    const workerData: ImportWorkerStart = {
      databaseFile,
      lockFile: join(folder, "lock"),
      retiredMilliseconds,
    };
    const { file, execArgv } = threadFile("import-worker", import.meta.url);
    const started = new Worker(file, {
      workerData,
      execArgv,
      resourceLimits: { maxOldGenerationSizeMb: heapMebibytes },
    });
    started.on("message", (reply: WorkerReply) => {
      const task = tasks.get(reply.id);
      if (reply.kind === "progress") return task?.onProgress?.(reply.progress);
      tasks.delete(reply.id);
      // Nobody who has nothing to do with imports any more is kept from ending; but whoever closes
      // waits for the end.
      if (tasks.size === 0 && !isClosing) started.unref();
      if (reply.kind === "done") task?.resolve(reply.result);
      else task?.reject(reply.failure);
    });
    const fail = (error: unknown): void => {
      if (worker === started) worker = undefined;
      for (const [id, task] of tasks) {
        tasks.delete(id);
        task.reject({ kind: "fault", error } satisfies WorkerFailure);
      }
    };
    started.on("error", fail);
    exited = new Promise((resolve) => {
      started.once("exit", (code) => {
        fail(new Error(`The thread for imports ended with ${code}`));
        resolve();
      });
    });
    return started;
  };

  const send = (message: WorkerMessage): void => worker?.postMessage(message);

  const changes = createLane();
  const samples = createLane();

  const proceed = (lane: Lane): void => {
    if (lane.isBusy) return;
    const turn = lane.waiting.next();
    if (turn === undefined) return;
    const { task, asking } = turn;
    lane.isBusy = true;
    const goOn = (): void => {
      lane.isBusy = false;
      proceed(lane);
    };
    worker ??= startWorker();
    worker.ref();
    lastTask += 1;
    tasks.set(lastTask, {
      resolve: (result) => {
        asking.resolve(result);
        goOn();
      },
      reject: (failure) => {
        asking.reject(failure);
        goOn();
      },
      onProgress: asking.onProgress,
    });
    send({ kind: "task", id: lastTask, task });
  };

  /** Rejects with a `WorkerFailure`. */
  const give = <R>(
    task: WorkerTask,
    caller: QueueCaller,
    onProgress: Task["onProgress"],
  ): Promise<R> =>
    new Promise<unknown>((resolve, reject) => {
      if (isStopped) return reject(stopped);
      const lane = task.kind === "detection" ? samples : changes;
      lane.waiting
        .add(caller, { task, asking: { resolve, reject, onProgress } })
        ?.asking.reject(tooMany);
      proceed(lane);
    }) as Promise<R>;

  const stopWaiting = (): void => {
    isStopped = true;
    for (const { waiting } of [changes, samples])
      for (const { asking } of waiting.takeOut(() => true)) asking.reject(stopped);
  };

  const asked = async <R>(
    task: WorkerTask,
    caller: QueueCaller,
    format: ImportOrder["format"] = "csv",
    onProgress?: (progress: Progress) => void,
  ): Promise<R> => {
    try {
      return await give<R>(task, caller, onProgress);
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

  /** The files of processes that are gone. */
  const removeLeftFiles = (): void => {
    openFolder();
    for (const name of readdirSync(folder)) {
      const owner = /^rows-(\d+)-/.exec(name)?.[1];
      if (
        owner !== undefined &&
        !name.startsWith(ownFiles) &&
        (Number(owner) === process.pid || !isAlive(Number(owner)))
      )
        rmSync(join(folder, name), { force: true });
    }
  };

  return {
    receive: async (bytes) => {
      const file = join(folder, `${ownFiles}${randomBytes(16).toString("hex")}`);
      try {
        openFolder();
        await pipeline(Readable.from(bytes), createWriteStream(file, { mode: 0o600, flags: "wx" }));
        return { file, bytes: statSync(file).size };
      } catch (error) {
        rmSync(file, { force: true });
        throw isUnwritableDisk(error) ? diskUnwritable(error) : error;
      }
    },
    discard: ({ file }) => rmSync(file, { force: true }),
    start: (order, { file, bytes }) => {
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
        .finally(() => rmSync(file, { force: true }));
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
      removeLeftFiles();
      const all = !hasSwept;
      hasSwept = true;
      if (hasOrphans()) await asked({ kind: "sweep", all }, ours);
    },
    sweepSoon: () => void asked({ kind: "sweep", all: false }, ours).catch(() => {}),
    stop: () => {
      stopWaiting();
      send({ kind: "stop" });
    },
    close: async () => {
      stopWaiting();
      isClosing = true;
      if (worker === undefined) return;
      worker.ref();
      send({ kind: "close" });
      await exited;
    },
  };
};
