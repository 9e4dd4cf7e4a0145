/**
 * One writer for the whole process: writes that arrive in one turn of the event loop share one immediate
 * transaction, and with it one wait for the disk. Each is on disk before its promise resolves, and one that
 * fails takes none of the others with it. Where more has arrived than one transaction is to hold, callers take turns.
 */
import type BetterSqlite3 from "better-sqlite3";
import { AppError } from "@sallyport/shared/core";
import { createFairQueue, ours, type QueueCaller } from "@sallyport/shared/core";
import { diskUnwritable, isUnwritableDisk } from "../../http/unwritable-disk.ts";

interface Job {
  run(): void;
  settle(): void;
  reject(error: unknown): void;
  readonly deadline: number;
}

export interface Writer {
  /**
   * Runs `change` inside an immediate transaction and gives its result once that is committed.
   * `change` must be synchronous and must not hash, sign or wait. When it throws, its own writes are rolled back.
   * @param caller whose turn it takes; ours where nobody asked for it
   * @throws AppError `busy` when another process holds the database for longer than two seconds, the disk is full, or
   * too much waits
   */
  write<T>(change: () => T, caller?: QueueCaller): Promise<T>;
  /** Did the disk take the last write? Nobody knows whether it would take the next. */
  isDiskWritable(): boolean;
  /** Resolves when everything that was queued is on disk. */
  drain(): Promise<void>;
}

const giveUpAfterMilliseconds = 2_000;
/** Of one transaction: a few milliseconds. */
const batchCeiling = 256;
const mostWaiting = 4_096;

const busy = (): AppError =>
  new AppError("busy", { retryAfterSeconds: 1, detail: "The database is busy." });

const isBusy = (error: unknown): boolean =>
  error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_BUSY");

export const createWriter = (
  sqlite: BetterSqlite3.Database,
  clock: { now(): number; wait(milliseconds: number): Promise<void> },
  tellOfDisk: (isWritable: boolean, error?: unknown) => void = () => {},
): Writer => {
  const statement = {
    begin: sqlite.prepare("BEGIN IMMEDIATE"),
    commit: sqlite.prepare("COMMIT"),
    rollback: sqlite.prepare("ROLLBACK"),
    savepoint: sqlite.prepare("SAVEPOINT one"),
    release: sqlite.prepare("RELEASE one"),
    rollbackOne: sqlite.prepare("ROLLBACK TO one"),
  };
  const waiting = createFairQueue<Job>(mostWaiting);
  let running: Promise<void> | null = null;
  let isDiskWritable = true;

  const noteDisk = (isWritable: boolean, error?: unknown): void => {
    if (isWritable === isDiskWritable) return;
    isDiskWritable = isWritable;
    tellOfDisk(isWritable, error);
  };

  /** What whoever asked for a write is told of its failure. */
  const failureOf = (error: unknown): unknown => {
    if (!isUnwritableDisk(error)) return error;
    noteDisk(false, error);
    return diskUnwritable(error);
  };

  /** @returns whether the batch is settled; false when the database was busy and nothing happened */
  const commit = (batch: readonly Job[]): boolean => {
    try {
      statement.begin.run();
    } catch (error) {
      if (isBusy(error)) return false;
      const failure = failureOf(error);
      for (const job of batch) job.reject(failure);
      return true;
    }
    const done: Job[] = [];
    try {
      for (const job of batch) {
        statement.savepoint.run();
        try {
          job.run();
          done.push(job);
        } catch (error) {
          // A full disk may have ended the whole transaction, with what came before in it.
          if (!sqlite.inTransaction) throw error;
          statement.rollbackOne.run();
          job.reject(failureOf(error));
        }
        statement.release.run();
      }
      statement.commit.run();
    } catch (error) {
      if (sqlite.inTransaction) statement.rollback.run();
      if (isBusy(error)) return false;
      const failure = failureOf(error);
      for (const job of batch) job.reject(failure);
      return true;
    }
    if (done.length === batch.length) noteDisk(true);
    for (const job of done) job.settle();
    return true;
  };

  const work = async (): Promise<void> => {
    let batch: Job[] = [];
    for (let pause = 5; ;) {
      while (batch.length < batchCeiling) {
        const job = waiting.next();
        if (job === undefined) break;
        batch.push(job);
      }
      if (batch.length === 0) break;
      if (commit(batch)) {
        pause = 5;
        batch = [];
        if (waiting.size > 0) await new Promise<void>((resolve) => setImmediate(resolve));
      } else {
        const isDue = ({ deadline }: Job): boolean => deadline <= clock.now();
        for (const job of [...batch.filter(isDue), ...waiting.takeOut(isDue)]) job.reject(busy());
        batch = batch.filter((job) => !isDue(job));
        if (batch.length === 0 && waiting.size === 0) break;
        await clock.wait(pause);
        pause = Math.min(pause * 2, 100);
      }
    }
    running = null;
  };

  const enqueue = (job: Job, caller: QueueCaller): void => {
    waiting.add(caller, job)?.reject(busy());
    running ??= new Promise<void>((resolve) => setImmediate(resolve)).then(work);
  };

  return {
    write: (change, caller = ours) =>
      new Promise((resolve, reject) => {
        let result: ReturnType<typeof change>;
        enqueue(
          {
            run: () => {
              result = change();
            },
            settle: () => resolve(result),
            reject,
            deadline: clock.now() + giveUpAfterMilliseconds,
          },
          caller,
        );
      }),
    isDiskWritable: () => isDiskWritable,
    drain: async () => {
      while (running) await running;
    },
  };
};
