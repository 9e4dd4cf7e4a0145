import { fileURLToPath } from "node:url";
import BetterSqlite3 from "better-sqlite3";
import { drizzle, type BetterSQLite3Database } from "drizzle-orm/better-sqlite3";
import { migrate } from "drizzle-orm/better-sqlite3/migrator";
import * as schema from "./schema.ts";

export interface Database {
  readonly sqlite: BetterSqlite3.Database;
  readonly orm: BetterSQLite3Database<typeof schema>;
  close(): void;
}

/** How long a statement may hold the event loop waiting for another process's write. `Writer` retries beyond it. */
const busyTimeoutMilliseconds = 50;

/**
 * Opens the database and applies every migration that is missing.
 * Guarantees: WAL, each commit on disk before it returns (`synchronous=FULL`), foreign keys enforced.
 * @param path a file, or `:memory:`
 */
export const openDatabase = (path: string): Database => {
  const sqlite = new BetterSqlite3(path, { timeout: 5_000 });
  sqlite.pragma("journal_mode = WAL");
  sqlite.pragma("synchronous = FULL");
  sqlite.pragma("foreign_keys = ON");
  const orm = drizzle(sqlite, { schema });
  migrate(orm, { migrationsFolder: fileURLToPath(new URL("../../migrations", import.meta.url)) });
  sqlite.pragma(`busy_timeout = ${busyTimeoutMilliseconds}`);
  return { sqlite, orm, close: () => sqlite.close() };
};
