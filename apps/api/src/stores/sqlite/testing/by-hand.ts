/**
 * The database of a test subject: what somebody does to it by hand, and what only a look into it
 * tells. No test outside of this room knows which database that is, and nothing else gives one to a
 * test.
 */
import { copyFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import BetterSqlite3 from "better-sqlite3";
import type { AuditEvent } from "@sallyport/shared/core";
import { inArray, sql } from "drizzle-orm";
import { openDatabase, type Database } from "../connection.ts";
import { auditEvents } from "../schema.ts";

/** SQL as somebody types it. */
export interface SqlByHand {
  /** Runs one statement. @returns its rows, as objects */
  runSql<Row = Readonly<Record<string, unknown>>>(
    statement: string,
    ...parameters: readonly unknown[]
  ): Row[];
}

/** An event as the audit trail has it. */
export type RecordedEvent = typeof auditEvents.$inferSelect;

const held = Symbol("the database that a test subject holds");

export interface DatabaseByHand extends SqlByHand {
  /** The audit trail, or what is in it of some actions, in the order in which it was written. */
  auditEvents(...actions: AuditEvent["action"][]): RecordedEvent[];
  /**
   * Writes, and does not come to an end, as another process might; the subject does not wait for
   * it. @returns what ends it
   */
  holdWriteLock(): () => void;
  /** From now on the database may not grow, as on a full disk. @returns what gives it room again */
  takeRoom(): () => void;
  /** Empties every dataset, and gives the room back. */
  dropRows(): void;
  /** All of the database, byte for byte: whatever changes it changes this. */
  everything(): Uint8Array;
  /** How many tables hold rows of datasets, those that no dataset names any more included. */
  countTablesOfRows(): number;
  /**
   * From now on it is noted what is read. @returns each statement of it, with the steps by which
   * SQLite carries it out
   */
  watchPlans(): () => readonly PlannedStatement[];
  readonly [held]: () => Database;
}

export interface PlannedStatement {
  readonly statement: string;
  /** As EXPLAIN QUERY PLAN says them: `SEARCH users USING INDEX users_created (created_at>?)`. */
  readonly steps: readonly string[];
}

const sqlOn = (sqlite: () => BetterSqlite3.Database): SqlByHand["runSql"] => {
  const runSql = (text: string, ...parameters: readonly unknown[]): unknown[] => {
    const statement = sqlite().prepare(text);
    if (statement.reader) return statement.all(...parameters);
    statement.run(...parameters);
    return [];
  };
  return runSql as SqlByHand["runSql"];
};

const fileIn = (dataDirectory: string): string => join(dataDirectory, "sallyport.db");

/** The subject's own connection, for the tests of this room. */
export const databaseOf = (subject: DatabaseByHand): Database => subject[held]();

const watchPlans = (sqlite: BetterSqlite3.Database): (() => readonly PlannedStatement[]) => {
  const seen = new Set<string>();
  // All statements are of one class, which better-sqlite3 gives nobody by name.
  const statements = Object.getPrototypeOf(sqlite.prepare("SELECT 1")) as BetterSqlite3.Statement;
  const { all, get } = statements;
  const noting = <R>(read: (this: BetterSqlite3.Statement, ...given: unknown[]) => R) =>
    function (this: BetterSqlite3.Statement, ...given: unknown[]): R {
      if (this.database === sqlite) seen.add(this.source);
      return read.apply(this, given);
    };
  Object.assign(statements, { all: noting(all), get: noting(get) });
  return () => {
    Object.assign(statements, { all, get });
    return [...seen].map((statement) => ({
      statement,
      // What is bound changes no plan, so nothing is.
      steps: all
        .apply(sqlite.prepare(`EXPLAIN QUERY PLAN ${statement}`), [
          ...(statement.match(/\?/g) ?? []).map(() => null),
        ])
        .map((step) => (step as { readonly detail: string }).detail),
    }));
  };
};

/**
 * @param copied a database that a new one begins as a copy of
 * @returns how the subject is to open its database, and what can be done to it from then on
 */
export const createDatabaseByHand = (
  copied?: string,
): {
  readonly open: typeof openDatabase;
  readonly byHand: DatabaseByHand;
} => {
  let opened: Database | undefined;
  const database = (): Database => {
    if (opened === undefined) throw new Error("The subject has not opened its database yet");
    return opened;
  };
  const runSql = sqlOn(() => database().sqlite);
  return {
    open: (file, version) => {
      if (copied !== undefined && !existsSync(file)) copyFileSync(copied, file);
      return (opened = openDatabase(file, version));
    },
    byHand: {
      runSql,
      auditEvents: (...actions) =>
        database()
          .orm.select()
          .from(auditEvents)
          .where(actions.length > 0 ? inArray(auditEvents.action, actions) : undefined)
          .orderBy(sql`rowid`)
          .all(),
      holdWriteLock: () => {
        const { sqlite } = database();
        const other = new BetterSqlite3(sqlite.name);
        other.exec("BEGIN IMMEDIATE");
        // Nothing is gained by waiting in earnest: the clock of a test passes while the writer
        // tries again.
        sqlite.pragma("busy_timeout = 0");
        return () => void other.close();
      },
      takeRoom: () => {
        const { sqlite } = database();
        sqlite.pragma(`max_page_count = ${Number(sqlite.pragma("page_count", { simple: true }))}`);
        return () => void sqlite.pragma("max_page_count = 1000000");
      },
      dropRows: () => {
        const { sqlite } = database();
        for (const { table } of runSql<{ table: string }>(
          'SELECT table_name AS "table" FROM datasets',
        ))
          runSql(`DELETE FROM ${table}`);
        runSql("UPDATE datasets SET row_count = 0, time_bounds = '{}'");
        sqlite.exec("VACUUM");
        sqlite.pragma("wal_checkpoint(TRUNCATE)");
      },
      everything: () => database().sqlite.serialize(),
      countTablesOfRows: () =>
        runSql("SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'dataset_*'")
          .length,
      watchPlans: () => watchPlans(database().sqlite),
      [held]: database,
    },
  };
};

/**
 * Another connection to the database of an installation, as another process or somebody's own tool
 * has one.
 */
export interface Elsewhere extends SqlByHand {
  /** Is every page of the database in order? */
  isWhole(): boolean;
  close(): void;
}

/** Opens the database in a data directory. Nobody waits for its disk. */
export const openElsewhere = (
  dataDirectory: string,
  {
    readonly = false,
    enforcesForeignKeys = true,
  }: { readonly readonly?: boolean; readonly enforcesForeignKeys?: boolean } = {},
): Elsewhere => {
  const sqlite = new BetterSqlite3(fileIn(dataDirectory), { readonly });
  sqlite.pragma("synchronous = OFF");
  sqlite.pragma(`foreign_keys = ${enforcesForeignKeys ? "ON" : "OFF"}`);
  return {
    runSql: sqlOn(() => sqlite),
    isWhole: () => sqlite.pragma("integrity_check", { simple: true }) === "ok",
    close: () => void sqlite.close(),
  };
};
