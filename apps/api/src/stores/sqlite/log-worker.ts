/**
 * The thread that waits for the disk, so that the main thread does not. It does one thing after the
 * other.
 */
import { parentPort, workerData } from "node:worker_threads";
import { openLogFile } from "./log-file.ts";

export interface LogWorkerStart {
  readonly databaseFile: string;
  /** Is it known that the disk has failed to take nothing of the log? */
  readonly isSound: boolean;
}

export type LogOrder = "sync" | "rewind" | "close";

/** Of an error only this arrives whole in another thread. */
export interface LogFailure {
  readonly message: string;
  readonly code: string | undefined;
}

export type LogReply = { readonly isLong: boolean } | { readonly failure: LogFailure };

const { databaseFile, isSound } = workerData as LogWorkerStart;
const log = openLogFile(databaseFile, isSound);

const carryOut = (order: LogOrder): LogReply => {
  try {
    if (order === "sync") return { isLong: log.sync() };
    if (order === "rewind") log.rewind();
    else log.close();
    return { isLong: false };
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    return { failure: { message, code } };
  }
};

parentPort?.on("message", (order: LogOrder) => {
  parentPort?.postMessage(carryOut(order));
  if (order === "close") parentPort?.close();
});
