/**
 * The threads that queries run in, so that a long one holds up nothing else. One query at a time in
 * each; what finds no free thread waits for its caller's turn, and not for ever. One thread is kept
 * free of visitors' queries. A thread that crashes or does not come back is given up for a new one.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { AppError } from "@sallyport/shared/core";
import { createFairQueue, type QueueCaller } from "@sallyport/shared/core";
import { threadFile } from "../thread-file.ts";
import type { Job, Outcome } from "./execute-query.ts";
import type { Order, Reply, WorkerStart } from "./query-worker.ts";

const queueCeiling = 256;
/**
 * A query notices that its time is up while it reads rows. One that sorts or sends them is given so
 * much longer.
 */
const graceMilliseconds = 2_000;
const memoryMegabytes = 512;

const { file, execArgv } = threadFile("query-worker", import.meta.url);

/** It has no use for the process's environment, where the secret may be, and none for its flags. */
export const startQueryWorker = (start: WorkerStart): Worker =>
  new Worker(file, {
    name: "queries",
    workerData: start,
    env: {},
    execArgv,
    resourceLimits: { maxOldGenerationSizeMb: memoryMegabytes },
  });

export interface QueryWorkers {
  /** @throws AppError (in the promise) `busy`; Error when SQLite or the thread fails */
  execute(job: Job, caller: QueueCaller): Promise<Outcome>;
  /** Somebody else wants the same: where it still waits, it may run in their turn as well. */
  wantToo(job: Job, caller: QueueCaller): void;
  /** Ends the queries under way, which fail, and the threads. */
  close(): Promise<void>;
}

interface Options {
  /** The database: a file, since threads share no memory. */
  readonly file: string;
  /** How long a query may take. */
  readonly milliseconds: number;
  readonly threads?: number;
  readonly startWorker?: (start: WorkerStart) => Worker;
}

interface Task {
  readonly job: Job;
  /** By the clock of `performance.now()`. */
  readonly since: number;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
  /** Whose turns it waits for; none once it runs or has been refused. */
  readonly callers: Set<string>;
  isVisitors: boolean;
}

interface Thread {
  readonly worker: Worker;
  readonly stop: Uint8Array;
  task: Task | null;
  timer: NodeJS.Timeout | undefined;
}

const tooBusy = (): AppError =>
  new AppError("busy", { detail: "Too many queries are waiting.", retryAfterSeconds: 2 });

/** Threads start when the first query comes. */
export const createQueryWorkers = ({
  file,
  milliseconds,
  threads: ceiling = Math.max(2, availableParallelism() - 1),
  startWorker = startQueryWorker,
}: Options): QueryWorkers => {
  const threads = new Set<Thread>();
  const waiting = createFairQueue<{ readonly task: Task; readonly caller: string }>(queueCeiling);
  const tasks = new WeakMap<Job, Task>();
  let isClosed = false;

  const queue = (task: Task, caller: QueueCaller): void => {
    const name = `${caller.kind} ${caller.key}`;
    if (task.callers.has(name)) return;
    task.callers.add(name);
    const pushedOut = waiting.add(caller, { task, caller: name });
    if (pushedOut === null) return;
    pushedOut.task.callers.delete(pushedOut.caller);
    if (pushedOut.task.callers.size === 0) pushedOut.task.reject(tooBusy());
  };
  /** Visitors leave one thread to those who are signed in, where there are two. */
  const passesOver = (kind: QueueCaller["kind"]): boolean =>
    kind === "visitor" &&
    ceiling > 1 &&
    [...threads].filter(({ task }) => task?.isVisitors).length >= ceiling - 1;

  const release = (thread: Thread): Task | null => {
    const { task } = thread;
    clearTimeout(thread.timer);
    thread.task = null;
    return task;
  };

  /**
   * Also of a thread that is deep in SQLite: it ends when it comes back, and nobody waits for that.
   */
  const abandon = (thread: Thread): Promise<number> => {
    threads.delete(thread);
    Atomics.store(thread.stop, 0, 1);
    return thread.worker.terminate();
  };

  const open = (): Thread => {
    const stop = new SharedArrayBuffer(1);
    const worker = startWorker({ file, stop });
    const thread: Thread = { worker, stop: new Uint8Array(stop), task: null, timer: undefined };
    threads.add(thread);
    let crash: unknown;
    worker.on("message", (reply: Reply) => {
      const task = release(thread);
      if (reply.kind === "failed") task?.reject(reply.error);
      else task?.resolve(reply);
      proceed();
    });
    worker.on("error", (error) => {
      crash = error;
    });
    worker.on("exit", () => {
      threads.delete(thread);
      release(thread)?.reject(
        new Error("The thread that a query ran in has ended", { cause: crash }),
      );
      proceed();
    });
    return thread;
  };

  const give = (thread: Thread, task: Task): void => {
    thread.task = task;
    thread.timer = setTimeout(() => {
      release(thread)?.resolve({ kind: "overdue" });
      void abandon(thread);
      proceed();
    }, milliseconds + graceMilliseconds);
    thread.worker.postMessage({ job: task.job, milliseconds } satisfies Order);
  };

  const proceed = (): void => {
    while (waiting.size > 0) {
      const at = performance.now();
      const thread =
        [...threads].find(({ task }) => task === null) ??
        (threads.size < ceiling ? open() : undefined);
      if (thread === undefined) return;
      const turn = waiting.next(passesOver);
      if (turn === undefined) return;
      const { task, caller } = turn;
      // It has run in the turn of somebody else who wants it.
      if (task.callers.size === 0) continue;
      task.callers.clear();
      task.isVisitors = caller.startsWith("visitor ");
      if (at - task.since > milliseconds) task.reject(tooBusy());
      else give(thread, task);
    }
  };

  return {
    execute: (job, caller) =>
      new Promise((resolve, reject) => {
        if (isClosed) {
          reject(tooBusy());
          return;
        }
        const task: Task = {
          job,
          since: performance.now(),
          resolve,
          reject,
          callers: new Set(),
          isVisitors: false,
        };
        tasks.set(job, task);
        queue(task, caller);
        proceed();
      }),
    wantToo: (job, caller) => {
      const task = tasks.get(job);
      if (task === undefined || task.callers.size === 0) return;
      queue(task, caller);
      proceed();
    },
    close: async () => {
      isClosed = true;
      for (const { task } of waiting.takeOut(() => true)) task.reject(tooBusy());
      await Promise.all([...threads].map(abandon));
    },
  };
};
