/**
 * Keeps what was read from the database until something in it changes that could make it untrue. Whether something
 * has is asked of SQLite each time (about a microsecond), so that nothing stale is ever given out: `data_version`
 * moves when another connection or process commits, `total_changes()` with each row that this connection changes,
 * by triggers too, and whoever caused it.
 */
import type BetterSqlite3 from "better-sqlite3";

export interface ReadMemory {
  /**
   * The result of `read`, or of an earlier `read` under the same key when it would give the same now.
   * `read` must depend on the key and on the database only, and nobody may change its result.
   */
  recall<T>(key: string, read: () => T): T;
  /** That many rows were just changed of which nothing that is kept here tells. */
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

  return {
    recall: <T>(key: string, read: () => T): T => {
      // What a transaction reads may be rolled back, and no counter would tell.
      if (sqlite.inTransaction) return read();
      const versionNow = dataVersion.get();
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
    overlook: (changedRows) => {
      overlooked += changedRows;
    },
  };
};
