/**
 * The log of SQLite's writes, as the thread that waits for the disk has it (`log-worker.ts`). A
 * commit of the main thread has written into it and waits for nothing; here it is brought to the
 * disk, and moved into the database where it has grown long. SQLite takes its locks on the database
 * and its index and none on the log, so that a descriptor of it may be opened and closed (a lock of
 * POSIX would end with any descriptor of its file).
 */
import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  fstatSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import BetterSqlite3 from "better-sqlite3";

/** Moved into the database once it has so many pages, which is where SQLite itself would do so. */
export const longLogPages = 1_000;
/** A log that has grown while somebody read for long is cut back to this. */
export const keptLogBytes = 64 * 1024 * 1024;
/** Reads of the main thread are over by then; whoever reads for longer is not waited for. */
/** Of another process, or of an import: as long as the main thread waits for them, and longer. */
const writersMilliseconds = 5_000;
const readersMilliseconds = 5;
const chunkBytes = 1024 * 1024;

export interface LogFile {
  /**
   * Everything that has been written into the log is on disk when it returns.
   * @returns whether the log has grown long
   * @throws Error of the file system; then nobody knows what is on disk until one succeeds
   */
  sync(): boolean;
  /**
   * Moves what is in the log into the database and lets the log begin anew. Nobody of this process
   * may write meanwhile.
   */
  rewind(): void;
  close(): void;
}

/**
 * @param isSound is it known that the disk has failed to take nothing of it?
 * @param syncData the system call, which tests let fail
 */
export const openLogFile = (
  databaseFile: string,
  isSound = true,
  syncData: (descriptor: number) => void = fdatasyncSync,
): LogFile => {
  const sqlite = new BetterSqlite3(databaseFile, {
    timeout: readersMilliseconds,
    fileMustExist: true,
  });
  sqlite.pragma("synchronous = NORMAL");
  sqlite.pragma("wal_autocheckpoint = 0");
  sqlite.pragma(`journal_size_limit = ${keptLogBytes}`);
  // The first look makes the log where there is none, and this its name in the directory durable.
  sqlite.prepare("SELECT count(*) FROM sqlite_schema").get();
  const descriptor = openSync(`${databaseFile}-wal`, "r+");
  const directory = openSync(dirname(databaseFile), "r");
  fsyncSync(directory);
  closeSync(directory);
  const measure = sqlite.prepare<[], { readonly log: number }>("PRAGMA wal_checkpoint(NOOP)");
  const move = sqlite.prepare<[], { readonly log: number; readonly checkpointed: number }>(
    "PRAGMA wal_checkpoint(PASSIVE)",
  );
  const waitForReaders = sqlite.prepare("PRAGMA wal_checkpoint(RESTART)");
  let longFrom = longLogPages;

  /**
   * After a failure the system takes what it could not write for written, and a second try would
   * succeed without having done anything. So all of it is written again, as it is. The lock is the
   * one that everybody needs to write.
   */
  const rewrite = (): void => {
    sqlite.pragma(`busy_timeout = ${writersMilliseconds}`);
    try {
      sqlite.exec("BEGIN IMMEDIATE");
    } finally {
      sqlite.pragma(`busy_timeout = ${readersMilliseconds}`);
    }
    try {
      const chunk = Buffer.alloc(chunkBytes);
      const { size } = fstatSync(descriptor);
      for (let at = 0; at < size;) {
        const length = readSync(descriptor, chunk, 0, chunkBytes, at);
        if (length === 0) break;
        for (let written = 0; written < length;)
          written += writeSync(descriptor, chunk, written, length - written, at + written);
        at += length;
      }
      syncData(descriptor);
    } finally {
      sqlite.exec("ROLLBACK");
    }
  };

  return {
    sync: () => {
      if (isSound)
        try {
          syncData(descriptor);
        } catch {
          isSound = false;
        }
      if (!isSound) {
        rewrite();
        isSound = true;
      }
      return (measure.get()?.log ?? 0) >= longFrom;
    },
    rewind: () => {
      longFrom += longLogPages;
      const { log = 0, checkpointed = 0 } = move.get() ?? {};
      // Somebody still reads what was there before, and there is no sense in trying again at once.
      longFrom = log + longLogPages;
      if (checkpointed < log) return;
      // Only now, with nothing left to move: it keeps other processes from writing meanwhile.
      waitForReaders.get();
      // Whoever writes next begins the log anew and waits for the disk meanwhile: not the main
      // thread, so it is done here.
      sqlite.pragma("user_version = 0");
      const begun = measure.get()?.log ?? 0;
      longFrom = (begun > log ? begun : 0) + longLogPages;
    },
    close: () => {
      sqlite.close();
      closeSync(descriptor);
    },
  };
};
