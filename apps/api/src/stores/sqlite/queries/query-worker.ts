/**
 * The thread that queries run in, on a connection that cannot write. It carries out one job at a
 * time and says what came of it.
 */
import BetterSqlite3 from "better-sqlite3";
import { platform, setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { createExecutor, type Job, type Outcome } from "./execute-query.ts";

export interface WorkerStart {
  readonly file: string;
  /** Of one byte; other than 0 when the query under way is wanted no more. */
  readonly stop: SharedArrayBuffer;
}
export interface Order {
  readonly job: Job;
  readonly milliseconds: number;
}
export type Reply = Outcome | { readonly kind: "failed"; readonly error: unknown };

/**
 * Where there is more to do than there are processors, a query waits for the requests of everybody
 * else, and they hardly for it.
 */
const niceness = 10;
/** Somebody else's write takes milliseconds; so does the recovery of a log. */
const busyTimeoutMilliseconds = 1_000;

// On Linux, 0 is the calling thread. Elsewhere it would be the whole process.
if (platform() === "linux") setPriority(0, niceness);

const { file, stop } = workerData as WorkerStart;
const isUnwanted = new Uint8Array(stop);
const sqlite = new BetterSqlite3(file, {
  readonly: true,
  fileMustExist: true,
  timeout: busyTimeoutMilliseconds,
});
sqlite.pragma("query_only = ON");

let deadline = 0;
const execute = createExecutor(
  sqlite,
  () => performance.now() < deadline && Atomics.load(isUnwanted, 0) === 0,
);

parentPort?.on("message", ({ job, milliseconds }: Order) => {
  deadline = performance.now() + milliseconds;
  let reply: Reply;
  try {
    reply = execute(job);
  } catch (error) {
    reply = { kind: "failed", error };
  }
  // Whoever asked learns from the end of this thread that there is no answer.
  if (Atomics.load(isUnwanted, 0) !== 0) return;
  parentPort?.postMessage(
    reply,
    reply.kind === "rows" ? [reply.rows.json.buffer as ArrayBuffer] : [],
  );
});
