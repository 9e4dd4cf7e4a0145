/**
 * Waits for the disk in a thread of its own: what the writer has committed is durable once that has
 * been brought there.
 */
import { Worker } from "node:worker_threads";
import type BetterSqlite3 from "better-sqlite3";
import type { LogFailure, LogOrder, LogReply, LogWorkerStart } from "./log-worker.ts";
import { threadFile } from "./thread-file.ts";

export interface Log {
  /**
   * Resolves when everything that was committed before is on disk.
   * @returns whether the log has grown long, and is to be rewound before anything else is committed
   * @throws Error (in the promise) of the file system; what was committed is then seen by
   * everybody, and perhaps not on disk. The next one brings it there as well, or fails too.
   */
  sync(): Promise<boolean>;
  /** Moves what is in the log into the database. Nothing may be committed meanwhile. */
  rewind(): Promise<void>;
  close(): Promise<void>;
}

const { file, execArgv } = threadFile("log-worker", import.meta.url);

class LogFailed extends Error {
  readonly code: string | undefined;
  constructor({ message, code }: LogFailure) {
    super(message);
    this.code = code;
  }
}

/**
 * From now on a commit on this connection does not wait for the disk, and moves nothing from the
 * log into the database: whoever commits has to wait for `sync`, as the writer does. Others keep
 * what they are set to.
 */
export const openLog = (sqlite: BetterSqlite3.Database): Log => {
  sqlite.pragma("synchronous = NORMAL");
  sqlite.pragma("wal_autocheckpoint = 0");
  // A process before this one may have met a failure that the system tells nobody twice.
  let isSound = false;
  let isClosed = false;

  interface Pending {
    resolve(isLong: boolean): void;
    reject(error: unknown): void;
  }
  /** In the order in which they were asked for, which is that of the answers. */
  let pending: Pending[] = [];
  let worker: Worker | undefined;
  let ended: Promise<unknown> | undefined;

  const start = (): Worker => {
    const started = new Worker(file, {
      name: "log",
      workerData: { databaseFile: sqlite.name, isSound } satisfies LogWorkerStart,
      env: {},
      execArgv,
    });
    ended = new Promise((resolve) => started.once("exit", resolve));
    let crash: unknown;
    started.on("message", (reply: LogReply) => {
      const asked = pending.shift();
      if ("failure" in reply) asked?.reject(new LogFailed(reply.failure));
      else asked?.resolve(reply.isLong);
    });
    started.on("error", (error) => {
      crash = error;
    });
    started.on("exit", () => {
      // What it knew of failures is gone with it.
      isSound = false;
      worker = undefined;
      const lost = pending;
      pending = [];
      for (const { reject } of lost)
        reject(new Error("The thread that waits for the disk has ended", { cause: crash }));
    });
    return started;
  };

  const ask = (order: LogOrder): Promise<boolean> =>
    new Promise((resolve, reject) => {
      worker ??= start();
      pending.push({ resolve, reject });
      worker.postMessage(order);
    });

  return {
    sync: () => ask("sync"),
    rewind: async () => void (await ask("rewind")),
    close: async () => {
      if (isClosed || worker === undefined) return;
      isClosed = true;
      await ask("close");
      await ended;
    },
  };
};
