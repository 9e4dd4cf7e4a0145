import { fileURLToPath } from "node:url";
import BetterSqlite3 from "better-sqlite3";
import { drizzle, type BetterSQLite3Database } from "drizzle-orm/better-sqlite3";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { displayNameKey } from "@sallyport/shared/core";
import { DataUnusable } from "../data-unusable.ts";
import { keptLogBytes } from "./log-file.ts";
import * as schema from "./schema.ts";

export interface Database {
  readonly sqlite: BetterSqlite3.Database;
  readonly orm: BetterSQLite3Database<typeof schema>;
  /**
   * Deletes the audit events of before then: the one way to do so, since a trigger refuses every
   * other.
   * @returns how many
   */
  deleteAuditEvents(before: number): number;
  close(): void;
}

/**
 * How long a statement may hold the event loop waiting for another process's write. `Writer`
 * retries beyond it.
 */
const busyTimeoutMilliseconds = 50;
/** At the start nobody is kept waiting yet. */
const startTimeoutMilliseconds = 5_000;

/** Earlier than any audit event. */
const none = Number.MIN_SAFE_INTEGER;

const migrationsFolder = fileURLToPath(new URL("../../../migrations", import.meta.url));

/**
 * Applies what is missing, all of it or nothing, in one transaction that no other process can
 * enter. It keeps drizzle's own record of what was applied; drizzle's own code reads that record
 * before it begins, so that two processes that start at once apply the same twice.
 * @throws DataUnusable when a newer version has been here
 */
const migrate = (sqlite: BetterSqlite3.Database, version: string): void => {
  const migrations = readMigrationFiles({ migrationsFolder });
  const last = migrations.at(-1)?.folderMillis ?? 0;
  const isThere = sqlite.prepare("SELECT 1 FROM sqlite_schema WHERE name = '__drizzle_migrations'");
  const readApplied = (): number =>
    isThere.get() === undefined
      ? 0
      : Number(
          sqlite.prepare("SELECT max(created_at) FROM __drizzle_migrations").pluck().get() ?? 0,
        );
  const applied = readApplied();
  if (applied === last) return;
  if (applied > last) throw new DataUnusable(describeNewer(sqlite, version, last));
  sqlite
    .transaction(() => {
      sqlite.exec(
        "CREATE TABLE IF NOT EXISTS __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)",
      );
      // Again: another process may have been here since.
      const before = readApplied();
      const note = sqlite.prepare(
        "INSERT INTO __drizzle_migrations (hash, created_at) VALUES (?, ?)",
      );
      for (const { sql, hash, folderMillis } of migrations) {
        if (folderMillis <= before) continue;
        for (const statement of sql) sqlite.exec(statement);
        note.run(hash, folderMillis);
      }
      sqlite
        .prepare(
          "INSERT INTO installation (name, value) VALUES ('version', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )
        .run(version);
    })
    .immediate();
};

/** SQL knows no case but that of ASCII: what it wrote, or an older version, has no key. */
const fillDisplayNameKeys = (sqlite: BetterSqlite3.Database): void => {
  const without = sqlite.prepare<[], { readonly id: string; readonly name: string }>(
    "SELECT id, display_name AS name FROM users WHERE display_name_key = ''",
  );
  const fill = sqlite.prepare("UPDATE users SET display_name_key = ? WHERE id = ?");
  if (without.get() === undefined) return;
  sqlite
    .transaction(() => {
      for (const { id, name } of without.all()) fill.run(displayNameKey(name), id);
    })
    .immediate();
};

const describeNewer = (sqlite: BetterSqlite3.Database, version: string, last: number): string => {
  const unknown = Number(
    sqlite
      .prepare("SELECT count(*) FROM __drizzle_migrations WHERE created_at > ?")
      .pluck()
      .get(last),
  );
  const by = sqlite
    .prepare<[], string>("SELECT value FROM installation WHERE name = 'version'")
    .pluck()
    .get();
  const changes = unknown === 1 ? "a change" : `${unknown} changes`;
  return `The database ${sqlite.name} is newer than this Sallyport: it was brought up to date by version ${by ?? "unknown"}, with ${changes} that this version, ${version}, does not know. Nothing was touched. Start version ${by ?? "that was used last"} or a later one, or restore a backup from before the update.`;
};

/**
 * Two processes that open a new file at once are in each other's way while it becomes one with a
 * log; SQLite then says so without waiting.
 */
const writeAhead = (sqlite: BetterSqlite3.Database): void => {
  const deadline = performance.now() + startTimeoutMilliseconds;
  for (;;) {
    try {
      sqlite.pragma("journal_mode = WAL");
      return;
    } catch (error) {
      const isBusy =
        error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_BUSY");
      if (!isBusy || performance.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
};

/**
 * Opens the database and applies every migration that is missing, also when another process does so
 * at the same moment. Guarantees: WAL, each commit on disk before it returns (`synchronous=FULL`,
 * until `openLog` takes that over), foreign keys enforced.
 * @param path a file, or `:memory:`
 * @param version of this Sallyport, kept for the words of an older one
 * @throws DataUnusable when a newer version has been here
 */
export const openDatabase = (path: string, version = "unknown"): Database => {
  const sqlite = new BetterSqlite3(path, { timeout: startTimeoutMilliseconds });
  let deletableBefore = none;
  try {
    // The trigger asks for it. No connection but this one knows it, so that no other deletes an
    // event.
    sqlite.function("audit_events_are_append_only_but_for_their_retention", () => deletableBefore);
    writeAhead(sqlite);
    sqlite.pragma("synchronous = FULL");
    sqlite.pragma("foreign_keys = ON");
    sqlite.pragma(`journal_size_limit = ${keptLogBytes}`);
    migrate(sqlite, version);
    fillDisplayNameKeys(sqlite);
    sqlite.pragma(`busy_timeout = ${busyTimeoutMilliseconds}`);
  } catch (error) {
    sqlite.close();
    throw error;
  }
  const deleteAuditEvents = sqlite.prepare<[number]>("DELETE FROM audit_events WHERE at < ?");
  return {
    sqlite,
    orm: drizzle(sqlite, { schema }),
    deleteAuditEvents: (before) => {
      deletableBefore = before;
      try {
        return deleteAuditEvents.run(before).changes;
      } finally {
        deletableBefore = none;
      }
    },
    close: () => sqlite.close(),
  };
};
