/**
 * One writer for the whole process: writes that arrive in one turn of the event loop, or while the
 * disk takes those before them, share one immediate transaction, and with it one wait for the disk.
 * Each is on disk before its promise resolves, and one that fails takes none of the others with it.
 * Where more has arrived than one transaction is to hold, callers take turns. With a log to wait
 * for, nothing is committed while the disk takes what was; so whatever a change finds inside its
 * transaction is on disk, and only who reads outside sees what is not yet (`settled`).
 */
import type BetterSqlite3 from "better-sqlite3";
import { AppError } from "@sallyport/shared/core";
import { createFairQueue, ours, type QueueCaller } from "@sallyport/shared/core";
import { diskFailed, diskUnwritable, isUnwritableDisk } from "../../http/unwritable-disk.ts";
import type { Log } from "./log.ts";

interface Job {
  run(): void;
  settle(): void;
  reject(error: unknown): void;
  readonly deadline: number;
}

export interface Writer {
  /**
   * Runs `change` inside an immediate transaction and gives its result once that is committed.
   * `change` must be synchronous and must not hash, sign or wait. When it throws, its own writes
   * are rolled back.
   * @param caller whose turn it takes; ours where nobody asked for it
   * @throws AppError `busy` when another process holds the database for longer than two seconds,
   * the disk is full or fails, or too much waits
   */
  write<T>(change: () => T, caller?: QueueCaller): Promise<T>;
  /**
   * Null where everything that anybody can have read is on disk. Otherwise resolves when it is.
   * @throws AppError (in the promise) `busy` when the disk fails
   */
  settled(): Promise<void> | null;
  /** Did the disk take the last write? Nobody knows whether it would take the next. */
  isDiskWritable(): boolean;
  /** Resolves when everything that was queued is on disk. */
  drain(): Promise<void>;
}

const giveUpAfterMilliseconds = 2_000;
/** Of one transaction: a few milliseconds. */
const batchCeiling = 256;
const mostWaiting = 4_096;
/** Of the last wait for the disk, at most, more is waited for to come. */
const gatheringShare = 0.25;

const busy = (): AppError =>
  new AppError("busy", { retryAfterSeconds: 1, detail: "The database is busy." });

const isBusy = (error: unknown): boolean =>
  error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_BUSY");

export const createWriter = (
  sqlite: BetterSqlite3.Database,
  clock: { now(): number; wait(milliseconds: number): Promise<void> },
  tellOfDisk: (isWritable: boolean, error?: unknown) => void = () => {},
  /** Where a commit does not wait for the disk by itself. */
  log?: Log,
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
  let syncing: Promise<void> | null = null;
  let isSynced = true;
  let isLong = false;
  let syncMilliseconds = 0;

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

  const rejectAll = (jobs: readonly Job[], failure: unknown): void => {
    for (const job of jobs) job.reject(failure);
  };

  /** @returns what is committed; null when the database was busy and nothing happened */
  const commit = (batch: readonly Job[]): readonly Job[] | null => {
    try {
      statement.begin.run();
    } catch (error) {
      if (isBusy(error)) return null;
      rejectAll(batch, failureOf(error));
      return [];
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
      if (isBusy(error)) return null;
      rejectAll(batch, failureOf(error));
      return [];
    }
    return done;
  };

  const sync = async (waited: Log): Promise<void> => {
    isSynced = false;
    const since = performance.now();
    try {
      isLong = await waited.sync();
      syncMilliseconds = performance.now() - since;
    } catch (error) {
      noteDisk(false, error);
      throw diskFailed(error);
    }
    isSynced = true;
  };

  const settle = async (done: readonly Job[], isWhole: boolean): Promise<void> => {
    if (log !== undefined && done.length > 0) {
      syncing = sync(log);
      try {
        await syncing;
      } catch (error) {
        rejectAll(done, error);
        return;
      } finally {
        syncing = null;
      }
    }
    if (isWhole) noteDisk(true);
    for (const job of done) job.settle();
  };

  /**
   * Nothing is built on what the disk has failed to take. @returns why nothing can be, or null once
   * it has everything
   */
  const repair = async (): Promise<AppError | null> => {
    if (log === undefined || isSynced) return null;
    return sync(log).then(
      () => null,
      (error: unknown) => diskUnwritable(error),
    );
  };

  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  /**
   * Those who were answered together come back one after the other. The first is not to have the
   * disk to itself while the others wait for it to be free again: as long as each turn brings
   * somebody, a part of the last wait is well spent.
   */
  const gather = async (): Promise<void> => {
    const until = performance.now() + syncMilliseconds * gatheringShare;
    for (let before = 0; waiting.size > before && waiting.size < batchCeiling;) {
      if (performance.now() >= until) return;
      before = waiting.size;
      await turn();
    }
  };

  const work = async (): Promise<void> => {
    let batch: Job[] = [];
    for (let pause = 5; ;) {
      if (log !== undefined && batch.length === 0) await gather();
      while (batch.length < batchCeiling) {
        const job = waiting.next();
        if (job === undefined) break;
        batch.push(job);
      }
      if (batch.length === 0) break;
      const failure = await repair();
      const done = failure === null ? commit(batch) : [];
      if (failure !== null) rejectAll(batch, failure);
      else if (done !== null) await settle(done, done.length === batch.length);
      if (done !== null) {
        pause = 5;
        batch = [];
        if (log !== undefined && isLong) {
          isLong = false;
          // Where it fails the log goes on to grow, and it is tried again when it is longer still.
          await log.rewind().catch(() => {});
        }
        if (waiting.size > 0) await turn();
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
    running ??= turn().then(work);
  };

  const write = <T>(change: () => T, caller: QueueCaller = ours): Promise<T> =>
    new Promise((resolve, reject) => {
      let result: T;
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
    });

  return {
    write,
    // After a failure somebody has to ask for something, or nobody would try again.
    settled: () =>
      isSynced
        ? null
        : (syncing ??
          write(() => {}).catch((error: unknown) => {
            // What is not on disk yet was changed, and is seen.
            throw isUnwritableDisk(error) ? diskFailed(error) : error;
          })),
    isDiskWritable: () => isDiskWritable,
    drain: async () => {
      while (running) await running;
    },
  };
};
