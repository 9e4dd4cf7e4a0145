/**
 * What only one process at a time may do. The lock is SQLite's, on an empty file of its own, and so
 * the operating system's: it ends with its holder, however that ends.
 */
import BetterSqlite3 from "better-sqlite3";
import { setTimeout as wait } from "node:timers/promises";

export interface FileLock {
  /**
   * Waits until nobody else has it, or until it is no longer wanted. @returns whether it is ours
   */
  acquire(isUnwanted: () => boolean): Promise<boolean>;
  release(): void;
  close(): void;
}

const pauseMilliseconds = 25;

export const createFileLock = (file: string): FileLock => {
  const sqlite = new BetterSqlite3(file, { timeout: 0 });
  return {
    acquire: async (isUnwanted) => {
      while (!isUnwanted()) {
        try {
          sqlite.exec("BEGIN EXCLUSIVE");
          return true;
        } catch (error) {
          if (
            !(
              error instanceof Error &&
              "code" in error &&
              String(error.code).startsWith("SQLITE_BUSY")
            )
          )
            throw error;
        }
        await wait(pauseMilliseconds);
      }
      return false;
    },
    release: () => void sqlite.exec("ROLLBACK"),
    close: () => void sqlite.close(),
  };
};
