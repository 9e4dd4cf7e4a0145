/**
 * Keeps what was read from the database until something in it changes that could make it untrue.
 * Whether something has is asked of SQLite, so that nothing stale is ever given out: `data_version`
 * moves when another connection or process commits, `total_changes()` with each row that this
 * connection changes, by triggers too, and whoever caused it. The first takes a lock on the file.
 * So it is asked once for all requests that were there before (`http/arrivals.ts`), however much
 * they read; each statement would take a lock of its own.
 */
import type BetterSqlite3 from "better-sqlite3";
import { turnOfArrivals } from "../../http/arrivals.ts";

export interface ReadMemory {
  /**
   * The result of `read`, or of an earlier `read` under the same key when it would give the same
   * now. `read` must depend on the key and on the database only, and nobody may change its result.
   */
  recall<T>(key: string, read: () => T): T;
  /** What is kept under this key is no longer true, whatever the counters say. */
  forget(key: string): void;
  /**
   * That many rows were just changed of which nothing that is kept here tells, or tells after
   * `forget`.
   */
  overlook(changedRows: number): void;
}

const largestSize = 10_000;

export const createReadMemory = (sqlite: BetterSqlite3.Database): ReadMemory => {
  const dataVersion = sqlite.prepare<[], number>("PRAGMA data_version").pluck();
  const totalChanges = sqlite.prepare<[], number>("SELECT total_changes()").pluck();
  const kept = new Map<string, unknown>();
  let version: number | undefined;
  let changes = 0;
  let overlooked = 0;
  let seenIn = -1;
  let seen: number | undefined;

  /** What another process commits after a request was sent may as well have come a moment later. */
  const versionOf = (): number | undefined => {
    const turn = turnOfArrivals();
    if (turn !== seenIn) {
      seenIn = turn;
      seen = dataVersion.get();
    }
    return seen;
  };

  return {
    recall: <T>(key: string, read: () => T): T => {
      // What a transaction reads may be rolled back, and no counter would tell.
      if (sqlite.inTransaction) return read();
      const versionNow = versionOf();
      const changesNow = (totalChanges.get() ?? 0) - overlooked;
      if (versionNow !== version || changesNow !== changes || kept.size >= largestSize) {
        kept.clear();
        version = versionNow;
        changes = changesNow;
      }
      const known = kept.get(key);
      if (known !== undefined) return known as T;
      const found = read();
      kept.set(key, found);
      return found;
    },
    forget: (key) => void kept.delete(key),
    overlook: (changedRows) => {
      overlooked += changedRows;
    },
  };
};
