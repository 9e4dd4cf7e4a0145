/**
 * The thread that changes rows (`import-worker.ts`), and whose turn it is: one change after the
 * other, in which all who wait take turns. To have a sample looked at nobody waits for a change.
 */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { Worker } from "node:worker_threads";
import { createFairQueue, type FairQueue, type QueueCaller } from "@sallyport/shared/core";
import type { Progress } from "../../imports.ts";
import { threadFile } from "../thread-file.ts";
import type {
  ImportWorkerStart,
  WorkerFailure,
  WorkerMessage,
  WorkerReply,
  WorkerTask,
} from "./import-worker.ts";

/** Of changes, each with a file, and of samples. */
const mostWaiting = 100;

interface Task {
  readonly task: WorkerTask;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress: ((progress: Progress) => void) | undefined;
}

/** What is carried out one at a time. */
interface Lane {
  readonly waiting: FairQueue<{ readonly asking: Task }>;
  isBusy: boolean;
}
const createLane = (): Lane => ({ waiting: createFairQueue(mostWaiting), isBusy: false });

const stopped: WorkerFailure = { kind: "refused", reason: "stopped" };
const cancelled: WorkerFailure = { kind: "refused", reason: "cancelled" };
const tooMany: WorkerFailure = { kind: "busy" };

export interface ImportThread {
  /** Carries a task out when its turn comes. Rejects with a `WorkerFailure`. */
  carryOut(
    task: WorkerTask,
    caller: QueueCaller,
    onProgress?: (progress: Progress) => void,
  ): Promise<unknown>;
  /** Gives up a task that waits or is under way, where it can still be. */
  cancel(task: WorkerTask): void;
  /** Refuses what waits, and has what is under way broken off. */
  stop(): void;
  /** Waits for the thread to end. */
  close(): Promise<void>;
}

/**
 * The thread is started with its first task.
 * @param heapMebibytes how much memory it may take
 */
export const createImportThread = (
  start: ImportWorkerStart,
  heapMebibytes: number,
): ImportThread => {
  const tasks = new Map<number, Task>();
  let worker: Worker | undefined;
  let exited: Promise<void> = Promise.resolve();
  let lastTask = 0;
  let isStopped = false;
  let isClosing = false;

  const startWorker = (): Worker => {
    mkdirSync(dirname(start.lockFile), { recursive: true, mode: 0o700 });
    const { file, execArgv } = threadFile("import-worker", import.meta.url);
    const started = new Worker(file, {
      workerData: start,
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
    const { asking } = turn;
    const { task } = asking;
    lane.isBusy = true;
    const goOn = (): void => {
      lane.isBusy = false;
      proceed(lane);
    };
    worker ??= startWorker();
    worker.ref();
    lastTask += 1;
    tasks.set(lastTask, {
      task,
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

  const stopWaiting = (): void => {
    isStopped = true;
    for (const { waiting } of [changes, samples])
      for (const { asking } of waiting.takeOut(() => true)) asking.reject(stopped);
  };

  return {
    carryOut: (task, caller, onProgress) =>
      new Promise<unknown>((resolve, reject) => {
        if (isStopped) return reject(stopped);
        const lane = task.kind === "detection" ? samples : changes;
        lane.waiting
          .add(caller, { asking: { task, resolve, reject, onProgress } })
          ?.asking.reject(tooMany);
        proceed(lane);
      }),
    cancel: (task) => {
      for (const { asking } of changes.waiting.takeOut((one) => one.asking.task === task))
        asking.reject(cancelled);
      for (const [id, underWay] of tasks) if (underWay.task === task) send({ kind: "cancel", id });
    },
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
